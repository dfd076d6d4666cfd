"""What the parser holds while it reads, and the rules for numbers: ranks and bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto

from app.language.draft import Draft, Slot, ValueCondition
from app.language.inflect import fold, root
from app.language.lexicon import Lexicon
from app.language.pieces import DENIED, Piece
from app.language.reading import Role
from app.language.senses import DECIDES, PART_OF_NAME, DimensionFacts, Kind, Sense, is_money
from app.language.text import phrase_words
from app.language.where import asked_where
from app.language.who import asked_who
from app.language.words import FINER, PARTS, Cue
from app.model.types import Grain

NAMES = (Kind.DIMENSION, Kind.ENTITY)
"""The kinds of what can be grouped by."""
TIED = 0.05
_BY_UNIT = 0.86
_NO_SUMS = frozenset({"average", "median", "min", "max"})
_NAMED = 0.85
"""Of at least so much weight are the names of things; less are forms of their words, and other words for them."""
_JUDGING = {"best", "worst", "strongest", "weakest", "poorest", "leading", "slowest", "successful", "underperforming", "performing"}
"""Words that say whether much is good: of what is better where it is less they say the other end."""
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$", re.IGNORECASE)
_AUXILIARIES = frozenset({"did", "do", "does"})
_KIND_WORDS = {"type", "types", "kind", "kinds", "name", "names", "category", "categories", "class", "classes"}


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


def unit_of(piece: Piece | None) -> Grain | None:
    """The grain that a piece says, None where it says none."""
    return Grain(piece.detail) if piece is not None and piece.cue is Cue.GRAIN and piece.detail != "dow" else None


def is_auxiliary(piece: Piece, *, at: int = 0) -> bool:
    """Whether the first word (or that `at` another place) of a piece without content is one behind which a doer and what is done stand: `did`."""
    return piece.cue is Cue.FILLER and piece.text.lower().split(" ")[at] in _AUXILIARIES


def with_units(pieces: list[Piece], lexicon: Lexicon) -> list[Piece]:
    """The pieces, where `how many hours` and `over 2,500 minutes` name the sums that are counted in such a unit, and no time of day."""
    found = list(pieces)
    for at, piece in enumerate(pieces):
        before = pieces[at - 1] if at else None
        counted = before is not None and (before.cue in (Cue.HOW_MANY, Cue.RANK) or before.number is not None)
        if counted and piece.cue is Cue.UNSERVED and piece.detail == FINER:
            unit = root(fold(piece.text))
            sums = [
                facts
                for facts in lexicon.metrics.values()
                if not facts.aggregates & _NO_SUMS and any(root(word) == unit for word in phrase_words(facts.label))
            ]
            senses = tuple(Sense(Kind.METRIC, facts.name, _BY_UNIT) for facts in sums)
            found[at] = replace(piece, cue=None, detail="", senses=senses) if senses else piece
    return found


class ParserState:
    """The Draft in the making, the place, and what is expected next; `denied` is a `not` that nothing has taken up yet;
    `bare` are the groups that no word of grammar made one; `vague` are words that say nothing where nothing else is named, and something where it is."""

    def __init__(self, cut: tuple[Piece, ...], lexicon: Lexicon) -> None:
        self.draft = Draft()
        self.lexicon = lexicon
        self.draft.who = asked_who(cut)
        self.where = asked_where(cut)
        self.pieces = with_units([p for p in cut if p.cue is not Cue.FILLER and p is not self.draft.who], lexicon)
        self.cut = cut
        self.draft.roles += [(p, Role.WORDS) for p in cut if p.cue is Cue.FILLER or p is self.draft.who]
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
        self.bare: list[Piece] = []
        self.unit: Piece | None = None
        self.of_own = False
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

    def scope(self, piece: Piece, entities: tuple[Sense, ...]) -> None:
        """The piece only says of whom or what the metrics are."""
        self.role(piece, Role.WORDS)
        self.draft.scopes.append(Slot(piece, entities))

    def next(self, ahead: int = 0) -> Piece | None:
        """The piece `ahead` places on, or None."""
        place = self.at + ahead
        return self.pieces[place] if place < len(self.pieces) else None

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
            following = after
            if after is not None and after.cue is Cue.SHARE and after.text.lower().split(" ")[0] in PARTS:
                draft.unserved.append("a part of the groups")
        if (
            self.next() is None
            and len(draft.groups) == 1
            and draft.metrics
            and draft.limit is None
            and not draft.which
            and self.last is draft.metrics[-1].piece
            and not (draft.groups[0].piece.plural or draft.grouped_by_cue)
        ):  # `category where the rate is worst`
            draft.ranked.append(draft.groups[0].piece)
            draft.limit = 1
        if (
            (draft.who is not None or self.where is not None)
            and not draft.ranked
            and following is not None
            and decides(following.of(Kind.METRIC))
        ):
            self.expect = Expect.METRIC  # `who made the most deliveries`: the rank is theirs

    def count_of_rank(self, piece: Piece) -> bool:
        """`the 5 best products`, `three products with the largest …`."""
        if _ORDINAL.search(piece.text):
            return False  # `the 2nd best` is one place, and no count
        following = self.next()
        later = [one.cue for one in self.pieces[self.at + 1 :]]
        named = piece.number is not None and following is not None and following.plural and following.of(*NAMES) and Cue.RANK in later
        if named and following is not None and piece.number == int(piece.number or 0) and 0 < (piece.number or 0) <= 10_000:
            self.counted = (piece, following)
            return True
        if piece.number is None or following is None or following.cue is not Cue.RANK or not 0 < piece.number <= 10_000 or piece.number % 1:
            return False
        self.draft.limit = int(piece.number)
        self.role(piece, Role.LIMIT)
        return True

    def metric(self, piece: Piece, metrics: tuple[Sense, ...]) -> None:
        """A metric; of two that follow each other unjoined, one that is also an entity only says whose: `business customers revenue`."""
        draft = self.draft
        before = draft.metrics[-1].piece if draft.metrics else None
        if any(slot.piece.text.lower() == piece.text.lower() for slot in draft.metrics) and (self.against or draft.comparing):
            self.role(piece, Role.METRIC)  # `October wages against September wages`
            return
        told = before is not None and before.last == piece.first and not self.joined and not piece.of(Kind.FLAG)
        if told and before is not None and before.of(Kind.FLAG) and not draft.change:  # `late deliveries` beside a rate of what is late
            draft.metrics.pop()
            draft.roles = [(one, Role.FILTER if one == before else role) for one, role in draft.roles]
            draft.conditions.append(ValueCondition(Slot(before, before.of(Kind.FLAG))))
            before = None
        weak = tied(metrics)[0].weight < _NAMED or self._after_doer(piece)
        if before and not self.joined and not draft.rank and weak and not piece.plural:
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
            elif tied(before.of(Kind.METRIC))[0].weight < _NAMED:
                draft.metrics.pop()
                draft.unused.append(before)  # `savings accounts closed`: no deposits beside accounts that were closed
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

    def _after_doer(self, piece: Piece) -> bool:
        """`How many events did each library hold`: whether the piece stands where a verb does."""
        aux = [one.last for one in self.cut if is_auxiliary(one)]
        doer = self.last
        return doer is not None and doer.last == piece.first and bool(doer.of(*NAMES)) and any(at <= doer.first for at in aux)

    def group(self, piece: Piece, names: tuple[Sense, ...]) -> None:
        """Group by it."""
        self.draft.grouped_by_cue += self.expect is Expect.GROUP
        if self.within:
            self.draft.within.append(piece)
            self.within = False
        self.role(piece, Role.GROUP)
        before = self.draft.groups[-1] if self.draft.groups else None
        kind = piece.text.lower() in _KIND_WORDS and all(s.weight <= PART_OF_NAME for s in names)
        if kind and before is not None and before.piece.last == piece.first and not self.joined:
            return  # `by vehicle type`, where the dimension is called vehicle
        if (
            before is not None and before.piece.last == piece.first and not self.joined
        ):  # `by instructor level`, where instructors are trainers
            owners = {s.name for s in before.senses} | {
                self.lexicon.dimensions[s.name].entity for s in before.senses if s.name in self.lexicon.dimensions
            }
            own = tuple(s for s in names if s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].entity in owners)
            whose = {s.name for s in piece.of(Kind.ENTITY)}
            if piece.plural and before.senses[0].kind is Kind.DIMENSION and not before.piece.of(Kind.ENTITY) and whose & owners:
                self.scope(piece, tied(piece.of(Kind.ENTITY)))  # `which country's donors`
                return
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
        after = self.next()
        alone = after is not None and after.cue is Cue.WHERE and after.text.lower() == "only"  # `June revenue, North only`
        alone = alone or (after is not None and after.cue is Cue.AGAINST)  # `income, companies vs foundations`
        alone = alone or (self.against and bool(held & named) and bool(self.draft.conditions))  # `van fares compared with sedan fares`
        added = self.joined and bool(self.draft.metrics) and self.last is self.draft.metrics[-1].piece and not alone
        if added or (self.against and not held & named):  # `food orders and drink orders`, where only one of them is a metric
            self.draft.unserved.append("a list of unlike things")
        if self.against and self.beside:
            self.draft.unserved.append("a comparison of a metric with a value")
        self.against = False
        self.draft.conditions.append(ValueCondition(Slot(piece, senses), self.negated is not (piece.detail == DENIED), self.either))
