"""What the parser holds while it reads, and the rules for numbers: ranks and bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from enum import Enum, auto

from app.language.draft import Draft, Having, Moved, Slot, ValueCondition
from app.language.inflect import stem
from app.language.lexicon import Lexicon
from app.language.periods import Period
from app.language.pieces import DENIED, Piece
from app.language.reading import Role
from app.language.senses import DECIDES, PART_OF_NAME, DimensionFacts, Kind, Sense, is_money
from app.language.words import Cue
from app.model.shapes import MOST_PERIODS
from app.model.types import Grain

_NAMES = (Kind.DIMENSION, Kind.ENTITY)
TIED = 0.05
_NAMED = 0.85
"""Of at least so much weight are the names of things; less are forms of their words, and other words for them."""
_JUDGING = {"best", "worst", "strongest", "weakest", "poorest", "leading", "slowest", "successful", "underperforming", "performing"}
"""Words that say whether much is good: of what is better where it is less they say the other end."""
_CURRENCIES = {"dollar", "dollars", "usd", "euro", "euros", "eur", "pounds", "gbp", "bucks", "chf"}
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)
_PERCENT = {"%", "percent", "pct", "percentage"}
_FLIPPED = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "<>"}


class Expect(Enum):
    """What the words so far lead one to expect of the next name."""

    METRIC = auto()
    TARGET = auto()
    GROUP = auto()
    FILTER = auto()


def tied(senses: tuple[Sense, ...]) -> tuple[Sense, ...]:
    """The senses that are about as good as the best one."""
    best = max((s.weight for s in senses), default=0.0)
    return tuple(s for s in senses if s.weight >= best - TIED)


def with_longer_names(senses: tuple[Sense, ...], dimensions: Mapping[str, DimensionFacts]) -> tuple[Sense, ...]:
    """The best senses, and the dimensions of other entities whose name ends with the words: beside a `town` of clinics the home town of patients."""
    best = tied(senses)
    if any(s.kind is not Kind.DIMENSION or dimensions[s.name].is_time for s in best):
        return best
    owners = {dimensions[s.name].entity for s in best}
    longer = (
        s
        for s in senses
        if s.kind is Kind.DIMENSION and s not in best and s.weight >= PART_OF_NAME and dimensions[s.name].entity not in owners
    )
    return (*best, *(s for s in longer if not dimensions[s.name].is_time))


def decides(senses: tuple[Sense, ...]) -> bool:
    """Whether one of the senses is strong enough to stand without asking."""
    return any(s.weight >= DECIDES for s in senses)


def _unit_of(piece: Piece | None) -> Grain | None:
    return Grain(piece.detail) if piece is not None and piece.cue is Cue.GRAIN and piece.detail != "dow" else None


class ParserState:
    """The Draft in the making, the place, and what is expected next; `denied` is a `not` that nothing has taken up yet;
    `vague` are words that say nothing where nothing else is named, and something where it is."""

    def __init__(self, cut: tuple[Piece, ...], lexicon: Lexicon) -> None:
        self.draft = Draft()
        self.lexicon = lexicon
        self.pieces = [p for p in cut if p.cue is not Cue.FILLER]
        self.cut = cut
        self.draft.roles += [(p, Role.WORDS) for p in cut if p.cue is Cue.FILLER]
        self.at = 0
        self.expect = Expect.METRIC
        self.negated = False
        self.either = False
        self.with_ = False
        self.joined = False
        self.ordering = False
        self.against = False
        self.pending: Piece | None = None
        self.vague: list[Piece] = []
        self.asked_for: Piece | None = None
        self.asked_grain = False
        self.beside = False
        self.within = False
        self.counting: Piece | None = None
        self.counted: tuple[Piece, Piece] | None = None
        self.denied: Piece | None = None
        self.apart: Piece | None = None
        self.last: Piece | None = None

    def role(self, piece: Piece, role: Role) -> None:
        """The piece has this role."""
        self.draft.roles.append((piece, role))

    def next(self, ahead: int = 0) -> Piece | None:
        """The piece `ahead` places on, or None."""
        place = self.at + ahead
        return self.pieces[place] if place < len(self.pieces) else None

    def period(self, piece: Piece, period: Period) -> None:
        """A period that is asked about, or, after `versus` and the like, one that it is compared with."""
        draft = self.draft
        self.role(piece, Role.PERIOD)
        since = bool(draft.change) and period.ends is None and piece.text.lower().startswith("from ")
        (draft.against if self.against or period.earlier or since else draft.periods).append(period)
        self.against = False

    def moving(self, piece: Piece) -> None:
        """`moving average over 7 days`, `rolling 7 day average`."""
        value, unit = self.next(), self.next(1)
        grain = _unit_of(unit)
        if value is None or grain is None or value.number is None:
            self.pending = piece
            return
        self.at += 2
        self._moving(piece, value, grain)

    def moving_count(self, piece: Piece) -> bool:
        """`7 day moving average`."""
        unit, cue = self.next(), self.next(1)
        grain = _unit_of(unit)
        if piece.number is None or grain is None or cue is None or cue.cue is not Cue.MOVING:
            return False
        self.at += 2
        self.role(cue, Role.WORDS)
        self._moving(cue, piece, grain)
        return True

    def _moving(self, cue: Piece, value: Piece, grain: Grain) -> None:
        draft, following = self.draft, self.next()
        average = any(word in cue.text.lower() for word in ("average", "mean", "avg"))
        if not average and following is not None and following.cue is Cue.AGGREGATE and following.detail == "average":
            average, self.at = True, self.at + 1
        number = value.number or Decimal(0)
        if number != int(number) or not 1 < number <= MOST_PERIODS:
            draft.unused.append(value)
            return
        self.role(value, Role.LIMIT)
        draft.moving = Moved(int(number), grain, average)

    def bound_after(self, piece: Piece) -> bool:
        """`100 or more`."""
        following, more = self.next(), self.next(1)
        if (
            piece.number is not None and following and more and following.of(Kind.METRIC) and more.cue is Cue.OR_MORE
        ):  # `200 orders or more`
            self.at += 2
            self.role(following, Role.HAVING)
            self.role(piece, Role.HAVING)
            self.draft.having.append(Having(Slot(following, tied(following.of(Kind.METRIC))), more.detail, piece.number))
            return True
        if piece.number is None or following is None or following.cue is not Cue.OR_MORE:
            return False
        self.at += 1
        self.role(following, Role.WORDS)
        self._bound(following, replace(piece, last=following.last), following.detail, piece.number)
        return True

    def rank(self, piece: Piece) -> None:
        """`top 5`, `lowest`."""
        draft = self.draft
        if draft.rank and draft.rank != piece.detail:
            draft.unused.append(piece)  # `best and worst` asks for two lists
            return
        draft.rank = piece.detail
        draft.judged = draft.judged or next((word for word in piece.text.lower().replace("-", " ").split() if word in _JUDGING), "")
        self.expect = Expect.TARGET
        if self.counted is not None and draft.limit is None:  # `three insurers with the largest …`
            number, named = self.counted
            draft.limit, self.counted = int(number.number or 0), None
            draft.ranked.append(named)
            self.role(number, Role.LIMIT)
        described = self.with_ and bool(draft.groups) and self.last is draft.groups[-1].piece
        if described and not draft.ranked:  # `the specialty with the highest rate`
            draft.ranked.append(draft.groups[-1].piece)
            draft.limit = draft.limit or (None if draft.groups[-1].piece.plural else 1)
            self.expect = Expect.METRIC
        if self.asked_grain and draft.grouped_by_cue >= len(
            draft.groups
        ):  # `what day had the most orders`, `in which month did each brand …`
            draft.ranked_grain, self.expect = True, Expect.METRIC
        if draft.which and self.asked_for is not None and not draft.ranked:
            draft.ranked.append(self.asked_for)
        following = self.next()
        if following and following.number is not None and following.number == int(following.number) and 0 < following.number <= 10_000:
            draft.limit = int(following.number)
            self.role(following, Role.LIMIT)
            self.at += 1
            after = self.next()
            if after is not None and after.cue is Cue.SHARE and after.text.lower().split(" ")[0] in _PERCENT:
                draft.unserved.append("a part of the groups")

    def count_of_rank(self, piece: Piece) -> bool:
        """`the 5 best products`, `three products with the largest …`."""
        if _ORDINAL.search(piece.text):
            return False  # `the 2nd best` is one place, and no count
        following = self.next()
        later = [one.cue for one in self.pieces[self.at + 1 :]]
        named = piece.number is not None and following is not None and following.plural and following.of(*_NAMES) and Cue.RANK in later
        if named and following is not None and piece.number == int(piece.number or 0) and 0 < (piece.number or 0) <= 10_000:
            self.counted = (piece, following)
            return True
        if piece.number is None or following is None or following.cue is not Cue.RANK or not 0 < piece.number <= 10_000 or piece.number % 1:
            return False
        self.draft.limit = int(piece.number)
        self.role(piece, Role.LIMIT)
        return True

    def compare(self, piece: Piece) -> None:
        """`more than 100 orders`, `revenue under 3000`, `age over 30`."""
        value = self.next()
        if value is not None and value.period is not None:  # `higher than in 2024`
            self.draft.comparing, self.against = self.draft.comparing or piece, True
            return
        if value is not None and value.of(*_NAMES) and not value.of(Kind.METRIC) and piece.text.lower() == "over":
            self.expect, self.negated, self.with_ = Expect.GROUP, False, False  # `visits over devices`
            return
        if value is None or value.number is None:
            self.draft.unused.append(piece)
            return
        grain = _unit_of(self.next(1))
        if self.pending is not None and grain is not None:  # `moving average of revenue over 3 months`
            self.at += 2
            self._moving(self.pending, value, grain)
            self.pending = None
            return
        self.at += 1
        unit = self.next()
        if grain is not None and unit is not None and unit.last - unit.first == 1 and self._counts_in(unit.text):
            self.at += 1  # `a handling time under 6.3 days`
            self.role(unit, Role.WORDS)
            value = replace(value, last=unit.last)
        if unit is not None and unit.unknown and unit.text.lower() in _CURRENCIES:
            self.at += 1
            self.role(unit, Role.WORDS)
            value = replace(value, last=unit.last)
            self._money(unit)
        elif any(p.cue is Cue.FILLER and p.text in "$€£¥" and p.last == value.first for p in self.cut):
            self._money(value)
        self._bound(piece, value, piece.detail, value.number or Decimal(0))

    def _money(self, said: Piece) -> None:
        """Money bounds nothing that is counted."""
        following = self.next()
        named = following if following is not None and following.of(Kind.METRIC) else self.last
        if named is not None and any("count" in self.lexicon.metrics[s.name].aggregates for s in named.of(Kind.METRIC)):
            self.draft.unused.append(said)

    def _counts_in(self, unit: str) -> bool:
        """Whether the metric or dimension that was named last may be counted in such units: its own say nothing else."""
        names = [self.lexicon.metrics[s.name].unit for s in self.last.of(Kind.METRIC)] if self.last is not None else []
        return all(not own or stem(own.lower()) == stem(unit.lower()) for own in names)

    def _between(self, piece: Piece) -> None:
        low, joint, high, after = self.next(), self.next(1), self.next(2), self.next(3)
        if self.negated or not (low and high and joint and joint.cue is Cue.AND and low.number is not None and high.number is not None):
            self.draft.unused.append(piece)
            return
        self.at += 3
        spoken = self._spoken_metric()
        if spoken is not None:
            self.at, after = self.at + 1, spoken
        if after and (spoken is not None or after.first == high.last) and after.of(Kind.METRIC):
            self.last, self.expect = after, Expect.FILTER
            self.role(after, Role.HAVING)
            self.at += 1
        self._bound(piece, low, ">=", low.number)
        self._bound(piece, high, "<=", high.number)

    def _spoken_metric(self) -> Piece | None:
        """`At least 20,000 in revenue`: the metric behind a number and one word of grammar, where none was named before."""
        joint, named = self.next(), self.next(1)
        if joint is None or joint.cue is not Cue.WHERE or named is None or self.draft.metrics:
            return None
        return named if named.of(Kind.METRIC) and not named.of(Kind.VALUE) else None

    def _bound(self, piece: Piece, value: Piece, op: str, number: Decimal) -> None:
        """Bind a bound to the metric that follows, else to the metric or dimension that was named last."""
        draft = self.draft
        if self.either and (draft.having or draft.conditions):
            draft.unused.append(piece)  # one bound or another: they would both have to hold
        if self.negated:
            op, self.denied = _FLIPPED[op], None
        following, percent, of = self.next(), False, ""
        if following and following.cue is Cue.SHARE and following.text.lower().split(" ")[0] in _PERCENT:
            percent, self.at = True, self.at + 1
            self.role(following, Role.HAVING)
            if following.text.lower().endswith(" of"):  # `more than 10% of revenue`
                draft.share, of = piece, "share"
            following = self.next()
            if of and not (following and following.of(Kind.METRIC)):  # `more than 3% of what they make`
                draft.unserved.append("a share of each group's own")
        spoken = self._spoken_metric() if not of else None
        if spoken is not None:
            self.at, following = self.at + 1, spoken
        if (
            following
            and (of or following.first == value.last or percent or spoken is not None)
            and following.of(Kind.METRIC)
            and not following.of(Kind.VALUE)
        ):
            self.at += 1
            self.role(following, Role.HAVING)
            self.role(value, Role.HAVING)
            draft.having.append(Having(Slot(following, tied(following.of(Kind.METRIC))), op, number, percent, of))
            return
        last = self.last if draft.metrics == [] or not draft.change else draft.metrics[-1].piece
        of = of or ("change" if draft.change else "share" if draft.share is not None else "")
        if last and last.of(Kind.METRIC) and not (self.expect is Expect.GROUP and last.of(*_NAMES) and not of):
            self.role(value, Role.HAVING)
            draft.having.append(Having(Slot(last, tied(last.of(Kind.METRIC))), op, number, percent, of))
        elif last and any(self.lexicon.dimensions[s.name].may_be_number for s in last.of(Kind.DIMENSION)) and not of:
            self.role(value, Role.FILTER)
            draft.groups = [slot for slot in draft.groups if slot.piece is not last]
            draft.unused = [p for p in draft.unused if p is not last]
            draft.conditions.append(ValueCondition(Slot(last, tied(last.of(Kind.DIMENSION))), op=op, literal=number))
        elif not draft.metrics and not draft.groups and not of:
            self.role(value, Role.HAVING)
            draft.bounds.append(Having(Slot(value, ()), op, number, percent, of))
            draft.loose += [piece, value]
        else:
            draft.unused += [piece, value]

    def metric(self, piece: Piece, metrics: tuple[Sense, ...]) -> None:
        """A metric; of two that follow each other unjoined, one that is also an entity only says whose: `business customers revenue`."""
        draft = self.draft
        before = draft.metrics[-1].piece if draft.metrics else None
        if before and not self.joined and not draft.rank and tied(metrics)[0].weight < _NAMED and not piece.plural:
            draft.unused.append(piece)  # `how many tickets did we sell`, where sales are another metric
            return
        if before and before.last == piece.first and not self.joined and not decides(metrics) and decides(before.of(Kind.METRIC)):
            draft.unused.append(piece)
            return
        if before and before.last == piece.first and not self.joined:
            if before.of(Kind.ENTITY):
                draft.scopes.append(Slot(before, tied(before.of(Kind.ENTITY))))
                draft.metrics.pop()
                draft.penalty += 0.05
            else:
                draft.penalty += 0.2
        if draft.how_many and not draft.how_much:  # how many are sold is no sum of money
            metrics = tuple(s for s in metrics if not is_money(self.lexicon.metrics[s.name])) or metrics
        self.role(piece, Role.METRIC)
        if self.draft.rank and self.expect is Expect.GROUP and not self.joined:
            self.draft.ranked_by = piece
        self.draft.versus = self.draft.versus or (self.against and bool(draft.metrics))
        self.against = self.against and not draft.metrics
        self.draft.metrics.append(Slot(piece, tied(metrics)))

    def group(self, piece: Piece, names: tuple[Sense, ...]) -> None:
        """Group by it."""
        self.draft.grouped_by_cue += self.expect is Expect.GROUP
        if self.within:
            self.draft.within.append(piece)
            self.within = False
        self.role(piece, Role.GROUP)
        before = self.draft.groups[-1] if self.draft.groups else None
        if (
            before is not None and before.piece.last == piece.first and not self.joined
        ):  # `by instructor level`, where instructors are trainers
            owners = {s.name for s in before.senses} | {
                self.lexicon.dimensions[s.name].entity for s in before.senses if s.name in self.lexicon.dimensions
            }
            own = tuple(s for s in names if s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].entity in owners)
            shown = {self.lexicon.display.get(name) for name in owners}
            if own and (before.piece.of(Kind.ENTITY) or any(s.name in shown for s in before.senses)):
                self.draft.groups.pop()
                names = own
        self.draft.groups.append(Slot(piece, with_longer_names(names, self.lexicon.dimensions)))

    def condition(self, piece: Piece, senses: tuple[Sense, ...]) -> None:
        """A condition that the piece is one of the values, or holds."""
        self.denied = None if self.negated else self.denied
        self.role(piece, Role.FILTER)
        self.draft.versus = self.draft.versus or self.against
        held = {s.name for s in senses}
        named = {s.name for s in self.draft.conditions[-1].slot.senses} if self.draft.conditions else held
        added = self.joined and bool(self.draft.metrics) and self.last is self.draft.metrics[-1].piece
        if added or (self.against and not held & named):  # `food orders and drink orders`, where only one of them is a metric
            self.draft.unserved.append("a list of unlike things")
        if self.against and self.beside:
            self.draft.unserved.append("a comparison of a metric with a value")
        self.against = False
        self.draft.conditions.append(ValueCondition(Slot(piece, senses), self.negated is not (piece.detail == DENIED), self.either))
