"""Migrations: from nothing to now, by several at once, and never backwards."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.adapters.store import migrate as migrations
from app.adapters.store.all_tables import metadata
from app.adapters.store.database import Database
from app.adapters.store.migrate import VERSION_TABLE, migrate, scripts
from app.adapters.store.tables import SCHEMAS
from app.errors import DataMindError, InternalError, UserError
from tests.support.store import StoreCluster


def _migrate(url: str, ready, answers) -> None:
    ready.wait()
    try:
        migrate(url)
        answers.put("")
    except DataMindError as error:
        answers.put(str(error))


def test_several_processes_migrate_an_empty_store_at_once(store_cluster: StoreCluster) -> None:
    url = store_cluster.empty()
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Event(), context.Queue()
    processes = [context.Process(target=_migrate, args=(url, ready, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    ready.set()
    assert [answers.get(timeout=60) for _ in processes] == ["", "", ""]
    for process in processes:
        process.join()
    with psycopg.connect(url) as connection:
        assert connection.execute(f"SELECT count(*) FROM public.{VERSION_TABLE}").fetchone() == (1,)


def test_migrating_again_changes_nothing(store_cluster: StoreCluster) -> None:
    url = store_cluster.migrated()
    with psycopg.connect(url) as connection:
        before = connection.execute("SELECT count(*), max(oid::int8) FROM pg_class").fetchone()
    migrate(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*), max(oid::int8) FROM pg_class").fetchone() == before


def test_the_tables_of_the_code_are_those_of_the_migrations(database: Database) -> None:
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _parents: kind != "schema" or name in SCHEMAS,
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "compare_server_default": True,
    }
    with database.transaction() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        found = {row[0] for row in connection.exec_driver_sql("SELECT nspname FROM pg_namespace")}
    assert found >= set(SCHEMAS)


def test_a_store_of_a_newer_version_is_left_alone(store_cluster: StoreCluster) -> None:
    url = store_cluster.migrated()
    with psycopg.connect(url) as connection:
        connection.execute(f"UPDATE public.{VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(UserError) as caught:
        migrate(url)
    assert caught.value.problem.code == "DM8017"
    assert "9999" in caught.value.problem.message


def test_a_migration_that_fails_leaves_nothing_behind(store_cluster: StoreCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "alembic"
    shutil.copytree(scripts(), folder)
    head = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions" / "9999_breaks.py").write_text(
        f'revision = "broken"\ndown_revision = "{head}"\n\n\ndef upgrade():\n    from alembic import op\n    op.execute("CREATE TABLE auth.users (id int)")\n'
    )
    monkeypatch.setattr(migrations, "scripts", lambda: folder)
    url = store_cluster.empty()
    with pytest.raises(InternalError) as caught:
        migrate(url)
    assert caught.value.problem.code == "DM8013"
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'auth'").fetchone() == (0,)


def test_publications_of_the_first_version_are_numbered(
    store_cluster: StoreCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "alembic"
    shutil.copytree(scripts(), folder)
    for script in (folder / "versions").glob("*.py"):
        if not script.name.startswith("0001"):
            script.unlink()
    url = store_cluster.empty()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "scripts", lambda: folder)
        migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO layer.documents VALUES ('d', 'one', 'x'), ('d', 'two', 'x')")
        for at, project in enumerate(["one", "two", "one"]):
            connection.execute(
                "INSERT INTO layer.publications (id, project_id, layer_hash, document_hash, published_at, published_by, git_commit)"
                " VALUES (%s, %s, 'l', 'd', now(), 'ana', '')",
                (f"pub_{9 - at}", project),
            )
    migrate(url)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT id, number, origin FROM layer.publications ORDER BY seq").fetchall()
    assert found == [("pub_9", 1, "sync"), ("pub_8", 1, "sync"), ("pub_7", 2, "sync")]


def test_waiting_for_another_instance_ends(store_cluster: StoreCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "SESSION", "-c lock_timeout=100ms")
    url = store_cluster.migrated()
    with psycopg.connect(url) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (migrations.LOCK,))
        with pytest.raises(UserError) as caught:
            migrate(url)
    assert caught.value.problem.code == "DM8016"


def test_a_store_that_is_down_is_said_to_be() -> None:
    with pytest.raises(InternalError) as caught:
        migrate("postgresql://nobody:secret@127.0.0.1:1/none")
    assert caught.value.problem.code == "DM8011"
    assert "secret" not in str(caught.value)
