"""`datamind audit`: verdicts and their exit codes, and the list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.model.ids import new_id
from tests.engines.cli.conftest import Cli, Ran
from tests.support.demo import Demo

Audit = Callable[..., Ran]


@pytest.fixture
def audit(cli: Cli, tmp_path: Path) -> Audit:
    """A command on a project of its own, with two exports in its trail and a file of checkpoints of its own."""
    place = {"DATAMIND_PROJECT_ID": new_id("prj"), "DATAMIND_AUDIT_LOG": str(tmp_path / "second" / "audit.log")}

    def run(*words: str, **more: str) -> Ran:
        return cli(*words, **place, **more)

    for _ in range(2):
        assert run("query", "--metrics", "revenue", "--csv").code == 0
    run.project_id = place["DATAMIND_PROJECT_ID"]  # type: ignore[attr-defined]
    return run


def records(audit: Audit, *words: str) -> list[dict[str, Any]]:
    ran = audit("audit", "list", "--json", *words)
    assert ran.code == 0, ran.err
    return list(json.loads(ran.out))


def test_a_whole_trail(audit: Audit) -> None:
    ran = audit("audit", "verify")
    assert (ran.code, ran.out) == (0, "the audit trail is whole\n")
    assert "checkpoints, the last of record" in ran.err
    found = audit("audit", "verify", "--json")
    assert (found.code, found.json["whole"], found.json["faults"], found.json["unproven"]) == (0, True, [], 0)
    assert found.json["records"] == found.json["last_checkpoint"] > 4


def test_what_is_wrong_is_named_and_ends_with_1(audit: Audit, demo: Demo) -> None:
    with psycopg.connect(demo.servers.store) as connection:
        connection.execute("ALTER TABLE audit.audit_log DISABLE TRIGGER audit_log_append_only")
        changed = "UPDATE audit.audit_log SET user_id = 'nobody' WHERE project_id = %s AND sequence = 3"
        connection.execute(changed, [audit.project_id])  # type: ignore[attr-defined]
        connection.execute("ALTER TABLE audit.audit_log ENABLE TRIGGER audit_log_append_only")
    ran = audit("audit", "verify")
    assert (ran.code, ran.out) == (1, "the audit trail is NOT whole\n")
    assert "DM8080 record 3 is not what was signed: it was altered" in ran.err
    found = audit("audit", "verify", "--json")
    assert (found.code, found.json["whole"], found.json["faults"][0]["sequence"]) == (1, False, 3)
    assert audit("audit", "verify", "--since", "4").code == 0
    assert audit("audit", "verify", "--since", "yesterday", "--json").problem["code"] == "DM8083"


def test_keys_come_from_the_settings(audit: Audit, demo: Demo) -> None:
    new, secret = "another secret of more than 32 characters", (demo.settings.data_dir / "secret.key").read_text()
    unknown = audit("audit", "verify", "--json", DATAMIND_AUDIT_KEY=new)
    assert {fault["reason"] for fault in unknown.json["faults"]} == {"unknown_key", "checkpoint", "no_checkpoint"}
    rotated = {"DATAMIND_AUDIT_KEY": new, "DATAMIND_AUDIT_OLD_KEYS": json.dumps([secret])}
    assert audit("audit", "list", **rotated).code == 0
    found = audit("audit", "verify", "--json", **rotated).json
    assert found["whole"]
    assert len(found["keys"]) == 2


def test_the_list_has_what_is_asked_for_and_is_recorded(audit: Audit) -> None:
    exports = records(audit, "--event", "query.export")
    assert [one["status"] for one in exports] == ["succeeded", "begin"] * 2
    assert exports[0]["details"]["format"] == "csv"
    assert exports[0]["email"] == "c***@localhost"
    of_query = records(audit, "--query", exports[0]["details"]["query_id"])
    assert [(one["event_type"], one["status"]) for one in reversed(of_query)] == [
        ("query.execute", "begin"),
        ("query.execute", "succeeded"),
        ("query.export", "begin"),
        ("query.export", "succeeded"),
    ]
    assert records(audit, "--since", exports[0]["timestamp"], "--event", "query.export") == exports[:1]
    assert len(records(audit, "--limit", "1")) == 1
    reads = records(audit, "--event", "audit.read", "--status", "begin")
    assert [one["details"]["filters"] for one in reads[:2]] == [["event_type", "status"], []]
    assert "query.export" in audit("audit", "list").out
    assert audit("audit", "list", "--until", "then", "--json").problem["code"] == "DM8083"


def test_rows_are_not_written_where_that_cannot_be_recorded(audit: Audit, demo: Demo, tmp_path: Path) -> None:
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION audit.no_export() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.event_type = 'query.export' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$"
        )
        connection.execute("CREATE TRIGGER no_export BEFORE INSERT ON audit.audit_log FOR EACH ROW EXECUTE FUNCTION audit.no_export()")
        try:
            ran = audit("query", "--metrics", "revenue", "--csv")
        finally:
            connection.execute("DROP TRIGGER no_export ON audit.audit_log")
            connection.execute("DROP FUNCTION audit.no_export")
    assert (ran.code, ran.out) == (2, "")
    assert "DM8010" in ran.err
