"""How an answer looks on the page, without a gateway."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

DRAFTED = {"provider": "ollama", "model": "qwen3", "verdict": "agreed"}


def page(drafted: dict[str, str] | None, codes: list[str]) -> None:
    """The script that the page runs."""
    from typing import Any

    from app.ui.answer import show

    problems = [{"code": code, "severity": "note", "message": "x", "hint": ""} for code in codes]
    lists: dict[str, Any] = {
        name: [] for name in ("results", "columns", "definitions", "sources", "stages", "follow_ups", "parts", "contributions")
    }
    texts = dict.fromkeys(("text", "sql", "governed_sql", "engine", "engine_reason", "layer_version", "query_id"), "")
    whole = {
        "outcome": "answer",
        "restated": "Revenue",
        "rows_returned": 0,
        "truncated": False,
        "policies": [],
        "confidence": 0.9,
        "chart": None,
    }
    show({**lists, **texts, **whole, "comparison": None, "query": None, "problems": problems, "drafted": drafted}, {}, lambda _query: None)


@pytest.mark.parametrize(
    ("drafted", "codes", "told"),
    [
        (None, [], ""),
        (DRAFTED, [], "Read by the project\\'s words and by ollama qwen3\\, which agree\\."),
        ({**DRAFTED, "model": "*x*", "verdict": "alone"}, [], "Read by ollama \\*x\\* alone\\, not by the project\\'s words\\."),
        ({**DRAFTED, "verdict": "unavailable"}, [], ""),
        (None, ["DM6070"], "Read as an admin approved\\."),
    ],
)
def test_by_whom_it_was_read_stands_under_the_headline(drafted: dict[str, str] | None, codes: list[str], told: str) -> None:
    at = AppTest.from_function(page, args=(drafted, codes), default_timeout=60).run()
    assert not at.exception
    assert [one.value for one in at.caption if one.value.startswith("Read ")] == ([told] if told else [])
