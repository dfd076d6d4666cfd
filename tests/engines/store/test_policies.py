"""Policies of the store: kept, changed by who saw the last revision, and never forgotten."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg
import pytest
from msgspec.structs import replace

from app.adapters.store.database import Database
from app.adapters.store.policies import StoredPolicies
from app.errors import UserError
from app.model.ids import new_id
from app.model.policy import Mask, MaskKind
from app.model.written_policy import Bounds, Change, Effect, PolicyDefinition, WrittenPolicy
from app.ports import PolicyFilter

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
FULL = PolicyDefinition(
    name="all",
    description="of each kind something\x00",
    models=("orders",),
    columns=("email",),
    tags=("t",),
    pii=("phone",),
    mask=Mask(MaskKind.PARTIAL, "*", 1, 2),
    limits=Bounds(1, 2.5, 3),
    roles=("analyst",),
    exempt_users=("ann@example.com",),
)


@pytest.fixture
def kept(database: Database) -> StoredPolicies:
    return StoredPolicies(database)


@pytest.fixture
def project() -> str:
    return new_id("prj")


def written(project: str, name: str = "p", **fields: object) -> WrittenPolicy:
    definition = PolicyDefinition(name=name, **(fields or {"deny": True}))
    return WrittenPolicy(
        id=new_id("pol"), project_id=project, definition=definition, created_at=NOW, created_by="ann", changed_at=NOW, changed_by="ann"
    )


def refused(code: str, call: object) -> None:
    with pytest.raises(UserError) as raised:
        call()
    assert raised.value.problem.code == code


def test_what_is_kept_comes_back(kept: StoredPolicies, project: str) -> None:
    one = replace(written(project), definition=FULL)
    kept.add(one)
    found = kept.get(one.id, project)
    assert found == replace(one, definition=replace(FULL, description="of each kind something\ufffd"))
    assert kept.get("all", project) == found
    assert kept.get(one.id, "another") is None


def test_a_change_is_told_by_its_number(kept: StoredPolicies, project: str) -> None:
    assert kept.current(project, 0) is None
    kept.add(written(project, "b"))
    number, policies = kept.current(project, 0)
    assert [one.definition.name for one in policies] == ["b"]
    assert kept.current(project, number) is None
    kept.add(written(project, "a"))
    later, policies = kept.current(project, number)
    assert later > number
    assert [one.definition.name for one in policies] == ["a", "b"]
    assert kept.current(new_id("prj"), number) == (0, [])


def test_only_who_saw_the_last_revision_changes_it(kept: StoredPolicies, project: str) -> None:
    one = written(project)
    kept.add(one)
    kept.add(written(project, "taken"))

    def named(name: str) -> object:
        return lambda before: replace(before, definition=replace(before.definition, name=name), changed_by="bob")

    before, after = kept.change(one.id, project, 1, named("q"))
    assert (before.definition.name, after.definition.name, after.revision, after.changed_by) == ("p", "q", 2, "bob")
    refused("DM7042", lambda: kept.change(one.id, project, 1, named("r")))
    refused("DM7041", lambda: kept.change(one.id, project, 2, named("taken")))
    refused("DM7041", lambda: kept.add(written(project, "q")))
    refused("DM7040", lambda: kept.change(one.id, "another", 2, named("r")))
    refused("DM7042", lambda: kept.remove(one.id, project, 1, lambda was: was))
    assert kept.remove(one.id, project, 2, lambda was: replace(was, changed_by="eve")).definition.name == "q"
    refused("DM7040", lambda: kept.remove(one.id, project, 0, lambda was: was))
    kinds = [
        (change.change, change.by, change.revision, change.before and change.before.name, change.after and change.after.name)
        for change in kept.history(one.id, project, 0, 10)
    ]
    assert kinds == [(Change.DELETE, "eve", 3, "q", None), (Change.UPDATE, "bob", 2, "p", "q"), (Change.CREATE, "ann", 1, None, "p")]
    newest = kept.history(one.id, project, 0, 1)[0].number
    assert [change.change for change in kept.history(one.id, project, newest, 1)] == [Change.UPDATE]


def test_of_two_who_change_at_once_one_is_refused(kept: StoredPolicies, project: str) -> None:
    one = written(project)
    kept.add(one)
    outcomes: list[str] = []

    def change() -> None:
        try:
            kept.change(one.id, project, 1, lambda before: before)
            outcomes.append("done")
        except UserError as error:
            outcomes.append(error.problem.code)

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["DM7042"] * 3 + ["done"]


def test_lists_are_cut_and_paged(kept: StoredPolicies, project: str) -> None:
    made = [
        written(project, "a_deny"),
        written(project, "a_mask", mask=Mask(MaskKind.HASH)),
        written(project, "b%", rows="x = 1", enabled=False),
    ]
    for one in made:
        kept.add(one)

    def names(wanted: PolicyFilter = PolicyFilter(), after: str = "", limit: int = 9) -> list[str]:  # noqa: B008 - frozen
        return [one.definition.name for one in kept.page(project, wanted, after, limit)]

    assert sorted(names()) == ["a_deny", "a_mask", "b%"]
    assert names(PolicyFilter((Effect.MASK, Effect.ROWS), enabled=True)) == ["a_mask"]
    assert names(PolicyFilter(enabled=False)) == ["b%"]
    assert names(PolicyFilter(text="%")) == ["b%"]
    ids = sorted(one.id for one in made)
    assert [one.id for one in kept.page(project, PolicyFilter(), ids[0], 1)] == [ids[1]]


def test_no_change_can_be_altered_or_taken_away(kept: StoredPolicies, project: str, store_url: str) -> None:
    kept.add(written(project))
    with psycopg.connect(store_url, autocommit=True) as connection:
        for statement in ("UPDATE policy.changes SET by = 'eve'", "DELETE FROM policy.changes", "TRUNCATE policy.changes"):
            with pytest.raises(psycopg.Error, match="kept"):
                connection.execute(statement)
