"""Why a metric changed: what each value of the dimensions that it reaches has to do with it, found out by further queries of the turn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import msgspec

from app.errors import DataMindError, Problem
from app.language.additive import Quotient, Sum, Term, is_distinct_count, quotient_of, sum_of
from app.language.changes import change_words, compared_words, earlier_words, reason_words, taken_for_granted
from app.language.contributions import Piece, of_quotient, of_sum, surprise, together
from app.language.keys import key_text
from app.language.narrate import with_more
from app.language.reading import Why
from app.language.restate import group_words
from app.language.senses import DimensionFacts
from app.language.splits import splits
from app.model.answer import Answer, Comparison, Contribution, Outcome
from app.model.metrics import Metric
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.result import Value
from app.pipeline.turn import Turn
from app.service.comparing import compared, number
from app.service.turns import Further
from app.sql.expressions.walk import conjunction

MOST_LOOKED_AT = 8
"""Dimensions that are looked at, those with few values first."""
MOST_TOLD = 3
MOST_VALUES = 5
SECONDS = 15.0
"""Once they are over, no further dimension is begun: what was found is told."""

_LEFT_OUT = "DM4027"
_PLACES = 12

Values = Mapping[Value, Mapping[Term, Fraction]]


def with_reasons(turn: Turn, further: Further) -> Turn:
    """The turn of a question for a reason, with the contributions to the change; a no (DM6032) where there is nothing before, nothing could be read, or no change."""
    reading, query, answer, result = turn.reading, turn.query, turn.answer, turn.result
    if reading is None or reading.why is None or query is None or answer is None or result is None or answer.outcome is not Outcome.ANSWER:
        return turn
    metric = turn.served.visible.metric(query.metrics[0])
    if metric is None or query.time is None:
        return turn
    why, labels = reading.why, turn.served.lexicon.labels
    words = earlier_words(query.time, why.back)
    try:
        comparison = compared(turn, further, why.earlier)
    except DataMindError:  # that there was nothing is not known then
        return _no(turn, answer, f"what it was {words} could not be read: no change can be explained", hint="ask again in a moment")
    if comparison is None:
        return _no(turn, answer, f"there is no number to tell {words}, or none of the period itself: no change can be explained")
    if not comparison.change:
        return _no(turn, answer, change_words(metric, labels, words))
    found = _Search(turn, query, metric, why, further, comparison).contributions()
    told = with_more(answer.text, compared_words(comparison, metric, words), reason_words(found, metric) or _NOTHING_TOLD)
    text = taken_for_granted(why.falls, comparison.change) + told
    return turn.with_(answer=msgspec.structs.replace(answer, text=text, comparison=comparison, contributions=tuple(found)))


_NOTHING_TOLD = "No dimension that it can be split by, and that you may see, tells more."


def _no(turn: Turn, answer: Answer, message: str, hint: str = "ask for the numbers of both periods") -> Turn:
    problem = Problem("DM6032", message, hint=hint)
    no = msgspec.structs.replace(
        answer, outcome=Outcome.REFUSE, text=message, problems=(*answer.problems, problem), query=None, result=None, confidence=0.0,
        parts=(), follow_ups=(), chart=None, comparison=None,
    )  # fmt: skip
    return turn.with_(answer=no, result=None, problems=(*turn.problems, problem))


@dataclass(slots=True)
class _Search:
    """Looks at dimension after dimension, each by the sums of which the metric is put together, in both periods."""

    turn: Turn
    query: SemanticQuery
    metric: Metric
    why: Why
    further: Further
    comparison: Comparison
    is_incomplete: bool = False
    """Whether groups may have been left out of what was asked last, for being too small."""

    def contributions(self) -> list[Contribution]:
        """Those of the dimensions that surprise most, in each the values that have most to do with it."""
        ontology = self.turn.served.visible
        made: Sum | Quotient | None = sum_of(self.metric, ontology) or quotient_of(self.metric, ontology)
        found = [one for facts in self._dimensions() if (one := self._of(facts, made)) is not None]
        found.sort(key=lambda one: -one[0])
        return [contribution for _, told in found[:MOST_TOLD] for contribution in told]

    def _dimensions(self) -> Iterator[DimensionFacts]:
        served, until = self.turn.served, time.monotonic() + SECONDS
        for facts in splits(self.query, served.lexicon, served.joins)[:MOST_LOOKED_AT]:
            if time.monotonic() > until or self.turn.cancel.cancelled:
                return
            yield facts

    def _of(self, facts: DimensionFacts, made: Sum | Quotient | None) -> tuple[float, list[Contribution]] | None:
        """How much a dimension surprises, and its contributions; None where it can't be looked at whole, or has one value only."""
        item = GroupBy(facts.name)
        self.is_incomplete = False
        terms = (*made.numerator, *made.denominator) if isinstance(made, Quotient) else made or (Term(self.metric.name),)
        earlier, now = (self._values(item, terms, span) for span in (self.why.earlier, self.query.time))
        if earlier is None or now is None or len({*earlier, *now}) < 2:
            return None
        if isinstance(made, Quotient):
            pairs = [
                {key: (_sum(made.numerator, held), _sum(made.denominator, held)) for key, held in side.items()} for side in (earlier, now)
            ]
            pieces = of_quotient(*pairs)
            sizes = [{key: pair[0] for key, pair in side.items()} for side in pairs]
        else:
            sizes = [{key: _sum(terms, held) for key, held in side.items()} for side in (earlier, now)]
            pieces = of_sum(*sizes)
        is_count = is_distinct_count(self.metric, self.turn.served.visible)
        if (
            pieces and made is None and (self.is_incomplete or not is_count)
        ):  # from no average, or from what is not told, to one is no change
            pieces = {key: one for key, one in pieces.items() if one.previous is not None and one.current is not None}
        if not pieces:
            return None
        adds_up = made is not None and self._is_whole(pieces, sizes, made)
        if not adds_up and (isinstance(made, Quotient) or (made is not None and self.is_incomplete)):
            return None
        return surprise(*sizes), self._told(item, pieces, adds_up=adds_up)

    def _is_whole(self, pieces: Mapping[Value, Piece], sizes: Sequence[Mapping[Value, Fraction]], made: Sum | Quotient) -> bool:
        """Whether the parts make the change, and those of a sum each period's own number: then nothing was left out."""
        wholes = [Fraction(self.comparison.previous), Fraction(self.comparison.current)]
        same = isinstance(made, Quotient) or all(
            _is(sum(side.values(), Fraction(0)), whole) for side, whole in zip(sizes, wholes, strict=True)
        )
        return same and _is(sum((one.change for one in pieces.values()), Fraction(0)), wholes[1] - wholes[0])

    def _values(self, item: GroupBy, terms: Sequence[Term], span: TimeRange | None) -> Values | None:
        """The terms by value of a dimension in a period; None where rows are cut off, or the person may not ask for them."""
        found: dict[Value, dict[Term, Fraction]] = {}
        for where in dict.fromkeys(term.where for term in terms):
            mine = [term for term in dict.fromkeys(terms) if term.where == where]
            names = tuple(dict.fromkeys(term.metric for term in mine))
            query = msgspec.structs.replace(
                self.query, metrics=names, group_by=(item,), where=conjunction(self.query.where, where), time=span
            )
            try:
                turn = self.further(query)
            except DataMindError:
                return None
            result = turn.result
            if result is None or result.truncated:
                return None
            self.is_incomplete |= any(problem.code == _LEFT_OUT for problem in turn.problems)
            columns = {column.name: data for column, data in zip(result.columns, result.data, strict=True)}
            for row, key in enumerate(columns.get(item.column, ())):
                held = found.setdefault(key, {})
                for term in mine:
                    value = number(columns[term.metric][row])
                    if value is not None:
                        held[term] = Fraction(value)
        return found

    def _told(self, item: GroupBy, pieces: Mapping[Value, Piece], *, adds_up: bool) -> list[Contribution]:
        label, whole = group_words(item, self.turn.served.lexicon.labels), Fraction(self.comparison.change)
        ranked = sorted(pieces.items(), key=lambda one: (-abs(one[1].change), str(one[0])))
        ranked = [one for one in ranked if one[1].change]

        def told(value: str, piece: Piece, *, is_rest: bool = False) -> Contribution:
            share = _decimal(piece.change / whole) if adds_up else None
            own = [_decimal(part) if part is not None else None for part in (piece.previous, piece.current)]
            split = [_decimal(part) if part is not None else None for part in (piece.rate, piece.mix)]
            return Contribution(item.column, label, value, own[0], own[1], _decimal(piece.change), share, split[0], split[1], is_rest)

        named = [told(_text(key, item), piece) for key, piece in ranked[:MOST_VALUES]]
        if adds_up and len(ranked) > MOST_VALUES:
            rest = together([piece for _, piece in ranked[MOST_VALUES:]], adds_up=True)
            named.append(told(f"the other {len(ranked) - MOST_VALUES}", rest, is_rest=True))
        return named


def _text(key: Value, item: GroupBy) -> str:
    return ("yes" if key else "no") if isinstance(key, bool) else key_text(key, item)


def _sum(terms: Sequence[Term], held: Mapping[Term, Fraction]) -> Fraction:
    return sum((term.factor * held.get(term, Fraction(0)) for term in terms), Fraction(0))


def _is(one: Fraction, other: Fraction) -> bool:
    """Whether two numbers are one, but for what engines round."""
    return abs(one - other) <= Fraction(1, 10**6) * max(abs(one), abs(other))


def _decimal(value: Fraction) -> Decimal:
    """With all the digits of a sum; of a quotient with twelve that count."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) == value:
        return exact
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - _PLACES + 1)).normalize()
