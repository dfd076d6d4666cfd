"""What may follow the served layer by itself, what wants an admin, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import Severity, UserError
from app.model.ids import new_id
from app.model.versions import CandidateState, Cause, Origin
from app.service import versions
from app.service.publishing import Doer
from app.service.sync import sync
from tests.engines.service.conftest import Trail
from tests.engines.service.place import Manifest, Place

METRIC = "metric.kettle_and_crane.{}"
CUSTOMERS = "model.kettle_and_crane.dim_customers"
ADMIN = Doer("usr_admin", reason="the finance team agreed")


def drop(manifest: Manifest, metric: str = "bounce_rate") -> None:
    manifest["metrics"].pop(METRIC.format(metric))


def describe(manifest: Manifest, text: str) -> None:
    manifest["nodes"]["model.kettle_and_crane.dim_products"]["description"] = text


def column(manifest: Manifest, name: str) -> dict[str, Any]:
    return manifest["nodes"][CUSTOMERS]["columns"][name]


def untag(manifest: Manifest) -> None:
    """Declassified, the e-mail address is masked no more. (Its mark taken away it would be: it inherits the class from where it comes from.)"""
    found = column(manifest, "email")
    for meta in (found["meta"], found["config"].get("meta", {})):
        if said := meta.get("datamind"):
            meta["datamind"] = {"pii": "none", "declassified": "agreed with everybody", "synonyms": said.get("synonyms", [])}


def deny(manifest: Manifest) -> None:
    """Nobody sees the model's rows any more."""
    node = manifest["nodes"]["model.kettle_and_crane.dim_products"]
    node["config"].setdefault("meta", {})["datamind"] = {"access": "deny"}
    node["meta"] = node["config"]["meta"]


def refused(place: Place, doer: Doer | None = None) -> UserError:
    with pytest.raises(UserError) as raised:
        sync(place.deps, doer)
    return raised.value


def served(place: Place) -> str:
    place.deps.serving.expire()
    return place.deps.serving.layer().version


def test_a_version_names_who_published_it_and_what_it_changed(place: Place) -> None:
    first = sync(place.deps, Doer("usr_ana"))
    place.edit(lambda manifest: describe(manifest, "All that is sold"))
    second = sync(place.deps, Doer("usr_bob"))
    assert (first.number, second.number) == (1, 2)
    newest, oldest = versions.list_versions(place.deps)
    assert (newest.number, newest.published_by, newest.origin, newest.worst) == (2, "usr_bob", Origin.SYNC, "cosmetic")
    assert (oldest.number, oldest.published_by, oldest.worst) == (1, "usr_ana", "")
    found = versions.show(place.deps)
    assert found.since == oldest
    assert [(change.subject, change.after) for change in found.report.changes] == [("model.dim_products", "All that is sold")]
    for name in ("2", newest.layer_hash, newest.version, newest.layer_hash[:7]):
        assert versions.find(place.deps, name) == newest
    assert versions.diff(place.deps, "1").report.changes == found.report.changes
    assert [change.after for change in versions.diff(place.deps, "2", "1").report.changes] != ["All that is sold"]
    assert versions.show(place.deps, "1").report is None


@pytest.mark.parametrize("name", ["3", "0", "abcdefabcdef", "cnd_nothing", "latest", "../1", "99999999999999999999"])
def test_a_version_that_is_not_there(place: Place, name: str) -> None:
    sync(place.deps)
    with pytest.raises(UserError) as raised:
        versions.show(place.deps, name)
    assert raised.value.problem.code == "DM8021"


def test_a_breaking_change_is_refused_with_its_place_until_an_admin_forces_it(place: Place, trail: Trail) -> None:
    good = sync(place.deps)
    place.edit(drop)
    error = refused(place, Doer("usr_bob"))
    assert error.problem.code == "DM8003"
    change = next(p for p in error.problems if p.code == "DM8005")
    assert "bounce_rate" in change.message
    assert change.where.file == "models/metrics/web.yml"
    assert served(place) == good.layer_version
    assert refused(place).problem.code == "DM8003"
    (waits,) = versions.waiting(place.deps)
    assert (waits.compiled_by, waits.causes, waits.worst) == ("usr_bob", (Cause.BREAKING,), "breaking")
    assert any("bounce_rate" in change.message for change in versions.show(place.deps, waits.id).report.changes)

    correlation = new_id("cor")
    forced = sync(place.deps, Doer("usr_admin", correlation, force=True, reason="nobody asks for it"))
    assert (forced.published, forced.number) == (True, 2)
    assert served(place) == forced.layer_version != good.layer_version
    assert versions.find(place.deps, "").origin is Origin.FORCED
    assert versions.waiting(place.deps) == []
    published = [e for e in trail(correlation) if e["event_type"] == "layer.publish"]
    assert [(e["status"], e["details"]["reason"], e["details"]["origin"]) for e in published] == [
        ("begin", "nobody asks for it", "forced"),
        ("published", "nobody asks for it", "forced"),
    ]


