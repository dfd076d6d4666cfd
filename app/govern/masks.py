"""Which mask is the stricter one, and the masks that PII classes get where nobody wrote one."""

from __future__ import annotations

from app.model.policy import Mask, MaskKind

_STRICTNESS = {MaskKind.REDACT: 0, MaskKind.PARTIAL: 1, MaskKind.HASH: 2, MaskKind.FIXED: 3, MaskKind.NULL: 4}

_PII = {
    "email": Mask(MaskKind.PARTIAL, replacement="***@***", prefix=1),
    "phone": Mask(MaskKind.FIXED, replacement="+**********"),
    "date_of_birth": Mask(MaskKind.NULL),
}
_UNKNOWN = Mask(MaskKind.FIXED, replacement="***")


def stricter(one: Mask, other: Mask) -> Mask:
    """The mask of the two that tells less; two that cannot be ranked (redactions of different patterns, say) give a fixed text."""
    if one == other:
        return one
    if one.kind is not other.kind:
        return max(one, other, key=lambda mask: _STRICTNESS[mask.kind])
    if one.kind in (MaskKind.HASH, MaskKind.NULL):
        return one
    if one.kind is MaskKind.PARTIAL:
        if one.prefix <= other.prefix and one.suffix <= other.suffix:
            return one
        if other.prefix <= one.prefix and other.suffix <= one.suffix:
            return other
    return _UNKNOWN


def pii_mask(pii_class: str) -> Mask:
    """The mask of a PII class that `meta.datamind.pii` names; a class that is not known is shown as a fixed text."""
    return _PII.get(pii_class, _UNKNOWN)
