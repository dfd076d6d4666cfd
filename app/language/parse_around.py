"""What stands around a piece: what a word of no content belongs to, what it describes, what is counted."""

from __future__ import annotations

from collections.abc import Iterator

from app.language.draft import Slot
from app.language.inflect import fold, root
from app.language.parse_state import NAMES, Expect, decides, is_auxiliary, tied
from app.language.parse_values import ValueParser
from app.language.persons import PERSONS
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, Sense
from app.language.text import phrase_words
from app.language.words import PARTS, Cue

_HOW_OFTEN = {"how often", "how many times"}
_ONE_EACH_WORDS = (
    "lend lent borrow borrowed sell sold buy bought order ship deliver return build built make made produce rent check checked"
)
_ONE_EACH = frozenset(map(root, _ONE_EACH_WORDS.split()))
"""Verbs that are done to one thing at a time, by their roots."""
_WITH_UP = frozenset({"came", "come", "comes", "turn", "turns", "show", "shows", "sign", "signs", "set", "pick", "picks", "make", "made"})
_PARTICLES = frozenset({"up", "down"})
_NAMED = 0.8
_HAVING = {"have", "has", "had", "with", "without", "having", "got", "used", "use"}
_ASKING = frozenset({"how", "what", "did", "do", "does", "have", "has", "had", "were", "was", "are", "is"})
_WORTH = {"value", "values", "amount", "amounts"}


