"""What stands beside answers on the demo: every query that is offered is answered, for the person to whom it was offered."""

from __future__ import annotations

import json

import msgspec
import pytest

from app.language.narrate import HIDDEN, with_more
from app.model.answer import Answer, Outcome, Standing
from app.model.expr import And, Binary, Field, Literal
from app.model.principal import Role
from app.model.query import SemanticQuery
from app.model.types import DataType
from app.service.ask import ask
from app.service.query import query
from tests.support.demo import Demo

QUESTIONS = [
    "revenue in June 2026",
    "revenue by country in Q2 2026",
    "top 5 products by revenue",
    "refund rate by month in 2026",
    "share of orders by channel",
    "revenue month to date by day in June 2026",
    "monthly recurring revenue by plan in May 2026",
    "visit to order rate in May 2026",
]


def answered(demo: Demo, question: str, source: str = "", role: Role = Role.ANALYST) -> Answer:
    answer = ask(demo.deps, demo.caller(role, region="DACH"), question, source=source).answer
    assert answer is not None
    assert answer.outcome is Outcome.ANSWER, answer.text
    return answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_offered_is_answered(demo: Demo, question: str) -> None:
    answer = answered(demo, question)
    assert answer.parts
    assert len(answer.follow_ups) == 3
    caller = demo.caller(Role.ANALYST, region="DACH")
    for choice in [*answer.follow_ups, *(one for part in answer.parts for one in part.alternatives)]:
        sent = msgspec.convert(json.loads(choice.query.canonical()), type(choice.query))
        assert query(demo.deps, caller, sent, until="sanitize").governed is not None, choice.text


@pytest.mark.parametrize("source", ["postgres", "clickhouse"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_may_follow_has_rows(demo: Demo, question: str, source: str) -> None:
    caller = demo.caller(Role.ANALYST, region="DACH")
    for choice in answered(demo, question, source).follow_ups:
        result = query(demo.deps, caller, choice.query, source=source).result
        assert result is not None
        assert result.row_count, choice.text


def test_the_same_question_has_the_same_beside_it(demo: Demo) -> None:
    one, other = (answered(demo, "revenue by country in Q2 2026") for _ in range(2))
    assert (one.parts, one.follow_ups, one.chart, one.text) == (other.parts, other.follow_ups, other.chart, other.text)


def test_that_something_is_hidden_stands_in_the_text_of_whom_it_is_hidden_from(demo: Demo) -> None:
    analyst, admin = (answered(demo, "revenue in May 2026", role=role) for role in (Role.ANALYST, Role.ADMIN))
    assert analyst.text.endswith(HIDDEN)
    assert "DACH" not in analyst.text
    assert HIDDEN not in admin.text
    assert with_more(analyst.text, "More.") == analyst.text.removesuffix(HIDDEN) + "More. " + HIDDEN


def test_the_models_behind_an_answer(demo: Demo) -> None:
    for source in ("postgres", "clickhouse"):
        (found,) = answered(demo, "revenue in May 2026", source).sources
        assert (found.model, found.file) == ("fct_order_lines", "models/marts/sales/fct_order_lines.sql")
        assert found.tests is Standing.PASSED
        assert found.passed_tests > 5
        assert found.built_at is not None


@pytest.mark.parametrize(("conditions", "offers"), [(10, True), (500, False)])
def test_of_a_very_long_query_nothing_is_offered(demo: Demo, conditions: int, offers: bool) -> None:
    """Each offer is the query written out once more, and planned: what a caller sends would else cost its square."""
    said = And(tuple(Binary("=", Field("customer__country"), Literal(f"Land {n}", DataType.TEXT)) for n in range(conditions)))
    answer = query(demo.deps, demo.caller(), SemanticQuery(("revenue",), where=said), source="postgres").answer
    assert answer is not None
    assert bool(answer.parts) is bool(answer.follow_ups) is offers
    assert len(answer.canonical()) < 1_000_000
