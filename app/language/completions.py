"""Completions of a question while it is typed, and questions to start with.

Each is a whole question that the interpreter answers: what it would ask back or refuse is not offered. All words come from the lexicon and layer that are
given, those of what the caller may see; what is hidden from them is as if it were not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import NamedTuple

from app.errors import DataMindError
from app.language.completion_index import CompletionIndex, Entry, Part, plural
from app.language.inflect import fold
from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.language.reading import Reading
from app.language.text import Token, TokenKind, tokens
from app.language.words import CUES, Cue
from app.model.answer import Outcome
from app.model.base import Node
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.sql.joins import JoinGraph

LONGEST = 300
"""Characters: what is longer is not completed."""
MOST = 10
_TRIES = 8
"""So many questions are read to find completions: what takes more letters to find is found by the next one."""
_REMEMBERED = 4_000
_WORDS = 4
"""Of so many of the last words it is looked what they begin."""
_GROUPS = (Part.DIMENSION, Part.METRIC, Part.PERIOD, Part.VALUE)
_FILTERS = (Part.VALUE, Part.PERIOD, Part.DIMENSION, Part.METRIC)
_NAMES = (Part.METRIC, Part.DIMENSION, Part.PERIOD, Part.VALUE)
_OPEN = frozenset(
    {
        Cue.GROUP,
        Cue.WITHIN,
        Cue.WHERE,
        Cue.WITH,
        Cue.NOT,
        Cue.AND,
        Cue.OR,
        Cue.COMMA,
        Cue.IS,
        Cue.COMPARE,
        Cue.RANK,
        Cue.SHARE,
        Cue.AGAINST,
        Cue.ORDER,
    }
)
"""Grammar after which something has to come."""


class Completion(Node, frozen=True):
    """A question that is answered, and how it is read."""

    question: str
    restated: str


@dataclass(frozen=True, slots=True)
class Completer:
    """Completes questions over one visible layer at one moment. `readings` are those made before of this layer: a question that is typed letter by letter may become the
    same ones again and again."""

    lexicon: Lexicon
    ontology: Ontology
    joins: JoinGraph
    index: CompletionIndex
    moment: Moment
    readings: dict[tuple[str, dt.date], Reading] = field(default_factory=dict, compare=False)

    def complete(self, text: str, limit: int) -> tuple[Completion, ...]:
        """At most `limit` completions of the text, the likeliest first; of an empty one, questions to start with. Never raises."""
        if len(text) > LONGEST:
            return ()
        typed = tokens(text)
        ways = self._ways(text, typed) if typed else self._starters()
        readings = ((one, self.read(one)) for one in islice(_unique(ways), _TRIES))
        found: dict[SemanticQuery, Completion] = {}
        for question, reading in readings:
            if reading.query is not None:
                found.setdefault(reading.query, Completion(question, reading.restated))
            if len(found) == min(limit, MOST):
                break
        return tuple(found.values())

    def read(self, question: str) -> Reading:
        """What the interpreter makes of it."""
        key = (question, self.moment.today)
        found = self.readings.get(key)
        if found is None:  # what is returned is never looked up again: another thread may have cleared it
            if len(self.readings) >= _REMEMBERED:
                self.readings.clear()
            found = self.readings[key] = interpret(question, self.lexicon, self.ontology, self.joins, self.moment)
        return found

    def _ways(self, text: str, typed: tuple[Token, ...]) -> Iterator[str]:
        """Questions that the text may become, whether or not they can be answered."""
        whole, cue = text.rstrip(), _cue(typed)
        key = fold(whole)
        starters = (one for one in self._starters() if fold(one).startswith(key) and fold(one) != key)
        if cue in _OPEN:
            yield from starters
            yield from self._filled(whole, typed, cue)
            yield from self._ended(text, typed)
            return
        yield from self._ended(text, typed)
        yield from starters
        reading = self.read(whole)
        if reading.outcome is Outcome.ANSWER and reading.query is not None:
            yield from self._further(whole, reading.query)
        elif not reading.unused:  # what nothing explains is explained by no word after it
            yield from self._filled(whole, typed, cue)

    def _ended(self, text: str, typed: tuple[Token, ...]) -> Iterator[str]:
        """The text with its last word, or words, ended as a name that begins so."""
        for count in range(min(_WORDS, len(typed)), 0, -1):
            part = typed[-count:]
            if any(token.kind is TokenKind.QUOTED for token in part) or part[0].kind is TokenKind.MARK:
                continue
            ranks = any(_cue((token,)) is Cue.RANK for token in typed[:-count])
            head, said = text[: part[0].start], fold(text[part[0].start :])
            key = " ".join(said.split()) + (" " if said[-1:].isspace() else "")
            entries = self.index.beginning(key, _order(typed[:-count]))
            for entry in entries:
                if ranks and entry.part is Part.DIMENSION:
                    yield from (f"{head}{plural(entry.text)} by {metric.text}" for metric in self.index.metrics[:2])
                elif fold(entry.text) != key:
                    yield head + entry.text
                if not head.strip():
                    yield from self._about(entry)
            if entries:
                return  # what all these words begin is nearer than what the last of them does

    def _about(self, entry: Entry) -> Iterator[str]:
        """A question about a dimension or a value that was named alone."""
        if entry.part in (Part.DIMENSION, Part.VALUE):
            joint = "by" if entry.part is Part.DIMENSION else "in"
            yield from (f"{metric.text} {joint} {entry.text}" for metric in self.index.metrics[:2])

    def _further(self, whole: str, query: SemanticQuery) -> Iterator[str]:
        """What a question that is whole may say beyond that."""
        groups = [entry.text for entry in self._groups(query)]
        if not query.group_by:
            yield from (f"{whole} by {text}" for text in groups[:2])
        if query.time is None:
            yield from (f"{whole} {period}" for period in ("last month", "this year"))
        if not any(item.name == "metric_time" for item in query.group_by):
            yield f"{whole} by month" if not query.group_by else f"{whole} and month"
        if not query.calculations and query.limit is None:
            yield f"{whole} vs last year"
        yield from (f"{whole} by {text}" for text in groups[2:4])

    def _filled(self, whole: str, typed: tuple[Token, ...], cue: Cue | None) -> Iterator[str]:
        """The text with a name where one has to follow."""
        metrics = [entry.text for entry in self.index.metrics[:3]]
        ranks = any(_cue((token,)) is Cue.RANK for token in typed)
        before = self.read(whole[: typed[-1].start]).query if cue in (Cue.GROUP, Cue.WHERE, Cue.NOT) and len(typed) > 1 else None
        if cue is Cue.GROUP and not ranks:
            groups = self._groups(before) if before is not None else self.index.dimensions
            yield from (f"{whole} {entry.text}" for entry in groups[:4])
            yield from (f"{whole} {period}" for period in ("month", "week"))
        elif cue in (Cue.WHERE, Cue.NOT) and before is not None:
            held = (value for entry in self._groups(before)[:3] for value in self.index.some_values[entry.name])
            yield from (f"{whole} {value}" for value in held)
        elif ranks and (cue is Cue.RANK or typed[-1].kind is TokenKind.NUMBER):
            yield from (f"{whole} {plural(entry.text)} by {text}" for entry, text in product(self.index.dimensions[:3], metrics[:2]))
        yield from (f"{whole} {text}" for text in metrics)
        yield from (f"{whole} by {text}" for text in metrics[:2])
        yield from (f"{text} by {whole}" for text in metrics[:2])

    def _groups(self, query: SemanticQuery) -> list[Entry]:
        """The dimensions by which the metrics of a query can be grouped, and are not yet."""
        try:
            reach = set(self.joins.compatible_dimensions(query.asked_metrics)) if query.asked_metrics else set()
        except DataMindError:
            return []
        held = {item.name for item in query.group_by}
        return [entry for entry in self.index.dimensions if entry.name in reach - held]

    def _starters(self) -> Iterator[str]:
        """Questions of several kinds about the metrics on which the most stands."""
        metrics = self.index.metrics[:5]
        for turn in range(len(metrics)):
            for place, kind in enumerate(_KINDS):
                metric = metrics[(turn + place) % len(metrics)]
                if kind.needs is None or kind.needs in self.lexicon.metrics[metric.name].aggregates:
                    groups = self._groups(SemanticQuery(metrics=(metric.name,)))
                    if groups or "group" not in kind.text:
                        group = groups[place % len(groups)].text if groups else ""
                        yield kind.text.format(metric=metric.text, group=group, groups=plural(group))


class _Kind(NamedTuple):
    """A kind of question; `needs` is an aggregation word that has to say nothing beyond its metric."""

    text: str
    needs: str | None = None


_KINDS = (
    _Kind("{metric} last month"),
    _Kind("{metric} by {group} this year"),
    _Kind("monthly {metric} this year"),
    _Kind("top 5 {groups} by {metric}"),
    _Kind("{metric} this year vs last year"),
    _Kind("share of {metric} by {group}", "sum"),
    _Kind("how many {metric} last month", "count"),
    _Kind("which {group} had the highest {metric} last month"),
)


def _unique(texts: Iterator[str]) -> Iterator[str]:
    """Each once, and none made before it is wanted."""
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text


def _cue(typed: Sequence[Token]) -> Cue | None:
    """The grammar of the last token, None where it is none."""
    return CUES.get((typed[-1].word,), (None, ""))[0] if typed else None


def _order(before: Sequence[Token]) -> Sequence[Part]:
    """What is likeliest to follow these words."""
    cue = _cue(before)
    if cue is Cue.GROUP:
        return _GROUPS
    return _FILTERS if cue in (Cue.WHERE, Cue.NOT, Cue.IS) else _NAMES
