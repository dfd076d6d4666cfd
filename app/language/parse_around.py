"""What stands around a piece: what a word of no content belongs to, what it describes, what is counted."""

from __future__ import annotations

from collections.abc import Iterator

from app.language.inflect import fold, root
from app.language.parse_state import decides
from app.language.parse_values import ValueParser
from app.language.pieces import Piece
from app.language.senses import Kind
from app.language.text import phrase_words
from app.language.words import Cue

_WORTH = {"value", "values", "amount", "amounts"}


_PERSONS = frozenset(
    map(
        root,
        [
            "person",
            "member",
            "customer",
            "client",
            "guest",
            "user",
            "subscriber",
            "buyer",
            "shopper",
            "patient",
            "visitor",
            "student",
            "employee",
        ],
    )
)
"""What people are called by the part that they play: of a value of one of them each word for another says no more."""


class SurroundingParser(ValueParser):
    """A parser's questions about the pieces before and behind one."""

    def is_counted(self, piece: Piece) -> bool:
        """Whether the next metric, said by a verb, counts the entity."""
        later = next((one for one in self.pieces[self.at :] if one.of(Kind.METRIC)), None)
        entities = {s.name for s in piece.of(Kind.ENTITY)}
        if later is None or not entities or not later.text.lower().split(" ")[0].endswith(("ed", "ing")):
            return False
        facts = [self.lexicon.metrics[s.name] for s in later.of(Kind.METRIC)]
        return all(one.homes <= entities and "count" in one.aggregates for one in facts)

    def is_when(self, piece: Piece) -> bool:
        """Whether it is a participle by which a time is called, and nothing else: `opened`."""
        return not self.draft.listing and all(s.kind is Kind.DIMENSION and self.lexicon.dimensions[s.name].is_time for s in piece.senses)

    def is_person(self, piece: Piece) -> bool:
        """`Gold members` where guests have a tier: a word for people behind a value that people have."""
        if not self.draft.conditions or piece.last - piece.first != 1 or root(fold(piece.text)) not in _PERSONS:
            return False
        condition = self.draft.conditions[-1].slot
        entities = {root(word) for s in condition.senses for word in phrase_words(self.lexicon.dimensions[s.name].entity)}
        return condition.piece.last == piece.first and not entities.isdisjoint(_PERSONS)

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

    def describes(self, piece: Piece) -> bool:
        """Whether a value stands right before it: `returning customers`."""
        return bool(self.draft.conditions) and self.draft.conditions[-1].slot.piece is self.last and self.last.last == piece.first

    def relative(self) -> bool:
        """Whether `with …`, `having …` and a bound or rank follow: `stores with more than 100 orders`."""
        first, second, third = self.next(), self.next(1), self.next(2)
        bounds = (Cue.COMPARE, Cue.BETWEEN, Cue.RANK)
        if first is None or second is None or first.cue not in (Cue.WITH, Cue.WHERE):
            return False
        return second.cue in bounds or bool(second.of(Kind.METRIC) and third and third.cue in bounds)
