"""Why a metric changed, on both engines: parts that add up, nothing told that policy hides, and one record of the turn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest

from app.model.answer import Answer, Outcome
from app.model.ids import new_id
from app.model.principal import Role
from app.pipeline.turn import Turn
from app.service.ask import ask
from app.service.audit import Caller
from app.service.query import query
from app.service.request import QueryRequest
from app.service.serving import serving_of
from app.service.turns import without_rows
from tests.security.test_demo_policies import layer_of
from tests.security.test_small_groups import FEE, guarded
from tests.support.demo import Demo

ENGINES = ("postgres", "clickhouse")


def talk(demo: Demo, engine: str, *questions: str, role: Role = Role.ADMIN, **attributes: str) -> Turn:
    previous, turn = None, None
    for question in questions:
        turn = ask(demo.deps, demo.caller(role, **attributes), question, previous=previous, source=engine)
        previous = turn.query or previous
    assert turn is not None
    return turn


def answered(demo: Demo, engine: str, *questions: str, role: Role = Role.ADMIN, **attributes: str) -> Answer:
    answer = talk(demo, engine, *questions, role=role, **attributes).answer
    assert answer is not None
    return answer


def value(demo: Demo, engine: str, metric: str, start: str, end: str, *where: str) -> Decimal:
    result = query(demo.deps, demo.caller(), QueryRequest((metric,), (), where, start_time=start, end_time=end), source=engine).result
    assert result is not None
    return Decimal(str(result.data[0][0] or 0))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("metric", ["revenue", "orders", "gross profit", "refund rate", "average order value"])
def test_parts_add_up_to_the_change(demo: Demo, engine: str, metric: str) -> None:
    answer = answered(demo, engine, f"{metric} in May 2026", "why?")
    assert answer.outcome is Outcome.ANSWER, answer.text
    assert answer.comparison is not None
    change = answer.comparison.change
    dimensions = dict.fromkeys(one.dimension for one in answer.contributions)
    assert 1 <= len(dimensions) <= 3
    for dimension in dimensions:
        mine = [one for one in answer.contributions if one.dimension == dimension]
        assert sum(one.change for one in mine) == pytest.approx(change, rel=Decimal("1e-9"))
        assert sum(one.share or 0 for one in mine) == pytest.approx(Decimal(1), rel=Decimal("1e-9"))
        for one in mine:
            assert one.rate is None or one.mix is None or one.rate + one.mix == pytest.approx(one.change, abs=Decimal("1e-10"))
    assert answer.restated.startswith("Why ")
    assert answer.contributions[0].label in answer.text


def test_both_engines_tell_the_same(demo: Demo) -> None:
    told = [answered(demo, engine, "gross margin last quarter", "why did it drop?") for engine in ENGINES]
    assert [(one.dimension, one.value) for one in told[0].contributions] == [(one.dimension, one.value) for one in told[1].contributions]
    for one, other in zip(told[0].contributions, told[1].contributions, strict=True):
        assert one.change == pytest.approx(other.change, rel=Decimal("1e-6"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_part_is_what_the_value_has_by_itself(demo: Demo, engine: str) -> None:
    answer = answered(demo, engine, "revenue in May 2026", "what drove this?")
    listed = [one for one in answer.contributions if not one.is_rest and one.value not in ("(none)", "yes", "no")]
    assert listed
    for one in listed:
        condition = f"{one.dimension} = '{one.value}'"
        now = value(demo, engine, "revenue", "2026-05-01", "2026-05-31", condition)
        before = value(demo, engine, "revenue", "2026-04-01", "2026-04-30", condition)
        assert (one.current or 0, one.previous or 0, one.change) == (now, before, now - before)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("metric", ["active customers", "median order value"])
def test_what_overlaps_has_no_shares(demo: Demo, engine: str, metric: str) -> None:
    answer = answered(demo, engine, f"{metric} in May 2026", "why?")
    assert answer.contributions
    assert {one.share for one in answer.contributions} == {None}
    assert "no parts of the whole" in answer.text


def test_who_sees_a_part_is_told_of_that_part_alone(demo: Demo) -> None:
    answer = answered(demo, "postgres", "revenue in May 2026", "why?", role=Role.ANALYST, region="DACH")
    assert {one.value for one in answer.contributions if one.dimension.endswith("country")} <= {"Germany", "Austria", "Switzerland"}
    assert answer.policies_applied
    assert answer.comparison is not None
    whole = answered(demo, "postgres", "revenue in May 2026", "why?").comparison
    assert whole is not None
    assert answer.comparison.current < whole.current


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_that_are_too_small_are_not_told_by_what_is_left(demo: Demo, engine: str) -> None:
    """A dimension of which groups are left out is passed over: shares of the whole would tell them."""
    deps = replace(demo.deps, serving=serving_of(guarded(demo, 25, FEE)))
    analyst = demo.caller(Role.ANALYST, region="DACH")
    asked = ask(deps, analyst, "shipping income in Q2 2026", source=engine)
    answer = ask(deps, analyst, "why?", previous=asked.query, source=engine).answer
    assert answer is not None
    assert answer.comparison is not None
    for one in answer.contributions:
        assert one.share is not None
        mine = [other for other in answer.contributions if other.dimension == one.dimension]
        assert sum(other.change for other in mine) == pytest.approx(answer.comparison.change, rel=Decimal("1e-9"))
    plain = replace(demo.deps, serving=serving_of(layer_of(demo)))
    open_answer = ask(plain, analyst, "why?", previous=asked.query, source=engine).answer
    assert open_answer is not None
    assert len({one.dimension for one in answer.contributions}) < len({one.dimension for one in open_answer.contributions})


@pytest.mark.parametrize("engine", ENGINES)
def test_a_count_that_is_not_told_of_one_period_is_not_taken_for_nothing(demo: Demo, engine: str) -> None:
    """A value whose group was too small before would else be told to have risen by all that it has now."""
    deps = replace(demo.deps, serving=serving_of(guarded(demo, 12, ("fct_orders", "customer_id"))))
    analyst = demo.caller(Role.ANALYST, region="DACH")
    told = []
    for quarter in ("Q1 2025", "Q2 2025", "Q3 2025", "Q1 2026", "Q2 2026"):
        asked = ask(deps, analyst, f"active customers in {quarter}", source=engine)
        answer = ask(deps, analyst, "why?", previous=asked.query, source=engine).answer
        assert answer is not None
        told += answer.contributions
    assert told
    assert [one for one in told if one.previous is None or one.current is None] == []


def test_no_change_and_nothing_before_are_said(demo: Demo) -> None:
    turn = talk(demo, "postgres", "revenue in July 2023", "why?")
    assert turn.answer is not None
    assert (turn.answer.outcome, turn.answer.problems[-1].code) == (Outcome.REFUSE, "DM6032")
    assert turn.answer.contributions == ()


def test_it_is_one_turn_in_the_log_and_every_query_is_audited_under_it(demo: Demo) -> None:
    caller = Caller(demo.caller().principal, "test", new_id("cor"))
    asked = ask(demo.deps, caller, "revenue in May 2026", source="postgres")
    turn = ask(demo.deps, caller, "why?", previous=asked.query, source="postgres")
    with psycopg.connect(demo.servers.store) as connection:
        queries = connection.execute("SELECT id FROM jobs.queries WHERE correlation_id = %s", [caller.correlation_id]).fetchall()
        events = connection.execute(
            "SELECT status, details::jsonb ->> 'query_id' FROM audit.audit_log WHERE correlation_id = %s", [caller.correlation_id]
        ).fetchall()
    assert {row[0] for row in queries} == {asked.query_id, turn.query_id}
    of_why = [status for status, query_id in events if query_id == turn.query_id]
    assert of_why.count("begin") == of_why.count("succeeded") > 10
    assert turn.answer is not None
    assert not without_rows(turn.answer).contributions


@pytest.mark.parametrize("engine", ENGINES)
def test_a_number_is_compared_with_the_period_before(demo: Demo, engine: str) -> None:
    answer = answered(demo, engine, "revenue in May 2026")
    assert answer.comparison is not None
    assert answer.comparison.previous == value(demo, engine, "revenue", "2026-04-01", "2026-04-30")
    assert answer.text.endswith(")."), answer.text
    assert "than in the month before (" in answer.text


@pytest.mark.parametrize(
    "question",
    ["revenue", "revenue by country in May 2026", "revenue last 28 days", "revenue in May vs April", "top country by revenue in May 2026"],
)
def test_what_is_not_free_is_not_compared(demo: Demo, question: str) -> None:
    answer = answered(demo, "postgres", question)
    assert answer.comparison is None


def test_it_can_be_switched_off(demo: Demo) -> None:
    off = replace(demo.deps, compares=False)
    answer = ask(off, demo.caller(), "revenue in May 2026").answer
    assert answer is not None
    assert answer.comparison is None
