"""A correction becomes a synonym of the dbt project: compiled anew, it answers the question without the pair."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from app.model.ids import new_id
from app.service.ask import ask
from app.service.in_step import in_step
from app.service.publishing import Doer
from app.wiring.deps import opened
from tests.engines.feedback.conftest import Person
from tests.gateway.conftest import problem
from tests.support.demo import Demo


def test_the_patched_project_answers_without_the_pair(demo: Demo, asker: Person, admin: Person, tmp_path: Path) -> None:
    entry = asker.flag(asker.ask("yardage by month in 2026")["query_id"])
    told = admin.approve(
        entry,
        "yardage by month in 2026",
        metrics=["orders"],
        group_by=["metric_time__month"],
        start_time="2026-01-01",
        end_time="2026-12-31",
    )
    assert told.status_code == 202, told.text
    found = admin.call("GET", f"/admin/training-data/{told.json()['id']}/patch")
    assert found.status_code == 200, found.text
    body = found.json()
    assert body["message"] == "`yardage` becomes a synonym of metric.orders"
    assert admin.call("GET", f"/admin/training-data/{entry}/patch").json() == body

    folder = tmp_path / "dbt_project"
    shutil.copytree(demo.settings.dbt_project_path, folder)
    applied = subprocess.run(["git", "apply", "-p1", "-"], input=body["patch"].encode(), cwd=folder, capture_output=True, check=False)
    assert applied.returncode == 0, applied.stderr
    settings = demo.settings.model_copy(update={"dbt_project_path": folder, "project_id": new_id("prj")})
    with opened(settings, demo.servers) as deps:
        in_step(deps, Doer())
        caller = demo.caller()
        turn = ask(deps, caller, "yardage by month in 2026", until="validate")
        assert turn.query is not None
        assert turn.query.metrics == ("orders",)
        assert "DM6070" not in [one.code for one in turn.problems]


def test_what_no_one_synonym_explains_has_no_patch(asker: Person, admin: Person) -> None:
    entry = asker.flag(asker.ask("revenue by country")["query_id"])
    made = admin.approve(entry, "revenue by country", metrics=["revenue"], group_by=["customer__country"], limit=3).json()
    problem(admin.call("GET", f"/admin/training-data/{made['id']}/patch"), 409, "DM6078")
    problem(admin.call("GET", f"/admin/training-data/{new_id('apr')}/patch"), 404, "DM6072")
