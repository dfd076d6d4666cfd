"""`And the other channel?`: the query before with each of the other values of what it was filtered by, or grouped by something else of the same; which of them
is meant only the asker knows."""

from __future__ import annotations

import re

import msgspec

from app.language.build import Builder, Built
from app.language.draft import Draft, Slot
from app.language.inflect import root
from app.language.lexicon import Lexicon
from app.language.reading import Role
from app.language.senses import DimensionFacts, Kind, Sense
from app.language.text import phrase_words
from app.language.words import Cue
from app.model.expr import And, Binary, Expr, Field, Literal
from app.model.query import GroupBy, SemanticQuery
from app.sql.expressions.walk import conjuncts

_THE_OTHER = re.compile(
    r"^\W*(?:(?:and|but|so|ok|what about|how about|what of)\W+)*(?:for |in |by )?(?:the |all )?others?(?:\W+([\w -]{1,30}?))?\W*$",
    re.IGNORECASE,
)
_ONE = {"one", "ones"}
_THE_REST = frozenset({"others", "rest", "remaining", "normal ones"})


def the_others(question: str, previous: SemanticQuery, lexicon: Lexicon, builder: Builder) -> list[Built]:
    """What `the other` can mean after a query, () where the question does not speak of it."""
    found = _THE_OTHER.match(question)
    if found is None:
        return []
    noun = phrase_words(found.group(1) or "")
    for part in reversed(conjuncts(previous.where)):
        if isinstance(part, Binary) and part.op == "=" and isinstance(part.left, Field) and isinstance(part.right, Literal):
            facts = lexicon.at_the_end_of(part.left.name)
            if facts is not None and facts.values and _speaks_of(noun, facts, lexicon):
                return [_with(previous, part, value) for value in facts.values if value != part.right.value]
    if previous.calculations or previous.top is not None:
        return []
    if noun and not set(noun) <= _ONE:
        return []
    return [one for item in previous.group_by for one in _grouped_otherwise(previous, item, lexicon, builder)]


def beside_the_others(draft: Draft, lexicon: Lexicon) -> None:
    """`Lead time of rush orders vs the others`: each value of what the one condition is on, where it has two."""
    said = [piece for piece in draft.unused if piece.cue is Cue.REST or piece.text.lower() in _THE_REST]
    if len(said) != 1 or draft.comparing is None or len(draft.conditions) != 1 or draft.groups or draft.periods[1:]:
        return
    condition = draft.conditions[0]
    sense = condition.slot.senses[0]
    facts = lexicon.dimensions.get(sense.name)
    if facts is None or condition.literal is not None or not (facts.is_flag or len(facts.values) == 2):
        return
    piece = condition.slot.piece
    draft.unused.remove(said[0])
    draft.conditions.clear()
    draft.groups.append(Slot(piece, (Sense(Kind.DIMENSION, sense.name, sense.weight),)))
    draft.comparing = None
    draft.roles = [(one, Role.GROUP if one == piece else role) for one, role in draft.roles] + [(said[0], Role.WORDS)]


def _speaks_of(noun: tuple[str, ...], facts: DimensionFacts, lexicon: Lexicon) -> bool:
    """Whether `the other channel` is one of this dimension: nothing but its name, that of its entity, or `one` may stand there."""
    own = lexicon.roots_of(facts.name) | {root(word) for word in phrase_words(facts.entity)} | _ONE
    return all(root(word) in own for word in noun)


def _with(previous: SemanticQuery, part: Binary, value: str) -> Built:
    other = msgspec.structs.replace(part, right=msgspec.structs.replace(part.right, value=value))
    where: Expr | None = other if previous.where == part else None
    if isinstance(previous.where, And):
        where = And(tuple(other if one == part else one for one in previous.where.args))
    return Built(msgspec.structs.replace(previous, where=where), 1.0, True)


def _grouped_otherwise(previous: SemanticQuery, item: GroupBy, lexicon: Lexicon, builder: Builder) -> list[Built]:
    """By the other dimensions of the same entity."""
    own = lexicon.at_the_end_of(item.name)
    if own is None:
        return []
    found = []
    for facts in lexicon.dimensions.values():
        name = (
            builder.item(facts.name, previous.metrics)
            if facts.entity == own.entity and facts is not own and not (facts.is_time or facts.is_personal)
            else None
        )
        if name is not None:
            by = tuple(GroupBy(name) if one == item else one for one in previous.group_by)
            kept = tuple(one for one in previous.order_by if one.name != item.column)
            found.append(Built(msgspec.structs.replace(previous, group_by=by, order_by=kept), 1.0, True))
    return found
