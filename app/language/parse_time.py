"""Time in a question: periods, grains, dates of their own, and windows that move along."""

from __future__ import annotations

from decimal import Decimal

from app.language.draft import Moved, PeriodCondition, Slot
from app.language.inflect import fold, root
from app.language.parse_state import Expect, ParserState, tied, unit_of
from app.language.periods import Period
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind
from app.language.words import Cue
from app.model.shapes import MOST_PERIODS
from app.model.types import DatePart, Grain

_EACH = ("each", "every", "for each", "for every", "in each", "in every", "at each")


def distributive(grain: Piece) -> bool:
    """`per month` and not `month`."""
    return grain.last - grain.first > 1 and grain.text.lower().split(" ")[0] in ("by", "per", "each", "every", "a", "for")


class TimeParser(ParserState):
    """What a parser does where time is spoken of."""

    def period(self, piece: Piece, period: Period) -> None:
        """A period that is asked about, or, after `versus` and the like, one that it is compared with."""
        draft = self.draft
        self.role(piece, Role.PERIOD)
        cue = self.pieces[self.at - 2] if self.at >= 2 else None
        if (
            cue is not None
            and cue.cue is Cue.GROUP
            and cue.text.lower().startswith(_EACH)
            and period.grain is not None
            and not draft.grains
        ):
            draft.grains.append((piece, period.grain))  # `for each of the last 7 days`
            draft.grouped_by_cue += 1
        since = bool(draft.change) and period.ends is None and piece.text.lower().startswith("from ")
        (draft.against if self.against or period.earlier or since else draft.periods).append(period)
        self.against = False

    def moving(self, piece: Piece) -> None:
        """`moving average over 7 days`, `rolling 7 day average`."""
        value, unit = self.next(), self.next(1)
        grain = unit_of(unit)
        if value is None or grain is None or value.number is None:
            self.pending = piece
            return
        self.at += 2
        self._moving(piece, value, grain)

    def moving_count(self, piece: Piece) -> bool:
        """`7 day moving average`."""
        unit, cue = self.next(), self.next(1)
        grain = unit_of(unit)
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

    def dated_group(self, piece: Piece) -> bool:
        """`by delivery month`: a time dimension with its grain; `order month` of an entity is the metric's own time."""
        following = self.next()
        if following is None or following.cue is not Cue.GRAIN or following.first != piece.last or following.detail == "dow":
            return False
        if distributive(following):
            return False
        if piece.of(Kind.METRIC) and self.expect is not Expect.GROUP:
            return False
        times = tuple(s for s in piece.of(Kind.DIMENSION) if self.lexicon.dimensions[s.name].is_time)
        entities = piece.of(Kind.ENTITY)
        if entities and (not times or entities[0].weight >= times[0].weight):
            self.scope(piece, tied(entities))
            self.draft.penalty += 0.1
            return True
        if not times:
            return False
        self.at += 1
        self.role(piece, Role.GROUP)
        self.role(following, Role.GROUP)
        self.draft.dated_groups.append((Slot(piece, tied(times)), Grain(following.detail)))
        return True

    def time(self, piece: Piece) -> bool:
        """`delivered last month`: a time dimension with a period of its own."""
        times = tuple(s for s in piece.of(Kind.DIMENSION) if self.lexicon.dimensions[s.name].is_time)
        following = self.next()
        before = self.last
        if (
            times
            and self.with_
            and before is not None
            and before.period is not None
            and before.last == piece.first
            and before.period in self.draft.periods
        ):
            self.draft.periods.remove(before.period)  # `with an August ship date`
            self.role(piece, Role.PERIOD)
            self.draft.dated.append(PeriodCondition(Slot(piece, tied(times)), before.period))
            return True
        if not times or following is None or following.period is None or self.expect is Expect.GROUP or piece.of(Kind.METRIC):
            return False
        own = {
            self.lexicon.dimensions[s.name].entity for s in times
        }  # `shipped in August`, where orders can be in the state of being shipped
        done = root(fold(piece.text)) != fold(piece.text)  # what is `open` is no deed
        if any(
            s.weight > times[0].weight and not (done and self.lexicon.dimensions[s.name].entity in own)
            for s in piece.of(Kind.VALUE, Kind.FLAG)
        ):
            return False
        self.at += 1
        self.role(piece, Role.PERIOD)
        self.role(following, Role.PERIOD)
        self.draft.dated.append(PeriodCondition(Slot(piece, tied(times)), following.period))
        return True

    def grain(self, piece: Piece) -> None:
        """`By month`, `which month`, `how many days`."""
        before = self.pieces[self.at - 2] if self.at >= 2 else None
        if before is not None and before.cue is Cue.HOW_MANY and before.last == piece.first:
            self.unit = piece  # `how many days does it take`
            return
        if self.draft.periods and any(one.last == piece.first and one.text.lower() == "this" for one in self.cut):
            return  # `in Q2, this year against last`
        grain = DatePart.DOW if piece.detail == "dow" else Grain(piece.detail)
        if all(grain != held for _, held in self.draft.grains):
            self.draft.grains.append((piece, grain))
        if self.expect is Expect.TARGET and self.draft.which and not self.draft.groups:
            self.asked_grain = True
        if self.expect is Expect.TARGET and self.draft.rank:
            self.draft.ranked_grain = True
            self.draft.limit = self.draft.limit or (None if piece.text.lower().endswith("s") else 1)
        elif self.expect is Expect.GROUP or distributive(piece):
            self.draft.grouped_by_cue += 1
        if distributive(piece) or self.expect is Expect.TARGET:
            self.expect = Expect.GROUP if self.expect is not Expect.TARGET else Expect.METRIC
