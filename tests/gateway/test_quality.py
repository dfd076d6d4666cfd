"""What dbt's runs said of the data, over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from app.gateway.schemas.quality import DbtRunPage, DbtRunRequest, QualityPage
from app.model.ids import new_id
from app.model.records import DbtRunRecord
from app.service.dbt_commands import DbtRequest
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.demo import Demo

PATH = "/api/v1/quality"
NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def gateway(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


def lines(gateway: Gateway, role: str, **params: object) -> QualityPage:
    answer = gateway.client.get(PATH, params=params, headers=gateway.bearer(role))
    assert answer.status_code == 200, answer.text
    return QualityPage.model_validate_json(answer.text)


def test_admins_see_every_result_page_by_page(gateway: Gateway) -> None:
    found = lines(gateway, "admin", source="postgres", status="pass", limit=100)
    assert len(found.items) == 100
    assert {one.engine for one in found.items} == {"postgres"}
    following = lines(gateway, "admin", source="postgres", status="pass", limit=100, cursor=found.next_cursor)
    assert not {one.unique_id for one in found.items} & {one.unique_id for one in following.items}
    assert lines(gateway, "admin", status="fail").items == []


def test_analysts_see_what_they_may_know_of(gateway: Gateway) -> None:
    seen = lines(gateway, "analyst").items
    assert {on for one in seen for on in one.on} >= {"fct_orders", "dim_customers"}
    assert not [one for one in seen if one.name.startswith("accepted_values") and "fct_orders" in one.on], (
        "the names hold values of rows that are hidden"
    )
    assert not [one for one in seen if "stg_" in one.name or "shop." in one.name], "closed to everybody"
    assert {one.failures for one in seen} == {None}


def test_others_see_nothing(gateway: Gateway) -> None:
    problem(gateway.client.get(PATH, headers=gateway.bearer("viewer")), 403, "DM7010")
    problem(gateway.client.get(PATH), 401, "DM7002")
    problem(gateway.client.get(PATH, params={"source": "oracle"}, headers=gateway.bearer("admin")), 422, "DM3090")


def test_admins_see_the_runs_of_dbt_page_by_page(gateway: Gateway) -> None:
    runs, project = gateway.deps.dbt_runs, gateway.deps.project_id
    ids = sorted(new_id("dbt") for _ in range(3))
    begun = [DbtRunRecord(one, project, "trial", "build", "ana@example.com", NOW, f"--select tag:{one}") for one in ids]
    for run in begun:
        with runs.alone(run):
            runs.end(replace(run, status="failed", ended_at=NOW))
    path, headers = "/api/v1/admin/dbt/runs", gateway.bearer("admin")
    first = DbtRunPage.model_validate_json(gateway.client.get(path, params={"limit": 2}, headers=headers).text)
    assert [(one.id, one.selection, one.status, one.ended_at) for one in first.items] == [
        (run.id, run.selection, "failed", NOW) for run in reversed(begun[1:])
    ]
    second = gateway.client.get(path, params={"limit": 1, "cursor": first.next_cursor}, headers=headers).json()
    assert [one["id"] for one in second["items"]] == [begun[0].id]
    problem(gateway.client.get(path, headers=gateway.bearer("analyst")), 403, "DM7011")


def test_a_request_of_a_run_is_read_strictly() -> None:
    body = DbtRunRequest.model_validate({"select": ["+fct_orders"], "full_refresh": True, "variables": {"a": 1}})
    assert body.to_request("build") == DbtRequest("build", select=("+fct_orders",), full_refresh=True, variables={"a": 1})
    for wrong in ({"full_refresh": "yes"}, {"select": "fct_orders"}, {"options": ["--debug"]}):
        with pytest.raises(ValueError, match="validation error"):
            DbtRunRequest.model_validate(wrong)
