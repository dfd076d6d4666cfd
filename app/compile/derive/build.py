"""Derives semantic models and row counts from what is known of models for certain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.compile.derive.dimensions import derive_dimensions
from app.compile.derive.entities import Keys, Missed, Target, derive_entities
from app.compile.derive.times import counted_by
from app.compile.derive.words import depth, free, identifier, in_words, without_layer
from app.model.expr import Column, Literal
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.physical import Model
from app.model.semantics import DimensionType, Measure, SemanticModel
from app.model.types import Aggregation, DataType


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived, each sorted by name, and the references that gave no join."""

    semantic_models: tuple[SemanticModel, ...] = ()
    metrics: tuple[Metric, ...] = ()
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is there already: the project's own semantic models, the names of its metrics (those left out too), and all models by name.

    `disproved` are (model, column) pairs whose uniqueness failed when it was last tested; `event_times` are models' `event_time`, by model.
    """

    defined: Sequence[SemanticModel]
    metrics: Collection[str]
    models: Mapping[str, Model]
    disproved: Collection[Target] = ()
    event_times: Mapping[str, str] | None = None


def derive(models: Iterable[Model], around: Surroundings) -> Derived:
    """A semantic model with its row count for each model. No name that the project gives is given again."""
    keys, missed = derive_entities(models, around.defined, around.models, around.disproved)
    semantic_names = {model.name for model in around.defined}
    metric_names = {*around.metrics, *(measure.name for model in around.defined for measure in model.measures)}
    labels = _labels([keys[name].model for name in keys])
    semantic_models, metrics = [], []
    for name in sorted(keys):
        semantic_name = free(identifier(name) or "model", semantic_names)
        semantic_names.add(semantic_name)
        metric_name = _metric_name(identifier(name) or "model", metric_names)
        metric_names.add(metric_name)
        found = _semantic_model(semantic_name, metric_name, keys[name], (around.event_times or {}).get(name, ""))
        semantic_models.append(found)
        metrics.append(_metric(found, metric_name, keys[name].model, labels[name]))
    metrics.sort(key=lambda metric: metric.name)
    return Derived(tuple(sorted(semantic_models, key=lambda model: model.name)), tuple(metrics), missed)


def _labels(models: Iterable[Model]) -> dict[str, str]:
    """What the rows of each model are called: its own label, else its name without the prefix of its layer, which of several models the one that people
    look at bears."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for model in sorted(models, key=lambda model: (not model.label, depth(model.name), model.name)):
        short = model.label or in_words(without_layer(model.name))
        found[model.name] = short if short and short not in taken else in_words(identifier(model.name))
        taken.add(found[model.name])
    return found


def _metric_name(model: str, taken: Collection[str]) -> str:
    plain = f"{model}_count"
    return plain if plain not in taken else free(f"{model}_row_count", taken)


def _semantic_model(name: str, measure: str, keys: Keys, event_time: str) -> SemanticModel:
    model = keys.model
    dimensions = derive_dimensions(model, keys.columns, set(keys.entities))
    by_column = {d.expr.name: d.name for d in dimensions if d.type is DimensionType.TIME and isinstance(d.expr, Column)}
    chosen = counted_by([column for column in model.columns if column.name in by_column], event_time)
    time = by_column[chosen.column] if chosen else ""
    return SemanticModel(
        name=name,
        model=model.name,
        entities=tuple(keys.entities[entity] for entity in sorted(keys.entities)),
        dimensions=dimensions,
        measures=(Measure(measure, Aggregation.COUNT, Literal(1, DataType.INTEGER), time),),
        primary_entity="" if keys.key else keys.primary,
        agg_time_dimension=time,
        description=model.description,
        label=model.label,
        group=model.group,
        file=model.file,
        derived=True,
    )


def _metric(semantic_model: SemanticModel, name: str, model: Model, label: str) -> Metric:
    """The number of rows, in words that say that nobody defined it."""
    time = f", by `{semantic_model.agg_time_dimension}`" if semantic_model.agg_time_dimension else ""
    said = f" {model.description.strip()}" if model.description.strip() else ""
    return Metric(
        name=name,
        params=Simple(MeasureInput(semantic_model.name, name)),
        description=f"Rows of `{model.name}`{time} (derived: the project defines no metric for it).{said}",
        label=label,
        synonyms=model.synonyms,
        group=model.group,
        owner=model.owner,
        file=model.file,
        derived=True,
    )
