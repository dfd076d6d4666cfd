"""What a name is in the place where it stands: a metric, a group, a target of a rank, a condition, or only a word for whose."""

from __future__ import annotations

from app.language.draft import Slot
from app.language.inflect import fold
from app.language.parse_around import SurroundingParser
from app.language.parse_state import NAMES, TIED, Expect, decides, tied
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, Sense
from app.language.words import Cue

HINTED = 0.3
"""The score of a word that only suggests a metric."""


class PlaceParser(SurroundingParser):
    """A parser's reading of names and values, by what the words before lead one to expect."""

    def name(self, piece: Piece) -> None:
        """What a name or value says in its place."""
        names, metrics = piece.of(*NAMES), piece.of(Kind.METRIC)
        held = piece.of(Kind.VALUE, Kind.FLAG)
        if self.literal(piece, names) or self.time(piece) or self.dated_group(piece):
            return
        if self.relates(piece):
            self.role(piece, Role.FILTER)
            return
        if self.is_deed(piece, names, metrics) and not held:
            self.draft.unused.append(piece)  # `who watched the most`: a deed, and no time to group by
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
        if held and not decides(metrics) and self.relative() and self.members_of(piece, names, held):
            return  # `jaffle with the lowest revenue`
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
        if names and not decides(metrics) and self.tells_whose(piece):
            self.scope(piece, self.entities_of(piece))
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
            relates = piece.score <= HINTED or piece.text.lower().endswith(("ed", "ing"))  # `best selling`, `least attended`
            relates = relates or bool(
                following is not None and self.draft.rank and not decides(following.of(Kind.METRIC))
            )  # `highest-revenue plan`
            described = bool(following and following.first == piece.last and following.of(*NAMES, Kind.VALUE, Kind.FLAG) and relates)
            self.expect = Expect.TARGET if described else Expect.METRIC  # `best selling product`
        elif held and not (names and self.draft.which and names[0].weight >= held[0].weight):
            self.condition(piece, tied(held))
        elif names:
            self.asked_for = piece if self.draft.which else self.asked_for
            self.group(piece, names)

    def _group_place(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...], held: tuple[Sense, ...]) -> None:
        done = fold(piece.text).endswith("ed") and self.last is not None and self.last.of(Kind.METRIC) and self.last.last == piece.first
        if done and self.is_when(piece) and not self.joined:
            self.draft.unused.append(piece)  # `by hours worked`
            return
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
