"""Numbers of changed metrics, before and after, on the demo's warehouse: governed, bounded, and honest about what they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from app.compile.markdown.sections import LONGEST
from app.model.principal import Role
from app.model.result import Result
from app.service.check.comment import comment
from app.service.check.run import Checked, run
from app.service.check.subject import Ask, Numbers, Read, Subject, Wanted
from app.service.query import query
from app.service.request import QueryRequest
from app.wiring.check import asking
from tests.engines.check.conftest import FILTER, METRICS, Two
from tests.support.demo import Demo


def checked(demo: Demo, old: Read, new: Read, role: Role = Role.ADMIN, most: int = 20, **attributes: str) -> Checked:
    @contextmanager
    def opened() -> Iterator[Ask]:
        yield asking(demo.deps, demo.caller(role, **attributes), "postgres")

    return run(Subject(Two(old, new), Wanted(numbers=Numbers(opened, most, f"role {role}"))))


def values(found: Checked) -> dict[tuple[str, str], dict]:
    outcome = found.of("numbers")
    assert outcome is not None
    return {(one["metric"], one["period"]): one for one in outcome.body["values"]}


def asked(demo: Demo, request: QueryRequest, role: Role = Role.ADMIN, **attributes: str) -> Result:
    result = query(demo.deps, demo.caller(role, **attributes), request, source="postgres").result
    assert result is not None
    return result


def test_both_definitions_on_one_warehouse(demo: Demo, old: Read, filtered: Read) -> None:
    found = checked(demo, old, filtered)
    by = values(found)
    total = by["revenue", ""]
    assert total["problem"] == ""
    assert total["before"] == asked(demo, QueryRequest(metrics=("revenue",))).data[0][0]
    delivered = QueryRequest(metrics=("revenue",), where=("order__order_status = 'delivered'",))
    assert total["after"] == asked(demo, delivered).data[0][0]
    assert Decimal(0) < total["after"] < total["before"]
    assert total["difference_percent"] == pytest.approx(float((total["after"] - total["before"]) / total["before"] * 100))
    months = asked(demo, QueryRequest(metrics=("revenue",), group_by=("metric_time__month",), order=("-metric_time__month",), limit=6))
    periods = [period for metric, period in by if metric == "revenue" and period]
    assert periods == [str(value)[:10] for value in months.data[0]]
    assert [by["revenue", period]["before"] for period in periods] == list(months.data[1])
    assert {metric for metric, _ in by} >= {"revenue", "average_order_value", "refund_rate"}
    text = comment(found)
    assert "tables as they are in the warehouse now" in text
    assert "| `revenue` | in all | €" in text
    assert len(text) < LONGEST


def test_rows_that_the_role_may_not_see_do_not_count(demo: Demo, old: Read, filtered: Read) -> None:
    by = values(checked(demo, old, filtered, Role.ANALYST, region="DACH"))
    assert by["revenue", ""]["before"] == asked(demo, QueryRequest(metrics=("revenue",)), Role.ANALYST, region="DACH").data[0][0]
    assert by["revenue", ""]["before"] < asked(demo, QueryRequest(metrics=("revenue",))).data[0][0]


def test_no_more_than_wanted(demo: Demo, old: Read, filtered: Read) -> None:
    found = checked(demo, old, filtered, most=1)
    assert len({metric for metric, _ in values(found)}) == 1
    assert "more metrics are not computed" in comment(found)


def test_numbers_wait_for_a_change_of_rights(demo: Demo, old: Read, parsed) -> None:
    """Else who writes a pull request would be shown what the policies hide."""
    opened = ("models/marts/sales/sales.yml", 'filter: "region = user.region"', 'filter: "true"')
    twice = (opened[0], opened[1], opened[2])
    new = parsed("opened", (METRICS, "      measure: net_amount\n", FILTER), opened, twice)
    by = values(checked(demo, old, new, Role.ANALYST, region="DACH"))
    assert "protection is changed" in by["revenue", ""]["problem"]
    assert (by["revenue", ""]["before"], by["revenue", ""]["after"]) == (None, None)
    assert [period for metric, period in by if metric == "revenue"] == [""]


def test_a_metric_that_can_not_be_computed_says_why(demo: Demo, old: Read, parsed) -> None:
    """A model that nobody built is not in the warehouse."""
    new = parsed("renamed", ("dbt_project.yml", "+schema: marts", "+schema: not_built"), (METRICS, "      measure: net_amount\n", FILTER))
    found = checked(demo, old, new)
    problem = values(found)["revenue", ""]["problem"]
    assert problem.startswith("after: DM")
    assert found.of("numbers").state == "passed"  # type: ignore[union-attr] # it was asked for


def test_nothing_changed(demo: Demo, old: Read) -> None:
    found = checked(demo, old, old)
    assert (found.fails, found.of("numbers").state) == (False, "skipped")  # type: ignore[union-attr] # it was asked for
