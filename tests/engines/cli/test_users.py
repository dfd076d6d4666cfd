"""`datamind users`: the people of the store."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.model.ids import new_id
from app.model.principal import Role
from app.service.audit import Caller
from app.service.auth import Origin, login, principal_of
from app.service.conversations import converse
from app.service.users import NewUser, create_user, operator
from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo


@pytest.fixture
def email() -> str:
    return f"{new_id('mail')}@example.com"


def test_a_user_is_made_with_a_password_that_works(cli: Cli, demo: Demo, email: str) -> None:
    ran = cli("users", "create", email, "--role", "analyst", "--attr", "region=DACH", "--group", "sales", "--json")
    assert ran.code == 0
    (user,) = ran.json
    assert (user["email"], user["role"], user["attributes"], user["groups"]) == (email, "analyst", "region=DACH", "sales")
    assert login(demo.deps.auth, Origin(), email, user["password"]).access_token
    assert "argon2" not in ran.out
    assert email in {item["email"] for item in cli("users", "list", "--json").json}


def test_a_generated_password_is_printed_once(cli: Cli, email: str) -> None:
    ran = cli("users", "create", email)
    assert ran.code == 0
    assert "password: " in ran.out
    assert "password: " not in cli("users", "list").out


def test_a_password_may_come_from_standard_input(process: Cli, demo: Demo, email: str) -> None:
    ran = process("users", "create", email, "--password-stdin", "--json", stdin="a long password of mine\n")
    assert ran.code == 0
    assert "a long password" not in ran.out + ran.err
    assert login(demo.deps.auth, Origin(), email, "a long password of mine").access_token


def test_rights_are_replaced_and_a_user_is_let_in_no_more(cli: Cli, demo: Demo, email: str) -> None:
    password = cli("users", "create", email, "--attr", "region=DACH", "--json").json[0]["password"]
    granted = cli("users", "grant", email, "--role", "viewer", "--attr", "region=Iberia", "--group", "a", "--group", "b", "--json").json[0]
    assert (granted["role"], granted["attributes"], granted["groups"]) == ("viewer", "region=Iberia", "a, b")
    assert cli("users", "disable", email, "--json").json[0]["state"] == "disabled"
    assert demo.deps.people.users.by_email(email).disabled
    assert cli("users", "disable", email, "--enable", "--json").json[0]["state"] == "active"
    assert login(demo.deps.auth, Origin(), email, password).access_token


def test_all_pages_are_listed(cli: Cli, demo: Demo) -> None:
    project = new_id("prj")
    first, _ = create_user(demo.deps.people, operator(), NewUser(f"0@{project}.example", Role.VIEWER, project, "a long password"))
    for number in range(1, 102):  # past the hashing of a password, which is slow on purpose
        demo.deps.people.users.add(replace(first, id=new_id("usr"), email=f"{number}@{project}.example"))
    assert len(cli("users", "list", "--project", project, "--json").json) == 102


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "no-address"), "DM7006"),
        (("create", "a@example.com", "--role", "root"), "DM1030"),
        (("create", "a@example.com", "--attr", "region"), "DM1030"),
        (("create", "a@example.com", "--project", "../x"), "DM7006"),
        (("grant", "nobody@example.com", "--role", "viewer"), "DM7005"),
        (("grant", "nobody@example.com", "--role", "root"), "DM1030"),
        (("disable", "nobody@example.com"), "DM7005"),
    ],
)
def test_bad_input_is_a_problem(cli: Cli, arguments: tuple[str, ...], code: str) -> None:
    ran = cli("users", *arguments, "--json")
    assert (ran.code, ran.problem["code"]) == (1, code)


def test_an_address_is_taken_once(cli: Cli, email: str) -> None:
    cli("users", "create", email)
    ran = cli("users", "create", email.upper(), "--json")
    assert (ran.code, ran.problem["code"]) == (1, "DM7004")


def test_all_that_is_kept_of_a_user_is_printed_and_their_words_are_removed(cli: Cli, demo: Demo, email: str) -> None:
    user, _ = create_user(
        demo.deps.people, operator(), NewUser(email, Role.ANALYST, demo.settings.project_id, attributes=(("region", "DACH"),))
    )
    who = Caller(principal_of(user), "rest")
    said = converse(demo.deps, who, "revenue by country in 2025")
    document = cli("users", "export", email).json
    assert (document["user"]["email"], len(document["queries"])) == (email, 1)
    assert document["conversations"][0]["turns"][0]["question"] == "revenue by country in 2025"
    assert cli("users", "forget", email, "--json").problem["code"] == "DM1034"
    assert demo.deps.talk.conversations.get(said.conversation_id, user.project_id, user.id) is not None
    removed = cli("users", "forget", email, "--yes", "--json").json
    assert removed == {"conversations": 1, "choices": 0, "shared_answers": 0, "queries": 1, "feedback": 0, "corrections": 0}
    left = cli("users", "export", email).json
    assert "revenue" not in str({**left, "audit": []}), "the trail holds the outline of the SQL, and no words"
    assert "shared answers" in cli("users", "forget", email, "--yes").out
    for command in (("export",), ("forget", "--yes")):
        assert cli("users", *command, "nobody@example.com").code != 0
