"""The segments by which a correction of a filter is said by the project itself: what words of the question say that nothing explains."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from app.errors import UserError
from app.language.corrections import Approved
from app.language.drafting.same import same
from app.language.inflect import fold
from app.language.interpret import interpret
from app.language.normal_form import said, unexplained
from app.model.expr import Expr, Field
from app.model.moment import Moment
from app.model.ontology import Ontology, Segment
from app.model.query import SemanticQuery
from app.model.semantics import Dimension, SemanticModel
from app.model.types import Dialect
from app.pipeline.turn import ServedLayer
from app.plan.written import written
from app.service.correction_words import as_said
from app.service.values import is_guarded
from app.sql.expressions.parse import parse_where
from app.sql.expressions.text import expression_text
from app.sql.expressions.walk import conjunction, conjuncts, fields

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_JINJA = ("{{", "{%", "{#")

Homes = Mapping[str, tuple[SemanticModel, Dimension]]
"""The one semantic model, with its dimension, of each name that queries may use of it."""


def explaining(pair: Approved, served: ServedLayer, moment: Moment) -> Sequence[Segment]:
    """The segments of one semantic model's dimensions, each with which, and without the pair, the question is read as was approved. `moment` is of the day of the
    approval."""
    if pair.query is None:
        return ()
    try:
        query = written(pair.query, served.visible, served.joins)
    except UserError:
        return ()
    parts = _parts(query, _homes(served.visible))
    asked = {*query.asked_metrics, *(item.name for item in query.group_by), *(field.name for field in fields(query.where))}
    return [
        segment
        for words in unexplained(said(pair.question, served.lexicon, moment), asked)
        for model, conditions in parts.items()
        for segment in _first(words, model, conditions, pair.question, query, served, moment)
    ]


def is_personal(segment: Segment, served: ServedLayer) -> bool:
    """Whether its filter compares with what is personal, or not seen by everybody as it is: such a value is written nowhere."""
    homes = _homes(served.visible)
    return any(field.name not in homes or is_guarded(served, *homes[field.name]) for field in fields(segment.where))


def where_texts(segment: Segment) -> tuple[str, ...]:
    """The conditions as the compiler reads them, () where they can't be written so: whatever the project's dialect, and with Jinja, which dbt runs in a `meta`."""
    texts = tuple(expression_text(part) for part in conjuncts(segment.where))
    if not all(text.isprintable() for text in texts) or any(mark in text for text in texts for mark in _JINJA):
        return ()
    try:
        read = {conjunction(*(parse_where(text, dialect) for text in texts)) for dialect in Dialect}
    except UserError:
        return ()
    return texts if read == {segment.where} else ()


def _first(
    words: str, model: str, conditions: Sequence[Expr], question: str, query: SemanticQuery, served: ServedLayer, moment: Moment
) -> Sequence[Segment]:
    """By the first way to write the words that explains the question, with what hyphens join to them or without."""
    for label in as_said(words, question):
        found = [one for whole in _named(label, model, conditions, served) for one in _explaining(whole, question, query, served, moment)]
        if found:
            return found
    return ()


def _named(label: str, model: str, conditions: Sequence[Expr], served: ServedLayer) -> Iterator[Segment]:
    """The segment of that label, none where the label makes no name, or one that is taken."""
    name = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")
    where = conjunction(*conditions)
    if where is not None and _NAME.match(name) and all(one.name != name for one in served.layer.ontology.segments):
        yield Segment(name, model, where, f"{label[:1].upper()}{label[1:]}")


def _explaining(whole: Segment, question: str, query: SemanticQuery, served: ServedLayer, moment: Moment) -> Iterator[Segment]:
    """The segment with what of its conditions the rest of the question does not say, where the question is then read as the query means."""

    def read(segment: Segment) -> tuple[SemanticQuery | None, Ontology]:
        ontology = msgspec.structs.replace(served.visible, segments=(*served.visible.segments, segment))
        return interpret(question, served.lexicon, ontology, served.joins, moment).query, ontology

    first, _ = read(whole)
    if first is None or whole.name not in first.segments:
        return
    known = conjuncts(first.where)
    where = conjunction(*(part for part in conjuncts(whole.where) if part not in known))
    if where is None:
        return
    segment = msgspec.structs.replace(whole, where=where)
    found, ontology = read(segment)
    if found is not None and found.as_of == query.as_of and same(found, query, ontology, served.joins):
        yield segment


def _parts(query: SemanticQuery, homes: Homes) -> dict[str, list[Expr]]:
    """The conditions of the query that are on dimensions of one semantic model, by its name."""
    found: dict[str, list[Expr]] = defaultdict(list)
    for part in conjuncts(query.where):
        models = {_home(field, homes) for field in fields(part)}
        if len(models) == 1 and "" not in models:
            found[models.pop()].append(part)
    return dict(found)


def _home(field: Field, homes: Homes) -> str:
    return homes[field.name][0].name if field.kind != "metric" and not field.path and field.name in homes else ""


def _homes(ontology: Ontology) -> Homes:
    found: dict[str, list[tuple[SemanticModel, Dimension]]] = defaultdict(list)
    for model in ontology.semantic_models:
        for dimension in model.dimensions if model.primary else ():
            found[model.dunder(dimension.name)].append((model, dimension))
    return {name: ways[0] for name, ways in found.items() if len(ways) == 1}
