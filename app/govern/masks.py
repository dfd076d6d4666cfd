"""Which mask a column gets where its type does not fit the one that was written."""

from __future__ import annotations

from app.model.policy import Mask, MaskKind
from app.model.types import DataType


def suited(mask: Mask, kind: DataType) -> Mask:
    """The mask as it can be applied to a column of that type. Ranges are of numbers and periods of times: where the type is another, or not known, nothing is
    shown, since an engine would raise on values that nobody may see."""
    return mask if mask.kind.fits(kind) else Mask(MaskKind.NULL)
