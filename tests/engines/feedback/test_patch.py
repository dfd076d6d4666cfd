"""A correction becomes a synonym or a segment of the dbt project: compiled anew, it answers the question without the pair."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.yaml_load import load_yaml
from app.language.drafting.same import same
from app.model.ids import new_id
from app.model.query import SemanticQuery
from app.pipeline.turn import Turn
from app.service.ask import ask
from app.service.correction_patch import patch
from app.service.deps import Deps
from app.service.in_step import in_step
from app.service.project import ProjectSource
from app.service.publishing import Doer
from app.wiring.deps import opened
from tests.engines.feedback.conftest import Person, person
from tests.gateway.conftest import Gateway, problem
from tests.support.demo import Demo


def corrected(asker: Person, admin: Person, question: str, **query: Any) -> str:
    """The id of an approved correction."""
    entry = asker.flag(asker.ask(question)["query_id"])
    told = admin.approve(entry, question, **query)
    assert told.status_code == 202, told.text
    return str(told.json()["id"])


def patch_of(admin: Person, correction_or_entry: str) -> Any:
    return admin.call("GET", f"/admin/training-data/{correction_or_entry}/patch")


@contextmanager
def patched(demo: Demo, patch: str, folder: Path) -> Iterator[Deps]:
    """The demo's project with the patch, parsed by dbt and compiled, as a project without corrections."""
    shutil.copytree(demo.settings.dbt_project_path, folder)
    applied = subprocess.run(["git", "apply", "-p1", "-"], input=patch.encode(), cwd=folder, capture_output=True, check=False)
    assert applied.returncode == 0, applied.stderr
    settings = demo.settings.model_copy(update={"dbt_project_path": folder, "project_id": new_id("prj")})
    with opened(settings, demo.servers) as deps:
        in_step(deps, Doer())
        yield deps


def asked(demo: Demo, deps: Deps, question: str) -> Turn:
    turn = ask(deps, demo.caller(), question, until="validate")
    assert turn.query is not None, turn.problems
    assert "DM6070" not in [one.code for one in turn.problems]
    return turn


YEAR = {"start_time": "2026-01-01", "end_time": "2026-12-31"}


def test_the_patched_project_answers_without_the_pair(demo: Demo, asker: Person, admin: Person, tmp_path: Path) -> None:
    made = corrected(asker, admin, "yardage by month in 2026", metrics=["orders"], group_by=["metric_time__month"], **YEAR)
    found = patch_of(admin, made)
    assert found.status_code == 200, found.text
    body = found.json()
    assert body["message"] == "`yardage` becomes a synonym of metric.orders"
    assert patch_of(admin, admin.correction(made)["feedback_id"]).json() == body
    with patched(demo, body["patch"], tmp_path / "dbt_project") as deps:
        turn = asked(demo, deps, "yardage by month in 2026")
        assert turn.query is not None
        assert turn.query.metrics == ("orders",)


@dataclass
class Edited:
    """The project as somebody is editing it: another metric stands before those of its file."""

    inner: ProjectSource
    file: str

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        targets, sources = self.inner.read()
        text = sources.files[self.file].replace("metrics:\n", "metrics:\n  - name: earlier\n    label: Earlier\n", 1)
        return targets, replace(sources, files={**sources.files, self.file: text})


def test_a_project_that_was_edited_since_is_patched_where_the_thing_is_now(
    demo: Demo, asker: Person, admin: Person, tmp_path: Path
) -> None:
    made = corrected(asker, admin, "footwear by month in 2026", metrics=["orders"], group_by=["metric_time__month"], **YEAR)
    project = Edited(demo.deps.project, patch_of(admin, made).json()["file"])
    body = patch(replace(demo.deps, project=project), demo.caller(), made)  # type: ignore[arg-type]
    file = tmp_path / body.file
    file.parent.mkdir(parents=True)
    file.write_text(project.read()[1].files[body.file])
    subprocess.run(["git", "apply", "-p1", "-"], input=body.patch.encode(), cwd=tmp_path, check=True)
    told = [one["name"] for one in load_yaml(file.read_text())["metrics"] if "footwear" in str(one)]
    assert told == ["orders"]


def test_a_value_that_the_warehouse_holds_stands_in_no_synonyms_way(asker: Person, admin: Person) -> None:
    query = {"metrics": ["orders"], "group_by": ["metric_time__month"], "where": ["customer__country = 'Germany'"], **YEAR}
    found = patch_of(admin, corrected(asker, admin, "footage by month in Germany in 2026", **query))
    assert found.status_code == 200, found.text
    assert found.json()["message"] == "`footage` becomes a synonym of metric.orders"


