"""A test fails on real data: answers say so, or are not given, on that engine alone; mended, they are as they were."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.principal import Role
from app.service.audit import Caller
from app.service.quality_view import quality
from app.service.query import query
from app.service.request import QueryRequest
from app.service.sql import execute_sql, validate_sql
from tests.engines.quality.conftest import Sick, timeless

ENGINES = ("postgres", "clickhouse")
ORDERS = "models/marts/sales/sales.yml"
CHANNEL = "accepted_values_fct_orders_sales_channel__web__app__store"
FAILED = ("DM8070", "warning", f"test `{CHANNEL}` on `fct_orders` failed at TIME")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_answer_says_which_test_failed_until_it_passes_again(sick: Sick, engine: str) -> None:
    other = next(one for one in ENGINES if one != engine)
    assert sick.dbt("test", "fct_orders", target=engine).status == "succeeded"
    assert sick.ask("orders", source=engine).problems == ()
    with sick.wrong(engine, "marts.fct_orders", "sales_channel", "fax", "order_id"):
        report = sick.dbt("test", "fct_orders", target=engine)
        assert (report.status, report.recorded, report.counts["fail"]) == ("failed", True, 1)
        assert [(one.name, one.failures) for one in report.not_passed] == [(CHANNEL, 1)]
        answer = sick.ask("orders", source=engine)
        assert answer.result is not None
        assert timeless(answer.problems) == [FAILED]
        assert f"{report.not_passed[0].at:%Y-%m-%d %H:%M} UTC" in answer.problems[0].message
        assert sick.ask("orders", source=other).problems == (), "the other engine's data passed"
        assert sick.ask("sessions", source=engine).problems == (), "it does not stand on the orders"
        written = execute_sql(sick.demo.deps, sick.demo.caller(), "select count(*) as n from fct_orders", engine)
        assert timeless(written.problems) == [FAILED]
    assert sick.dbt("test", "fct_orders", target=engine).status == "succeeded"
    assert sick.ask("orders", source=engine).problems == ()


def test_a_blocked_answer_is_not_given_on_that_engine(sick: Sick, trail) -> None:
    deps, caller = sick.demo.deps, sick.demo.caller()
    with sick.wrong("clickhouse", "marts.fct_orders", "sales_channel", "fax", "order_id"):
        sick.dbt("test", "fct_orders", target="clickhouse")
        with sick.says(ORDERS, "fct_orders", on_failure="block"):
            with pytest.raises(UserError) as raised:
                sick.ask("orders", source="clickhouse")
            problem = raised.value.problem
            assert problem.code == "DM3098"
            assert f"this is not answered on clickhouse: test `{CHANNEL}` on `fct_orders` failed at 20" in problem.message
            assert problem.hint == "postgres can be asked: --source postgres"
            for refused in (execute_sql, validate_sql):
                with pytest.raises(UserError) as raised:
                    refused(deps, caller, "select count() from fct_orders", "clickhouse")
                assert raised.value.problem.code == "DM3098"
            assert sick.ask("orders", source="postgres").problems == ()
            routed = sick.ask("orders")
            assert (routed.engine, routed.problems) == ("postgres", ())
            assert (
                routed.engine_reason
                == "clickhouse has failed tests or stale sources that block the answer, and postgres holds the same data"
            )
            assert sick.ask("sessions").engine == "clickhouse"
        assert sick.ask("orders", source="clickhouse").problems != (), "it only warns again"
    sick.dbt("test", "fct_orders", target="clickhouse")
    assert sick.ask("orders", source="clickhouse").problems == ()


def test_a_refusal_is_audited_and_reads_no_data(sick: Sick, trail) -> None:
    deps = sick.demo.deps
    caller = Caller(sick.demo.caller().principal, "test", "cor_blocked")
    with sick.wrong("postgres", "marts.fct_orders", "sales_channel", "fax", "order_id"):
        sick.dbt("test", "fct_orders")
        with sick.says(ORDERS, "fct_orders", on_failure="block"), pytest.raises(UserError):
            query(deps, caller, QueryRequest(("orders",)), source="postgres")
    sick.dbt("test", "fct_orders")
    events = [(event["event_type"], event["status"], event["details"]["problem"]) for event in trail("cor_blocked")]
    assert events == [("query.generate", "refused", "DM3098")], "there is no query.execute: nothing ran"


def test_what_fails_below_counts_and_a_model_on_the_way_may_block(sick: Sick) -> None:
    """stg_orders is a view over raw.orders: a status there that nobody knows fails tests of source and staging, two steps below the mart."""
    with sick.wrong("postgres", "raw.orders", "status", "lost", "order_id"):
        report = sick.dbt("test", "stg_orders")
        assert report.status == "failed"
        told = timeless(sick.ask("orders", source="postgres").problems)
        assert told
        assert {code for code, _, _ in told} == {"DM8070"}
        assert all("on `stg_orders` failed at TIME" in message for _, _, message in told), told
        with sick.says(ORDERS, "fct_orders", on_failure="block"), pytest.raises(UserError) as raised:
            sick.ask("orders", source="postgres")
        assert raised.value.problem.code == "DM3098"
        with sick.says("models/marts/core/core.yml", "dim_stores", on_failure="block"):
            assert sick.ask("orders", source="postgres").problems, "dim_stores is not on the way"
    assert sick.dbt("test", "stg_orders").status == "succeeded"
    assert sick.ask("orders", source="postgres").problems == ()


def test_what_a_person_may_not_see_is_not_named(sick: Sick) -> None:
    with sick.wrong("postgres", "raw.orders", "status", "lost", "order_id"):
        sick.dbt("test", "stg_orders")
        analyst = sick.ask("orders", source="postgres", role=Role.ANALYST, region="DACH")
        told = timeless(analyst.problems)
        assert set(told) == {("DM8070", "warning", "a test on a table that this stands on failed at TIME")}
        assert "stg_" not in str(analyst.problems)
        with sick.says(ORDERS, "fct_orders", on_failure="block"), pytest.raises(UserError) as raised:
            sick.ask("orders", source="postgres", role=Role.ANALYST, region="DACH")
        assert "stg_" not in str(raised.value)
        assert "this is not answered on postgres: a test on a table that this stands on failed at" in raised.value.problem.message
        deps = sick.demo.deps
        listed = [line for line in quality(deps, sick.demo.caller(Role.ANALYST, region="DACH")) if line.status == "fail"]
        assert listed == []
        admin = [line for line in quality(deps, sick.demo.caller(), engine="postgres") if line.status == "fail"]
        assert {on for line in admin for on in line.on} == {"stg_orders"}
        assert all(line.failures for line in admin)
    sick.dbt("test", "stg_orders")


def test_a_table_that_could_not_be_built_is_that_of_an_earlier_run(sick: Sick) -> None:
    model = sick.demo.settings.dbt_project_path / "models/marts/core/dim_stores.sql"
    before = model.read_text(encoding="utf-8")
    try:
        model.write_text(before + "\nwhere 1 / (select count(*) - count(*) from (select 1) as one) = 1\n", encoding="utf-8")
        report = sick.dbt("run", "dim_stores")
        assert (report.status, [one.message for one in report.not_passed]) == (
            "failed",
            ["Database Error in model dim_stores (models/marts/core/dim_stores.sql)"],
        )
        answer = sick.ask("revenue", source="postgres")
        assert timeless(answer.problems) == []
        store = query(sick.demo.deps, sick.demo.caller(), QueryRequest(("orders",), ("store__store_city",)), source="postgres").answer
        assert store is not None
        assert timeless(store.problems) == [
            ("DM8072", "warning", "`dim_stores` could not be built at TIME: what is in it is from an earlier run")
        ]
    finally:
        model.write_text(before, encoding="utf-8")
    assert sick.dbt("run", "dim_stores").status == "succeeded"


def test_stale_sources_are_told_and_growing_ones_noted(sick: Sick) -> None:
    file = sick.demo.settings.dbt_project_path / "models/staging/sources_shop.yml"
    before = file.read_text(encoding="utf-8")
    assert sick.dbt("freshness", "source:shop.orders").status == "succeeded"
    try:
        for warn, error, severity, age in ((1, 7300, "note", "growing stale"), (1, 2, "warning", "stale")):
            limits = f"(warn after 1 day, error after {error} days)"
            told = f"the source `shop.orders` is {age}: its newest row is of TIME {limits}, checked at TIME"
            file.write_text(before.replace("count: 3650,", f"count: {warn},").replace("count: 7300,", f"count: {error},"), encoding="utf-8")
            report = sick.dbt("freshness", "source:shop.orders")
            assert report.status == ("succeeded" if error > 2 else "failed")
            assert timeless(sick.ask("orders", source="postgres").problems) == [("DM8071", severity, told)]
            assert sick.ask("sessions", source="postgres").problems == ()
            assert sick.ask("orders", source="clickhouse").problems == ()
        analyst = timeless(sick.ask("orders", source="postgres", role=Role.ANALYST, region="DACH").problems)
        assert analyst == [("DM8071", "warning", "a source that this stands on is stale, checked at TIME")]
    finally:
        file.write_text(before, encoding="utf-8")
    assert sick.dbt("freshness", "source:shop.orders").status == "succeeded"
    assert sick.ask("orders", source="postgres").problems == ()
