"""Routing: who holds the data, who answers, who is asked for."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.expr import Column
from app.model.physical import Placement, Relation
from app.model.plan import Aggregate, Aggregated, LogicalPlan, Rows, Scan
from app.model.types import Aggregation
from app.ports import Capabilities
from app.route.choose import choose

ROWS = Capabilities(True, False, False, True)
COLUMNS = Capabilities(True, True, True, True)
BOTH = {"postgres": ROWS, "clickhouse": COLUMNS}
ALL = ("postgres", "clickhouse")


def held(engine: str, *models: str) -> Placement:
    return Placement(engine, tuple((m, Relation("s", m)) for m in models))


def plan(*models: str, sums: bool = True) -> LogicalPlan:
    values = (Aggregated("v", Aggregation.SUM, Column("a", "x")),) if sums else ()
    return LogicalPlan(tuple(Aggregate(m, Rows(Scan("x", m)), (), values) for m in models))


SAME = (held("postgres", "a", "b"), held("clickhouse", "a", "b"))


@pytest.mark.parametrize(
    ("asked", "places", "available", "requested", "engine", "reason"),
    [
        (plan("a"), SAME, ALL, "", "clickhouse", "fastest at adding up"),
        (plan("a", sums=False), SAME, ALL, "", "postgres", "quickest at listing"),
        (plan("a"), SAME, ALL, "postgres", "postgres", "asked for"),
        (plan("a"), SAME, ("postgres",), "", "postgres", "clickhouse can't be reached, and postgres holds the same data"),
        (plan("a", "b"), (held("postgres", "a", "b"), held("clickhouse", "a")), ALL, "", "postgres", "only one that holds `a` and `b`"),
        (plan("a"), (held("postgres", "a"),), ALL, "", "postgres", "holds the data"),
        (plan("a"), (*SAME, held("duckdb", "a")), ALL, "", "clickhouse", "fastest"),
    ],
)
def test_chosen(
    asked: LogicalPlan, places: tuple[Placement, ...], available: tuple[str, ...], requested: str, engine: str, reason: str
) -> None:
    route = choose(asked, places, BOTH, available, requested)
    assert route.engine == engine
    assert reason in route.reason


@pytest.mark.parametrize(
    ("places", "available", "requested", "code", "words"),
    [
        (SAME, ALL, "postgre", "DM3031", "did you mean `postgres`"),
        ((held("postgres", "a"), held("clickhouse")), ALL, "clickhouse", "DM3031", "`postgres` holds it all"),
        ((held("postgres", "a"),), ALL, "clickhouse", "DM3031", "does not hold"),
        (SAME, ("postgres",), "clickhouse", "DM5001", "asked for"),
        (SAME, (), "", "DM5001", "can't be reached"),
        ((held("postgres", "a"), held("clickhouse")), ("clickhouse",), "", "DM5001", "no other engine holds the data"),
        ((held("postgres", "b"), held("clickhouse")), ALL, "", "DM3032", "clickhouse lacks `a`; postgres lacks `a`"),
    ],
)
def test_refused(places: tuple[Placement, ...], available: tuple[str, ...], requested: str, code: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        choose(plan("a"), places, BOTH, available, requested)
    assert caught.value.problem.code == code
    assert words in str(caught.value.problem)


@pytest.mark.parametrize(
    ("places", "available", "blocked", "engine", "reason"),
    [
        (
            SAME,
            ALL,
            ("clickhouse",),
            "postgres",
            "clickhouse has failed tests or stale sources that block the answer, and postgres holds the same data",
        ),
        (SAME, ALL, ALL, "clickhouse", "fastest"),
        (SAME, ("clickhouse",), ("clickhouse",), "clickhouse", "fastest"),
        ((held("clickhouse", "a"),), ALL, ("clickhouse",), "clickhouse", "holds the data"),
        (SAME, ("postgres",), ("clickhouse",), "postgres", "clickhouse can't be reached"),
    ],
)
def test_a_blocked_engine_is_passed_over_where_another_can_answer(
    places: tuple[Placement, ...], available: tuple[str, ...], blocked: tuple[str, ...], engine: str, reason: str
) -> None:
    route = choose(plan("a"), places, BOTH, available, blocked=blocked)
    assert route.engine == engine
    assert reason in route.reason
