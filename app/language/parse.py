"""Give each piece of a cut its role: metric, group, filter, bound, rank, order or period."""

from __future__ import annotations

from dataclasses import replace

from app.language.draft import Draft
from app.language.lexicon import Lexicon
from app.language.parse_places import HINTED, PlaceParser
from app.language.parse_state import NAMES, Expect, decides, tied
from app.language.pieces import Piece, decided
from app.language.reading import Role
from app.language.senses import Kind
from app.language.words import Cue
from app.model.metrics import Window
from app.model.types import DatePart

_JUDGED = {"going", "bad", "good", "well", "healthy", "popular", "busy", "successful"}
_OTHER_DAYS = {"weekend": "weekday", "weekday": "weekend"}


def parse(cut: tuple[Piece, ...], lexicon: Lexicon) -> Draft:
    """The Draft that a cut says. Never raises; what has no place in it is in `unused`."""
    return _Parser(cut, lexicon).run()


class _Parser(PlaceParser):
    """One pass from left to right with one or two pieces of lookahead."""

    def run(self) -> Draft:
        """Read every piece."""
        while self.at < len(self.pieces):
            piece = self.pieces[self.at]
            self.at += 1
            if piece.cue:
                self._cue(piece, piece.cue)
            elif piece.period and self.denied:
                self.draft.unused.append(piece)
            elif piece.period:
                self.period(piece, piece.period)
            elif piece.quoted:
                self.quoted(piece)
            elif piece.senses:
                self.name(piece)
            elif piece.unknown and (self.relates(piece) or self.is_person(piece)):
                self.role(piece, Role.FILTER)
            elif (
                self.span_of(piece)
                or self.numbered(piece)
                or self.count_of_rank(piece)
                or self.moving_count(piece)
                or self.bound_after(piece)
            ):
                pass
            elif piece.number is not None and piece.number == int(piece.number) and 0 < piece.number <= 10_000 and not self.draft.metrics:
                self.draft.counts.append(int(piece.number))
                self.draft.loose.append(piece)
            else:
                self.draft.unused.append(piece)
            if not piece.cue:
                self.last, self.joined, self.either = piece, False, False
                following = self.next()
                if following is None or following.cue not in (Cue.AND, Cue.OR, Cue.COMMA, Cue.IS):
                    self.negated = self.negated and following is not None and following.cue is None and bool(following.of(Kind.ENTITY))
        if self.denied:
            self.draft.unused.append(self.denied)
        named = bool(self.draft.metrics or self.draft.having)
        wondering = [piece for piece in self.vague if named and piece.text.lower() in _JUDGED and self.after_how(piece)]
        figures = [piece for piece in self.vague if named and piece.detail == "figures"]  # `monthly order numbers`
        self.draft.wondering, self.vague = (
            self.draft.wondering or bool(wondering),
            [piece for piece in self.vague if piece not in (*wondering, *figures)],
        )
        self.draft.unused += [
            piece for piece in self.vague if (piece.detail != "than" and named) or (piece.detail == "than" and not self.draft.comparing)
        ]
        self.draft.unused += [piece for piece, named in self.worths() if self.is_counted_only(named)]
        if any(decides(slot.senses) and slot.piece.score > HINTED for slot in self.draft.metrics):  # `best selling product by units`
            self.draft.metrics = [slot for slot in self.draft.metrics if slot.piece.score > HINTED]
        self.settle()
        if any(h.of == "share" and c.slot.piece.first > h.slot.piece.first for h in self.draft.having for c in self.draft.conditions):
            self.draft.unserved.append("a share of each group's own")  # `channels where over 20% of bookings are cancelled`
        if any(
            h.percent and not h.of and not any(self.lexicon.metrics[s.name].is_fraction for s in h.slot.senses) for h in self.draft.having
        ):
            self.draft.unserved.append("a percentage of what is none")
        if self.unit is not None and not self.measured_in(self.unit):
            self.draft.unused.append(self.unit)
        if self.counted:
            self.draft.unused.append(self.counted[0])
        parts = len(set(self.draft.week)) + any(isinstance(grain, DatePart) for _, grain in self.draft.grains)
        if self.draft.week and parts > 1 and (self.draft.comparing is not None or self.draft.versus):
            self.draft.unserved.append("one part of the week beside another")
        if self.pending:
            self.draft.unserved.append("a moving average over no number of periods")
        return self.draft

    # --- grammar words

    def _cue(self, piece: Piece, cue: Cue) -> None:
        draft = self.draft
        self.role(piece, Role.WORDS)
        match cue:
            case Cue.GROUP:
                self.expect, self.negated, self.with_ = Expect.GROUP, False, False
                following = self.next()
                if piece.text.lower().endswith(("between", "across")) and following is not None and following.of(Kind.VALUE):
                    self.expect, draft.versus = Expect.FILTER, draft.versus or not following.of(*NAMES)  # `differ between road and rail`
            case Cue.WITHIN:
                following = self.next()
                named = bool(
                    following and following.of(*NAMES) and (draft.share is not None or piece.text.lower().endswith(("each", "every")))
                )
                self.expect, self.negated, self.with_ = Expect.GROUP if named else Expect.FILTER, False, False
                self.within = named and (draft.share is not None or any(one.cue is Cue.SHARE for one in self.pieces[self.at :]))
            case Cue.WHERE | Cue.WITH:
                if piece.text.lower() == "of" and not draft.metrics and self.expect is Expect.METRIC:
                    return
                self.expect, self.negated, self.with_ = Expect.FILTER, False, cue is Cue.WITH
                following = self.next()
                if (
                    piece.text.lower().startswith(("start", "end", "arriv", "depart"))
                    and following is not None
                    and not following.of(Kind.VALUE)
                ):
                    draft.unused.append(piece)  # `trips that ended in May`: by another date than their own
            case Cue.NOT:
                if self.denied:
                    self.draft.unused.append(self.denied)
                self.expect, self.negated, self.denied = Expect.FILTER, True, piece
            case Cue.AND | Cue.COMMA:
                self.joined = True
            case Cue.OR:
                self.joined = self.either = True
            case Cue.COMPARE:
                self.compare(piece)
            case Cue.BETWEEN:
                self._between(piece)
            case Cue.RANK:
                self.rank(piece)
            case Cue.WHICH:
                following = self.next()
                if following and following.first == piece.last and (following.senses or following.cue is Cue.GRAIN):
                    draft.which, self.expect = True, Expect.TARGET
            case Cue.ORDER:
                self.ordering = True
                self.expect = Expect.METRIC
            case Cue.DIRECTION:
                draft.direction = piece.detail
            case Cue.LIST:
                draft.listing = draft.listing or not draft.how_many
            case Cue.HOW_MANY:
                following = self.next()
                if following is not None and following.of(Kind.METRIC) and decided(following) and draft.metrics:
                    if not piece.text.lower().startswith("how much"):
                        draft.numbered.append(following)  # `how many orders and how many check-ins`
                elif draft.how_many and self.counting is not None and len(draft.metrics) < 2:
                    draft.unused.append(piece)  # `how many were placed and how many cancelled`: the second is no count of anything
                draft.how_many, self.counting = True, piece
                draft.how_much = draft.how_much or piece.text.lower().startswith("how much")
                self.expect = Expect.METRIC
            case Cue.AGGREGATE:
                draft.aggregates.append(piece)
            case Cue.GRAIN:
                self.grain(piece)
            case Cue.TREND:
                draft.trend = True
            case Cue.SHARE:
                draft.share = piece
                whole = self.whole_of(piece)
                if whole is not None and draft.metrics[-1].senses[0].name not in {s.name for s in tied(whole.of(Kind.METRIC))}:
                    draft.unserved.append("a ratio that is no metric")
                elif whole is not None:
                    self.of_own = self.of_own or bool(draft.conditions)  # `web orders as a percentage of orders by country`
            case Cue.AGAINST if self.next() is None and self.sides():
                draft.versus = True  # `visits in Cardiology and Orthopaedics, compared`
            case Cue.AGAINST:
                draft.comparing, self.against, self.joined, self.expect = draft.comparing or piece, True, True, Expect.METRIC
                self.beside = self.last is not None and bool(self.last.of(Kind.METRIC)) and not draft.conditions
            case Cue.CHANGE if self.is_particle(piece):
                pass
            case Cue.CHANGE:
                draft.change = draft.change if draft.change == "percent" else piece.detail
                if "fastest" in piece.text.lower():
                    self.rank(replace(piece, detail="desc"))
            case Cue.EACH_BEFORE:
                draft.back, draft.change = Window(1, piece.detail), draft.change or "up"
            case Cue.RUNNING:
                draft.running = True
            case Cue.MOVING:
                self.moving(piece)
            case Cue.WEEKPART:
                if not self.denied:
                    draft.week.append(piece.detail)
                elif piece.detail in _OTHER_DAYS:
                    draft.week.append(_OTHER_DAYS[piece.detail])
                    self.denied, self.negated = None, False
            case Cue.VAGUE if piece.detail:
                self.vague.append(piece)
            case Cue.VAGUE:
                draft.wondering = draft.wondering or self.is_broad(piece)
            case Cue.APART:
                self.apart = piece
            case Cue.TOTALS:
                draft.totals = True
            case Cue.UNSERVED:
                following = next((one for one in self.pieces[self.at :] if one.cue is not Cue.IS), None)
                if piece.text.lower().startswith("because") and following is not None and following.of(Kind.VALUE):
                    self.expect, self.negated, self.with_ = Expect.FILTER, False, False  # `cancelled because it was too expensive`
                else:
                    draft.unserved.append(piece.detail)
            case Cue.OR_MORE | Cue.REST:
                draft.unused.append(piece)
            case _:
                pass
