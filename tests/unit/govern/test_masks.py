from __future__ import annotations

import pytest

from app.govern.masks import pii_mask, stricter
from app.model.policy import Mask, MaskKind

NULL, FIXED, HASH = Mask(MaskKind.NULL), Mask(MaskKind.FIXED, "x"), Mask(MaskKind.HASH)


def partial(prefix: int, suffix: int) -> Mask:
    return Mask(MaskKind.PARTIAL, prefix=prefix, suffix=suffix)


REDACT = Mask(MaskKind.REDACT, pattern="a")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NULL, FIXED, NULL),
        (FIXED, HASH, FIXED),
        (HASH, partial(1, 1), HASH),
        (partial(1, 1), REDACT, partial(1, 1)),
        (partial(1, 1), partial(2, 1), partial(1, 1)),
        (partial(1, 0), partial(0, 1), Mask(MaskKind.FIXED, "***")),
        (REDACT, REDACT, REDACT),
        (REDACT, Mask(MaskKind.REDACT, pattern="b"), Mask(MaskKind.FIXED, "***")),
        (HASH, Mask(MaskKind.HASH, replacement="y"), HASH),
        (FIXED, Mask(MaskKind.FIXED, "y"), Mask(MaskKind.FIXED, "***")),
    ],
)
def test_the_stricter_mask_wins_whatever_the_order(one: Mask, other: Mask, expected: Mask) -> None:
    assert stricter(one, other).kind is expected.kind
    assert stricter(other, one).kind is expected.kind
    assert stricter(one, other) == expected


def test_a_pii_class_that_nobody_knows_is_hidden_whole() -> None:
    assert pii_mask("shoe_size").kind is MaskKind.FIXED
    assert pii_mask("date_of_birth").kind is MaskKind.NULL
