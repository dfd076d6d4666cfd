"""What databases say is logged without the values that they quote."""

from __future__ import annotations

import pytest

from app.redaction.values import without_values

SAID = [
    ('invalid input syntax for type integer: "Grace Hopper"\nLINE 1: SELECT …', "invalid input syntax for type integer: ***"),
    ("duplicate key value violates unique constraint\nDETAIL:  Key (name)=(Grace Hopper) already exists.", "duplicate key value violates unique constraint"),
    ("Code: 6. DB::Exception: Cannot parse string 'Grace Hopper' as UInt8: syntax error", "Code: #. DB::Exception: Cannot parse string ***"),
    ("value 987654 (Grace Hopper) is out of range", "value # (***) is out of range"),
    ("unterminated 'Grace Hop", "unterminated ***"),
    ('nested "it\'s "" Grace" end', "nested ***"),
    ('invalid input syntax for type integer: "a" Grace "b"', "invalid input syntax for type integer: ***"),
    ("Cannot parse 'O'Hara' as `x` Grace", "Cannot parse ***"),
    ('invalid value "\\" Grace Hopper', "invalid value ***"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "shown"), SAID)
def test_no_value_comes_through(said: str, shown: str) -> None:
    assert without_values(said) == shown
