"""`datamind query`: the plan, values without metrics, moments, and descriptions as comments."""

from __future__ import annotations

from pathlib import Path

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


def test_the_names_that_mf_and_dbt_have_for_options_work_too(cli: Cli) -> None:
    yearly = ("query", "--metrics", "revenue", "--group-by", "metric_time__year", "--json")
    assert cli(*yearly, "--order-by", "-metric_time__year").json["results"] == cli(*yearly, "--order", "-metric_time__year").json["results"]
    assert "/*" in cli(*yearly, "--show-sql-descriptions").json["sql"]


def test_numbers_are_rounded_on_request_in_csv_and_never_in_json(cli: Cli) -> None:
    yearly = ("query", "--metrics", "average_order_value", "--group-by", "metric_time__year")
    exact = [line.split(",")[1] for line in cli(*yearly, "--csv").out.splitlines()[1:]]
    rounded = [line.split(",")[1] for line in cli(*yearly, "--csv", "--decimals", "1").out.splitlines()[1:]]
    assert rounded == [f"{float(value):.1f}" for value in exact]
    assert any(len(value) > 8 for value in exact)
    assert cli(*yearly, "--json", "--decimals", "1").json["results"] == cli(*yearly, "--json").json["results"]
    assert cli(*yearly, "--decimals", "-1").code == 2
    assert cli(*yearly, "--csv", "--json").code == 2


def test_a_filter_that_can_not_be_read_is_pointed_at(cli: Cli) -> None:
    ran = cli("query", "--metrics", "revenue", "--where", "customer__country = ")
    assert ran.code == 1
    assert "where[0]:1:19 error DM3101" in ran.err


def test_sql_that_is_explained_is_not_wrapped(cli: Cli) -> None:
    long = "'" + "x " * 200 + "'"
    ran = cli("query", "--metrics", "revenue", "--where", f"customer__country = {long}", "--explain", "sql")
    assert long in ran.out


def test_the_help_names_them(cli: Cli) -> None:
    told = cli("query", "--help").out
    for option in ("--min-max-only", "--no-group-by", "--comments", "--decimals", "--order-by"):
        assert option in told


def test_explain_without_a_stage_is_the_sql(cli: Cli) -> None:
    bare = cli(*MONTHLY, "--explain", "--source", "postgres")
    assert bare.out.startswith(("SELECT", "WITH"))
    assert bare.out == cli(*MONTHLY, "--source", "postgres", "--explain=sql").out
    assert cli("ask", "--explain", "revenue by country", "--source", "postgres").out.startswith("SELECT")
    assert cli("ask", "revenue by country", "--explain", "interpret").out.startswith("{")


def test_csv_goes_to_a_file_or_to_standard_output(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    ran = cli(*MONTHLY, "--csv", str(path))
    assert (ran.code, ran.out) == (0, "")
    assert "rows written" in ran.err
    assert path.read_text() == cli(*MONTHLY, "--csv").out == cli(*MONTHLY, "--csv", "-").out
    sql = cli("sql", "--csv", "SELECT 1 AS one, CAST(NULL AS text) AS none", "--source", "postgres")
    assert sql.out == "one,none\n1,\n"
    assert cli(*MONTHLY, "--csv", str(tmp_path / "no" / "rows.csv")).code == 1


def test_a_refusal_is_no_csv(cli: Cli) -> None:
    ran = cli("ask", "colour of the moon", "--csv")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err


def test_a_target_is_the_engine_that_answers(cli: Cli) -> None:
    for engine in ENGINES:
        assert cli(*MONTHLY, "--target", engine, "--json").json["engine"] == engine
        assert cli(*MONTHLY, "--json", DBT_TARGET=engine).json["engine"] == engine
    assert cli(*MONTHLY, "--target", "nowhere", "--json").problem["code"] == "DM1020"


def test_values_of_a_dimension(cli: Cli) -> None:
    asked = ("list", "dimension-values", "--dimension", "customer__region")
    regions = cli(*asked, "--json").json
    assert regions == sorted(regions)
    assert set(cli(*asked, "--metrics", "revenue", "--json").json) <= {*regions, None}
    assert cli(*asked, "--csv").out.splitlines() == ["customer__region", *regions]
    assert regions[0] in cli(*asked).out
    assert cli(*asked, "--metrics", "revenue", "--start-time", "1999-01-01", "--end-time", "1999-12-31", "--json").json == []
    assert cli("list", "dimension-values", "--dimension", "nothing", "--json").problem["code"].startswith("DM30")
    assert cli("list", "dimension-values").code == 2


def test_an_answer_goes_to_a_file_as_its_ending_says(cli: Cli, tmp_path: Path) -> None:
    begins = {"xlsx": b"PK", "pdf": b"%PDF", "png": b"\x89PNG", "json": b"{", "CSV": b"metric_time__month,"}
    for ending, begin in begins.items():
        path = tmp_path / f"answer.{ending}"
        ran = cli(*MONTHLY, "--output", str(path))
        assert (ran.code, path.read_bytes()[: len(begin)]) == (0, begin), ran.err
        assert "rows written to" in ran.err
    written = cli("sql", "SELECT '=1' AS text", "--source", "postgres", "-o", str(tmp_path / "sql.csv"))
    assert (written.code, (tmp_path / "sql.csv").read_text()) == (0, "text\n'=1\n")
    assert cli("query", "--metrics", "revenue", "-o", str(tmp_path / "one.png")).code == 1
    assert not (tmp_path / "one.png").exists()


def test_a_file_that_cannot_be_written_is_told_before_or_after(cli: Cli, tmp_path: Path) -> None:
    ran = cli(*MONTHLY, "--output", str(tmp_path / "answer.docx"))
    assert (ran.code, ran.out) == (1, "")
    assert "DM1042" in ran.err
    assert "DM1041" in cli(*MONTHLY, "--output", str(tmp_path / "no" / "answer.csv")).err
    shown = cli(*MONTHLY, "--explain", "plan", "--output", str(tmp_path / "answer.csv"))
    assert (shown.code, shown.out) == (2, "")
    assert "choose one of --output and --explain" in " ".join(shown.err.replace("│", " ").split())
