"""Give each piece of a cut its role: metric, group, filter, bound, rank, order or period."""

from __future__ import annotations

from dataclasses import replace

from app.language.draft import Draft, Slot
from app.language.lexicon import Lexicon
from app.language.parse_around import SurroundingParser
from app.language.parse_state import NAMES, TIED, Expect, decides, tied
from app.language.pieces import Piece, decided
from app.language.reading import Role
from app.language.senses import Kind, Sense
from app.language.words import Cue
from app.model.metrics import Window
from app.model.types import DatePart

_JUDGED = {"going", "bad", "good", "well", "healthy", "popular", "busy", "successful"}
_OTHER_DAYS = {"weekend": "weekday", "weekday": "weekend"}
_HINTED = 0.3
"""The score of a word that only suggests a metric."""


def parse(cut: tuple[Piece, ...], lexicon: Lexicon) -> Draft:
    """The Draft that a cut says. Never raises; what has no place in it is in `unused`."""
    return _Parser(cut, lexicon).run()


class _Parser(SurroundingParser):
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
                self._name(piece)
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
        if any(decides(slot.senses) and slot.piece.score > _HINTED for slot in self.draft.metrics):  # `best selling product by units`
            self.draft.metrics = [slot for slot in self.draft.metrics if slot.piece.score > _HINTED]
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

    # --- names and values

    def _name(self, piece: Piece) -> None:
        names, metrics = piece.of(*NAMES), piece.of(Kind.METRIC)
        held = piece.of(Kind.VALUE, Kind.FLAG)
        if self.literal(piece, names) or self.time(piece) or self.dated_group(piece):
            return
        if self.relates(piece):
            self.role(piece, Role.FILTER)
            return
        if names and not (held or metrics) and self.is_had(piece):
            self.role(piece, Role.WORDS)  # `orders that had a promo code`
            self.draft.unserved.append("whether something has a value at all")
            return
        following = self.next()
        if held and following and following.first == piece.last and self.same(held, following):
            self.at += 1
            self.role(following, Role.FILTER)
            self.condition(piece, self.of_dimension(held, following))
            return
        if self.ordering and (metrics or names):
            self.ordering = False
            self.draft.order = Slot(piece, tied(metrics or names))
            self.role(piece, Role.ORDER)
            return
        match self.expect:
            case Expect.TARGET:
                self._target(piece, names, metrics, held)
            case Expect.GROUP:
                self._group_place(piece, names, metrics, held)
            case Expect.FILTER:
                self._filter_place(piece, names, metrics, held)
            case _:
                self._metric_place(piece, names, metrics, held)

    def _metric_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        if self.is_doer(piece) and not decides(metrics):
            self.scope(piece, self.entities_of(piece))
            return
        if not decides(metrics) and self.is_owner(piece) and self.cue_before() == "of":
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `which make of car`
            return
        if self.against and self.other_side(held):
            self.condition(piece, self.other_side(held))
            return
        if metrics and self.draft.metrics and piece.of(Kind.ENTITY) and self.describes(piece):
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `orders of new and returning customers`
            return
        if names and not decides(metrics) and self.entities_of(piece) and self.describes(piece):
            self.scope(piece, self.entities_of(piece))  # `revenue of large venues`
            return
        listed = (
            self.draft.listing
            and not (self.draft.rank or self.draft.groups)
            and not self.draft.how_many
            and self.next() is None
            and bool(piece.of(Kind.ENTITY))
        )
        if metrics and names and all(s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].is_time for s in names):
            names = ()  # `bookings`, which are more than the date of one
        before = self.pieces[self.at - 2] if self.at >= 2 else None
        if names and before is not None and before.cue is Cue.HOW_MANY and not decides(metrics) and self.is_counted(piece, before):
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `how many accounts signed up`, where sign-ups are a metric of accounts
            return
        if names and self.is_when(piece) and not metrics:
            self.draft.unused.append(piece)  # `accounts have opened tickets`: a verb, and no time to group by
            return
        after = self.next()
        alone = after is not None and after.cue is Cue.WHERE and after.text.lower() == "only" and bool(held)
        if (
            names
            and not metrics
            and self.joined
            and self.last is not None
            and self.last.of(Kind.METRIC)
            and not self.draft.listing
            and not alone
        ):
            self.draft.unused.append(piece)  # `sign-ups and buyers`: buyers are asked for too, and no metric counts them
            return
        if names and (not decides(metrics) or listed or self.relative()):
            flag = piece.of(Kind.FLAG) and not (self.draft.listing or self.relative())
            if held and (flag or held[0].weight > names[0].weight):
                self.condition(piece, tied(held))
            else:
                how_many = before is not None and before.cue is Cue.HOW_MANY and not self.draft.how_much
                self.draft.counted = self.draft.counted or (how_many and self.other_metric())
                self.group(piece, names)
                self.bare.append(piece)
                self.draft.penalty += 0.0 if self.draft.listing or self.relative() else 0.08
        elif held and decides(metrics) and self.draft.metrics and before is not None and before.cue is Cue.HOW_MANY:
            self.draft.unused.append(piece)  # `how many orders were placed and how many cancelled`: two counts, of which one is no name
        elif held and metrics and self.draft.metrics and not self.joined:
            self.condition(piece, tied(held))  # `how many orders were cancelled`, though there be a metric of those
        elif metrics and (not held or metrics[0].weight >= held[0].weight - TIED):
            self.metric(piece, metrics)
        elif held:
            self.condition(piece, tied(held))

    def _target(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        """After `top 5`, `which`, `highest`: what is ranked, or what it is ranked by."""
        if self.is_doer(piece):
            self.scope(piece, self.entities_of(piece))
            return
        if not decides(metrics) and self.members_of(piece, names, held):
            return
        asked = self.draft.rank and self.draft.which and self.draft.groups and decides(metrics)  # `which country has the most orders`
        asked = asked or self.is_done(piece, metrics)
        timed = decides(metrics) and all(s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].is_time for s in names)
        if names and not (asked or timed) and not self.draft.ranked and (self.draft.rank or not self.draft.groups):
            self.group(piece, names)
            self.asked_for = piece
            if self.draft.rank:
                self.draft.ranked.append(piece)
                self.draft.limit = self.draft.limit or (10 if piece.plural else 1)
            self.expect = Expect.METRIC
        elif metrics:
            self.metric(piece, metrics)
            following = self.next()
            relates = piece.score <= _HINTED or piece.text.lower().endswith(("ed", "ing"))  # `best selling`, `least attended`
            relates = relates or bool(
                following is not None and self.draft.rank and not decides(following.of(Kind.METRIC))
            )  # `highest-revenue plan`
            described = bool(following and following.first == piece.last and following.of(*NAMES, Kind.VALUE, Kind.FLAG) and relates)
            self.expect = Expect.TARGET if described else Expect.METRIC  # `best selling product`
        elif held:
            self.condition(piece, tied(held))
        elif names:
            self.asked_for = piece if self.draft.which else self.asked_for
            self.group(piece, names)

    def _group_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        listed = self.at >= 2 and self.pieces[self.at - 2].text == ":" and not self.draft.metrics and decides(metrics)
        if listed:  # `for each branch: loans and renewals`
            self.expect = Expect.METRIC
            self.metric(piece, metrics)
        elif metrics and names and metrics[0].weight > names[0].weight + (0.0 if not self.draft.rank else -TIED):
            if self.draft.metrics and not self.joined:
                self.draft.unused.append(piece)
            else:
                self.metric(piece, metrics)
        elif (
            piece.plural
            and held
            and not piece.of(Kind.ENTITY)
            and not metrics
            and (piece.of(Kind.FLAG) or held[0].weight > names[0].weight)
        ):
            self.condition(piece, piece.of(Kind.FLAG) or tied(held))  # `hours by freelancers`
        elif piece.plural and piece.of(Kind.ENTITY) and self.describes(piece):
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `by android and web users`
        elif names and (not decides(metrics) or decides(names)):
            self.group(piece, names)
        elif metrics:
            self.metric(piece, metrics)
        else:
            self.condition(piece, tied(held))

    def _filter_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        following = self.next()
        described = bool(self.draft.conditions) and self.draft.conditions[-1].slot.piece.last == piece.first
        if self.is_owner(piece):
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `by size of the flat`
        elif held and piece.plural and not self.negated and self.is_elsewhere(piece, held):
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `commission paid to agents`, where a claim may come by an agent
        elif held:
            self.condition(piece, tied(held))
        elif metrics and following and following.cue in (Cue.COMPARE, Cue.BETWEEN):
            self.role(piece, Role.HAVING)
        elif names and self.relative():  # `only the categories whose refund rate exceeds 2%`
            self.group(piece, names)
        elif names and following and following.cue in (Cue.COMPARE, Cue.BETWEEN) and piece.of(Kind.DIMENSION):
            self.role(piece, Role.FILTER)
        elif described and piece.of(Kind.ENTITY) and not decides(metrics):
            self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `only corporate customers`
        elif metrics and (not self.negated or described) and (not self.draft.metrics or self.joined):
            self.metric(piece, metrics)
        elif (
            (entities := piece.of(Kind.ENTITY) or (self.entities_of(piece) if piece.plural else ()))
            and (not self.negated or described)
            and (described or (not self.with_ and (not decides(metrics) or self.after_cue())))
        ):
            self.scope(piece, tied(entities))
            self.draft.penalty += 0.05
        elif described and (entities := self.stands_for(piece)):
            self.scope(piece, entities)
        else:
            self.draft.unused.append(piece)
