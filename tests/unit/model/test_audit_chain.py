"""The canonical form, what is signed, and how e-mail addresses are masked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.model.audit.chain import GENESIS, MOST_EXACT, AuditRecord, Key, Keys, canonical, content, intact, sealed, timestamp
from app.model.audit.event import AuditEvent, masked_email

NAMES = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.text() | st.booleans() | st.integers(-MOST_EXACT, MOST_EXACT) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
KEYS = Keys(Key(bytes(range(32))))
EVENT = AuditEvent(
    "aud_1", "shop", dt.datetime(2026, 11, 21, 10, 0, 0, 5, tzinfo=dt.UTC), "query.execute", "usr_1", "pipeline", "begin", "cor_1", "10.0.0.1", "abc", "def",
    '{"rows":3}', "a***@example.com",
)  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_the_canonical_form_is_that_of_the_rfc(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": 2, "A": 3, "a1": 4}, '{"A":3,"a":2,"a1":4,"b":1}'),
        ({"n": [0, -1, MOST_EXACT, -MOST_EXACT]}, '{"n":[0,-1,9007199254740991,-9007199254740991]}'),
        ({"s": '\x00\x08\t\n\x0c\r\x1f"\\/\x7fé€\U0001f602\u2028'}, '{"s":"\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\x7fé€\U0001f602\u2028"}'),
        ({"l": [None, True, False, [], {}]}, '{"l":[null,true,false,[],{}]}'),
    ],
)
def test_canonical_forms(value: dict[str, Any], text: str) -> None:
    assert canonical(value).decode() == text


@pytest.mark.parametrize("value", [1.0, 0.5, float("nan"), MOST_EXACT + 1, -MOST_EXACT - 1, b"x", {"é": 1}, {1: 1}, "\ud800", EVENT, [1.5]])
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical({"x": value})


def test_all_of_a_record_is_signed() -> None:
    record = sealed(EVENT, 7, GENESIS, KEYS)
    assert intact(record, KEYS)
    changes = {"sequence": 8, "at": EVENT.at + dt.timedelta(microseconds=1), "details": '{"rows":4}'}
    outside = {"hash", "hmac", "seq"}  # the hashes themselves, and the number that the store gives
    for name in set(AuditRecord.__struct_fields__) - outside:
        changed = replace(record, **{name: changes.get(name, "other")})
        assert content(changed) != content(record), name
        assert not intact(changed, KEYS), name
    for name in ("hash", "hmac"):
        assert not intact(replace(record, **{name: GENESIS}), KEYS), name
    assert not intact(record, Keys(Key(b"x" * 32)))
    assert intact(replace(record, seq=5), KEYS)


def test_details_are_kept_in_canonical_form() -> None:
    assert sealed(replace(EVENT, details='{ "b": 1, "a": [ ] }'), 1, GENESIS, KEYS).details == '{"a":[],"b":1}'


def test_a_moment_is_written_in_utc() -> None:
    here = dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert timestamp(here) == "2025-12-31T23:30:00.000000Z"


def test_a_key_is_not_shown() -> None:
    key = Key(b"secret" * 6)
    assert "secret" not in repr(key)
    assert key.id != Key(b"other!" * 6).id
    assert len(key.id) == 16


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ana@example.com", "a***@example.com"),
        ("", ""),
        ("operator", "***"),
        ("@example.com", "***"),
        ('"a@b"@example.com', '"***@example.com'),
    ],
)
def test_an_address_is_masked(email: str, shown: str) -> None:
    assert masked_email(email) == shown
