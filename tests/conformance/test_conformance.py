"""Every case gives the rows of dbt's own engine, on PostgreSQL and on ClickHouse."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from app.errors import UserError
from app.model.result import Result
from app.ports import Capabilities
from tests.conformance import ties
from tests.conformance.cases import Case, Expected, folder, read, request
from tests.conformance.comparison import differences
from tests.conformance.conftest import Conformance
from tests.conformance.tables import read as read_tables

CASES = read(folder())
ENGINES = ("postgres", "clickhouse")
EACH = [pytest.param(case, engine, id=f"{case.title}-{engine}") for case in CASES for engine in ENGINES]


def test_there_are_cases(conformance_folder: Path) -> None:
    """Without cases all the others would pass by not being there."""
    assert CASES, conformance_folder
    assert all((conformance_folder / "manifests" / f"{case.model}.json").is_file() for case in CASES)


@pytest.mark.parametrize(("case", "engine"), EACH)
def test_case(case: Case, engine: str, conformance: Conformance) -> None:
    try:
        turn = conformance.ask(case.model, engine, request(case))
    except UserError:
        if has(conformance.deps.engines[engine].capabilities, case.required_features):
            raise
        return  # what the engine lacks may be refused; an exact answer in place of an approximate one is welcome
    assert turn.result is not None
    assert turn.sql is not None
    assert not turn.result.truncated
    assert turn.result.row_count or case.allow_empty, turn.sql.text
    if case.expected is not None:
        wrong = min((judged(turn.result, case, answer) for answer in right_answers(case, conformance.folder)), key=len)
        assert not wrong, "\n".join([*wrong, turn.sql.text])


def judged(result: Result, case: Case, expected: Expected) -> list[str]:
    """What is wrong with the result."""
    names = [column.name for column in result.columns]
    if expected.rows is not None:
        return differences(names, list(result.rows()), expected.columns, expected.rows, in_order=case.check_order)
    found = differences(names, [], expected.columns, [])
    return found if result.row_count == expected.row_count else [*found, f"{result.row_count} rows, not {expected.row_count}"]


def has(engine: Capabilities, features: tuple[str, ...]) -> bool:
    """Whether the engine can do all that the case needs."""
    able = {
        "CONTINUOUS_PERCENTILE_AGGREGATION": engine.exact_percentile,
        "DISCRETE_PERCENTILE_AGGREGATION": engine.exact_percentile,
        "APPROXIMATE_CONTINUOUS_PERCENTILE_AGGREGATION": engine.approximate_percentile,
        "APPROXIMATE_DISCRETE_PERCENTILE_AGGREGATION": engine.approximate_percentile,
    }
    return all(able[feature] for feature in features)


def right_answers(case: Case, folder: Path) -> list[Expected]:
    """What the case expects; where it depends on how ties are broken, every answer that is right."""
    if case.expected is None:
        return []
    if not case.id.endswith(ties.TIED):
        return [case.expected]
    loaded = {
        table.name: [dict(zip((name for name, _ in table.columns), row, strict=True)) for row in table.rows]
        for table in read_tables(folder)
    }
    visits = [ties.Visit(str(r["user_id"]), moment(r["ds"]), str(r["referrer_id"])) for r in loaded["fct_visits"]]
    buys = [ties.Buy(str(r["user_id"]), moment(r["ds"])) for r in loaded["fct_buys"]]
    return [Expected(("visit__referrer_id", *case.metrics), rows) for rows in ties.possible_rates(visits, buys)]


def moment(text: Any) -> dt.datetime:
    """A time as the tables write it."""
    return dt.datetime.fromisoformat(str(text))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for case in CASES if case.id.endswith(ties.TIED)])
def test_the_frozen_rows_are_among_the_right_answers_to_a_tie(case: Case, conformance_folder: Path) -> None:
    assert case.expected is not None
    assert case.expected.rows is not None
    answers = right_answers(case, conformance_folder)
    assert len(answers) > 1
    found = [
        differences(case.expected.columns, [tuple(row) for row in case.expected.rows], answer.columns, answer.rows or [])
        for answer in answers
    ]
    assert [] in found, found
