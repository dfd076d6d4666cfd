"""A layer's metrics, dimensions, entities and glossary as cards that people read. Pure functions over an Ontology."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import Problem, UserError, did_you_mean
from app.language.define import define
from app.language.say import Labels
from app.model.answer import Definition
from app.model.base import Node
from app.model.metrics import Metric
from app.model.ontology import Ontology
from app.model.semantics import Dimension, SemanticModel
from app.sql.expressions.text import expression_text
from app.sql.joins import JoinGraph


class DimensionCard(Node, frozen=True):
    """A dimension as people see it: `name` is the dunder name that a query uses; `derived` says that the project does not define it."""

    name: str
    type: str
    grain: str
    description: str
    label: str
    semantic_model: str
    model: str
    values: tuple[str, ...] = ()
    derived: bool = False


class EntityCard(Node, frozen=True):
    """An entity with the semantic models that hold it, as (semantic model, entity type) pairs."""

    name: str
    description: str
    held_by: tuple[tuple[str, str], ...]


class MetricCard(Node, frozen=True):
    """A metric with its definition and, in the detail, the group-by items that it can be cut by; `derived` says that the project does not define it."""

    name: str
    type: str
    label: str
    description: str
    unit: str
    owner: str
    definition: Definition
    dimensions: tuple[str, ...] = ()
    derived: bool = False


class Term(Node, frozen=True):
    """A glossary line: a word that people use and what it means here. `kind` is metric, dimension or entity."""

    term: str
    kind: str
    name: str
    description: str


class SegmentCard(Node, frozen=True):
    """A named filter, with what it says."""

    name: str
    label: str
    description: str
    semantic_model: str
    where: str


class HierarchyCard(Node, frozen=True):
    """A drill path: its levels as queries name them, the coarsest first."""

    name: str
    label: str
    description: str
    semantic_model: str
    levels: tuple[str, ...]


def segments(ontology: Ontology) -> tuple[SegmentCard, ...]:
    """The segments, by name."""
    return tuple(
        SegmentCard(one.name, one.label, one.description, one.semantic_model, expression_text(one.where)) for one in ontology.segments
    )


def hierarchies(ontology: Ontology) -> tuple[HierarchyCard, ...]:
    """The hierarchies, by name."""
    return tuple(HierarchyCard(one.name, one.label, one.description, one.semantic_model, one.levels) for one in ontology.hierarchies)


def metrics(ontology: Ontology) -> tuple[MetricCard, ...]:
    """The metrics that are listed, by name."""
    labels = Labels(ontology)
    return tuple(_card(ontology, metric, labels) for metric in ontology.listed_metrics)


def metric(ontology: Ontology, joins: JoinGraph, name: str) -> MetricCard:
    """One metric, a hidden one too, with its compatible dimensions. Raises UserError DM3001 where there is none."""
    found = ontology.metric(name)
    if found is None:
        raise UserError(_unknown("DM3001", "metric", name, [m.name for m in ontology.listed_metrics]))
    return _card(ontology, found, Labels(ontology), joins.compatible_dimensions((name,)))


def dimensions(ontology: Ontology, joins: JoinGraph, of: Sequence[str] = ()) -> tuple[DimensionCard, ...]:
    """The dimensions by dunder name; with `of`, those that all of these metrics share, under the shortest names that mean them there. Raises UserError
    DM3001 for an unknown metric."""
    for name in of:
        if ontology.metric(name) is None:
            raise UserError(_unknown("DM3001", "metric", name, [m.name for m in ontology.listed_metrics]))
    if of:
        found = ((name, joins.what(of, name)) for name in joins.compatible_dimensions(of))
        return tuple(_dimension_card(r.owner, r.element, name) for name, r in found if r is not None and isinstance(r.element, Dimension))
    cards = [_dimension_card(model, d, model.dunder(d.name)) for model in ontology.semantic_models for d in model.dimensions]
    return tuple(sorted({card.name: card for card in cards}.values(), key=lambda card: card.name))


def dimension(ontology: Ontology, joins: JoinGraph, name: str) -> DimensionCard:
    """One dimension by dunder name. Raises UserError DM3002 where there is none."""
    cards = {card.name: card for card in dimensions(ontology, joins)}
    if name not in cards:
        raise UserError(_unknown("DM3002", "dimension", name, list(cards)))
    return cards[name]


def entities(ontology: Ontology) -> tuple[EntityCard, ...]:
    """The entities, by name."""
    held: dict[str, list[tuple[str, str]]] = {}
    described: dict[str, str] = {}
    for model in ontology.semantic_models:
        for entity in model.entities:
            held.setdefault(entity.name, []).append((model.name, str(entity.type)))
            described[entity.name] = described.get(entity.name) or entity.description
    return tuple(EntityCard(name, described[name], tuple(sorted(held[name]))) for name in sorted(held))


def entity(ontology: Ontology, name: str) -> EntityCard:
    """One entity. Raises UserError DM3003 where there is none."""
    cards = {card.name: card for card in entities(ontology)}
    if name not in cards:
        raise UserError(_unknown("DM3003", "entity", name, list(cards)))
    return cards[name]


def glossary(ontology: Ontology) -> tuple[Term, ...]:
    """Every label and synonym, by term."""
    terms = [
        Term(word, "metric", m.name, m.description)
        for m in ontology.listed_metrics
        for word in dict.fromkeys((m.label or m.name, *m.synonyms))
    ]
    for model in ontology.semantic_models:
        for d in model.dimensions:
            words = dict.fromkeys((d.label or d.name, *d.synonyms))
            terms += [Term(word, "dimension", model.dunder(d.name), d.description) for word in words]
        terms += [Term(e.label or e.name, "entity", e.name, e.description) for e in model.entities if e.name == model.primary]
    return tuple(sorted(terms, key=lambda term: (term.term.lower(), term.kind, term.name)))


def meanings(ontology: Ontology, word: str) -> tuple[Term, ...]:
    """Every glossary line of that term, or for the thing of that name, in any case. Raises UserError DM3093 where there is none."""
    lines = glossary(ontology)
    found = tuple(line for line in lines if word.casefold() in (line.term.casefold(), line.name.casefold()))
    if not found:
        raise UserError(_unknown("DM3093", "term", word, [line.term for line in lines]))
    return found


def _card(ontology: Ontology, found: Metric, labels: Labels, cut_by: tuple[str, ...] = ()) -> MetricCard:
    """A metric's card."""
    definition = define(found, ontology, labels)
    return MetricCard(found.name, found.type, found.label, found.description, found.unit, found.owner, definition, cut_by, found.derived)


def _dimension_card(model: SemanticModel, d: Dimension, name: str) -> DimensionCard:
    """The card of a semantic model's dimension under the name by which it is asked for."""
    return DimensionCard(name, str(d.type), str(d.grain or ""), d.description, d.label, model.name, model.model, d.values, model.derived)


def _unknown(code: str, kind: str, name: str, known: Sequence[str]) -> Problem:
    """Nothing bears that name."""
    return Problem(code, f"there is no {kind} `{name}`", hint=did_you_mean(name, known))
