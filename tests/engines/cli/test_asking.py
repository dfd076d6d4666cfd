"""`datamind ask`, `query` and `sql` on the running demo."""

from __future__ import annotations

import csv
import io
import json

import psycopg
import pytest

from app.pipeline.run import STAGE_NAMES
from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo

JUNE = ("--start-time", "2026-06-01", "--end-time", "2026-06-30")
DACH = ("--as", "analyst", "--attr", "region=DACH")


def one(demo: Demo, sql: str) -> object:
    with psycopg.connect(demo.servers.owners["postgres"]) as connection:
        return connection.execute(sql).fetchone()[0]


def test_a_question_is_answered_whole(cli: Cli) -> None:
    ran = cli("ask", "What was our revenue in June 2026?")
    assert ran.code == 0
    for part in ("Revenue", "SELECT", "engine: ", "because", "policies: ", "stages: interpret", "layer "):
        assert part in ran.out
    assert "SELECT" not in ran.err


def test_an_answer_as_json(cli: Cli, demo: Demo) -> None:
    ran = cli("ask", "What was our revenue in June 2026?", "--json", "--source", "postgres")
    assert ran.code == 0
    body = ran.json
    expected = one(demo, "SELECT sum(net_amount) FROM marts.fct_order_lines WHERE ordered_at >= '2026-06-01' AND ordered_at < '2026-07-01'")
    assert str(expected) in ran.out
    assert body["results"] == [{"revenue": float(expected)}]
    assert body["engine"] == "postgres"
    assert [stage["stage"] for stage in body["stages"]] == list(STAGE_NAMES)
    assert body["definitions"][0]["metric"] == "revenue"


@pytest.mark.parametrize("question", ["gibberish flurb wibble", "revenue by the phase of the moon"])
def test_a_question_without_an_answer_says_so(cli: Cli, question: str) -> None:
    ran = cli("ask", question)
    assert ran.code == 1
    assert ran.out.strip()
    body = cli("ask", question, "--json")
    assert body.code == 1
    assert body.json["outcome"] in ("refuse", "clarify")
    stopped = cli("ask", question, "--explain", "interpret", "--json")
    assert stopped.code == 1
    assert stopped.json["text"] == body.json["text"]


def test_a_role_sees_what_its_policies_leave(cli: Cli, demo: Demo) -> None:
    everybody = cli("query", "--metrics", "signups", "--json").json
    limited = cli("query", "--metrics", "signups", "--json", *DACH).json
    assert everybody["results"][0]["signups"] == one(demo, "SELECT count(*) FROM marts.dim_customers")
    assert limited["results"][0]["signups"] == one(demo, "SELECT count(*) FROM marts.dim_customers WHERE region = 'DACH'")
    assert limited["policies_applied"]
    assert everybody["governed_sql"]
    assert not limited.get("governed_sql")
    nobody = cli("query", "--metrics", "signups", "--json", "--as", "analyst").json
    assert nobody["results"] == [{"signups": 0}]


def test_a_viewer_may_not_ask(cli: Cli) -> None:
    ran = cli("ask", "revenue", "--as", "viewer", "--json")
    assert (ran.code, ran.problem["code"]) == (1, "DM7010")


def test_rows_as_csv(cli: Cli) -> None:
    ran = cli(
        "query",
        "--metrics",
        "revenue,orders",
        "--group-by",
        "metric_time__month",
        "--order",
        "-metric_time__month",
        "--limit",
        "3",
        "--csv",
    )
    assert ran.code == 0
    head, *rows = csv.reader(io.StringIO(ran.out))
    assert head == ["metric_time__month", "revenue", "orders"]
    assert [row[0][:7] for row in rows] == ["2026-06", "2026-05", "2026-04"]


def test_filters_having_and_saved_queries(cli: Cli) -> None:
    filtered = cli(
        "query",
        "--metrics",
        "orders",
        "--group-by",
        "customer__country",
        "--where",
        "{{ Dimension('customer__country') }} = 'Germany'",
        "--json",
    ).json
    assert [row["customer__country"] for row in filtered["results"]] == ["Germany"]
    many = cli("query", "--metrics", "orders", "--group-by", "customer__country", "--having", "orders > 100000", "--json").json
    assert many["results"] == []
    saved = cli("query", "--saved-query", "best_sellers_of_the_last_quarter", "--json").json
    assert len(saved["results"]) == 20


@pytest.mark.parametrize("stage", ["interpret", "generate", "plan", "validate", "optimize", "sql", "sanitize"])
def test_each_stage_prints_what_it_made(cli: Cli, stage: str) -> None:
    arguments = ("query", "--metrics", "revenue", "--group-by", "metric_time__month", "--source", "postgres", "--explain", stage)
    ran = cli(*arguments)
    assert ran.code == 0
    body = cli(*arguments, "--json").json
    assert body["output"].split() == ran.out.split()
    text = ran.out
    if stage == "interpret":
        assert json.loads(text)["metrics"] == ["revenue"]
    elif stage in ("generate", "plan", "validate"):
        assert "fct_order_lines" in text
        assert "LIMIT 10001" not in text
    else:
        assert "LIMIT 10001" in text
    asked = cli("ask", "orders by month in 2026", "--explain", stage)
    assert asked.code == 0
    assert asked.out.strip()


def test_governed_sql_is_shown_to_admins_only(cli: Cli) -> None:
    statement = "SELECT count(*) AS n FROM marts.dim_customers"
    shown, limited = cli("sql", statement, "--explain", "optimize"), cli("sql", statement, "--explain", "sanitize", *DACH)
    assert limited.out == shown.out
    assert cli("sql", statement, "--explain", "sanitize").out != shown.out


@pytest.mark.parametrize("stage", ["interpret", "generate", "validate", "optimize", "sanitize"])
def test_written_sql_is_explained_at_each_stage(cli: Cli, stage: str) -> None:
    ran = cli("sql", "select count( * ) as n from marts.dim_customers", "--explain", stage)
    assert ran.code == 0
    assert ("LIMIT" in ran.out) is (stage in ("optimize", "sanitize"))
    assert "dim_customers" in ran.out


@pytest.mark.parametrize("source", ["postgres", "clickhouse"])
def test_sql_runs_on_the_engine_named(cli: Cli, demo: Demo, source: str) -> None:
    statement = "SELECT count(*) AS n FROM marts.dim_customers"
    ran = cli("sql", statement, "--source", source, "--json")
    assert ran.code == 0
    assert ran.json["results"] == [{"n": one(demo, statement)}]
    limited = cli("sql", statement, "--source", source, "--csv", *DACH)
    assert limited.out.splitlines() == ["n", str(one(demo, statement + " WHERE region = 'DACH'"))]


def test_a_turn_of_the_command_line_is_in_the_query_log(cli: Cli, demo: Demo) -> None:
    body = cli("ask", "orders by month in 2026", "--json").json
    record = demo.deps.queries.get(body["query_id"], demo.settings.project_id)
    assert (record.door, record.user_id, record.status) == ("cli", "cli", "succeeded")
