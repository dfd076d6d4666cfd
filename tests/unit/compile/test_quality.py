"""What run results and source freshness say, read from artifacts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.compile.quality import read_quality
from app.model.quality import NodeResult, Quality, Reading, ResultKind, ResultStatus

RUN = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "generated_at": "2026-06-30T02:10:00Z"}
SOURCES = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json", "generated_at": "2026-06-30T02:10:00Z"}
AT = dt.datetime(2026, 6, 30, 2, 10, tzinfo=dt.UTC)
LEAK = "4111 1111 1111 1111"


def read(project: Any, *results: dict[str, Any], which: str | None = "test", **artifacts: Any) -> dict[str, NodeResult]:
    run = {"metadata": RUN, "results": results, "args": {"which": which} if which else {}}
    return {one.unique_id: one for one in read_quality(project.target(run_results=run, **artifacts)).results}


def test_a_test_says_something_of_its_own_model_and_reads_others(project: Any) -> None:
    project.orders().model("customers")
    test = project.generic_test("relationships", "orders", "customer_id", depends=["model.shop.customers"])["unique_id"]
    steps = [{"name": "compile", "completed_at": "2026-06-30T02:08:00Z"}, {"name": "execute", "completed_at": "2026-06-30T02:09:00.5Z"}]
    found = read(
        project,
        {"unique_id": test, "status": "fail", "failures": 3, "timing": steps, "message": "Got 3 results, configured to fail if != 0"},
    )
    assert found == {
        test: NodeResult(
            test,
            ResultKind.TEST,
            test.rpartition(".")[2],
            ResultStatus.FAIL,
            dt.datetime(2026, 6, 30, 2, 9, 0, 500_000, tzinfo=dt.UTC),
            ("model.shop.orders",),
            ("model.shop.customers", "model.shop.orders"),
            3,
            "Got 3 results, configured to fail if != 0",
            generic="relationships",
        )
    }


def test_a_singular_test_says_something_of_all_that_it_reads(project: Any) -> None:
    project.orders().model("customers")
    test = project.generic_test("sums_agree", "orders", depends=["model.shop.customers"])
    del test["attached_node"], test["test_metadata"]
    found = read(project, {"unique_id": test["unique_id"], "status": "fail"})[test["unique_id"]]
    assert found.tested == found.reads == ("model.shop.customers", "model.shop.orders")
    assert found.at == AT


@pytest.mark.parametrize(
    ("status", "of_test", "of_model"),
    [
        ("pass", ResultStatus.PASS, ResultStatus.PASS),
        ("success", None, ResultStatus.PASS),
        ("warn", ResultStatus.WARN, None),
        ("fail", ResultStatus.FAIL, None),
        ("error", ResultStatus.ERROR, ResultStatus.ERROR),
        ("skipped", None, None),
        ("no such word", None, None),
    ],
)
def test_statuses(project: Any, status: str, of_test: ResultStatus | None, of_model: ResultStatus | None) -> None:
    test = project.orders().generic_test("unique", "orders", "id")["unique_id"]
    found = read(project, {"unique_id": test, "status": status}, {"unique_id": "model.shop.orders", "status": status}, which="build")
    assert (found[test].status if test in found else None) == of_test
    assert (found["model.shop.orders"].status if "model.shop.orders" in found else None) == of_model


@pytest.mark.parametrize("which", ["compile", "generate", "docs", "show"])
def test_what_was_only_compiled_was_neither_built_nor_tested(project: Any, which: str) -> None:
    test = project.orders().generic_test("unique", "orders", "id")["unique_id"]
    results = [{"unique_id": test, "status": "error"}, {"unique_id": "model.shop.orders", "status": "success"}]
    assert read(project, *results, which=which) == {}
    assert len(read(project, *results, which="build")) == len(read(project, *results, which=None)) == 2


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            f'Database Error in model orders (models/orders.sql)\n  invalid input syntax for type integer: "{LEAK}"',
            "Database Error in model orders (models/orders.sql)",
        ),
        ("Runtime Error", "Runtime Error"),
        (f"Key (card)=({LEAK}) is duplicated", ""),
        (None, ""),
    ],
)
def test_no_message_quotes_a_row(project: Any, message: str | None, kept: str) -> None:
    project.orders()
    found = read(project, {"unique_id": "model.shop.orders", "status": "error", "message": message}, which="run")
    assert found["model.shop.orders"].message == kept


def test_freshness_of_sources(project: Any) -> None:
    limits = {"warn_after": {"count": 12, "period": "hour"}, "error_after": {"count": 1, "period": "day"}}
    project.orders()
    for name, given in (("a", {"freshness": limits}), ("b", {"config": {"freshness": limits}}), ("c", {"freshness": limits}), ("d", {})):
        project.source("raw", name, **given)
    seen = {"max_loaded_at": "2026-06-28T00:00:00+02:00", "snapshotted_at": "2026-06-30T01:00:00+00:00", "criteria": limits}
    sources = {
        "metadata": SOURCES,
        "results": [
            {"unique_id": "source.shop.raw.a", "status": "error", **seen},
            {"unique_id": "source.shop.raw.b", "status": "warn", **seen},
            {"unique_id": "source.shop.raw.c", "status": "runtime error", "error": LEAK},
            {"unique_id": "source.shop.raw.d", "status": "error", **seen},
        ],
    }
    a, b, c = (read(project, sources=sources).get(f"source.shop.raw.{name}") for name in "abc")
    assert "source.shop.raw.d" not in read(project, sources=sources), "the project asks nothing of it any more"
    loaded = dt.datetime(2026, 6, 27, 22, tzinfo=dt.UTC)
    told = "warn after 12 hours, error after 1 day"
    assert a == NodeResult(
        "source.shop.raw.a", ResultKind.SOURCE, "raw.a", ResultStatus.FAIL, dt.datetime(2026, 6, 30, 1, tzinfo=dt.UTC), ("source.shop.raw.a",),
        loaded_at=loaded, criteria=told,
    )  # fmt: skip
    assert (b.status, c.status, c.at, c.loaded_at) == (ResultStatus.WARN, ResultStatus.ERROR, AT, None)


def test_a_node_that_is_gone_says_nothing(project: Any) -> None:
    assert read(project.orders(), {"unique_id": "test.shop.gone", "status": "fail"}) == {}


def result(unique_id: str, status: ResultStatus, minute: int) -> NodeResult:
    return NodeResult(unique_id, ResultKind.TEST, unique_id, status, AT.replace(minute=minute), ("model.shop.orders",))


def test_newer_results_win_whichever_side_has_them() -> None:
    held = Quality.of(
        {"postgres": [result("a", ResultStatus.FAIL, 1), result("b", ResultStatus.FAIL, 5), result("gone", ResultStatus.FAIL, 9)]}
    )
    here = Reading(
        AT, frozenset("abc"), (result("a", ResultStatus.PASS, 2), result("b", ResultStatus.PASS, 4), result("c", ResultStatus.WARN, 1))
    )
    merged = held.with_newer({"postgres": here})
    assert [(one.unique_id, one.status) for one in merged.by_engine["postgres"]] == [("a", "pass"), ("b", "fail"), ("c", "warn")]
    assert [one.unique_id for one in merged.doubtful["postgres"]["model.shop.orders"]] == ["b", "c"]
