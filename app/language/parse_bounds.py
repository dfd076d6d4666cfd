"""Numbers that bound a metric or a dimension: `more than 100 orders`, `between 5 and 10`, `100 or more`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.language.draft import Having, Slot, ValueCondition
from app.language.inflect import root, stem
from app.language.parse_state import NAMES, Expect, decides, tied, unit_of
from app.language.parse_time import TimeParser
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, Sense, is_money
from app.language.text import phrase_words
from app.language.words import LASTING_BOUNDS, PARTS, Cue

_CURRENCIES = {"dollar", "dollars", "usd", "euro", "euros", "eur", "pounds", "gbp", "bucks", "chf"}
_SIGNS = "$€£¥"
_SUMS = frozenset(map(root, ("value", "amount", "total", "price", "fare", "fee", "premium", "cost", "spend")))
_OF_EACH = 0.8
_EXACT = 0.95
_POINTS = {"star", "stars", "points", "point"}
_TO = {"to", "-", "–"}
_FLIPPED = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "=": "<>"}


class BoundParser(TimeParser):
    """What a parser does where a number is compared with."""

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

    def compare(self, piece: Piece) -> None:
        """`more than 100 orders`, `revenue under 3000`, `age over 30`."""
        value = self.next()
        if value is not None and value.period is not None:  # `higher than in 2024`
            self.draft.comparing, self.against = self.draft.comparing or piece, True
            return
        if value is not None and value.of(*NAMES) and not value.of(Kind.METRIC) and piece.text.lower() == "over":
            self.expect, self.negated, self.with_ = Expect.GROUP, False, False  # `visits over devices`
            return
        if value is not None and value.of(Kind.VALUE) and piece.text.lower() == "over":
            self.expect, self.negated, self.with_ = Expect.FILTER, False, False  # `made over the phone`
            return
        if value is None or value.number is None:
            self.draft.unused.append(piece)
            return
        if self._of_each(piece, value):
            return
        grain = unit_of(self.next(1))
        if self.pending is not None and grain is not None:  # `moving average of revenue over 3 months`
            self.at += 2
            self._moving(self.pending, value, grain)
            self.pending = None
            return
        self.at += 1
        unit = self.next()
        if (
            grain is not None
            and unit is not None
            and unit.last - unit.first == 1
            and (self._counts_in(unit.text) or piece.text.lower() in LASTING_BOUNDS)
        ):
            self.at += 1  # `a handling time under 6.3 days`
            self.role(unit, Role.WORDS)
            value = replace(value, last=unit.last)
        if unit is not None and unit.text.lower() in _POINTS and not decides(unit.of(Kind.METRIC)):  # `rated below 3 stars`
            self.at += 1
            self.role(unit, Role.WORDS)
            value = replace(value, last=unit.last)
        elif unit is not None and unit.unknown and unit.text.lower() in _CURRENCIES:
            self.at += 1
            self.role(unit, Role.WORDS)
            value = replace(value, last=unit.last)
            self._money(unit)
        elif any(p.cue is Cue.FILLER and p.text in _SIGNS and p.last == value.first for p in self.cut):
            self._money(value)
        self._bound(piece, value, piece.detail, value.number or Decimal(0))

    def _of_each(self, piece: Piece, value: Piece) -> bool:
        """`Orders over $30`, `loans over 36 months`: a condition on the one sum of money, or number of months, that each of what is counted has."""
        unit = self.next(1)
        grain = unit_of(unit)
        before = any(p.cue is Cue.FILLER and p.text in _SIGNS and p.last == value.first for p in self.cut)
        behind = unit is not None and (grain is not None or unit.text.lower() in _CURRENCIES)
        wanted = {stem(unit.text.lower())} if unit is not None and grain is not None else _SUMS
        if not (before or behind) or self.last is None or self.with_ or self.last.last < piece.first - 1:
            return False
        metrics = [self.lexicon.metrics[s.name] for s in tied(self.last.of(Kind.METRIC))]
        homes = {home for facts in metrics for home in facts.homes}
        if not metrics or any("count" not in facts.aggregates for facts in metrics):
            return False
        sums = [
            facts
            for facts in self.lexicon.dimensions.values()
            if facts.entity in homes
            and facts.may_be_number
            and not wanted.isdisjoint(root(w) for text in (facts.label, facts.name) for w in phrase_words(text))
        ]
        if len(sums) != 1:
            if grain is not None and not any(stem(facts.unit.lower()) in wanted for facts in metrics):
                self.draft.unused.append(value)  # a count of no months
            return False
        self.at += 1 + behind
        for said in (value, unit) if behind and unit is not None else (value,):
            self.role(said, Role.FILTER)
        sense = Sense(Kind.DIMENSION, sums[0].name, _OF_EACH)
        self.draft.conditions.append(ValueCondition(Slot(value, (sense,)), op=piece.detail, literal=value.number))
        return True

    def _of_member(self, value: Piece, named: Piece, op: str) -> bool:
        """`Trips with more than 4 passengers`, where each trip has a number of them: a condition on the things that are counted, which have no names to list."""
        draft, facts = self.draft, self.lexicon.dimensions
        slot = draft.groups[-1] if len(draft.groups) == 1 and not draft.metrics else None
        if slot is None or not decides(slot.piece.of(Kind.METRIC)):
            return False
        nameless = {s.name for s in slot.piece.of(Kind.ENTITY) if self.lexicon.display[s.name] == s.name}
        own = tuple(s for s in named.of(Kind.DIMENSION) if facts[s.name].may_be_number and facts[s.name].entity in nameless)
        if not own:
            return False
        self.at += 1
        draft.groups.clear()
        draft.roles = [(one, Role.METRIC if one == slot.piece else role) for one, role in draft.roles]
        draft.metrics.append(Slot(slot.piece, tied(slot.piece.of(Kind.METRIC))))
        for said in (value, named):
            self.role(said, Role.FILTER)
        draft.conditions.append(ValueCondition(Slot(named, tied(own)), op=op, literal=value.number))
        return True

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
        low, joint, high = self.next(), self.next(1), self.next(2)
        if self.negated or not (low and high and joint and joint.cue is Cue.AND and low.number is not None and high.number is not None):
            self.draft.unused.append(piece)
            return
        self.at += 3
        self._within(piece, low, high)

    def span_of(self, low: Piece) -> bool:
        """`Having 50 to 120 admissions`, `a turnover from 20,000 to 30,000`."""
        joint, high = self.next(), self.next(1)
        if self.negated or low.number is None or joint is None or high is None or high.number is None or joint.text.lower() not in _TO:
            return False
        self.at += 2
        self._within(joint, low, high)
        return True

    def _within(self, joint: Piece, low: Piece, high: Piece) -> None:
        """Bind both numbers, to the metric behind them where one is named there."""
        spoken, after = self._spoken_metric(), self.next()
        if spoken is not None:
            self.at, after = self.at + 1, spoken
        if after and (spoken is not None or after.first == high.last) and after.of(Kind.METRIC):
            self.last, self.expect = after, Expect.FILTER
            self.role(after, Role.HAVING)
            self.at += 1
        self._bound(joint, low, ">=", low.number or Decimal(0))
        self._bound(joint, high, "<=", high.number or Decimal(0))

    def _leave_whole(self, rate: Piece) -> None:
        """`Late in more than 15% of their deliveries`: the count of which the rate is one says no more."""
        joint, named = self.next(), self.next(1)
        if joint is None or named is None or joint.cue not in (Cue.WHERE, Cue.WITHIN) or not joint.text.lower().startswith("of"):
            return
        homes = [self.lexicon.metrics[s.name].homes for s in tied(rate.of(Kind.METRIC))]
        counts = [facts for s in named.of(Kind.METRIC) if "count" in (facts := self.lexicon.metrics[s.name]).aggregates]
        if counts and all(facts.homes == home for facts in counts for home in homes):
            self.at += 2
            self.role(joint, Role.WORDS)
            self.role(named, Role.WORDS)

    def _spoken_metric(self) -> Piece | None:
        """`At least 20,000 in revenue`: the metric behind a number and one word of grammar, where none was named before."""
        joint, named = self.next(), self.next(1)
        if joint is None or joint.cue is not Cue.WHERE or named is None or self.draft.metrics:
            return None
        if joint.text.lower() == "in" and named.of(Kind.ENTITY) and not named.of(Kind.METRIC):
            return self._sum_of(named)
        return named if named.of(Kind.METRIC) and not named.of(Kind.VALUE) else None

    def _sum_of(self, named: Piece) -> Piece | None:
        """`Less than 30,000 in grants`: the one sum of money of the things that are named, None where there is none or are several."""
        homes = {s.name for s in tied(named.of(Kind.ENTITY))}
        sums = [facts for facts in self.lexicon.metrics.values() if "sum" in facts.aggregates and is_money(facts) and facts.homes <= homes]
        return replace(named, senses=(Sense(Kind.METRIC, sums[0].name, _OF_EACH),)) if len(sums) == 1 else None

    def _is_metric(self, piece: Piece) -> bool:
        """Whether a metric's own name counts for more than a value of the same name: `more than 100 loans`, though complaints be about loans."""
        named = tied(piece.of(Kind.METRIC))
        homes = {home for s in named for home in self.lexicon.metrics[s.name].homes}
        held = [s for s in piece.of(Kind.VALUE) if s.weight > named[0].weight or self.lexicon.dimensions[s.name].entity in homes]
        return not piece.of(Kind.VALUE) or (named[0].weight >= _EXACT and not held)

    def _bound(self, piece: Piece, value: Piece, op: str, number: Decimal) -> None:
        """Bind a bound to the metric that follows, else to the metric or dimension that was named last."""
        draft = self.draft
        if self.either and (draft.having or draft.conditions):
            draft.unused.append(piece)  # one bound or another: they would both have to hold
        if self.negated:
            op, self.denied = _FLIPPED[op], None
        following, percent, of = self.next(), False, ""
        if following and following.cue is Cue.SHARE and following.text.lower().split(" ")[0] in PARTS:
            percent, self.at = True, self.at + 1
            self.role(following, Role.HAVING)
            if following.text.lower().endswith(" of"):  # `more than 10% of revenue`
                draft.share, of = piece, "share"
            following = self.next()
            if of and not (following and following.of(Kind.METRIC)):  # `more than 3% of what they make`
                draft.unserved.append("a share of each group's own")
        if following is not None and not (of or percent) and following.first == value.last and self._of_member(value, following, op):
            return
        spoken = self._spoken_metric() if not of else None
        if spoken is not None:
            self.at, following = self.at + 1, spoken
        if (
            following
            and (of or following.first == value.last or percent or spoken is not None)
            and following.of(Kind.METRIC)
            and self._is_metric(following)
        ):
            self.at += 1
            self.role(following, Role.HAVING)
            self.role(value, Role.HAVING)
            percent = percent or following.text.lower().split(" ")[0] in PARTS  # `more than 6 percent no-shows`
            draft.having.append(Having(Slot(following, tied(following.of(Kind.METRIC))), op, number, percent, of))
            return
        last = self.last if draft.metrics == [] or not draft.change else draft.metrics[-1].piece
        of = of or ("change" if draft.change else "share" if draft.share is not None else "")
        if last and last.of(Kind.METRIC) and not (self.expect is Expect.GROUP and last.of(*NAMES) and not of):
            self.role(value, Role.HAVING)
            draft.having.append(Having(Slot(last, tied(last.of(Kind.METRIC))), op, number, percent, of))
            draft.groups = [
                slot for slot in draft.groups if slot.piece is not last
            ]  # `which couriers are late in more than 15% of deliveries`
            if percent and not of:
                self._leave_whole(last)
        elif last and any(self.lexicon.dimensions[s.name].may_be_number for s in last.of(Kind.DIMENSION)) and not of:
            self.role(value, Role.FILTER)
            draft.groups = [slot for slot in draft.groups if slot.piece is not last]
            draft.unused = [p for p in draft.unused if p is not last]
            draft.conditions.append(ValueCondition(Slot(last, tied(last.of(Kind.DIMENSION))), op=op, literal=number))
        elif (
            not draft.metrics and not of and (not draft.groups or (last is not None and last.unknown))
        ):  # `campaigns that raised more than 60,000`
            self.role(value, Role.HAVING)
            draft.bounds.append(Having(Slot(value, ()), op, number, percent, of))
            draft.loose += [piece, value]
        else:
            draft.unused += [piece, value]
