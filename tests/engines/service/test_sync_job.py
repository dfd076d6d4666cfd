"""A sync as a job: the project is parsed where it was edited, and what is read is of one moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.errors import Problem
from app.model.ids import new_id
from app.model.jobs import Job, JobKind, JobState
from app.model.principal import Role
from app.service import jobs, renew, sync
from app.service.deps import Deps
from app.service.scheduled import sync_scheduled
from app.service.sync_job import run_sync
from app.service.users import NewUser, create_user, operator
from tests.engines.service.place import Place

METRICS = "models/metrics/web.yml"


HANDLERS = {JobKind.SYNC: run_sync}


def requested(deps: Deps, by: str = "usr_ana", **arguments: Any) -> Job:
    """A sync that somebody asked for."""
    job = jobs.request(deps, JobKind.SYNC, arguments, trigger="admin", by=by)
    assert job is not None
    return job


def synced(deps: Deps, **arguments: Any) -> tuple[JobState, list[Problem], str]:
    """Such a sync, done here: its state, its problems, and its result."""
    job = requested(deps, **arguments)
    jobs.run(deps, job.id, HANDLERS)
    done = jobs.find(deps, job.id)
    return done.state, jobs.problems_of(done), done.result


def edit(place: Place, file: str, old: str, new: str) -> None:
    """Edit a file of the project."""
    path = place.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told_at"),
    [
        ("label: Bounce rate", "label: Bounce: rate", "    label: Bounce: rate"),
        ("      numerator: bounces", "      numerator: none_such", "  - name: bounce_rate"),
    ],
    ids=["no YAML", "no metric"],
)
def test_what_dbt_cannot_parse_is_told_at_its_line_and_leaves_the_last_good_layer(place: Place, old: str, new: str, told_at: str) -> None:
    assert synced(place.deps)[0] is JobState.SUCCEEDED
    served = place.deps.layers.current(place.deps.project_id)
    edit(place, METRICS, old, new)
    line = (place.folder / METRICS).read_text(encoding="utf-8").splitlines().index(told_at) + 1
    state, problems, _ = synced(place.deps)
    assert (state, problems[0].code) == (JobState.REFUSED, "DM2370"), problems
    assert problems[0].where is not None
    assert (problems[0].where.file, problems[0].where.line) == (METRICS, line), problems
    assert place.deps.layers.current(place.deps.project_id) == served


@dataclass
class Beside:
    """A port beside which somebody works: `then` is done right after each call of `method`, as another process would do it meanwhile."""

    port: Any
    method: str
    then: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.port, name)
        if name != self.method:
            return found

        def call(*given: Any) -> Any:
            result = found(*given)
            self.then()
            return result

        return call


def times(most: int, act: Callable[[], None]) -> Callable[[], None]:
    """What acts so many times, and no more."""
    left = iter(range(most))

    def then() -> None:
        if next(left, None) is not None:
            act()

    return then


def described(place: Place) -> str:
    """The description of a model in the published layer."""
    layer = place.deps.serving.layer()
    return next(model.description for model in layer.ontology.models if model.name == "dim_products")


def label(place: Place) -> str:
    """The label of a metric in the published layer."""
    return next(metric.label for metric in place.deps.serving.layer().ontology.metrics if metric.name == "bounce_rate")


def test_artifacts_that_are_swapped_while_they_are_read_are_read_again(place: Place) -> None:
    deps = replace(place.deps, project=Beside(place.deps.project, "read", times(1, place.change)))
    state, problems, _ = synced(deps)
    assert state is JobState.SUCCEEDED, problems
    manifest = json.loads(place.manifest.read_bytes())
    assert described(place) == manifest["nodes"]["model.kettle_and_crane.dim_products"]["description"]


def test_artifacts_that_come_to_no_rest_are_tried_again_later(place: Place) -> None:
    assert synced(place.deps)[0] is JobState.SUCCEEDED
    served = place.deps.layers.current(place.deps.project_id)
    deps = replace(place.deps, project=Beside(place.deps.project, "read", place.change))
    state, problems, _ = synced(deps)
    assert (state, problems[0].code) == (JobState.QUEUED, "DM8008")
    assert place.deps.layers.current(place.deps.project_id) == served


def test_the_checkout_is_not_moved_in_another_syncs_turn(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "TURN_SECONDS", 0.1)
    moved: list[int] = []
    deps = replace(place.deps, project=Beside(place.deps.project, "fetch", lambda: moved.append(1)))
    with sync.turn(place.deps):
        state, problems, _ = synced(deps, fetch=True)
    assert (state, problems[0].code, moved) == (JobState.QUEUED, "DM8008", [])
    assert (synced(deps, fetch=True)[0], moved) == (JobState.SUCCEEDED, [1])


def test_what_is_edited_while_dbt_parses_is_parsed_too(place: Place) -> None:
    """dbt writes the manifest after the edit, so by its time it would seem to know of it."""
    edit(place, METRICS, "label: Bounce rate", "label: Bounced")
    late = times(1, lambda: edit(place, METRICS, "label: Bounced", "label: Bounced at once"))
    state, problems, _ = synced(replace(place.deps, dbt=Beside(place.deps.dbt, "parse", late)))
    assert state is JobState.SUCCEEDED, problems
    assert label(place) == "Bounced at once"


def test_a_project_that_is_edited_on_and_on_waits_for_its_turn(place: Place) -> None:
    edit(place, METRICS, "label: Bounce rate", "label: Bounced")
    on = lambda: edit(place, METRICS, "label: Bounced", "label: Bounced!")  # noqa: E731
    job = requested(place.deps)
    deps = replace(place.deps, dbt=Beside(place.deps.dbt, "parse", on))
    assert jobs.run(deps, job.id, HANDLERS) == JobState.QUEUED
    waits = jobs.find(place.deps, job.id)
    assert (waits.attempts, jobs.problems_of(waits)[0].code) == (0, "DM8008")
    assert place.deps.layers.current(place.deps.project_id) is None
    assert jobs.run(place.deps, job.id, HANDLERS) == JobState.SUCCEEDED
    assert label(place).startswith("Bounced!!")


def test_a_sync_of_an_admin_waits_for_dbt_with_force_reason_and_tries_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renew, "WAIT_SECONDS", 0.1)
    user, _ = create_user(
        place.deps.people, operator(), NewUser(f"{new_id('m')}@example.com", Role.ADMIN, place.deps.project_id, "a password for tests")
    )
    assert synced(place.deps)[0] is JobState.SUCCEEDED
    edit(place, METRICS, "name: bounce_rate", "name: share_of_bounces")
    job = requested(place.deps, by=user.id, force=True, reason="agreed")
    with place.deps.locks.hold("dbt", place.deps.project_id, place.deps.dbt.serving("postgres").name) as ours:
        assert ours
        for _ in range(len(jobs.BACK_OFF) + 2):
            assert jobs.run(place.deps, job.id, HANDLERS) == JobState.QUEUED
        waits = jobs.find(place.deps, job.id)
        assert (waits.attempts, jobs.problems_of(waits)[0].code) == (0, "DM8061")
        assert sync_scheduled(place.deps, always=False) == ""  # it has no need to ask
    assert jobs.run(place.deps, job.id, HANDLERS) == JobState.SUCCEEDED
    current = place.deps.layers.current(place.deps.project_id)
    assert (current.number, current.origin, current.reason) == (2, "forced", "agreed")


def test_a_sync_of_the_schedule_ends_where_dbt_runs_and_is_asked_for_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renew, "WAIT_SECONDS", 0.1)
    edit(place, METRICS, "label: Bounce rate", "label: Bounced")
    with place.deps.locks.hold("dbt", place.deps.project_id, place.deps.dbt.serving("postgres").name):
        first = sync_scheduled(place.deps, always=False)
        assert jobs.run(place.deps, first, HANDLERS) == JobState.SUCCEEDED
        result = json.loads(jobs.find(place.deps, first).result)
        assert (result["published"], "dbt runs on the target" in result["waits"]) == (False, True)
    again = sync_scheduled(place.deps, always=False)
    assert again
    assert jobs.run(place.deps, again, HANDLERS) == JobState.SUCCEEDED
    assert label(place) == "Bounced"
    assert sync_scheduled(place.deps, always=False) == ""


def test_a_parse_that_does_not_end_is_ended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renew, "PARSE_SECONDS", 8.0)
    endless = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %} select 1 as id"
    (place.folder / "models" / "endless.sql").write_text(endless, encoding="utf-8")
    state, problems, _ = synced(place.deps)
    assert (state, problems[0].code) == (JobState.REFUSED, "DM2082"), problems
