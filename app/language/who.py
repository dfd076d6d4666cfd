"""`Who sold the most`: the people that a question asks for without naming them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.language.asked_for import called, group_by_asked
from app.language.draft import Draft
from app.language.inflect import fold, root
from app.language.lexicon import Lexicon
from app.language.persons import ANYBODY, CLIENT_WORDS, PERSONS, STAFF_WORDS
from app.language.pieces import Piece
from app.language.words import Cue

_RELATIVE_TO = ANYBODY | {"those", "all", "one", "ones"}
_TAKING = "spend spent buy bought paid borrowed purchase order book reserve borrow rent hire subscribe visit complain return cancel claim owe donate attend stay bring"
_DOING = """sell handle solve resolve fix repair deliver close treat teach serve earn win drive make produce lend write
answer made sold won taught drove wrote lent earned handled log logged put work worked completed complete finish finished"""
_TAKES = frozenset(map(root, _TAKING.split()))
_DOES = frozenset(map(root, _DOING.split()))
_WEIGHT = 0.9
_LISTED = 0.1


def asked_who(cut: Sequence[Piece]) -> Piece | None:
    """The `who` of a cut that asks; the one that goes on from a noun (`customers who`) does not."""
    for at, piece in enumerate(cut):
        if piece.text.lower().split(" ")[0].removesuffix("'s").removesuffix("’s") != "who" or piece.cue not in (Cue.FILLER, Cue.WITH):
            continue
        before = cut[at - 1] if at else None
        if before is None or before.cue in (Cue.COMMA, Cue.AND):
            return piece
        if before.period is not None and not _names_people(cut[:at]):
            return piece
        if before.cue is not None and before.text.lower().split(" ")[-1] not in _RELATIVE_TO:
            return piece
    return None


def _names_people(pieces: Sequence[Piece]) -> bool:
    """Whether people are named, of whom a `who` goes on to tell: `new customers this year who …`."""
    return any(root(fold(piece.text.split()[-1])) in PERSONS for piece in pieces if piece.senses)


def name_who(draft: Draft, lexicon: Lexicon) -> None:
    """Group by the people who are asked for, where nothing else that is named is of people: every kind of them that can be meant, of which the joins leave
    one, or several that are asked about."""
    who = draft.who
    if who is None or draft.ranked or not (draft.metrics or draft.having) or draft.how_many or draft.how_much:
        return
    everybody: dict[str, str] = {}
    for name, side in _people(lexicon):
        everybody.setdefault(name, side)
    if any(lexicon.display.get(s.name, s.name) in everybody for slot in draft.groups for s in slot.senses):
        return
    verbs = {
        root(fold(word)) for piece in (*draft.unused, *(one for one, _ in draft.roles)) if not piece.plural for word in piece.text.split()
    }
    sides = {side for side, words in (("client", _TAKES), ("staff", _DOES)) if not verbs.isdisjoint(words)}
    wanted = [name for name, side in everybody.items() if side in sides] if len(sides) == 1 else []
    names = wanted or [*everybody]
    if names and not (draft.rank or draft.having):
        draft.penalty += _LISTED
    group_by_asked(draft, who, names, _WEIGHT, lexicon)


def _people(lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Each entity of people, as what stands for it, and each dimension that holds whom, with their side."""
    for side, words in (("client", CLIENT_WORDS), ("staff", STAFF_WORDS)):
        for word in words:
            yield from ((name, side) for name in called(word, lexicon))
