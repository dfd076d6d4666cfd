"""Users in the store."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from msgspec.structs import replace

from app.adapters.store.database import Database
from app.adapters.store.users import StoredUsers
from app.errors import UserError
from app.model.ids import new_id
from app.model.principal import Role
from app.model.records import User

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


@pytest.fixture
def users(database: Database) -> StoredUsers:
    return StoredUsers(database)


def person(project_id: str = "p", role: Role = Role.ANALYST, email: str = "") -> User:
    number = new_id("usr")
    return User(number, email or f"{number}@Example.com", role, project_id, "hash", ("a", "b"), (("region", "EU"),), False, NOW)


def test_what_was_kept_comes_back(users: StoredUsers) -> None:
    user = person()
    users.add(user)
    assert users.by_id(user.id) == user
    assert users.by_email(user.email) == user
    assert users.by_id(new_id("usr")) is None
    assert users.by_email("nobody@example.com") is None


def test_an_address_is_one_whatever_its_case(users: StoredUsers) -> None:
    user = person(email="Jürgen.STRASSE@Example.com")
    users.add(user)
    assert users.by_email("  jüRGEN.straße@example.COM ") == user
    for project in ("p", "another"):
        with pytest.raises(UserError) as caught:
            users.add(person(project, email="JÜRGEN.strasse@example.com"))
        assert caught.value.problem.code == "DM7004"


def test_text_that_postgresql_refuses_is_looked_up_without_failing(users: StoredUsers) -> None:
    assert users.by_email("a\x00b\ud800@example.com") is None
    assert users.by_id("\x00") is None
    user = replace(person(), attributes=(("note", "a\x00b\ud83d\ude00"),))
    users.add(user)
    kept = users.by_id(user.id)
    assert kept is not None
    assert kept.attributes == (("note", "a\ufffdb\U0001f600"),)


def test_change_and_replace(users: StoredUsers) -> None:
    user = person()
    users.add(user)
    assert users.change(user.id, lambda before: replace(before, groups=("c",))).groups == ("c",)
    users.replace(replace(user, role=Role.VIEWER))
    assert users.by_id(user.id) == replace(user, role=Role.VIEWER)
    with pytest.raises(UserError) as caught:
        users.replace(person())
    assert caught.value.problem.code == "DM7005"


def test_another_users_address_cannot_be_taken(users: StoredUsers) -> None:
    one, two = person(), person()
    users.add(one)
    users.add(two)
    with pytest.raises(UserError) as caught:
        users.replace(replace(two, email=one.email.upper()))
    assert caught.value.problem.code == "DM7004"
    assert users.by_id(two.id) == two


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.ANALYST}, {"project_id": "elsewhere"}])
def test_the_last_admin_stays(users: StoredUsers, change: dict[str, object]) -> None:
    project = new_id("prj")
    admin, sleeper, stranger = (person(project, Role.ADMIN), replace(person(project, Role.ADMIN), disabled=True), person("q", Role.ADMIN))
    for user in (admin, sleeper, stranger):
        users.add(user)
    with pytest.raises(UserError) as caught:
        users.replace(replace(admin, **change))
    assert caught.value.problem.code == "DM7007"
    users.replace(replace(sleeper, disabled=False))
    users.replace(replace(admin, **change))


def test_two_admins_who_demote_each_other_do_not_both_succeed(users: StoredUsers) -> None:
    project = new_id("prj")
    pair = [person(project, Role.ADMIN), person(project, Role.ADMIN)]
    for user in pair:
        users.add(user)
    start, failed = threading.Barrier(2), []

    def demote(user: User) -> None:
        start.wait()
        try:
            users.change(user.id, lambda before: replace(before, role=Role.VIEWER))
        except UserError as error:
            failed.append(error.problem.code)

    threads = [threading.Thread(target=demote, args=(user,)) for user in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == ["DM7007"]


def test_changes_at_once_are_not_lost(users: StoredUsers) -> None:
    user = person()
    users.add(user)

    def add(group: str) -> None:
        users.change(user.id, lambda before: replace(before, groups=(*before.groups, group)))

    threads = [threading.Thread(target=add, args=(f"g{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = users.by_id(user.id)
    assert kept is not None
    assert sorted(kept.groups) == sorted(["a", "b", *(f"g{number}" for number in range(8))])


def test_pages_follow_ids_and_stay_in_the_project(users: StoredUsers) -> None:
    project = new_id("prj")
    people = [person(project) for _ in range(5)]
    for user in reversed(people):
        users.add(user)
    users.add(person("other"))
    ids = sorted(user.id for user in people)
    first = users.page(project, "", 3)
    assert [user.id for user in first] == ids[:3]
    assert [user.id for user in users.page(project, first[-1].id, 3)] == ids[3:]
