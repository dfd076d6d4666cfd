"""`What percentage of the orders of returning customers has a drink`, where a metric is that percentage: the metric, and no share reckoned anew."""

from __future__ import annotations

from app.language.draft import Draft, Slot
from app.language.labelled import without_part_of
from app.language.lexicon import Lexicon
from app.language.reading import Role
from app.language.senses import Kind, Sense

_WEIGHT = 0.9


def name_fraction(draft: Draft, lexicon: Lexicon) -> None:
    """Put the one metric that is the percentage of just what the draft speaks of in the place of a share of a metric under conditions."""
    if draft.share is None or not draft.metrics or not draft.conditions or any(c.negated for c in draft.conditions):
        return
    groups = {slot.piece for slot in draft.groups}
    pieces = [slot.piece for slot in (*draft.metrics, *draft.scopes)] + [c.slot.piece for c in draft.conditions]
    said = frozenset[str]().union(*(without_part_of(piece.text) for piece in pieces if piece not in groups))
    found = lexicon.fractions.get(said, ())
    if len(found) != 1:
        return
    piece = draft.metrics[0].piece
    draft.metrics = [Slot(piece, (Sense(Kind.METRIC, found[0], _WEIGHT),))]
    draft.conditions.clear()
    draft.share, draft.unserved = None, [reason for reason in draft.unserved if not reason.startswith("a share of each")]
    told = set(pieces)
    draft.roles = [(one, Role.METRIC if one in told else role) for one, role in draft.roles]
