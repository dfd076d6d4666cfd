"""`datamind serve --schema … --policy …`: tables without a dbt project, in an embedded warehouse or in one that a URL names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest
from pydantic import SecretStr

from app.adapters.embedded.parts import Part
from app.cli.mount import Ready, mounted
from app.errors import UserError
from app.service.auth import Origin, login
from app.settings import Settings, load_settings
from tests.gateway.conftest import wait_until
from tests.gateway.test_process import answers, free_port

SCHEMA = """
CREATE TABLE users (id int PRIMARY KEY, region text, email text);
INSERT INTO users VALUES (1, 'EU', 'ana@example.com'), (2, 'US', 'bob@example.com');
CREATE TABLE secrets (id int);
CREATE EXTENSION no_such_extension;
"""
CHANGED = "INSERT INTO users VALUES (3, 'EU', 'cem@example.com');"
POLICY = {
    "role": "analyst",
    "modelled_tables": ["users"],
    "row_filters": {"users": "region = 'EU'"},
    "masked_columns": {"users": {"email": {"mask": "partial", "prefix": 1, "then": "***"}}},
    "limits": {"max_rows": 5},
    "users": [{"email": "ana@example.com", "role": "analyst"}, {"email": "adam@example.com", "role": "admin"}],
    "note": "for people",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mount")
    (folder / "schema.sql").write_text(SCHEMA)
    (folder / "changed.sql").write_text(CHANGED)
    (folder / "policy.json").write_text(json.dumps(POLICY))
    return folder


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[httpx2.Client, list[str]]]:
    """A gateway process over the files, with the lines that it printed."""
    port = free_port()
    words = [sys.executable, "-m", "app.cli.main", "serve", "--policy", "policy.json", "--data-dir", "data", "--port", str(port), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=out, stderr=err)
    try:
        wait_until(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/api/v1/ready"), 60)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield client, (folder / "out").read_text().splitlines()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def rows(client: httpx2.Client, email: str, password: str, sql: str) -> object:
    login = client.post("/api/v1/auth/login", json={"email": email, "password": password})
    assert login.status_code == 200, login.text
    bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}
    answer = client.post("/api/v1/sql/execute", json={"sql": sql, "source": "postgres"}, headers=bearer)
    return [list(row.values()) for row in answer.json()["results"]] if answer.status_code == 200 else answer.json()["code"]


def test_files_are_served_and_their_users_sign_in_with_what_was_printed(folder: Path) -> None:
    with served(folder, "--schema", "schema.sql") as (client, lines):
        people = {email: password for email, _role, password in (line.split() for line in lines)}
        ana, adam = ("ana@example.com", people["ana@example.com"]), ("adam@example.com", people["adam@example.com"])
        assert rows(client, *ana, "SELECT * FROM users ORDER BY id") == [[1, "EU", "a***"]]
        assert rows(client, *adam, "SELECT email FROM users ORDER BY id") == [["ana@example.com"], ["bob@example.com"]]
        assert rows(client, *adam, "SELECT * FROM secrets") == "DM4020"
        assert rows(client, *ana, "SELECT count(*) FROM (SELECT n FROM generate_series(1, 9) AS n) AS x") == [[9]]
        said = (folder / "err").read_text()
        assert "DM1407" in said
        assert "DM1406" in said
        assert ana[1] not in said
    with served(folder, "--schema", "schema.sql", "--schema", "postgres=changed.sql", "--json") as (client, lines):
        again = json.loads(lines[0])
        assert [user["email"] for user in again["users"]] == [*people]
        assert client.post("/api/v1/auth/login", json={"email": ana[0], "password": ana[1]}).status_code == 401
        assert rows(client, ana[0], again["users"][0]["password"], "SELECT id FROM users ORDER BY id") == [[1], [3]]
    with served(folder, "--schema", "schema.sql", "--schema", "changed.sql", "--keep-passwords") as (client, lines):
        assert lines[0].split() == ["ana@example.com", "analyst", "(unchanged)"]
        assert rows(client, ana[0], again["users"][0]["password"], "SELECT count(*) FROM users") == [[2]]
        assert "loading" not in (folder / "err").read_text()


def of(folder: Path, **more: object) -> Settings:
    return load_settings(data_dir=folder / "data", postgres_url=None, clickhouse_url=None, store_url=None, redis_url=None, **more)


def test_the_reading_role_reads_the_modelled_tables_only_and_a_named_warehouse_must_have_them(folder: Path, tmp_path: Path) -> None:
    schema, policy = [str(folder / "schema.sql")], folder / "policy.json"
    with mounted(of(tmp_path), schema, policy) as first:
        url = first.servers.engines["postgres"]
        with psycopg.connect(url, autocommit=True) as reader:
            assert reader.execute("SELECT count(*) FROM users").fetchone() == (2,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("SELECT * FROM secrets")
        assert first.settings.max_rows == 5
        settings = of(tmp_path / "other").model_copy(update={"postgres_url": SecretStr(url), "store_url": SecretStr(first.servers.store)})
        with mounted(settings, schema, policy, keep_passwords=True) as second:
            assert second.servers.owners == {}
            assert [person.password for person in second.people] == ["", ""]
        (tmp_path / "more.sql").write_text(SCHEMA + "CREATE TABLE orders (id int);")
        (tmp_path / "more.json").write_text(json.dumps(POLICY | {"modelled_tables": ["users", "orders"]}))
        with pytest.raises(UserError) as error, mounted(settings, [str(tmp_path / "more.sql")], tmp_path / "more.json"):
            pass
        assert [problem.code for problem in error.value.problems] == ["DM1405"]


def test_a_warehouse_of_something_else_is_not_replaced(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / Part.POSTGRES).mkdir(parents=True)
    with pytest.raises(UserError) as error, mounted(of(tmp_path), [str(folder / "schema.sql")], folder / "policy.json"):
        pass
    assert error.value.problem.code == "DM1404"


@pytest.mark.parametrize("text", [None, "SELECT 'open", b"\xff\xfe"])
def test_a_schema_that_cannot_be_read_is_a_problem(folder: Path, tmp_path: Path, text: str | bytes | None) -> None:
    if text is not None:
        (tmp_path / "schema.sql").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as error, mounted(of(tmp_path), [str(tmp_path / "schema.sql")], folder / "policy.json"):
        pass
    assert error.value.problem.code == "DM1401"


def signs_in(ready: Ready, email: str, password: str) -> bool:
    try:
        login(ready.deps.auth, Origin(), email, password)
    except UserError as error:
        return error.problem.code != "DM7001"
    return True


def test_who_is_named_no_more_is_shut_out_at_the_next_start(folder: Path, tmp_path: Path) -> None:
    """Somebody is disabled; of the last admin, whom a project can't be without, nobody has the password any more."""
    schema, policy = [str(folder / "schema.sql")], tmp_path / "policy.json"
    policy.write_text(json.dumps(POLICY))
    with mounted(of(tmp_path), schema, policy) as first:
        passwords = {person.email: person.password for person in first.people}
        assert all(signs_in(first, *person) for person in passwords.items())
    policy.write_text(json.dumps(POLICY | {"users": [{"email": "Adam@example.com", "role": "admin"}]}))
    with mounted(of(tmp_path), schema, policy, keep_passwords=True) as second:
        assert not signs_in(second, "ana@example.com", passwords["ana@example.com"])
        assert signs_in(second, "adam@example.com", passwords["adam@example.com"])
        ana = second.deps.people.users.by_email("ana@example.com")
        assert ana is not None
        assert ana.disabled
    policy.write_text(json.dumps(POLICY | {"users": [{"email": "ana@example.com", "role": "analyst"}]}))
    with mounted(of(tmp_path), schema, policy) as third:
        assert signs_in(third, "ana@example.com", third.people[0].password)
        assert not signs_in(third, "adam@example.com", passwords["adam@example.com"])
