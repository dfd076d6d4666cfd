"""Values in a question: with the dimension before or behind them, with a period of their own, and words that only say which dimension is meant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from app.language.draft import Slot, ValueCondition
from app.language.inflect import fold, root
from app.language.parse_bounds import BoundParser
from app.language.parse_state import NAMES, TIED, Expect, tied
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, Sense
from app.language.thesaurus import ALIKE
from app.language.words import Cue

_NAMED = 0.8
_ARTICLES = frozenset({"the", "a", "an", "our"})
_STARTS = frozenset(
    map(root, ("pickup", "pick", "origin", "start", "departure", "from", "source", "sender", "dispatch", "begin", "shipper"))
)
_STOPS = frozenset(map(root, ("dropoff", "drop", "destination", "end", "arrival", "to", "target", "receiver", "delivery", "consignee")))
_DEEDS_OF_ENDS = ("start", "end", "depart", "arriv", "bound", "heading")
_ENDS = {"from": _STARTS, "leaving": _STARTS, "to": _STOPS, "into": _STOPS, "towards": _STOPS}
_ENDS |= dict.fromkeys(("started", "starting", "departing", "departed"), _STARTS)
_ENDS |= dict.fromkeys(("ended", "ending", "arriving", "arrived", "bound", "heading"), _STOPS)


class ValueParser(BoundParser):
    """What a parser does where a dimension and its values meet."""

    def same(self, held: tuple[Sense, ...], following: Piece) -> bool:
        """Whether the next piece names the dimension, or the entity, of one of the values: `web channel`."""
        return any(s.kind is Kind.VALUE for s in self.of_dimension(held, following))

    def of_dimension(self, held: tuple[Sense, ...], following: Piece) -> tuple[Sense, ...]:
        """Of the values those of a dimension that the next piece names."""
        names = {s.name for s in following.of(Kind.DIMENSION)}
        named = tuple(s for s in held if s.name in names)
        if named or following.of(Kind.METRIC) or following.last - following.first != 1:
            return named
        word = root(fold(following.text))
        return tuple(
            s for s in held if s.kind is Kind.VALUE and word in self.lexicon.roots_of(s.name)
        )  # `carbon frame` of a frame material

    def quoted(self, piece: Piece) -> None:
        """A quoted value that stands alone: one that the layer knows, else a question which dimension is meant."""
        if piece.senses:
            self.condition(piece, tied(piece.senses))
        else:
            self.draft.unknown_values.append((Slot(piece, ()), piece))

    def relates(self, piece: Piece) -> bool:
        """`paid by card` beside a payment method, `newsletter traffic` beside a traffic source: a word that only says of which dimension the value is."""
        if piece.last - piece.first != 1 or piece.of(Kind.VALUE) or any(s.weight >= _NAMED for s in piece.of(Kind.METRIC)):
            return False
        word = root(fold(piece.text))
        after = self.next()
        ahead = 0
        while after is not None and after.cue in (Cue.WHERE, Cue.WITH, Cue.GROUP, Cue.IS) and ahead < 2:
            ahead += 1
            after = self.next(ahead)
        sides = (after, self.last if self.last is not None and self.last.last == piece.first and piece.unknown else None)
        return any(one is not None and any(_tells_of(word, self.lexicon.roots_of(s.name)) for s in one.of(Kind.VALUE)) for one in sides)

    def other_side(self, held: tuple[Sense, ...]) -> tuple[Sense, ...]:
        """Of the values those of the dimension of which one was named before: `web versus store`."""
        named = {s.name for s in self.draft.conditions[-1].slot.senses} if self.draft.conditions else set()
        return tuple(s for s in held if s.name in named)

    def stands_for(self, piece: Piece) -> tuple[Sense, ...]:
        """The entity whose name a dimension is, where the value before is one of the entity's: `key accounts`."""
        held = {self.lexicon.dimensions[s.name].entity for s in self.draft.conditions[-1].slot.senses}
        named = {s.name for s in piece.of(Kind.DIMENSION)}
        return tuple(Sense(Kind.ENTITY, name, 1.0) for name, shown in self.lexicon.display.items() if shown in named and name in held)

    def entities_of(self, piece: Piece) -> tuple[Sense, ...]:
        """The entities that the piece names, by themselves or by what stands for them."""
        named = {s.name: s.weight for s in piece.of(Kind.DIMENSION)}
        shown = tuple(Sense(Kind.ENTITY, name, named[by]) for name, by in self.lexicon.display.items() if by in named)
        return tied(piece.of(Kind.ENTITY)) or tied(shown)

    def literal(self, piece: Piece, names: tuple[Sense, ...]) -> bool:
        """`country is 'Germany'`, `channel web`, `rating 5`: a dimension with its value after it."""
        counted = max((s.weight for s in piece.of(Kind.METRIC)), default=0.0)
        dimensions = tuple(s for s in names if s.kind is Kind.DIMENSION and s.weight >= counted - TIED)  # `orders are cancelled`
        place = 0
        following, is_ = self.next(), False
        negated = self.negated
        while following and following.cue in (Cue.IS, Cue.NOT):
            is_, place = True, place + 1
            negated = negated or following.cue is Cue.NOT
            following = self.next(place)
        if not dimensions or following is None or (not is_ and (following.first != piece.last or self.expect is Expect.GROUP)):
            return False
        inside = tuple(s for s in following.of(Kind.VALUE) if s.name in {d.name for d in dimensions})
        if not inside and not (is_ or following.quoted or (following.number is not None and self.expect is Expect.FILTER)):
            return False
        if not inside and not following.quoted and following.number is None and not following.unknown:
            return False
        self.at += place + 1
        self.denied = None if negated else self.denied
        self.role(piece, Role.FILTER)
        self.role(following, Role.FILTER)
        if inside:
            self.draft.conditions.append(ValueCondition(Slot(following, inside), negated, self.either))
        elif following.number is not None:
            self.draft.conditions.append(ValueCondition(Slot(piece, tied(dimensions)), negated, self.either, literal=following.number))
        else:
            text = following.text
            while not following.quoted and (more := self.next()) and more.unknown and more.first == following.last:
                text, following = f"{text} {more.text}", more
                self.at += 1
            self.value(piece, dimensions, following, text, negated)
        self.expect, self.last = Expect.FILTER, piece
        return True

    def numbered(self, piece: Piece) -> bool:
        """`5-star hotels`: a number right before the dimension that is counted in it."""
        following = self.next()
        if piece.number is None or following is None or following.first - piece.last > 1 or following.plural:
            return False
        said = format(piece.number.normalize(), "f")
        facts = self.lexicon.dimensions
        counted = tuple(s for s in following.of(Kind.DIMENSION) if facts[s.name].is_numeric or said in facts[s.name].values)
        if not counted:
            return False
        self.at += 1
        self.role(piece, Role.FILTER)
        self.role(following, Role.FILTER)
        literal = said if not facts[counted[0].name].is_numeric else piece.number
        self.draft.conditions.append(ValueCondition(Slot(following, tied(counted)), self.negated, self.either, literal=literal))
        self.expect, self.last = Expect.FILTER, following
        return True

    def value(self, piece: Piece, dimensions: tuple[Sense, ...], said: Piece, text: str, negated: bool) -> None:
        """A value that the lexicon does not hold: taken where the dimension's values are not known, else a question."""
        facts = self.lexicon.dimensions
        free = tuple(
            s
            for s in dimensions
            if not (facts[s.name].values or facts[s.name].is_time or facts[s.name].is_flag or facts[s.name].is_numeric)
        )
        if free:
            self.draft.conditions.append(ValueCondition(Slot(piece, tied(free)), negated, self.either, literal=text))
            self.draft.penalty += 0.0 if said.quoted else 0.15
        else:
            self.draft.unknown_values.append((Slot(piece, tied(dimensions)), said))

    def sides(self) -> bool:
        """Whether two values of one dimension have been named."""
        held = [name for c in self.draft.conditions for name in dict.fromkeys(s.name for s in c.slot.senses)]
        return len(held) > len(set(held))

    def settle_own_shares(self) -> None:
        """`What percentage of orders are cancelled by country` asks for a part of each country's own orders."""
        draft = self.draft
        named = draft.metrics[-1].piece.last if draft.metrics else 0
        said = [one for one in self.pieces if one.cue is Cue.IS and one.first >= named]
        behind = [c for c in draft.conditions if any(one.first < c.slot.piece.first for one in said)]
        if draft.share is not None and draft.metrics and (behind or self.of_own) and (draft.groups or draft.grains) and not draft.within:
            draft.unserved.append("a share of each group's own")

    def settle_sides(self) -> None:
        """`Motor vs home claims`, where a team is called Motor too: sides that are compared are of one dimension."""
        conditions = self.draft.conditions
        shared = frozenset.intersection(*(frozenset(s.name for s in c.slot.senses) for c in conditions)) if conditions else frozenset()
        if self.draft.versus and shared:
            self.draft.conditions = [
                replace(c, slot=Slot(c.slot.piece, tuple(s for s in c.slot.senses if s.name in shared))) for c in conditions
            ]

    def settle_flags(self) -> None:
        """`Food revenue`, where items and whole orders can be of food: a flag of what is measured, where there is one."""
        homes = {home for slot in self.draft.metrics for s in slot.senses for home in self.lexicon.metrics[s.name].homes}
        for at, condition in enumerate(self.draft.conditions):
            flags = condition.slot.senses
            own = tuple(s for s in flags if self.lexicon.dimensions[s.name].entity in homes)
            if own and len(own) < len(flags) and all(s.kind is Kind.FLAG for s in flags):
                self.draft.conditions[at] = replace(condition, slot=Slot(condition.slot.piece, own))

    def settle_directions(self) -> None:
        """`Trips from the airport`, where a trip has a pickup zone and a drop-off zone: of several dimensions that hold a value the one at that end."""
        for at, condition in enumerate(self.draft.conditions):
            piece, senses = condition.slot.piece, condition.slot.senses
            before = [word for one in self.cut if one.last <= piece.first for word in one.text.lower().split() if word not in _ARTICLES][
                -1:
            ]
            ends = _ENDS.get(before[0] if before else "")
            if ends is None or len({s.name for s in senses}) < 2:
                continue
            fitting = tuple(s for s in senses if not ends.isdisjoint(self.lexicon.roots_of(s.name)))
            if fitting:
                self.draft.conditions[at] = replace(condition, slot=Slot(piece, fitting))

    def members_of(self, piece: Piece, names: tuple[Sense, ...], held: tuple[Sense, ...]) -> bool:
        """`Top three drinks`, `which jaffle sells worst`, where products are of a kind: those of that kind are ranked, and not the kinds."""
        following, draft = self.next(), self.draft
        beside = following is not None and following.first == piece.last and following.of(*NAMES) and not following.of(Kind.METRIC)
        if beside or draft.groups or draft.ranked or not held or (names and names[0].weight >= held[0].weight):
            return False
        shown = {s: self.lexicon.display[self.lexicon.dimensions[s.name].entity] for s in tied(held)}
        kinds = tuple(s for s, display in shown.items() if display in self.lexicon.dimensions and display != s.name)
        if not kinds or fold(piece.text.split()[-1]).endswith(("ed", "ing")):
            return False
        self.condition(piece, kinds)
        displays = dict.fromkeys(shown[s] for s in kinds)
        draft.groups.append(Slot(piece, tuple(Sense(Kind.DIMENSION, name, kinds[0].weight) for name in displays)))
        self.asked_for, self.expect = piece, Expect.METRIC
        if draft.rank:
            draft.ranked.append(piece)
            draft.limit = draft.limit or (10 if piece.plural else 1)
        return True

    def settle_parts(self) -> None:
        """`Small, medium and large venues`: all values that a dimension has are no condition but its groups; some of them are where they are asked for apart."""
        draft = self.draft
        plain = [c for c in draft.conditions if not c.negated and not c.either and c.op == "=" and c.literal is None]
        held: dict[str, list[ValueCondition]] = {}
        for condition in plain:
            for name in dict.fromkeys(s.name for s in condition.slot.senses if s.kind is Kind.VALUE):
                held.setdefault(name, []).append(condition)
        wholly = {name: own for name, own in held.items() if len(own) > 1 and _said(name, own) >= set(self.lexicon.dimensions[name].values)}
        chosen = wholly or ({name: own for name, own in held.items() if len(own) > 1} if self.apart else {})
        if chosen and draft.share is None and not draft.versus:
            own = next(iter(chosen.values()))
            weights = {
                name: max(s.weight for c in conditions for s in c.slot.senses if s.name == name) for name, conditions in chosen.items()
            }
            senses = tuple(Sense(Kind.VALUE, name, weight) for name, weight in weights.items())  # of a value the nearest is meant
            if not any(g.name in chosen for slot in draft.groups for g in slot.senses):
                draft.groups.append(Slot(own[0].slot.piece, senses))
            draft.conditions = [c for c in draft.conditions if not (wholly and c in own)]
        elif self.apart:
            draft.unused.append(self.apart)


def _said(name: str, conditions: Sequence[ValueCondition]) -> set[str]:
    """The values of a dimension that conditions name."""
    return {s.value for c in conditions for s in c.slot.senses if s.name == name}


def _tells_of(word: str, roots: Collection[str]) -> bool:
    """Whether a word is one of a dimension's name, or says the same as one: `express delivery` beside a shipping method."""
    return word in roots or any(root(other) in roots for other in ALIKE.get(word, ()))