def test_a_corrected_filter_becomes_a_segment(demo: Demo, asker: Person, admin: Person, tmp_path: Path) -> None:
    question = "VIP orders by month in Germany in 2026"
    where = [
        "customer__country = 'Germany'",
        "customer__customer_segment in ('hospitality', 'office')",
        "customer__signup_channel <> 'store'",
    ]
    made = corrected(asker, admin, question, metrics=["orders"], group_by=["metric_time__month"], where=where, **YEAR)
    found = patch_of(admin, made)
    assert found.status_code == 200, found.text
    body = found.json()
    said = "`VIP` becomes the segment vip of semantic_model.customers"
    assert body["message"] == f"{said}: {where[1]} and {where[2]}"
    assert body["file"].endswith("models/semantic/masters.yml")
    changed = [line for line in body["patch"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [
        "+            - name: vip",
        "+              label: VIP",
        "+              where:",
        f"+                - {where[1]}",
        f"+                - {where[2]}",
    ]
    kept = demo.deps.corrections.store.get(made, "default")
    assert kept is not None
    with patched(demo, body["patch"], tmp_path / "dbt_project") as deps:
        turn = asked(demo, deps, question)
        assert turn.query is not None
        assert turn.query.segments == ("vip",)
        assert same(turn.query, SemanticQuery.from_json(kept.query), turn.served.visible, turn.served.joins)
        other = asked(demo, deps, "revenue of VIP customers in June 2026")
        assert other.query is not None
        assert other.query.segments == ("vip",)
        assert "vip" not in str(asked(demo, deps, "orders by month in 2026").query)


@pytest.mark.parametrize(
    ("question", "query", "written"),
    [
        ("Takings by month in 2026", {"metrics": ["gross_profit"]}, ["+          synonyms: [profit, contribution, takings]"]),
        (
            "Big-Ticket takings by month in 2026",
            {"metrics": ["gross_profit"]},
            ["+          synonyms: [profit, contribution, big-ticket takings]"],
        ),
        ("monthly GMV2 by month in 2026", {"metrics": ["revenue"]}, ["+          synonyms: [sales, turnover, net sales, income, GMV2]"]),
        (
            "Bricks orders by month in 2026",
            {"metrics": ["orders"], "where": ["order__sales_channel = 'store'"]},
            [
                "+    config:",
                "+      group: sales",
                "+      meta:",
                "+        datamind:",
                "+          segments:",
                "+            - name: bricks",
                "+              label: Bricks",
                "+              where: order__sales_channel = 'store'",
            ],
        ),
        (
            "Premier orders by month in 2026",
            {"metrics": ["orders"], "where": ["customer__customer_segment in ('office')"]},
            [
                "+            - name: premier",
                "+              label: Premier",
                "+              where: customer__customer_segment in ('office')",
            ],
        ),
    ],
)
def test_it_reads_as_what_stands_there(asker: Person, admin: Person, question: str, query: dict[str, Any], written: list[str]) -> None:
    made = corrected(asker, admin, question, group_by=["metric_time__month"], **query, **YEAR)
    found = patch_of(admin, made)
    assert found.status_code == 200, found.text
    assert [line for line in found.json()["patch"].splitlines() if line.startswith("+") and line[:3] != "+++"] == written


def test_a_value_that_somebody_does_not_see_is_written_into_no_project(gateway: Gateway, admin: Person) -> None:
    other = person(gateway, "admin")
    query = {"metrics": ["orders"], "group_by": ["metric_time__month"], "where": ["customer__email = 'nobody'"], **YEAR}
    found = problem(patch_of(admin, corrected(other, admin, "ghost orders by month in 2026", **query)), 409, "DM6078")
    assert "personal" in str(found["detail"])
    assert "nobody" not in str(found)


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("revenue by country", {"metrics": ["revenue"], "group_by": ["customer__country"], "limit": 3}),
        ("whale orders", {"metrics": ["orders"], "where": ["customer__country = 'Germany' or order__sales_channel = 'web'"]}),
    ],
)
def test_what_no_synonym_and_no_segment_explains_has_no_patch(asker: Person, admin: Person, question: str, query: dict[str, Any]) -> None:
    problem(patch_of(admin, corrected(asker, admin, question, **query)), 409, "DM6078")


def test_what_is_not_there_has_no_patch(admin: Person) -> None:
    problem(patch_of(admin, new_id("apr")), 404, "DM6072")
