from __future__ import annotations

from itertools import permutations

import pytest

from app.govern.masks import suited
from app.model.policy import Mask, MaskKind, class_mask
from app.model.strictness import hides_more, stricter, strictest
from app.model.types import DataType

NULL, FIXED, HASH = Mask(MaskKind.NULL), Mask(MaskKind.FIXED, "x"), Mask(MaskKind.HASH)


def partial(prefix: int, suffix: int) -> Mask:
    return Mask(MaskKind.PARTIAL, prefix=prefix, suffix=suffix)


REDACT = Mask(MaskKind.REDACT, pattern="a")
TENS, TWENTIES, SEVENS = (Mask(MaskKind.BUCKET, width=width) for width in ("10", "20", "7"))
MONTH, YEAR = Mask(MaskKind.TRUNCATE, unit="month"), Mask(MaskKind.TRUNCATE, unit="year")


def classes(*names: str) -> Mask:
    return Mask(MaskKind.REDACT, classes=names)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (NULL, FIXED, NULL),
        (FIXED, HASH, FIXED),
        (HASH, partial(1, 1), Mask(MaskKind.FIXED, "***")),
        (partial(1, 1), REDACT, Mask(MaskKind.FIXED, "***")),
        (REDACT, HASH, Mask(MaskKind.FIXED, "***")),
        (REDACT, FIXED, FIXED),
        (partial(1, 1), partial(2, 1), Mask(MaskKind.PARTIAL, prefix=1, suffix=1, short=3)),
        (Mask(MaskKind.PARTIAL, prefix=1, short=5), partial(2, 1), Mask(MaskKind.PARTIAL, prefix=1, short=5)),
        (partial(1, 0), partial(0, 1), Mask(MaskKind.FIXED, "***")),
        (REDACT, REDACT, REDACT),
        (REDACT, Mask(MaskKind.REDACT, pattern="b"), Mask(MaskKind.FIXED, "***")),
        (HASH, Mask(MaskKind.HASH, replacement="y"), HASH),
        (FIXED, Mask(MaskKind.FIXED, "y"), Mask(MaskKind.FIXED, "***")),
        (TENS, TWENTIES, TWENTIES),
        (TENS, SEVENS, NULL),
        (Mask(MaskKind.BUCKET, width="0.5"), TENS, TENS),
        (MONTH, YEAR, YEAR),
        (TENS, HASH, NULL),
        (MONTH, partial(1, 1), NULL),
        (TENS, MONTH, NULL),
        (TENS, FIXED, FIXED),
        (YEAR, NULL, NULL),
        (classes("email"), classes("card", "email"), classes("card", "email")),
        (classes("email"), classes("phone"), classes("email", "phone")),
        (classes("email"), REDACT, Mask(MaskKind.FIXED, "***")),
    ],
)
def test_the_stricter_mask_wins_whatever_the_order(one: Mask, other: Mask, expected: Mask) -> None:
    assert stricter(one, other).kind is expected.kind
    assert stricter(other, one).kind is expected.kind
    assert stricter(one, other) == expected


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ((TENS, SEVENS, Mask(MaskKind.BUCKET, width="70")), NULL),  # the third holds both, and would tell more than nothing
        ((partial(1, 0), partial(0, 1), partial(0, 0)), Mask(MaskKind.FIXED, "***")),
        ((HASH, partial(1, 0), partial(0, 0)), Mask(MaskKind.FIXED, "***")),
        ((HASH, partial(1, 0), TENS), NULL),
        ((partial(1, 0), partial(2, 0), partial(2, 2)), Mask(MaskKind.PARTIAL, prefix=1, short=4)),
        ((classes("email"), classes("phone"), classes("card")), classes("card", "email", "phone")),
        ((HASH, HASH), HASH),
        ((TENS, Mask(MaskKind.BUCKET, width="20"), Mask(MaskKind.BUCKET, width="40")), Mask(MaskKind.BUCKET, width="40")),
    ],
)
def test_the_strictest_of_several_whatever_their_order(masks: tuple[Mask, ...], expected: Mask) -> None:
    assert {strictest(some) for some in permutations(masks)} == {expected}


def test_a_pii_class_is_hidden_whole() -> None:
    assert {class_mask(kind).kind for kind in DataType} == {MaskKind.FIXED, MaskKind.NULL}
    assert class_mask(DataType.DATE).kind is MaskKind.NULL


@pytest.mark.parametrize(
    ("mask", "fitting"),
    [(TENS, {DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT}), (MONTH, {DataType.DATE, DataType.TIMESTAMP}), (HASH, set(DataType))],
)
def test_a_mask_that_does_not_fit_the_type_shows_nothing(mask: Mask, fitting: set[DataType]) -> None:
    assert {kind for kind in DataType if suited(mask, kind) == mask} == fitting
    assert {suited(mask, kind).kind for kind in DataType} <= {mask.kind, MaskKind.NULL}


@pytest.mark.parametrize(
    ("old", "new", "more"),
    [
        (HASH, NULL, True),
        (FIXED, HASH, False),
        (partial(2, 2), partial(1, 2), None),  # of four characters more is seen
        (partial(2, 2), Mask(MaskKind.PARTIAL, prefix=1, suffix=2, short=4), True),
        (TENS, TWENTIES, True),
        (TWENTIES, TENS, False),
        (MONTH, YEAR, True),
        (classes("email"), classes("email", "phone"), True),
        (classes("email", "phone"), classes("email"), False),
        (classes("email"), classes("phone"), None),
        (TENS, SEVENS, None),
        (partial(1, 0), HASH, None),
        (FIXED, NULL, None),
        (FIXED, FIXED, None),
        (partial(1, 1), Mask(MaskKind.PARTIAL, "x", 1, 1), None),
        (REDACT, Mask(MaskKind.REDACT, pattern="b"), None),
    ],
)
def test_what_a_changed_mask_does(old: Mask, new: Mask, more: bool | None) -> None:
    assert hides_more(old, new) is more
