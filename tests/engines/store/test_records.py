"""Turns, feedback, training items and the audit trail in the store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from app.adapters.audit_checkpoints import CheckpointFile
from app.adapters.store.audit import StoredAudit
from app.adapters.store.database import Database
from app.adapters.store.feedback import StoredFeedback
from app.adapters.store.queries import StoredQueries
from app.adapters.store.training import StoredTraining
from app.errors import InternalError
from app.model.audit.chain import Key, Keys
from app.model.audit.event import AuditEvent
from app.model.ids import new_id
from app.model.records import FeedbackEntry, QueryRecord, TrainingItem, TrainingKind

NOW = dt.datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=dt.UTC)


def audit_of(database: Database, folder: Path) -> StoredAudit:
    keys = Keys(Key(b"k" * 32))
    return StoredAudit(database, keys, CheckpointFile(folder / "audit.log", keys))


def turn(project_id: str = "p", user_id: str = "u", **more: object) -> QueryRecord:
    return QueryRecord(new_id("qry"), project_id, user_id, "rest", "succeeded", NOW, **more)


def event(project_id: str = "p") -> AuditEvent:
    return AuditEvent(new_id("aud"), project_id, NOW, "query.execute", "u", "pipeline", "begin", details='{"rows":3}')


def test_a_turn_comes_back_as_it_was(database: Database) -> None:
    queries = StoredQueries(database)
    record = turn(question="Umsatz 🙂", sql="SELECT 1", row_count=3, elapsed_ms=1.25, confidence=0.9, answer='{"text":"x"}')
    queries.add(record)
    assert queries.get(record.id, "p") == record
    assert queries.get(record.id, "other") is None


def test_a_question_with_nul_is_kept_all_the_same(database: Database) -> None:
    queries = StoredQueries(database)
    record = turn(question="a\x00b")
    queries.add(record)
    assert queries.get(record.id, "p") == replace(record, question="a\ufffdb")


def test_a_turn_is_replaced_by_its_owner_only(database: Database) -> None:
    queries = StoredQueries(database)
    record = turn()
    queries.add(record)
    queries.add(replace(record, status="failed"))
    assert queries.get(record.id, "p") == replace(record, status="failed")
    for thief in (replace(record, user_id="thief"), replace(record, project_id="q")):
        with pytest.raises(InternalError) as caught:
            queries.add(thief)
        assert caught.value.problem.code == "DM8015"
    assert queries.get(record.id, "p") == replace(record, status="failed")


def test_turns_page_newest_first(database: Database) -> None:
    queries = StoredQueries(database)
    project = new_id("prj")
    records = [turn(project, user) for user in ("ana", "ben", "ana", "ana")]
    for record in records:
        queries.add(record)
    newest = sorted((record.id for record in records), reverse=True)
    first = queries.page(project, "", "", 3)
    assert [record.id for record in first] == newest[:3]
    assert [record.id for record in queries.page(project, "", first[-1].id, 3)] == newest[3:]
    assert {record.user_id for record in queries.page(project, "ana", "", 10)} == {"ana"}
    assert len(queries.page(project, "ana", "", 10)) == 3


def test_what_questions_came_to_is_counted_by_person(database: Database) -> None:
    queries = StoredQueries(database)
    project = new_id("prj")
    plain = {"question": "words", "semantic_query": "{}", "status": "succeeded"}
    for user, changes in (
        ("ana", {}),
        ("ana", {}),
        ("ben", {}),
        ("ben", {"semantic_query": "{1}"}),
        ("cia", {"status": "refused"}),
        ("dan", {"question": ""}),
    ):
        queries.add(replace(turn(project, user), **{**plain, **changes}))
    queries.add(replace(turn(new_id("prj"), "eve"), **plain))
    now = dt.datetime.now(dt.UTC)
    found = queries.asked(project, now - dt.timedelta(minutes=1), 100)
    assert sorted(found) == [("{1}", "ben", 1), ("{}", "ana", 2), ("{}", "ben", 1)]
    assert queries.asked(project, now + dt.timedelta(minutes=1), 100) == []
    assert sum(one.times for one in queries.asked(project, now - dt.timedelta(minutes=1), 1)) <= 1


def test_feedback_pages_newest_first_by_status(database: Database) -> None:
    feedback = StoredFeedback(database)
    project = new_id("prj")
    entries = [FeedbackEntry(new_id("fbk"), project, "q", "u", 1, "bad", status, NOW) for status in ("open", "done", "open")]
    for entry in entries:
        feedback.add(entry)
    newest = sorted(entries, key=lambda entry: entry.id, reverse=True)
    assert list(feedback.page(project, "", "", 10)) == newest
    assert list(feedback.page(project, "", newest[0].id, 1)) == [newest[1]]
    assert [entry.status for entry in feedback.page(project, "open", "", 10)] == ["open", "open"]
    assert feedback.page("other", "", "", 10) == []


def test_layers_share_training_items(database: Database) -> None:
    training = StoredTraining(database)
    project = new_id("prj")
    items = [TrainingItem(f"id{n}", TrainingKind.QUESTION_SQL, f"SELECT {n}", f"question {n}", "metric.x") for n in range(4)]
    training.keep(project, "first", [*items[:2], items[0]], 2)
    training.keep("other", "first", items, 2)
    training.keep(project, "second", items[1:3], 2)
    assert training.of_layer(project, "first") == items[:2]
    assert training.of_layer(project, "second") == items[1:3]
    assert training.ids(project) == {"id0", "id1", "id2"}
    assert training.get(project, ["id2", "id3", "id2"]) == {"id2": items[2]}
    assert training.of_layer("other", "first") == items


def test_items_go_with_the_last_layer_that_has_them(database: Database) -> None:
    training = StoredTraining(database)
    project = new_id("prj")
    items = [TrainingItem(f"id{n}", TrainingKind.DDL, str(n)) for n in range(3)]
    for name, some in {"first": items[:2], "second": items[1:]}.items():
        training.keep(project, name, some, 2)
    training.keep(project, "first", items[:2], 2)  # as a rollback does: it is the newer one again
    training.keep(project, "third", [items[2]], 2)
    assert training.of_layer(project, "second") is None
    assert training.ids(project) == {"id0", "id1", "id2"}
    training.keep(project, "fourth", [], 2)
    assert training.of_layer(project, "fourth") == []
    assert training.ids(project) == {"id2"}


def test_training_items_of_another_origin_stay(database: Database, store_url: str) -> None:
    training = StoredTraining(database)
    project = new_id("prj")
    training.keep(project, "first", [TrainingItem("kept", TrainingKind.DDL, "x")], 1)
    with psycopg.connect(store_url) as connection:
        connection.execute("UPDATE layer.training_data SET origin = 'approved' WHERE project_id = %s", (project,))
    training.keep(project, "second", [], 1)
    assert training.ids(project) == {"kept"}


def test_the_audit_trail_keeps_what_it_was_given(database: Database, store_url: str, tmp_path: Path) -> None:
    given = event()
    audit_of(database, tmp_path).record(given)
    with psycopg.connect(store_url) as connection:
        row = connection.execute("SELECT at, event_type, details, seq FROM audit.audit_log WHERE id = %s", (given.id,)).fetchone()
    assert row is not None
    assert row[:3] == (NOW, "query.execute", '{"rows":3}')


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.audit_log SET status = 'x'",
        "DELETE FROM audit.audit_log",
        "TRUNCATE audit.audit_log",
        "DELETE FROM audit.audit_log WHERE false",
    ],
)
def test_the_audit_trail_is_append_only(database: Database, store_url: str, statement: str, tmp_path: Path) -> None:
    audit_of(database, tmp_path).record(event())
    with psycopg.connect(store_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        connection.execute(statement)  # type: ignore[arg-type]


def test_an_event_that_cannot_be_kept_stops_what_it_would_record(database: Database, tmp_path: Path) -> None:
    audit, given = audit_of(database, tmp_path), event()
    audit.record(given)
    with pytest.raises(InternalError) as caught:
        audit.record(given)  # the same id again
    assert caught.value.problem.code == "DM8010"
    with pytest.raises(InternalError) as caught:
        audit_of(Database("postgresql://u:p@127.0.0.1:1/d"), tmp_path).record(event())
    assert caught.value.problem.code == "DM8010"


def test_a_row_of_an_unknown_kind_is_damage(database: Database, store_url: str) -> None:
    training = StoredTraining(database)
    project = new_id("prj")
    training.keep(project, "first", [TrainingItem("a", TrainingKind.DDL, "x")], 1)
    with psycopg.connect(store_url) as connection:
        connection.execute("UPDATE layer.training_data SET kind = 'unheard_of' WHERE project_id = %s", (project,))
    with pytest.raises(InternalError) as caught:
        training.of_layer(project, "first")
    assert caught.value.problem.code == "DM8014"
