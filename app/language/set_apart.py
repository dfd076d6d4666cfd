"""Parts of a question that are read apart from the rest of it: a segment by its name, and that each period counts only as far as it has come."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from app.language.lexicon import Lexicon
from app.language.reading import Reading
from app.language.restate import restate_with
from app.language.senses import Kind
from app.language.text import Token, phrase_words, tokens
from app.model.answer import Choice, Outcome
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.sql.expressions.walk import fields
from app.sql.joins import JoinGraph

_TO_DATE = re.compile(
    r"\b(?:(?:by|for|in|of)?\s*(?:each|every)\s+(?P<first>year|quarter|month|week)[,\s]+"
    r"(?:to date|so far|up to (?:now|today|the same (?:day|date|point|time)))(?!\s+(?:this|in|of|during|for)\b)"
    r"|(?:at|by|until|till|up to|as of)\s+(?:this|the same)\s+(?:point|time|day|date|stage)\s+(?:of|in)\s+(?:each|every)\s+(?P<second>year|quarter|month|week))\b",
    re.IGNORECASE,
)
_BEFORE = frozenset({"for", "of", "from", "in", "by", "only", "with", "the", "among", "our", "to"})
_JOINS = frozenset({"and", "or", "vs", "versus", "than", "against", "compared"})
_SEGMENT = "segment"
_KNOWN = 0.9


class _Apart(NamedTuple):
    """What is left of the question, and what the query gets beside what that says."""

    rest: str
    segment: str = ""
    to_date: str = ""


def read_apart(
    question: str, lexicon: Lexicon, ontology: Ontology, joins: JoinGraph, moment: Moment, read: Callable[[str], Reading]
) -> Reading | None:
    """The reading of the rest with that part, None where the question has none or the two don't go together."""
    apart = _to_date(question) or _segment(question, lexicon, ontology)
    if apart is None:
        return None
    reading = read(apart.rest)

    def whole(query: SemanticQuery) -> SemanticQuery | None:
        if not query.asked_metrics or not _reaches(apart.segment, query, ontology, joins):
            return None
        if apart.to_date:
            return msgspec.structs.replace(query, to_date=apart.to_date, as_of=moment.today)
        return msgspec.structs.replace(query, segments=tuple(dict.fromkeys((*query.segments, apart.segment))))

    query = whole(reading.query) if reading.query is not None else None
    if reading.outcome is Outcome.ANSWER and query is not None:
        return msgspec.structs.replace(reading, query=query, restated=restate_with(query, lexicon.labels))
    choices = [Choice(restate_with(one, lexicon.labels), one) for choice in reading.choices if (one := whole(choice.query)) is not None]
    return msgspec.structs.replace(reading, choices=tuple(choices)) if reading.outcome is Outcome.CLARIFY and choices else None


def _to_date(question: str) -> _Apart | None:
    """`Revenue by year at this point of each year`."""
    found = _TO_DATE.search(question)
    if found is None:
        return None
    grain = (found.group("first") or found.group("second")).lower()
    left = question[: found.start()].rstrip(" ,")
    right = question[found.end() :]
    said = re.search(rf"\b(?:by|per)\s+{grain}\b", left + right, re.IGNORECASE)
    return _Apart(f"{left}{'' if said else f' by {grain}'}{right}", to_date=grain)


def _segment(question: str, lexicon: Lexicon, ontology: Ontology) -> _Apart | None:
    """The one segment that is named by words which are no name of anything else."""
    words = tokens(question)
    ways = [
        (first, first + len(name), one.name)
        for one in ontology.segments
        for name in {phrase_words(text) for text in (one.name, one.label) if text}
        if name
        for first in range(len(words) - len(name) + 1)
        if tuple(word.stem for word in words[first : first + len(name)]) == name
        and (_SEGMENT in {word.stem for word in words[first + len(name) : first + len(name) + 1]} or not _is_other(name, lexicon))
    ]
    longest = [way for way in ways if way[1] - way[0] == max(last - first for first, last, _ in ways)]
    if len({way[2] for way in longest}) != 1:
        return None
    first, last, name = longest[0]
    last += 1 if last < len(words) and words[last].stem == _SEGMENT else 0
    if (
        first and words[first - 1].word not in _BEFORE
    ):  # `rank foreign buyers`, `excluding foreign buyers`: more than a filter is said of them
        return None
    if last < len(words) and words[last].word in _JOINS:  # `of foreign buyers and Spaniards` is no Spaniard abroad
        return None
    while first and words[first - 1].word in _BEFORE:
        first -= 1
    return _Apart(_without(question, words, first, last), segment=name)


def _is_other(name: tuple[str, ...], lexicon: Lexicon) -> bool:
    return any(s.weight >= _KNOWN and s.kind in (Kind.METRIC, Kind.VALUE, Kind.FLAG) for s in lexicon.phrases.get(name, ()))


def _without(question: str, words: tuple[Token, ...], first: int, last: int) -> str:
    return f"{question[: words[first].start]} {question[words[last - 1].end :]}".strip()


def _reaches(segment: str, query: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> bool:
    """Whether the metrics can be filtered by what the segment is made of."""
    found = next((one for one in ontology.segments if one.name == segment), None)
    if found is None:
        return not segment
    reached = set(joins.compatible_dimensions(query.asked_metrics))
    return all(field.name in reached for field in fields(found.where))
