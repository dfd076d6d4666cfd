"""Migrations of what is kept of language models: what stood before counts for no more, and no less, than it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config

from alembic import command
from app.adapters.store import migrate as migrations
from app.adapters.store.database import Database
from app.adapters.store.migrate import migrate, scripts
from tests.support.store import StoreCluster

HEARD = [
    {"correction_id": "one", "layer_version": "aaa", "read_as": "other", "difference": {"correction_id": "one", "question": "\u0000 “why”"}, "cost": 0.1},
    {"correction_id": "two", "layer_version": "aaa", "read_as": "same", "difference": None, "cost": 0.1},
]  # fmt: skip
STATES = ("pending", "held", "passed", "accepted", "rejected")


def _until(store_cluster: StoreCluster, folder: Path, last: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store as that migration left it."""
    shutil.copytree(scripts(), folder)
    for script in (folder / "versions").glob("*.py"):
        if script.name[:4] > last:
            script.unlink()
    url = store_cluster.empty()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "scripts", lambda: folder)
        migrate(url)
    return url


def test_only_what_drafts_is_known_of_the_layer_that_is_served(
    store_cluster: StoreCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _until(store_cluster, tmp_path / "alembic", "0012", monkeypatch)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO layer.documents VALUES ('d', 'p', 'x')")
        connection.execute(
            "INSERT INTO layer.publications"
            " (id, project_id, layer_hash, document_hash, published_at, published_by, git_commit, number, origin, reason, worst, restores, code_hash)"
            " VALUES ('pub', 'p', '0123456789abcdef', 'd', now(), 'ana', '', 1, 'sync', '', '', 0, '')"
        )
        for state in STATES:
            connection.execute(
                "INSERT INTO feedback.model_gates (id, project_id, provider, model, created_at, state, heard, approved, fault, tries, decided_by, reason)"
                " VALUES (%s, 'p', 'scripted', %s, now(), %s, %s, 2, '', 0, '', '')",
                (state, state, state, json.dumps(HEARD)),
            )
    migrate(url)
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT state, layer_version, heard FROM feedback.model_gates").fetchall()
    assert {state: version for state, version, _ in found} == {
        "pending": "", "held": "", "passed": "0123456789ab", "accepted": "0123456789ab", "rejected": "",
    }  # fmt: skip
    for state, _, heard in found:
        told = json.loads(heard)
        assert [one.get("accepted", False) for one in told] == [state == "accepted", False]
        assert [{**one, "accepted": None} for one in told] == [{**one, "accepted": None} for one in HEARD]


def test_without_addresses_the_strictest_word_on_a_model_stands(store_cluster: StoreCluster) -> None:
    url = store_cluster.migrated()
    ranked = ("passed", "accepted", "pending", "held", "rejected")
    assert set(ranked) == set(STATES)
    kept = {
        "ph": ("passed", "held"),
        "rp": ("rejected", "passed"),
        "ap": ("accepted", "pending"),
        "pa": ("passed", "accepted"),
        "pp": ("pending", "pending"),
    }
    with psycopg.connect(url) as connection:
        for model, states in kept.items():
            for at, state in enumerate(states):
                connection.execute(
                    "INSERT INTO feedback.model_gates"
                    " (id, project_id, provider, model, created_at, state, address, heard, approved, fault, tries, decided_by, reason)"
                    " VALUES (%s, 'p', 'scripted', %s, now(), %s, %s, '[]', 0, '', 0, '', '')",
                    (f"{model}{at}", model, state, f"mark{at}"),
                )
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    database = Database(url, pool_size=1)
    try:
        with database.transaction() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0013")
    finally:
        database.close()
    with psycopg.connect(url) as connection:
        found = dict(connection.execute("SELECT model, id FROM feedback.model_gates").fetchall())
    assert found == {"ph": "ph1", "rp": "rp0", "ap": "ap1", "pa": "pa0", "pp": "pp0"}