def test_an_admin_publishes_what_waits(place: Place, trail: Trail) -> None:
    sync(place.deps)
    place.edit(drop)
    refused(place)
    (waits,) = versions.waiting(place.deps)
    with pytest.raises(UserError) as raised:
        versions.approve(place.deps, Doer("usr_admin", reason="  "), waits.id)
    assert raised.value.problem.code == "DM8024"
    correlation = new_id("cor")
    published = versions.approve(place.deps, Doer("usr_admin", correlation, reason="yes"), waits.id).version
    assert (published.number, published.origin, published.reason) == (2, Origin.APPROVED, "yes")
    assert served(place) == waits.version
    items = place.deps.training.of_layer(place.deps.project_id, published.document_hash)
    assert items
    assert {item.subject for item in items}.isdisjoint({"metric.bounce_rate"})
    assert [e["status"] for e in trail(correlation)] == ["begin", "published"]
    assert not sync(place.deps).published
    with pytest.raises(UserError) as raised:
        versions.approve(place.deps, ADMIN, waits.id)
    assert raised.value.problem.code == "DM8022"


@pytest.mark.parametrize("force", [False, True])
def test_a_column_that_is_declassified_is_held_even_when_forced(place: Place, force: bool) -> None:
    good = sync(place.deps)
    place.edit(untag)
    error = refused(place, Doer("usr_admin", force=force, reason="because"))
    assert error.problem.code == "DM8004"
    assert {p.code for p in error.problems} == {"DM8004", "DM8006"}
    assert "email" in error.problems[1].message
    assert served(place) == good.layer_version
    (waits,) = versions.waiting(place.deps)
    assert waits.causes == (Cause.LOOSENED,)
    assert versions.approve(place.deps, ADMIN, waits.id).version.number == 2


def test_a_pii_mark_that_goes_with_a_renamed_column_is_held(place: Place) -> None:
    sync(place.deps)

    def rename(manifest: Manifest) -> None:
        columns = manifest["nodes"][CUSTOMERS]["columns"]
        found = columns.pop("national_id")
        columns["tax_number"] = found | {"name": "tax_number", "meta": {}, "config": {}}

    place.edit(rename)
    for engine in ("postgres", "clickhouse"):
        (place.folder / "target" / engine / "catalog.json").unlink(missing_ok=True)
    error = refused(place, Doer("usr_admin", force=True, reason="because"))
    assert error.problem.code == "DM8004"
    assert any("tax_number" in p.message for p in error.problems if p.code == "DM8006")


def test_stricter_protection_is_published_at_once(place: Place) -> None:
    sync(place.deps)
    place.edit(deny)
    assert sync(place.deps).published


def test_a_rejected_layer_is_not_offered_again_and_says_who_said_no(place: Place) -> None:
    sync(place.deps)
    place.edit(drop)
    refused(place)
    (waits,) = versions.waiting(place.deps)
    versions.reject(place.deps, Doer("usr_eve", reason="we need it"), waits.id)
    assert versions.waiting(place.deps) == []
    assert "usr_eve rejected it (we need it)" in refused(place).problem.message
    assert versions.waiting(place.deps) == []
    with pytest.raises(UserError) as raised:
        versions.reject(place.deps, ADMIN, waits.id)
    assert raised.value.problem.code == "DM8022"
    assert versions.approve(place.deps, ADMIN, waits.id).version.number == 2
    assert [one.state for one in versions.waiting(place.deps, decided=True)] == [CandidateState.PUBLISHED]


def test_what_waits_is_overtaken_by_another_layer(place: Place) -> None:
    sync(place.deps)
    place.edit(drop)
    refused(place)
    (waits,) = versions.waiting(place.deps)
    place.edit(lambda manifest: drop(manifest, "pages_per_session"))
    sync(place.deps, Doer("usr_admin", force=True, reason="both"))
    with pytest.raises(UserError) as raised:
        versions.approve(place.deps, ADMIN, waits.id)
    assert raised.value.problem.code == "DM8022"


def test_a_rollback_lasts_until_the_project_is_changed(place: Place, trail: Trail) -> None:
    first = sync(place.deps)
    place.edit(lambda manifest: describe(manifest, "wrong"))
    second = sync(place.deps)
    correlation = new_id("cor")
    back = versions.rollback(place.deps, Doer("usr_admin", correlation, reason="it was wrong")).version
    assert (back.number, back.origin, back.restores, back.version) == (3, Origin.ROLLBACK, 1, first.layer_version)
    assert served(place) == first.layer_version
    assert [(e["event_type"], e["status"], e["details"]["reason"]) for e in trail(correlation)] == [
        ("layer.publish", "begin", "it was wrong"),
        ("layer.publish", "published", "it was wrong"),
    ]
    error = refused(place)
    assert error.problem.code == "DM8009"
    assert [one.code for one in sync(place.deps, dry_run=True).refused] == ["DM8009"]
    assert "usr_admin rolled this layer back (it was wrong)" in error.problem.message
    assert served(place) == first.layer_version
    place.edit(lambda manifest: describe(manifest, "right"))
    third = sync(place.deps)
    assert (third.published, third.number) == (True, 4)
    assert len({first.layer_version, second.layer_version, third.layer_version}) == 3


