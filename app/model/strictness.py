"""Which of two masks tells less. Where neither does, there is a third that tells less than both."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from itertools import combinations

from msgspec.structs import replace

from app.model.policy import Mask, MaskKind

_WHOLE = (MaskKind.FIXED, MaskKind.NULL)
"""What tells nothing of a value but whether there is one; the second not even that."""
_UNITS = ("month", "quarter", "year")
_NUMBERS = (MaskKind.BUCKET, MaskKind.TRUNCATE)
UNKNOWN = Mask(MaskKind.FIXED, replacement="***")


def strictest(masks: Iterable[Mask]) -> Mask:
    """The mask that tells no more than any of these, at least one, whatever their order: one more never tells more than without it."""
    several = list(dict.fromkeys({id(mask): mask for mask in masks}.values()))
    pairs = (stricter(one, other) for one, other in combinations(several, 2))
    whole = [mask for mask in (*several, *pairs) if mask.kind in _WHOLE]  # also of two in the middle that can't be ranked
    return reduce(stricter, whole or several)


def stricter(one: Mask, other: Mask) -> Mask:
    """The mask of the two that tells less. Two that cannot be ranked (redactions by different patterns, a hash and a partial mask) give a fixed text, and a
    range or a period that meets another kind NULL: one would tell what the other hides."""
    if one == other:
        return one
    if one.kind is other.kind:
        return _of_one_kind(one, other)
    hidden = [mask for mask in (one, other) if mask.kind in _WHOLE]
    if hidden:
        return max(hidden, key=lambda mask: _WHOLE.index(mask.kind))
    return Mask(MaskKind.NULL) if one.kind in _NUMBERS or other.kind in _NUMBERS else UNKNOWN


def _of_one_kind(one: Mask, other: Mask) -> Mask:
    match one.kind:
        case MaskKind.HASH | MaskKind.NULL:
            return one
        case MaskKind.PARTIAL if one.prefix <= other.prefix and one.suffix <= other.suffix:
            return _hiding(one, other.hides_whole)
        case MaskKind.PARTIAL if other.prefix <= one.prefix and other.suffix <= one.suffix:
            return _hiding(other, one.hides_whole)
        case MaskKind.REDACT if one.classes and other.classes:
            return replace(one, classes=tuple(sorted({*one.classes, *other.classes})))
        case MaskKind.TRUNCATE:
            return max(one, other, key=lambda mask: _UNITS.index(mask.unit))
        case MaskKind.BUCKET:
            narrow, wide = sorted((one, other), key=lambda mask: Decimal(mask.width))
            return wide if Decimal(wide.width) % Decimal(narrow.width) == 0 else Mask(MaskKind.NULL)
    return UNKNOWN


def _hiding(mask: Mask, length: int) -> Mask:
    """The partial mask that also hides whole what has so many characters."""
    return mask if mask.hides_whole >= length else replace(mask, short=length)


def hides_more(old: Mask, new: Mask) -> bool | None:
    """Whether the new mask provably tells less than the old one; False where it tells more, None where that can't be told."""
    if old.kind is not new.kind:
        before, after = old.kind in _WHOLE, new.kind in _WHOLE
        return None if before == after else after > before
    if old.kind in (MaskKind.HASH, MaskKind.FIXED, MaskKind.NULL) or old == new:
        return None
    less = stricter(old, new)
    if less != stricter(new, old):
        return None  # as strict as each other
    return True if less == new else False if less == old else None
