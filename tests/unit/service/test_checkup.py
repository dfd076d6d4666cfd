"""What `init` and `debug` find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.errors import Problem, UserError
from app.ports import Health
from app.service.checkup import Finding, Reachable, checkup
from tests.unit.govern.test_stored import written

METADATA = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "shop", "adapter_type": "postgres"}
METRIC = {
    "name": "orders",
    "unique_id": "metric.shop.orders",
    "resource_type": "metric",
    "package_name": "shop",
    "original_file_path": "m.yml",
    "label": "Orders",
    "type": "simple",
    "type_params": {"measure": {"name": "nothing"}},
}


@dataclass(frozen=True)
class Source:
    """A project whose manifest is this."""

    manifest: dict[str, object] | None

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        if self.manifest is None:
            raise UserError(Problem("DM2001", "there is no manifest.json", hint="run dbt"))
        return (TargetArtifacts("postgres", msgspec.json.encode({"metadata": METADATA} | self.manifest)),), ProjectSources({})

    def fingerprint(self) -> str:
        return "1"

    def git_commit(self) -> str:
        return ""


def found(manifest: dict[str, object] | None) -> dict[str, Finding]:
    return {finding.subject: finding for finding in checkup(Reachable(Source(manifest), {}))}


def of_policies(read: object) -> list[tuple[str, str]]:
    findings = checkup(Reachable(Source({"nodes": {}}), {}, policies=read))
    return [(finding.state, finding.detail) for finding in findings if finding.subject == "policies"]


def test_policies_of_the_store() -> None:
    def away() -> list[object]:
        raise UserError(Problem("DM8011", "the store does not answer"))

    assert of_policies(None) == []
    assert of_policies(lambda: [written(deny=True)]) == [("ok", "1 in the store")]
    assert of_policies(away) == [("wrong", "those of the store can't be read: the store does not answer")]
    (gone, unread) = of_policies(lambda: [written(deny=True, models=("gone",)), written("q", rows="a =")])
    assert (gone[0], "`gone`" in gone[1]) == ("warning", True)
    assert (unread[0], "can't be read" in unread[1]) == ("wrong", True)


def test_no_project() -> None:
    assert found(None) == {"dbt project": Finding("dbt project", "wrong", "there is no manifest.json", "run dbt")}


def test_a_project_without_metrics_lacks_a_layer() -> None:
    findings = found({"nodes": {}})
    assert findings["dbt project"].state == "ok"
    assert findings["semantic layer"].state == "missing"
    assert "time spine" not in findings


def test_a_project_with_errors_is_wrong() -> None:
    findings = found({"nodes": {}, "metrics": {"metric.shop.orders": METRIC}})
    assert findings["semantic layer"].state == "wrong"
    assert "datamind compile" in findings["semantic layer"].hint


def test_what_an_installation_may_lack_is_missing_and_not_wrong() -> None:
    def lacking() -> Health:
        raise UserError(Problem("DM8053", "the package wordllama is not installed", hint="install datamind[vanna]"))

    findings = checkup(Reachable(Source(None), {"vector store": lacking, "other": lambda: Health(up=True, ms=2, detail="Qdrant")}))
    assert findings[1:] == (
        Finding("vector store", "missing", "the package wordllama is not installed", "install datamind[vanna]"),
        Finding("other", "ok", "answers in 2 ms, Qdrant"),
    )


def test_servers_are_asked_and_never_raise() -> None:
    def refused() -> Health:
        raise UserError(Problem("DM5010", "the URL is none", hint="mend it"))

    servers = {
        "engine postgres": lambda: Health(up=True, ms=1.4),
        "engine clickhouse": lambda: Health(up=False),
        "store": refused,
        "redis": None,
    }
    states = {finding.subject: (finding.state, finding.detail) for finding in checkup(Reachable(Source(None), servers))}
    assert states["engine postgres"] == ("ok", "answers in 1 ms")
    assert states["engine clickhouse"] == ("wrong", "does not answer")
    assert states["store"] == ("wrong", "the URL is none")
    assert states["redis"][0] == "ok"
