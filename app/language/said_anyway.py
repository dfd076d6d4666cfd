"""Words that say what a metric says already: the verb that goes with its noun (`orders placed`, `discounts given`), and the participle of its definition."""

from __future__ import annotations

from app.language.collocations import GOING_WITH
from app.language.draft import Draft
from app.language.inflect import fold, root
from app.language.lexicon import Lexicon
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind
from app.language.text import phrase_words

_PARTICLES = frozenset({"away", "up", "out", "in", "off", "down", "on"})


def leave_what_is_said(draft: Draft, lexicon: Lexicon) -> None:
    """Take from the words that nothing explains those that the metrics say already."""
    slots = (*draft.metrics, *(one.slot for one in draft.having))
    metrics = [lexicon.metrics[slot.senses[0].name] for slot in slots if slot.senses and slot.senses[0].kind is Kind.METRIC]
    if not metrics or not draft.unused:
        return
    said: set[str] = set()
    for facts in metrics:
        said |= facts.participles
        for word in (*phrase_words(facts.label), *phrase_words(facts.name)):
            said |= GOING_WITH.get(root(word), frozenset())
    explained = [piece for piece in draft.unused if _is_verb(piece) and root(fold(piece.text)) in said]
    ends = {piece.last for piece in explained}
    explained += [piece for piece in draft.unused if piece.first in ends and piece.text.lower() in _PARTICLES]
    for piece in explained:
        draft.unused.remove(piece)
        draft.roles.append((piece, Role.WORDS))


def _is_verb(piece: Piece) -> bool:
    return piece.unknown and piece.last - piece.first == 1
