"""The published layer to read: metrics, dimensions, entities, semantic models and glossary, as far as the caller may know of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import Problem, UserError, did_you_mean
from app.language.define import define
from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.answer import Definition
from app.model.base import Node
from app.model.metrics import Metric
from app.model.query import GroupBy
from app.model.semantics import SemanticModel
from app.pipeline.turn import ServedLayer
from app.service.audit import Caller
from app.service.deps import Deps


class DimensionCard(Node, frozen=True):
    """A dimension as people see it: `name` is the dunder name that a query uses."""

    name: str
    type: str
    grain: str
    description: str
    label: str
    semantic_model: str
    model: str
    values: tuple[str, ...] = ()


class EntityCard(Node, frozen=True):
    """An entity with the semantic models that hold it, as (semantic model, entity type) pairs."""

    name: str
    description: str
    held_by: tuple[tuple[str, str], ...]


class MetricCard(Node, frozen=True):
    """A metric with its definition and, in the detail, the group-by items that it can be cut by."""

    name: str
    type: str
    label: str
    description: str
    unit: str
    owner: str
    definition: Definition
    dimensions: tuple[str, ...] = ()


class Term(Node, frozen=True):
    """A glossary line: a word that people use and what it means here. `kind` is metric, dimension or entity."""

    term: str
    kind: str
    name: str
    description: str


def metrics(deps: Deps, caller: Caller) -> tuple[MetricCard, ...]:
    """The visible metrics, by name."""
    served = deps.serving.view(caller.principal)
    return tuple(_card(served, metric) for metric in served.visible.metrics)


def metric(deps: Deps, caller: Caller, name: str) -> MetricCard:
    """One metric with its compatible dimensions. Raises UserError DM3001 where it is not visible."""
    served = deps.serving.view(caller.principal)
    found = served.visible.metric(name)
    if found is None:
        raise UserError(_unknown("metric", name, [m.name for m in served.visible.metrics]))
    return _card(served, found, tuple(_spelled(item) for item in served.joins.compatible_dimensions((name,))))


def dimensions(deps: Deps, caller: Caller, *, of: Sequence[str] = ()) -> tuple[DimensionCard, ...]:
    """The visible dimensions by dunder name; with `of`, those that all of these metrics share. Raises UserError DM3001."""
    served = deps.serving.view(caller.principal)
    known = {m.name for m in served.visible.metrics}
    for name in of:
        if name not in known:
            raise UserError(_unknown("metric", name, sorted(known)))
    cards = {card.name: card for model in served.visible.semantic_models for card in _dimension_cards(model)}
    if of:
        shared = {item.name for item in served.joins.compatible_dimensions(tuple(of))}
        cards = {name: card for name, card in cards.items() if name in shared}
    return tuple(cards[name] for name in sorted(cards))


def dimension(deps: Deps, caller: Caller, name: str) -> DimensionCard:
    """One dimension by dunder name. Raises UserError DM3002 where it is not visible."""
    cards = dimensions(deps, caller)
    for card in cards:
        if card.name == name:
            return card
    raise UserError(_unknown("dimension", name, [card.name for card in cards], "DM3002"))


def entities(deps: Deps, caller: Caller) -> tuple[EntityCard, ...]:
    """The visible entities, by name."""
    held: dict[str, list[tuple[str, str]]] = {}
    described: dict[str, str] = {}
    for model in deps.serving.view(caller.principal).visible.semantic_models:
        for entity in model.entities:
            held.setdefault(entity.name, []).append((model.name, str(entity.type)))
            described.setdefault(entity.name, entity.description)
    return tuple(EntityCard(name, described[name], tuple(sorted(held[name]))) for name in sorted(held))


def entity(deps: Deps, caller: Caller, name: str) -> EntityCard:
    """One entity. Raises UserError DM3003 where it is not visible."""
    cards = entities(deps, caller)
    for card in cards:
        if card.name == name:
            return card
    raise UserError(_unknown("entity", name, [card.name for card in cards], "DM3003"))


def semantic_models(deps: Deps, caller: Caller) -> tuple[SemanticModel, ...]:
    """The visible semantic models, by name."""
    return deps.serving.view(caller.principal).visible.semantic_models


def glossary(deps: Deps, caller: Caller) -> tuple[Term, ...]:
    """Every label and synonym of what is visible, by term."""
    visible = deps.serving.view(caller.principal).visible
    terms = [
        Term(word, "metric", m.name, m.description) for m in visible.metrics for word in dict.fromkeys((m.label or m.name, *m.synonyms))
    ]
    for model in visible.semantic_models:
        for d in model.dimensions:
            name = f"{model.primary}__{d.name}" if model.primary else d.name
            terms += [Term(word, "dimension", name, d.description) for word in dict.fromkeys((d.label or d.name, *d.synonyms))]
        terms += [Term(e.label or e.name, "entity", e.name, e.description) for e in model.entities if e.name == model.primary]
    return tuple(sorted(terms, key=lambda term: (term.term.lower(), term.kind, term.name)))


def read_words(deps: Deps, caller: Caller, question: str) -> Reading:
    """Stage 1 alone: what the question is taken to mean."""
    served = deps.serving.view(caller.principal)
    return interpret(question, served.lexicon, served.visible, served.joins, deps.calendar.moment(deps.clock))


def _card(served: ServedLayer, found: Metric, cut_by: tuple[str, ...] = ()) -> MetricCard:
    """A metric's card."""
    return MetricCard(
        found.name,
        found.type,
        found.label,
        found.description,
        found.unit,
        found.owner,
        define(found, served.visible),
        cut_by,
    )


def _dimension_cards(model: SemanticModel) -> tuple[DimensionCard, ...]:
    """The cards of a semantic model's dimensions."""
    return tuple(
        DimensionCard(
            f"{model.primary}__{d.name}" if model.primary else d.name,
            str(d.type),
            str(d.grain or ""),
            d.description,
            d.label,
            model.name,
            model.model,
            d.values,
        )
        for d in model.dimensions
    )


def _spelled(item: GroupBy) -> str:
    """A group-by item as a query may spell it."""
    return item.column


def _unknown(kind: str, name: str, known: Sequence[str], code: str = "DM3001") -> Problem:
    """Nothing visible bears that name."""
    return Problem(code, f"there is no {kind} `{name}`", hint=did_you_mean(name, known))
