"""Publishing a layer: once, in whole, recorded; what cannot be published leaves the last good one."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from app.errors import InternalError, Problem, UserError
from app.model.audit.event import AuditEvent
from app.model.ids import new_id
from app.service.deps import Deps
from app.service.publishing import CHANNEL, Doer
from app.service.sync import sync
from app.wiring.deps import opened
from app.wiring.project import project_of
from tests.engines.service.conftest import Trail
from tests.engines.service.place import Place
from tests.support.demo import Demo


@dataclass
class FullSink:
    """An audit sink without room."""

    def record(self, event: AuditEvent) -> None:
        raise InternalError(Problem("DM8010", "the audit trail cannot be written, so nothing was done"))


def rows(demo: Demo, table: str, project_id: str) -> int:
    with psycopg.connect(demo.servers.store) as connection:
        return connection.execute(f"SELECT count(*) FROM {table} WHERE project_id = %s", [project_id]).fetchone()[0]


def test_a_layer_is_published_once(demo: Demo, place: Place, trail: Trail) -> None:
    correlation = new_id("cor")
    first = sync(place.deps, Doer("me", correlation))
    assert first.published
    assert first.metrics > 25
    assert [(e["event_type"], e["status"], e["user_id"]) for e in trail(correlation)] == [
        ("layer.sync", "begin", "me"),
        ("layer.publish", "begin", "me"),
        ("layer.publish", "published", "me"),
        ("layer.sync", "succeeded", "me"),
    ]
    assert place.bus.heard == [(CHANNEL, place.deps.project_id)]
    assert place.deps.serving.layer().version == first.layer_version
    correlation = new_id("cor")
    again = sync(place.deps, Doer("me", correlation))
    assert (again.published, again.layer_version) == (False, first.layer_version)
    assert rows(demo, "layer.publications", place.deps.project_id) == 1
    assert len(place.bus.heard) == 1
    assert [(e["event_type"], e["status"]) for e in trail(correlation)] == [("layer.sync", "begin"), ("layer.sync", "succeeded")]


def trained(deps: Deps) -> set[str]:
    """The items of the current layer."""
    return {item.id for item in deps.training.of_layer(deps.project_id, deps.layers.current(deps.project_id).document_hash)}


def test_training_items_are_those_of_the_layer_also_after_a_sync_that_was_cut_off(place: Place) -> None:
    deps = place.deps
    sync(deps)
    items = deps.training.of_layer(deps.project_id, deps.layers.current(deps.project_id).document_hash)
    assert {item.kind for item in items} == {"ddl", "documentation", "question_sql"}
    deps.training.keep(deps.project_id, deps.layers.current(deps.project_id).document_hash, items[:3], 1)
    assert not sync(deps).published
    assert trained(deps) == {item.id for item in items}


def test_a_changed_project_is_published_and_served_at_once(place: Place) -> None:
    first = sync(place.deps)
    held = place.deps.serving.layer()
    place.change()
    second = sync(place.deps)
    assert second.published
    assert second.layer_version != first.layer_version
    assert place.deps.serving.layer().version == second.layer_version
    assert held.version == first.layer_version


def test_what_cannot_be_recorded_is_not_published(demo: Demo, place: Place) -> None:
    with pytest.raises(InternalError):
        sync(replace(place.deps, audit=FullSink()))
    assert rows(demo, "layer.publications", place.deps.project_id) == 0
    assert place.bus.heard == []


def broken_schema(manifest: Path) -> None:
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("/manifest/v12.json", "/manifest/v99.json"))


def in_error(manifest: Path) -> None:
    """A metric over a measure that is not there."""
    found = json.loads(manifest.read_bytes())
    found["metrics"]["metric.kettle_and_crane.revenue"]["type_params"]["measure"]["name"] = "no_such_measure"
    manifest.write_text(json.dumps(found))
    (manifest.parent / "semantic_manifest.json").unlink(missing_ok=True)


def huge(manifest: Path) -> None:
    """500 MB that take no room on the disk."""
    with manifest.open("r+b") as file:
        file.truncate(500 << 20)


BROKEN = {
    "missing": (lambda manifest: manifest.unlink(), {"DM2001"}),
    "truncated": (lambda manifest: manifest.write_bytes(manifest.read_bytes()[:50_000]), {"DM2002"}),
    "empty": (lambda manifest: manifest.write_bytes(b""), {"DM2001"}),
    "another format": (lambda manifest: manifest.write_bytes(gzip.compress(b"{}")), {"DM2002"}),
    "a list": (lambda manifest: manifest.write_bytes(b"[]"), {"DM2005"}),
    "unknown version": (broken_schema, {"DM2003"}),
    "500 MB": (huge, {"DM2004"}),
    "errors": (in_error, {"DM8002"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_published_leaves_the_last_good_layer(demo: Demo, place: Place, trail: Trail, name: str) -> None:
    good = sync(place.deps)
    items = trained(place.deps)
    spoil, codes = BROKEN[name]
    spoil(place.manifest)
    correlation = new_id("cor")
    with pytest.raises(UserError) as raised:
        sync(place.deps, Doer("me", correlation))
    assert raised.value.problem.code in codes
    assert raised.value.problem.hint
    begin, end = trail(correlation)
    assert (begin["event_type"], begin["status"], end["event_type"], end["status"]) == ("layer.sync", "begin", "layer.sync", "refused")
    assert end["details"]["problem"] == raised.value.problem.code
    assert rows(demo, "layer.publications", place.deps.project_id) == 1
    assert rows(demo, "layer.documents", place.deps.project_id) == 1
    assert trained(place.deps) == items
    place.deps.serving.expire()
    assert place.deps.serving.layer().version == good.layer_version
    assert place.deps.serving.stale_reason == ""


def test_the_project_knows_its_commit(demo: Demo, place: Place) -> None:
    git = place.folder.parent / ".git"
    git.mkdir()
    (git / "HEAD").write_text("0123456789abcdef0123456789abcdef01234567\n")
    sync(place.deps)
    assert place.deps.layers.current(place.deps.project_id).git_commit == "0123456789abcdef0123456789abcdef01234567"


def test_a_store_that_is_down_is_a_problem(demo: Demo, place: Place) -> None:
    settings = demo.settings.model_copy(update={"store_url": SecretStr("postgresql://nobody@127.0.0.1:1/nothing")})
    lost = replace(demo.servers, store="postgresql://nobody@127.0.0.1:1/nothing")
    with opened(settings, lost) as deps, pytest.raises(InternalError) as raised:
        sync(deps)
    assert raised.value.problem.code in ("DM8010", "DM8011")
    assert project_of(settings).fingerprint()
