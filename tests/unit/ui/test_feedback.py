"""What was answered, as an admin is given it to be changed: no part of it is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.ui.feedback import as_asked

DOW: dict[str, Any] = {"metrics": ["orders"], "group_by": [{"name": "metric_time", "date_part": "dow"}]}
CLOCKED: dict[str, Any] = {"metrics": ["orders"], "time": {"start": "2026-06-01", "end": "2026-06-01", "start_clock": "09:00:00"}}
SHARED: dict[str, Any] = {"metrics": ["orders"], "totals": "grand"}


def test_the_first_of_an_order_stay_the_first() -> None:
    asked = {
        "metrics": ["revenue"],
        "group_by": [{"name": "customer__country"}, {"name": "metric_time", "grain": "month"}],
        "order_by": [{"name": "revenue", "descending": True}, {"name": "customer__country"}],
        "limit": 5,
        "time": {"start": "2026-06-01", "end": "2026-06-30", "phrase": "June"},
    }
    assert json.loads(as_asked({"semantic_query": asked})) == {
        "metrics": ["revenue"],
        "group_by": ["customer__country", "metric_time__month"],
        "order": ["-revenue", "customer__country"],
        "limit": 5,
        "start_time": "2026-06-01",
        "end_time": "2026-06-30",
    }


@pytest.mark.parametrize("asked", [DOW, CLOCKED, SHARED])
def test_what_the_form_has_no_words_for_is_given_whole(asked: dict[str, Any]) -> None:
    assert json.loads(as_asked({"semantic_query": asked})) == {"semantic_query": asked}


def test_what_was_not_answered_is_empty() -> None:
    assert json.loads(as_asked({"semantic_query": None})) == {}
