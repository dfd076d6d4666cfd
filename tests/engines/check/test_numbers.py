"""Numbers of changed metrics, before and after, on the demo's warehouse: governed, bounded, and honest about what they are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.parse import Parsing, parse
from app.adapters.dbt.runner import DbtProcess
from app.compile.markdown.sections import LONGEST
from app.model.principal import Role
from app.model.result import Result
from app.service.check.comment import comment
from app.service.check.run import Checked, run
from app.service.check.subject import Ask, Base, Numbers, Read, Subject, Wanted
from app.service.diff import State
from app.service.query import query
from app.service.request import QueryRequest
from app.wiring.check import asking
from tests.support.demo import ROOT, Demo

METRICS = "models/metrics/sales_simple.yml"
FILTER = "      measure: net_amount\n    filter: \"{{ Dimension('order__order_status') }} = 'delivered'\"\n"


class Two:
    """Both sides, parsed already."""

    def __init__(self, old: Read, new: Read) -> None:
        self._old, self._new = old, new

    def head(self) -> Read:
        return self._new

    def base(self) -> Base:
        targets, sources = self._old
        return Base(State("main", tuple(targets), sources.files["dbt_project.yml"]), sources.files)


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Parses the demo's project with texts put in place of others."""
    folder = tmp_path_factory.mktemp("numbers")
    with DbtProcess() as process:

        def read(name: str, *edits: tuple[str, str, str]) -> Read:
            project = folder / name
            shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
            for file, old, new in edits:
                text = (project / file).read_text()
                assert old in text, old
                (project / file).write_text(text.replace(old, new, 1))
            parse(process, project, Parsing(project, "kettle_and_crane", "postgres"), project / "target" / "postgres")
            return DbtFolder(project, {"postgres": None}).read()

        yield read


@pytest.fixture(scope="module")
def old(parsed) -> Read:
    return parsed("old")


@pytest.fixture(scope="module")
def filtered(parsed) -> Read:
    """Revenue counts delivered orders alone."""
    return parsed("filtered", (METRICS, "      measure: net_amount\n", FILTER))


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
