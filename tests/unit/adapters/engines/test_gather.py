"""Bounded columns and JSON text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.adapters.engines.gather import Gathered, json_text


@given(st.lists(st.lists(st.integers(), max_size=20), max_size=6), st.integers(1, 40))
def test_rows_are_cut_at_the_limit_and_only_then(blocks, limit):
    gathered = Gathered(1, limit, 1 << 20)
    for block in blocks:
        gathered.add([block], [None])
        if gathered.full:
            break
    values = [value for block in blocks for value in block]
    assert gathered.data() == (tuple(values[:limit]),)
    assert gathered.truncated == (len(values) > limit)


@given(st.lists(st.text(max_size=30), max_size=50), st.integers(0, 600))
def test_bytes_are_bounded(texts, limit):
    gathered = Gathered(2, 1000, limit)
    gathered.add([texts, [0] * len(texts)], [None, None])
    kept = gathered.data()[0]
    assert list(kept) == texts[: len(kept)]
    assert sum(32 + len(text) for text in kept) <= limit
    assert gathered.truncated == (len(kept) < len(texts))


def test_json_text_keeps_digits_and_takes_any_key():
    assert json_text({"a": [Decimal("1.50"), None, dt.date(2024, 1, 2)]}) == '{"a":[1.50,null,"2024-01-02"]}'
    assert json.loads(json_text({(1, 2): {3: {4}}, None: True})) == {"(1, 2)": {"3": [4]}, "None": True}
