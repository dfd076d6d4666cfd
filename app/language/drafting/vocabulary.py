"""The names that a model may draft with: those of one caller's visible layer, with the words for them. No value of any dimension is among them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.language.naming import label_of
from app.language.text import phrase_words
from app.model.metrics import Metric
from app.model.ontology import Ontology
from app.model.semantics import Dimension, DimensionType, SemanticModel
from app.redaction.redact import redact

METRIC_TIME = "metric_time"
_WORD = re.compile(r"[a-z0-9_]+")
_LONGEST = 240
"""Characters of a description: what a thing is stands at its beginning."""
_MOST_SYNONYMS = 8


@dataclass(frozen=True, slots=True)
class Named:
    """A name with what a prompt says of it, and the stems of the words by which a question may mean it."""

    name: str
    shown: dict[str, Any]
    called: frozenset[str]
    described: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Metrics, group-by items (dimensions and entities) and segments, each by name in order. `grains` are the custom ones besides dbt's."""

    metrics: tuple[Named, ...]
    items: tuple[Named, ...]
    segments: tuple[Named, ...] = ()
    grains: tuple[str, ...] = ()


def vocabulary(visible: Ontology, whole: Ontology) -> Vocabulary:
    """All that may be named. A description or synonym that mentions a name of the whole layer which this caller may not know is left out: its writer
    told those who may."""
    words = _Words(hidden_names(visible, whole))
    items = {METRIC_TIME: _time(words)}
    for model in visible.semantic_models:
        for dimension in model.dimensions if model.primary else ():
            items.setdefault(model.dunder(dimension.name), _item(model, dimension, words))
    for model in visible.semantic_models:
        for entity in model.entities:
            items.setdefault(entity.name, _named(words, entity.name, entity.label, entity.description, (), kind="entity"))
    return Vocabulary(
        tuple(_metric(one, words) for one in sorted(visible.listed_metrics, key=lambda m: m.name)),
        tuple(items[name] for name in sorted(items)),
        tuple(_named(words, one.name, one.label, one.description, ()) for one in sorted(visible.segments, key=lambda s: s.name)),
        tuple(sorted({name for spine in visible.time_spines for name, _ in spine.custom})),
    )


def hidden_names(visible: Ontology, whole: Ontology) -> frozenset[str]:
    """The names that the layer has and this caller does not know, in lower case: a text that says one is not for a prompt."""
    return frozenset(_names(whole)) - frozenset(_names(visible))


def mentions(text: str, hidden: Collection[str]) -> bool:
    """Whether a text says one of these names: as a word, or as the part of a word between underscores that a name is."""
    if not hidden:
        return False
    found = set(_WORD.findall(text.lower()))
    parts = {part for word in found for part in word.split("__")}
    return not (found | parts).isdisjoint(hidden)


def told_text(text: str, hidden: Collection[str]) -> str:
    """A text of a project as it may stand in a prompt: one line without personal data, or "" where it mentions what is hidden."""
    if not text or mentions(text, hidden):
        return ""
    line = " ".join(redact(text).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST].rstrip() + "…"


def _names(ontology: Ontology) -> Iterator[str]:
    for metric in ontology.metrics:
        yield metric.name.lower()
    for model in ontology.models:
        yield model.name.lower()
        yield from (column.name.lower() for column in model.columns)
    for one in ontology.semantic_models:
        yield one.name.lower()
        yield from (entity.name.lower() for entity in one.entities)
        yield from (measure.name.lower() for measure in one.measures)
        for dimension in one.dimensions:
            yield dimension.name.lower()
            yield one.dunder(dimension.name).lower()
    yield from (one.name.lower() for one in ontology.segments)
    yield from (one.name.lower() for one in ontology.saved_queries)
    yield from (one.name.lower() for one in ontology.hierarchies)


@dataclass(frozen=True, slots=True)
class _Words:
    """Texts of a project as they may stand in a prompt."""

    hidden: frozenset[str]

    def text(self, text: str) -> str:
        return told_text(text, self.hidden)

    def label(self, name: str, label: str) -> str:
        """The label, or the name in words."""
        return self.text(label_of(name, label)) or label_of(name, "")


def _metric(metric: Metric, words: _Words) -> Named:
    return _named(words, metric.name, metric.label, metric.description, metric.synonyms, type=metric.type, unit=words.text(metric.unit))


def _item(model: SemanticModel, dimension: Dimension, words: _Words) -> Named:
    name = model.dunder(dimension.name)
    kind = "time" if dimension.type is DimensionType.TIME else "category"
    grain = dimension.grain.value if dimension.grain is not None else ""
    return _named(
        words, name, dimension.label or label_of(dimension.name, ""), dimension.description, dimension.synonyms, kind=kind, grain=grain
    )


def _time(words: _Words) -> Named:
    return _named(
        words, METRIC_TIME, "Time", "The time of whatever metric is asked for; the period of a question is one of this.", (), kind="time"
    )


def _named(words: _Words, name: str, label: str, description: str, synonyms: Iterable[str], **more: str) -> Named:
    said = words.label(name, label)
    others = [text for text in map(words.text, synonyms) if text][:_MOST_SYNONYMS]
    told = words.text(description)
    shown: dict[str, Any] = {"name": name, "label": said, **{key: value for key, value in more.items() if value}}
    if told:
        shown["description"] = told
    if others:
        shown["synonyms"] = others
    called = frozenset(stem for text in (name, said, *others) for stem in phrase_words(text))
    return Named(name, shown, called, frozenset(phrase_words(told)) - called)