class SurroundingParser(ValueParser):
    """A parser's questions about the pieces before and behind one."""

    def is_counted(self, piece: Piece, cue: Piece) -> bool:
        """Whether the next metric, said by a verb, counts the entity: in itself (`accounts signed up`), what is done with it (`items lent`), or how often."""
        later = next((one for one in self.pieces[self.at :] if one.of(Kind.METRIC)), None)
        entities = {s.name for s in piece.of(Kind.ENTITY)}
        if entities and cue.text.lower() in _HOW_OFTEN:
            return True
        if entities and not self._of_persons(piece) and self._done_to(piece):
            return True
        if later is None or not entities or not later.text.lower().split(" ")[0].endswith(("ed", "ing")):
            return False
        facts = [self.lexicon.metrics[s.name] for s in later.of(Kind.METRIC)]
        return all(one.homes <= entities and "count" in one.aggregates for one in facts)

    def _of_persons(self, piece: Piece) -> bool:
        return not PERSONS.isdisjoint(root(word) for word in phrase_words(piece.text))

    def _done_to(self, piece: Piece) -> bool:
        """Whether a verb behind says what is done to each of the things: as many are lent as there are loans."""
        words = [root(fold(word)) for one in self.cut if one.first >= piece.last for word in one.text.split()[:1]]
        deeds = [word for word in words if word in _ONE_EACH]
        later = next((one for one in self.pieces[self.at :] if one.of(Kind.METRIC)), None)
        counts = later is not None and any("count" in self.lexicon.metrics[s.name].aggregates for s in tied(later.of(Kind.METRIC)))
        named = later is not None and counts and root(fold(later.text.split()[0])) in deeds and not later.plural
        return len(deeds) == 1 and (deeds[0] in self.lexicon.deeds or named)

    def whole_of(self, share: Piece) -> Piece | None:
        """`Refunds as a percentage of sales`: the metric of which another one is asked for as a part, None where it is a part of its own total."""
        said = " ".join(one.text.lower() for one in self.cut if one.last <= share.last)
        after = self.next()
        of = said.endswith(" of") or (after is not None and after.cue is Cue.WHERE and after.text.lower() == "of")
        as_part = share.text.lower().startswith(("as ", "in ")) or any(
            f" {lead} {share.text.lower()}" in f" {said}" for lead in ("as", "as a", "in")
        )
        whole = next((one for one in self.pieces[self.at :] if one.cue is not Cue.WHERE), None)
        return whole if of and as_part and whole is not None and whole.of(Kind.METRIC) and self.draft.metrics else None

    def is_had(self, piece: Piece) -> bool:
        """Whether all that is said of a dimension is that there is one: `had a promo code`."""
        before = [one.text.lower() for one in self.cut if one.last <= piece.first][-2:]
        after = self.next()
        said = " ".join(before).split(" ")[-2:]
        had = len(said) == 2 and said[0] in _HAVING and said[1] in {"a", "an", "any", "no"}
        entity = piece.of(Kind.ENTITY) or self.entities_of(piece)
        return (
            had
            and not piece.plural
            and not entity
            and not (after is not None and (after.of(Kind.VALUE) or after.unknown or after.cue is Cue.IS))
        )

    def is_doer(self, piece: Piece) -> bool:
        """`Which plan do customers cancel most`: whether a plural behind `do` says who does it, where what is asked for was named."""
        aux = any(one.last == piece.first and is_auxiliary(one, at=-1) for one in self.cut)
        return aux and piece.plural and bool(self.draft.groups) and self.draft.which and bool(self.entities_of(piece))

    def is_done(self, piece: Piece, metrics: tuple[Sense, ...]) -> bool:
        """`What fees did we collect`: whether what is asked for by name is something of which there is an amount, and what was done with it follows."""
        aux = any(one.first == piece.last and is_auxiliary(one) for one in self.cut)
        return aux and decides(metrics) and not any("count" in self.lexicon.metrics[s.name].aggregates for s in tied(metrics))

    def is_owner(self, piece: Piece) -> bool:
        """Whether it says of whom or what the group before it is: `size of the flat`."""
        if piece.plural or not self.draft.groups or not piece.of(Kind.ENTITY) or self.last is not self.draft.groups[-1].piece:
            return False
        owners = {self.lexicon.dimensions[s.name].entity for s in self.draft.groups[-1].senses if s.name in self.lexicon.dimensions}
        return any(s.name in owners for s in piece.of(Kind.ENTITY))

    def tells_whose(self, piece: Piece) -> bool:
        """`Orders, customers in Germany`, `pledge cancellations`: whether an entity says of whom the value behind it is, or what the metric behind it counts."""
        entities = {s.name for s in self.entities_of(piece)}
        following, value = self.next(), self.next(1)
        if not entities or following is None or self.draft.listing or self.draft.rank or self.draft.which:
            return False
        held = value.of(Kind.VALUE) if value is not None and following.cue is Cue.WHERE else ()
        if self.draft.metrics and piece.plural and any(self.lexicon.dimensions[s.name].entity in entities for s in held):
            return True
        metrics = tied(following.of(Kind.METRIC)) if following.first == piece.last and not piece.plural else ()
        return bool(metrics) and decides(metrics) and all(self.lexicon.metrics[s.name].homes <= entities for s in metrics)

    def is_elsewhere(self, piece: Piece, held: tuple[Sense, ...]) -> bool:
        """Whether an entity is named, by a word that is also a value of something which the metrics do not measure."""
        entities = piece.of(Kind.ENTITY)
        homes = {home for slot in self.draft.metrics for s in slot.senses for home in self.lexicon.metrics[s.name].homes}
        away = homes and all(s.kind is Kind.VALUE and self.lexicon.dimensions[s.name].entity not in homes for s in held)
        return bool(entities and away) and entities[0].weight >= held[0].weight

    def measured_in(self, unit: Piece) -> bool:
        """Whether each metric that is named is counted in the unit (`days`), or says that it is a time."""
        said = root(fold(unit.text))
        for slot in self.draft.metrics:
            facts = self.lexicon.metrics[slot.senses[0].name]
            words = {root(word) for text in (facts.label, facts.name, facts.unit) for word in phrase_words(text)}
            if not words & {said, root("time"), root("duration")}:
                return False
        return bool(self.draft.metrics)

    def is_when(self, piece: Piece) -> bool:
        """Whether it is a participle by which a time is called, and nothing else: `opened`."""
        return not self.draft.listing and all(s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].is_time for s in piece.senses)

    def is_deed(self, piece: Piece, names: tuple[Sense, ...], metrics: tuple[Sense, ...]) -> bool:
        """Whether it is a participle by which a time is called, where nothing is to be grouped: `who watched the most`."""
        best = tied(names)
        behind = bool(self.draft.groups) and self.last is self.draft.groups[-1].piece and not self.joined  # `each plan watch`
        if not best or (self.expect is Expect.GROUP and not behind) or self.draft.listing or any(s.weight >= _NAMED for s in metrics):
            return False
        said = fold(piece.text).endswith("ed") or best[0].weight < _NAMED  # `did they watch`
        return said and all(s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].is_time for s in best)

    def is_person(self, piece: Piece) -> bool:
        """`Gold members` where guests have a tier: a word for people behind a value that people have."""
        if not self.draft.conditions or piece.last - piece.first != 1 or root(fold(piece.text)) not in PERSONS:
            return False
        condition = self.draft.conditions[-1].slot
        entities = {root(word) for s in condition.senses for word in phrase_words(self.lexicon.dimensions[s.name].entity)}
        return condition.piece.last == piece.first and not entities.isdisjoint(PERSONS)

    def is_particle(self, piece: Piece) -> bool:
        """`Signed up`: whether `up` or `down` belongs to the verb before it."""
        before = next((one for one in self.cut if one.last == piece.first), None)
        return (
            piece.text.lower() in _PARTICLES
            and before is not None
            and (fold(before.text.split()[-1]).endswith(("ed", "ing")) or before.text.lower() in _WITH_UP)
        )

    def is_broad(self, piece: Piece) -> bool:
        """`Delivery performance`: a word for all that is measured of the things before it."""
        before = self.last
        return (
            before is not None
            and before.last == piece.first
            and bool(before.of(Kind.ENTITY))
            and not before.plural
            and bool(self.draft.metrics)
        )

    def after_how(self, piece: Piece) -> bool:
        """`How bad`."""
        if piece.text.lower() == "going":
            return any(one.first < piece.first and one.text.lower().startswith("how") for one in self.cut)
        return any(one.last == piece.first and one.text.lower() in {"how", "any"} for one in self.cut)

    def worths(self) -> Iterator[tuple[Piece, Piece]]:
        """Words such as `value` that say nothing of their own, with what they stand beside: `order value`, `value of orders`, `the values of orders`."""
        for at, piece in enumerate(self.cut):
            if piece.cue not in (Cue.FILLER, Cue.LIST) or piece.text.lower().split(" ")[0] not in _WORTH:
                continue
            if piece.cue is Cue.FILLER and at and self.cut[at - 1].senses:
                yield piece, self.cut[at - 1]
            of = piece.cue is Cue.LIST or (at + 1 < len(self.cut) and self.cut[at + 1].text.lower() == "of")
            behind = at + (1 if piece.cue is Cue.LIST else 2)
            if of and behind < len(self.cut):
                yield piece, self.cut[behind]

    def is_counted_only(self, named: Piece) -> bool:
        """`Order value` is not how many orders."""
        counted = any("count" in self.lexicon.metrics[s.name].aggregates for s in named.of(Kind.METRIC))
        return counted or bool(named.of(Kind.ENTITY) and not named.of(Kind.METRIC) and not self.draft.listing)

    def other_metric(self) -> bool:
        """Whether a metric is named behind: `how many countries had orders` counts countries."""
        return any(piece.of(Kind.METRIC) and decides(piece.of(Kind.METRIC)) for piece in self.pieces[self.at :])

    def after_cue(self) -> bool:
        """Whether a word of grammar stands right before the piece: `orders of customers`, and not `new customers orders`."""
        return self.at >= 2 and self.pieces[self.at - 2].cue is not None

    def cue_before(self) -> str:
        """The word of grammar right before the piece, "" where there is none."""
        return self.pieces[self.at - 2].text.lower() if self.after_cue() else ""

    def describes(self, piece: Piece) -> bool:
        """Whether a value stands right before it: `returning customers`."""
        return bool(self.draft.conditions) and self.draft.conditions[-1].slot.piece is self.last and self.last.last == piece.first

    def relative(self) -> bool:
        """Whether `with …`, `having …` and a bound or rank follow: `stores with more than 100 orders`."""
        first, second, third = self.next(), self.next(1), self.next(2)
        bounds = (Cue.COMPARE, Cue.BETWEEN, Cue.RANK)
        if first is None or second is None or first.cue not in (Cue.WITH, Cue.WHERE):
            return False
        fourth = self.next(3)
        or_more = second.number is not None and third is not None and fourth is not None and Cue.OR_MORE in (third.cue, fourth.cue)
        return second.cue in bounds or or_more or bool(second.of(Kind.METRIC) and third and third.cue in bounds)

    def settle(self) -> None:
        """What only the whole question tells of its names."""
        self.settle_percent()
        self.settle_bare()
        self.settle_scope()
        self.settle_own_shares()
        self.settle_sides()
        self.settle_flags()
        self.settle_directions()
        self.settle_parts()

    def settle_percent(self) -> None:
        """`By what % did revenue grow` and `late crossings (%)` speak of no part of a total."""
        draft = self.draft
        if draft.share is None or draft.share.text.lower() not in PARTS or draft.within:
            return
        named = next((slot for slot in draft.metrics if self._beside(slot.piece, draft.share)), None)
        fraction = named is not None and all(self.lexicon.metrics[s.name].is_fraction for s in named.senses)
        if draft.change and not draft.conditions:
            draft.change, draft.share = "percent", None
        elif fraction:
            draft.share = None

    def _beside(self, piece: Piece, sign: Piece) -> bool:
        """Whether nothing but a parenthesis stands between a piece and the sign behind it."""
        between = [one.text for one in self.cut if piece.last <= one.first and one.last <= sign.first]
        return piece.last <= sign.first and all(text in "()" for text in between)

    def settle_bare(self) -> None:
        """`How many orders did restaurants reject`, `what do we pay couriers`: who does it, or to whom it is done, is no group of what is asked for."""
        draft = self.draft
        draft.asks = bool(self.cut) and self.cut[0].text.lower().split(" ")[0] in _ASKING
        if (
            not draft.asks
            or not draft.metrics
            or draft.rank
            or draft.having
            or draft.bounds
            or draft.listing
            or draft.counted
            or draft.versus
            or draft.share
        ):
            return
        for slot in [*draft.groups]:
            entities = self.entities_of(slot.piece)
            if slot.piece in self.bare and slot.piece.plural and entities:
                draft.groups.remove(slot)
                draft.scopes.append(Slot(slot.piece, entities))
                draft.roles = [(one, Role.WORDS if one == slot.piece else role) for one, role in draft.roles]

    def settle_scope(self) -> None:
        """`Coffee products above 1,000 EUR revenue`: what is bound is each of what was named, where nothing else is grouped by."""
        draft = self.draft
        if (
            not draft.having
            or draft.groups
            or draft.dated_groups
            or draft.grains
            or draft.rank
            or draft.share is not None
            or len(draft.scopes) != 1
        ):
            return
        scope = draft.scopes[0]
        if scope.piece.plural and scope.piece.first < draft.having[0].slot.piece.last:
            draft.scopes.clear()
            self.group(scope.piece, tuple(s for s in scope.senses if s.kind in NAMES))
