"""Versions where a part fails or is damaged, where a sync and an admin meet, and what is dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest

from app.errors import InternalError, Problem, Severity, UserError
from app.model.versions import Cause
from app.service import versions
from app.service.compile import training_of
from app.service.publishing import Doer
from app.service.sync import Step, sync
from tests.engines.service.place import Place
from tests.engines.service.test_versions import ADMIN, drop, refused, served
from tests.support.demo import Demo


@dataclass
class Unreadable:
    """The layers of a store, of which none can be read."""

    layers: Any
    problem: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.layers, name)

    def load(self, _document_hash: str) -> None:
        raise InternalError(Problem(self.problem, "not to be had"))


def test_what_can_not_be_compared_is_not_published(place: Place) -> None:
    sync(place.deps)
    place.edit(drop)
    away = replace(place.deps, layers=Unreadable(place.deps.layers, "DM8012"))
    with pytest.raises(InternalError):
        sync(away)
    unreadable = replace(place.deps, layers=Unreadable(place.deps.layers, "DM8014"))
    with pytest.raises(UserError) as raised:
        sync(unreadable)
    assert raised.value.problem.code == "DM8025"
    with pytest.raises(UserError) as raised:
        sync(unreadable, Doer("usr_admin", force=True, reason="after the upgrade"))
    assert raised.value.problem.code == "DM8025"
    assert place.deps.layers.current(place.deps.project_id).number == 1
    (waits,) = versions.waiting(place.deps)
    assert waits.causes == (Cause.UNKNOWN,)
    assert "can't be read" in versions.show(unreadable, waits.id).report.notes[-1]
    assert "can't be read" in sync(unreadable, dry_run=True).report.notes[-1]
    assert versions.approve(place.deps, ADMIN, waits.id).version.number == 2


@dataclass
class Away:
    """A part that fails in one of its calls from the time that it is told to."""

    part: Any
    call: str
    fails: bool = False

    def __getattr__(self, name: str) -> Any:
        def failing(*_given: Any, **_named: Any) -> None:
            raise InternalError(Problem("DM8012", "not to be had"))

        return failing if name == self.call and self.fails else getattr(self.part, name)


@pytest.mark.parametrize("part", ["audit", "training"])
def test_what_fails_after_a_rollback_is_a_warning(place: Place, part: str) -> None:
    first = sync(place.deps)
    place.change()
    sync(place.deps)
    away = Away(getattr(place.deps, part), {"audit": "record", "training": "keep"}[part])

    class Layers(Away):
        def publish(self, *given: Any, **named: Any) -> Any:
            away.fails = True
            return self.part.publish(*given, **named)

    deps = replace(place.deps, **{part: away}, layers=Layers(place.deps.layers, ""))
    made = versions.rollback(deps, ADMIN)
    assert {(problem.code, problem.severity) for problem in made.problems} == {("DM8012", Severity.WARNING)}
    assert served(place) == made.version.version == first.layer_version


def test_the_layers_that_were_refused_and_overtaken_are_dropped(place: Place) -> None:
    sync(place.deps)
    refusals = []
    place.change()  # as no other project's layer is
    sync(place.deps)
    for metric in ("bounce_rate", "pages_per_session"):
        place.edit(lambda manifest, metric=metric: drop(manifest, metric))
        refused(place)
        refusals.append(versions.waiting(place.deps)[0])
    overtaken, waits = refusals
    versions.reject(place.deps, ADMIN, waits.id)
    refused(place)  # whoever syncs drops them
    assert place.deps.layers.load(overtaken.document_hash) is None
    assert place.deps.layers.load(waits.document_hash) is not None
    assert place.deps.layers.code(place.deps.project_id, waits.code_hash) is not None
    assert place.deps.layers.report(place.deps.project_id, overtaken.base_hash, overtaken.document_hash) is None
    assert place.deps.layers.report(place.deps.project_id, waits.base_hash, waits.document_hash) is not None
    with pytest.raises(UserError) as raised:
        versions.show(place.deps, overtaken.id)
    assert raised.value.problem.code == "DM8021"
    assert versions.approve(place.deps, ADMIN, waits.id).version.number == 3


def test_a_rollback_beside_a_sync_trains_what_was_compiled(place: Place) -> None:
    sync(place.deps)
    texts = {path: path.read_text() for path in (place.folder / "target").glob("*/manifest.json")}
    place.change()
    second = sync(place.deps)
    for path, text in texts.items():
        path.write_text(text)

    def back(step: Step) -> None:
        if step is Step.PUBLISH:
            versions.rollback(place.deps, ADMIN)

    report = sync(place.deps, tell=back)
    assert (report.published, report.number) == (False, 3)
    current = versions.find(place.deps, "2").document_hash
    held = {item.id for item in place.deps.training.of_layer(place.deps.project_id, current)}
    assert second.number == 2
    assert held == {item.id for item in training_of(place.deps.layers.load(current))}


def test_what_was_damaged_in_the_store_is_whole_after_a_sync(place: Place, demo: Demo) -> None:
    place.change()  # as no other project's layer is
    first = sync(place.deps)
    current = versions.find(place.deps, "")
    with psycopg.connect(demo.servers.store) as connection:
        connection.execute("UPDATE layer.documents SET document = 'x' WHERE document_hash = %s", (current.document_hash,))
    with pytest.raises(InternalError):
        place.deps.layers.load(current.document_hash)
    assert not sync(place.deps).published
    assert place.deps.layers.load(current.document_hash).version == first.layer_version


def test_a_served_layer_that_can_not_be_read_is_rolled_back_where_that_is_accepted(place: Place) -> None:
    sync(place.deps)
    place.change()
    sync(place.deps)
    newest = versions.find(place.deps, "").document_hash

    class Layers(Away):
        def load(self, document_hash: str) -> Any:
            if document_hash == newest:
                raise InternalError(Problem("DM8014", "not to be had"))
            return self.part.load(document_hash)

    deps = replace(place.deps, layers=Layers(place.deps.layers, ""))
    with pytest.raises(UserError) as raised:
        versions.rollback(deps, ADMIN)
    assert raised.value.problem.code == "DM8023"
    assert versions.rollback(deps, ADMIN, accept_looser=True).version.restores == 1
