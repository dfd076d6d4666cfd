"""`Where do most orders come from`: the places that a question asks for without naming them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.language.asked_for import called, group_by_asked
from app.language.draft import Draft
from app.language.inflect import stem
from app.language.lexicon import Lexicon
from app.language.persons import STAFF_WORDS
from app.language.pieces import Piece

_PLACE_WORDS = """location place store shop branch site city town region country area district zone state province market outlet venue office depot
warehouse"""
_PLACES = tuple(map(stem, _PLACE_WORDS.split()))
_STAFF = frozenset(STAFF_WORDS)
_VERBS = frozenset({"is", "are", "was", "were", "do", "does", "did", "have", "has", "had", "can", "will"})
_WEIGHT = 0.85


def asked_where(cut: Sequence[Piece]) -> Piece | None:
    """The `where` with which a question begins; the one behind a noun (`orders where …`) states a condition."""
    words = [piece for piece in cut if piece.text.lower() not in {"and", "so"}][:2]
    if len(words) < 2 or words[0].text.lower() != "where" or words[1].text.lower().split(" ")[0] not in _VERBS:
        return None
    return words[0]


def name_where(draft: Draft, where: Piece | None, lexicon: Lexicon) -> None:
    """Group by the places that are asked for, where nothing else is grouped by: every kind of them that can be meant, of which the joins leave one, or several
    that are asked about. Where no place is known the word stays unexplained."""
    names_of = [frozenset(s.name for s in c.slot.senses) for c in draft.conditions]
    if where is not None and len(names_of) > 1 and frozenset.intersection(*names_of):
        draft.unused.append(where)  # `where did they come from? branch, app or website`
        return
    if where is None or draft.ranked or draft.groups or not (draft.metrics or draft.having):
        return
    homes = {
        home
        for slot in (*draft.metrics, *(one.slot for one in draft.having))
        for s in slot.senses
        if s.name in lexicon.metrics
        for home in lexicon.metrics[s.name].homes
    }
    names = tuple(
        name for name in dict.fromkeys(name for word in _PLACES for name in called(word, lexicon)) if not _is_of_staff(name, homes, lexicon)
    )
    group_by_asked(draft, where, names, _WEIGHT, lexicon)


def _is_of_staff(name: str, homes: Collection[str], lexicon: Lexicon) -> bool:
    """Where an agent lives is not where tickets come from."""
    facts = lexicon.dimensions.get(name)
    entity = facts.entity if facts is not None else name
    return entity not in homes and not _STAFF.isdisjoint(stem(word) for word in entity.split("_"))