def test_what_was_rolled_back_can_be_forced(place: Place) -> None:
    sync(place.deps)
    place.edit(lambda manifest: describe(manifest, "better"))
    second = sync(place.deps)
    versions.rollback(place.deps, Doer("usr_admin"), "1")
    again = sync(place.deps, Doer("usr_admin", force=True, reason="it was right"))
    assert (again.published, again.layer_version) == (True, second.layer_version)
    newest = versions.find(place.deps, "")
    assert (newest.origin, newest.reason) == (Origin.FORCED, "it was right")


def test_a_rollback_over_several_versions_takes_all_of_them_back(place: Place) -> None:
    sync(place.deps)
    place.edit(lambda manifest: describe(manifest, "two"))
    sync(place.deps)
    place.edit(lambda manifest: describe(manifest, "three"))
    sync(place.deps)
    versions.rollback(place.deps, Doer("usr_admin"), "1")
    assert refused(place).problem.code == "DM8009"
    place.edit(lambda manifest: describe(manifest, "two"))
    assert refused(place).problem.code == "DM8009"
    with pytest.raises(UserError) as raised:
        versions.rollback(place.deps, Doer("usr_admin"), "4")
    assert raised.value.problem.code == "DM8022"


def test_a_rollback_to_looser_protection_is_done_only_where_that_is_said(place: Place, trail: Trail) -> None:
    sync(place.deps)
    place.edit(deny)
    strict = sync(place.deps)
    with pytest.raises(UserError) as raised:
        versions.rollback(place.deps, Doer("usr_admin"))
    assert raised.value.problem.code == "DM8023"
    assert raised.value.problems[1].code == "DM8006"
    assert served(place) == strict.layer_version
    with pytest.raises(UserError) as raised:
        versions.rollback(place.deps, Doer("usr_admin"), accept_looser=True)
    assert raised.value.problem.code == "DM8024"
    correlation = new_id("cor")
    agreed = Doer("usr_admin", correlation, reason="the filter was wrong")
    assert versions.rollback(place.deps, agreed, accept_looser=True).version.restores == 1
    assert [event["details"]["accept_looser"] for event in trail(correlation)] == [True, True]


def test_there_is_nothing_before_the_first(place: Place) -> None:
    for act in (lambda: versions.rollback(place.deps, ADMIN), lambda: versions.show(place.deps)):
        with pytest.raises(UserError) as raised:
            act()
        assert raised.value.problem.code == "DM8021"
    sync(place.deps)
    with pytest.raises(UserError) as raised:
        versions.rollback(place.deps, ADMIN)
    assert raised.value.problem.code == "DM8021"


def test_changed_code_of_a_model_is_seen_between_versions(place: Place) -> None:
    sync(place.deps)

    def recode(manifest: Manifest) -> None:
        node = manifest["nodes"]["model.kettle_and_crane.fct_order_lines"]
        node["raw_code"] = f"select * from ({node['raw_code']}) as x where 1 = 1 and quantity > 1"
        node["compiled_code"] = (
            None if node.get("compiled_code") is None else f"select * from ({node['compiled_code']}) as x where quantity > 1"
        )

    place.edit(recode)
    assert sync(place.deps).published
    report = versions.show(place.deps).report
    assert [(change.subject, change.possible) for change in report.changes] == [("model.fct_order_lines", True)]
    assert "revenue" in report.changes[0].touches.metrics


def test_a_dry_run_says_all_and_keeps_nothing(place: Place) -> None:
    sync(place.deps)
    place.edit(drop)
    found = sync(place.deps, dry_run=True)
    assert (found.published, found.number, str(found.report.worst)) == (False, 1, "breaking")
    assert [(one.code, one.severity) for one in found.refused] == [("DM8003", Severity.WARNING)]
    assert sync(place.deps, Doer("usr_admin", force=True, reason="x"), dry_run=True).refused == ()
    assert versions.waiting(place.deps, decided=True) == []
    assert len(versions.list_versions(place.deps)) == 1


def test_doing_a_rollback_again_goes_further_back(place: Place) -> None:
    versions_of = [sync(place.deps).layer_version]
    for word in ("two", "three"):
        place.edit(lambda manifest, word=word: describe(manifest, word))
        versions_of.append(sync(place.deps).layer_version)
    assert [versions.rollback(place.deps, ADMIN).version.version for _ in range(2)] == [versions_of[1], versions_of[0]]
    with pytest.raises(UserError) as raised:
        versions.rollback(place.deps, ADMIN)
    assert raised.value.problem.code == "DM8021"
