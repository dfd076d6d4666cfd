"""An artifact that cannot be read as a whole: one UserError that says which, where and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.artifacts import TargetArtifacts
from app.compile.dbt import decode
from app.compile.project import compile_project
from app.errors import UserError


def refused(*targets: TargetArtifacts) -> Any:
    with pytest.raises(UserError) as caught:
        compile_project(targets)
    return caught.value.problem


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "DM2001"),
        (b" \n", "DM2001"),
        (b"not json", "DM2002"),
        (b'{"metadata": {"dbt_sch', "DM2002"),
        (b"[]", "DM2005"),
        (b"null", "DM2005"),
        (b"{}", "DM2005"),
        (b'{"unread":' + b"[" * 200_000, "DM2006"),
        (b'{"x":' * 200_000, "DM2006"),
        (b'{"metadata": {"project_name": "\xff\xfe"}, "nodes": {}}', "DM2002"),
    ],
)
def test_bytes_that_are_no_manifest(data: bytes, code: str) -> None:
    problem = refused(TargetArtifacts("postgres", data))
    assert problem.code == code
    assert problem.where.file == "manifest.json"
    assert problem.hint


@pytest.mark.parametrize(
    "schema",
    [
        "https://schemas.getdbt.com/dbt/manifest/v9.json",
        "https://schemas.getdbt.com/dbt/manifest/v13.json",
        "https://schemas.getdbt.com/dbt/catalog/v1.json",
        "",
        "v12",
    ],
)
def test_unknown_schema_versions(project: Any, schema: str) -> None:
    project.manifest["metadata"]["dbt_schema_version"] = schema
    assert refused(project.target()).code == "DM2003"


@pytest.mark.parametrize("version", [10, 11, 12])
def test_known_schema_versions(project: Any, version: int) -> None:
    project.manifest["metadata"]["dbt_schema_version"] = f"https://schemas.getdbt.com/dbt/manifest/v{version}.json"
    project.orders()
    assert len(project.compile().layer.ontology.metrics) == 2


def test_another_version_explains_another_shape(project: Any) -> None:
    project.manifest["metadata"]["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v14.json"
    project.manifest["nodes"] = ["a list by then"]
    assert refused(project.target()).code == "DM2003"


def test_a_wrong_type_is_named_with_its_path(project: Any) -> None:
    project.model("orders")["config"]["materialized"] = 7
    problem = refused(project.target())
    assert problem.code == "DM2005"
    assert problem.where.path == "$.nodes['model.shop.orders'].config.materialized"
    assert "int" in problem.message


def test_the_size_limit(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_BYTES", 100)
    assert refused(project.target()).code == "DM2004"


def test_a_byte_order_mark_is_no_harm(project: Any) -> None:
    project.orders()
    assert compile_project([TargetArtifacts("postgres", b"\xef\xbb\xbf" + project.data())]).layer.ontology.metrics


def test_the_other_artifacts_are_read_as_strictly(project: Any) -> None:
    project.orders()
    for name, code in (("catalog", "DM2003"), ("run_results", "DM2003"), ("semantic_manifest", "DM2005")):
        assert refused(project.target(**{name: {"metadata": {}}})).code == code
    for name in ("catalog", "run_results", "semantic_manifest"):
        target = TargetArtifacts("postgres", project.data(), **{name: b'{"metadata": '})
        assert refused(target).code == "DM2002"
        assert refused(target).where.file == f"{name}.json"


def test_targets_that_do_not_go_together(project: Any) -> None:
    assert refused().code == "DM2001"
    assert refused(project.target(), project.target()).code == "DM2007"
    other = json.loads(project.data())
    other["metadata"]["project_name"] = "another"
    assert refused(project.target(), TargetArtifacts("clickhouse", json.dumps(other).encode())).code == "DM2008"


def test_with_several_targets_the_engine_is_named(project: Any) -> None:
    assert refused(project.target(), TargetArtifacts("clickhouse", b"")).where.file == "clickhouse: manifest.json"
