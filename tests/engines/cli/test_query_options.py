"""`datamind query`: the plan, values without metrics, moments, and descriptions as comments."""

from __future__ import annotations

import pytest

from tests.engines.cli.conftest import Cli

ENGINES = ("postgres", "clickhouse")
MONTHLY = ("query", "--metrics", "revenue_month_to_date", "--group-by", "metric_time__month")


@pytest.mark.parametrize("asked", [MONTHLY, ("ask", "revenue by month in 2026")])
def test_plan_is_another_name_of_generate(cli: Cli, asked: tuple[str, ...]) -> None:
    plan = cli(*asked, "--explain", "plan")
    assert plan.code == 0
    assert plan.out == cli(*asked, "--explain", "generate").out
    assert "output" in plan.out
    assert "SELECT" not in plan.out


def test_the_plan_as_json(cli: Cli) -> None:
    assert cli(*MONTHLY, "--explain", "plan", "--json").json["output"].startswith("revenue_month_to_date")


def test_a_stage_that_is_none_is_told_with_those_that_are(cli: Cli) -> None:
    ran = cli(*MONTHLY, "--explain", "nonsense", "--json")
    assert ran.problem["code"] == "DM1031"
    assert "plan" in ran.problem["hint"]


@pytest.mark.parametrize("engine", ENGINES)
def test_descriptions_are_shown_and_never_run(cli: Cli, engine: str) -> None:
    bare = cli(*MONTHLY, "--json", "--source", engine).json
    told = cli(*MONTHLY, "--json", "--source", engine, "--comments").json
    assert "AS revenue_month_to_date /* Revenue since the first day of the month. */" in told["sql"]
    assert told["sql"].replace(" /* Revenue since the first day of the month. */", "") == bare["sql"]
    assert told["governed_sql"] == bare["governed_sql"]
    assert "/*" not in told["governed_sql"]
    assert told["results"] == bare["results"]
    ran = cli("sql", told["sql"], "--source", engine, "--json").json
    assert ran["results"] == bare["results"]


@pytest.mark.parametrize("engine", ENGINES)
def test_extremes_and_repeated_values(cli: Cli, engine: str) -> None:
    listed = ("query", "--group-by", "customer__country", "--source", engine, "--json")
    countries = [row["customer__country"] for row in cli(*listed).json["results"]]
    (extremes,) = cli(*listed, "--min-max-only").json["results"]
    assert extremes == {"customer__country__min": min(countries), "customer__country__max": max(countries)}
    repeated = [row["customer__country"] for row in cli(*listed, "--no-group-by").json["results"]]
    assert len(repeated) > len(countries)
    assert set(repeated) == set(countries)
    assert cli(*listed, "--metrics", "revenue", "--min-max-only").problem["code"] == "DM3017"


def test_a_range_may_be_given_to_the_moment(cli: Cli) -> None:
    days = cli(*MONTHLY, "--start-time", "2026-05-01", "--end-time", "2026-06-30", "--json").json
    moments = cli(*MONTHLY, "--start-time", "2026-05-03T10:30", "--end-time", "2026-06-30T08:00:00", "--json").json
    assert days["results"] == moments["results"]
    assert len(days["results"]) == 2
    assert cli(*MONTHLY, "--start-time", "2026-05-03T25:00", "--json").problem["code"] == "DM3092"


def test_the_help_names_them(cli: Cli) -> None:
    told = cli("query", "--help").out
    for option in ("--min-max-only", "--no-group-by", "--comments"):
        assert option in told
