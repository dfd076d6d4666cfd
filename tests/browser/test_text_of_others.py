"""What people typed and what rows hold is text on the page, never markup (OWASP: cross-site scripting, content injection)."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.browser.conftest import Page

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "![x](http://attacker.example/x.png)",
    "[click](http://attacker.example/)",
    "**bold** _it_ `code` :red[red] $x$",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_in_a_question(page: Page, people: dict[str, str], text: str) -> None:
    page.sign_in(people["analyst"]).ask(f"orders where city is '{text}'")
    assert not page.at.exception
    assert any(text in shown for shown in page.texts)
    assert not any(text in markup for markup in page.markup)


@pytest.mark.parametrize("text", HOSTILE)
def test_in_an_answer(text: str) -> None:
    at = AppTest.from_function(_show, args=(text,), default_timeout=30).run()
    assert not at.exception
    page = Page(at)
    assert not any(text in markup for markup in page.markup)
    assert at.dataframe[0].value["customer__city"][0] == text
    assert text in page.texts
    assert text in page.codes


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("outcome", ["clarify", "refuse"])
def test_in_a_question_back_and_a_no(text: str, outcome: str) -> None:
    at = AppTest.from_function(_show, args=(text, outcome), default_timeout=30).run()
    assert not at.exception
    page = Page(at)
    assert page.buttons == [text]
    assert not any(text in markup for markup in page.markup)
    assert any(f"•  {text}" in shown for shown in page.texts)


def _show(text: str, outcome: str = "answer") -> None:
    from decimal import Decimal

    from app.gateway.schemas.answer import AnswerReply
    from app.ui.answer import show

    answer: dict[str, Any] = {
        "query_id": "qry_1",
        "question": text,
        "execution_time_ms": 1.5,
        "correlation_id": text,
        "outcome": outcome,
        "restated": text,
        "text": text,
        "query": {"metrics": ["revenue"], "group_by": [{"name": "customer__city", "grain": "", "date_part": None, "path": []}]},
        "columns": [{"name": "customer__city", "type": "text"}, {"name": "revenue", "type": "decimal"}],
        "results": [{"customer__city": text, "revenue": Decimal("1.50")}, {"customer__city": None, "revenue": None}],
        "rows_returned": 2,
        "truncated": True,
        "definitions": [
            {
                "metric": "revenue",
                "label": text,
                "description": text,
                "formula": text,
                "type": text,
                "file": text,
                "owner": text,
                "unit": text,
                "format": "",
            }
        ],
        "sql": text,
        "governed_sql": text,
        "engine": text,
        "engine_reason": text,
        "policies_applied": True,
        "policies": [text],
        "stages": [{"stage": text, "ms": Decimal("1.5")}],
        "choices": [{"text": text, "query": {}}],
        "nearest": [text],
        "problems": [
            {"code": "DM6001", "severity": severity, "message": text, "hint": text, "where": None, "fix": None}
            for severity in ("warning", "note")
        ],
        "confidence": Decimal("0.9"),
        "layer_version": text,
        "parts": [{"role": "filter", "text": text, "path": "/where", "value": text, "alternatives": [{"text": text, "query": {}}]}],
        "follow_ups": [{"text": text, "query": {}}],
        "chart": {"data": {"name": "results"}, "mark": "bar", "encoding": {"y": {"field": "customer__city", "title": text}}},
        "sources": [
            {
                "model": text,
                "label": text,
                "file": text,
                "tests": "failed",
                "passed_tests": 0,
                "failed_tests": 1,
                "freshness": "failed",
                "loaded_at": None,
                "built_at": "2026-07-01T06:00:00Z",
            }
        ],
        "comparison": None,
        "mode": "FULL",
        "drafted": {
            "provider": text,
            "model": text,
            "verdict": "agreed",
            "calls": 1,
            "tokens_in": 1,
            "tokens_out": 1,
            "cost": 0.0,
            "ms": 1.0,
        },
        "contributions": [
            {
                "dimension": "customer__city",
                "label": text,
                "value": text,
                "previous": None,
                "current": Decimal(1),
                "change": Decimal(1),
                "share": Decimal(1),
                "rate": None,
                "mix": None,
                "is_rest": False,
            }
        ],
    }
    AnswerReply.model_validate(answer)  # the page is shown what the API sends, field for field
    show(answer, {"customer__city": text}, lambda _query: None)
