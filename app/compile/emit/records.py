"""What stands in each emitted file, as types: the files are written from them, and so are the schemas by which editors check the files."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from app.model.semantics import DimensionType, EntityType
from app.model.types import Grain

MetricType = Literal["simple", "ratio", "derived", "cumulative", "conversion"]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry of a file; what is empty is not written."""


class MetricRecord(Record, frozen=True, kw_only=True):
    """A metric: what it is called, how it is computed, and who answers for it. `file` declares it in the dbt project; a `hidden` one is found by its name alone."""

    name: NonEmpty
    label: str = ""
    type: MetricType
    description: str = ""
    formula: str = ""
    grain: Grain | None = None
    unit: str = ""
    format: str = ""
    synonyms: tuple[NonEmpty, ...] = ()
    group: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    file: str = ""
    hidden: bool = False


class DimensionRecord(Record, frozen=True, kw_only=True):
    """A dimension under its dunder name. `grain` is that in which a time is kept; `values` are the accepted ones; `pii` is the class of what it shows."""

    name: NonEmpty
    semantic_model: NonEmpty
    label: str = ""
    type: DimensionType
    grain: Grain | None = None
    description: str = ""
    expr: str = ""
    unit: str = ""
    format: str = ""
    synonyms: tuple[NonEmpty, ...] = ()
    pii: str = ""
    values: tuple[str, ...] = ()


class EntityKey(Record, frozen=True, kw_only=True):
    """An entity in a semantic model: by which key, and whether that says one row."""

    name: NonEmpty
    type: EntityType
    key: str = ""
    model: NonEmpty


class EntityRecord(Record, frozen=True, kw_only=True):
    """An entity, with every semantic model that has it: the joins there are."""

    name: NonEmpty
    label: str = ""
    description: str = ""
    semantic_models: tuple[EntityKey, ...] = ()


class TermRecord(Record, frozen=True, kw_only=True):
    """A word that people use, and what it stands for."""

    term: NonEmpty
    kind: Literal["metric", "dimension", "model"]
    name: NonEmpty
    meaning: str = ""


class TrainingRecord(Record, frozen=True, kw_only=True):
    """Something that retrieval may show a language model; `question` belongs to pairs of question and SQL."""

    id: NonEmpty
    subject: str = ""
    question: str = ""
    content: str = ""


class Metrics(Record, frozen=True, kw_only=True):
    """The metrics of a layer, by name."""

    metrics: tuple[MetricRecord, ...] = ()


class Dimensions(Record, frozen=True, kw_only=True):
    """The dimensions of a layer, by name and semantic model."""

    dimensions: tuple[DimensionRecord, ...] = ()


class Entities(Record, frozen=True, kw_only=True):
    """The entities of a layer, by name."""

    entities: tuple[EntityRecord, ...] = ()


class Glossary(Record, frozen=True, kw_only=True):
    """The words of a layer."""

    terms: tuple[TermRecord, ...] = ()


class Training(Record, frozen=True, kw_only=True):
    """Training items of one kind."""

    items: tuple[TrainingRecord, ...] = ()
