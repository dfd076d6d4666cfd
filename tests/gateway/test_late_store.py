"""A gateway that starts before its store: alive, not ready, and at work by itself as soon as the store is there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2
import psycopg
import pytest

from app.adapters.store.migrate import VERSION_TABLE
from app.errors import DataMindError
from app.gateway.migration import Migration
from tests.gateway.conftest import problem, wait_until
from tests.gateway.test_process import answers, free_port
from tests.support.store import StoreCluster


def later(store_cluster: StoreCluster, name: str) -> tuple[str, Callable[[], str]]:
    """The URL of a store that is not there yet, and what makes it."""
    there = store_cluster.empty()
    return urlunsplit(urlsplit(there)._replace(path=f"/{name}")), lambda: store_cluster.empty(name)


def test_a_store_that_comes_later(store_cluster: StoreCluster, tmp_path: Path) -> None:
    url, make = later(store_cluster, "late_process")
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_")},
        "DATAMIND_STORE_URL": url,
        "DATAMIND_REDIS_URL": store_cluster.redis,
        "DATAMIND_ENGINES": '["postgres"]',
        "DATAMIND_POSTGRES_URL": "postgresql://reader:none@127.0.0.1:1/none",
        "DATAMIND_DATA_DIR": str(tmp_path / "data"),
        "DATAMIND_SECRET_KEY": "s" * 40,
    }
    log = tmp_path / "log"
    command = [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log.open("wb"), cwd=tmp_path)
    base = f"http://127.0.0.1:{port}"
    body = {"email": "a@b.c", "password": "x"}
    try:
        wait_until(lambda: answers(f"{base}/live"), 60)
        problem(httpx2.get(f"{base}/ready", timeout=30), 503, "DM7039")
        problem(httpx2.post(f"{base}/api/v1/auth/login", json=body, timeout=30), 503, "DM8011")
        assert httpx2.get(f"{base}/health", timeout=30).json()["operational_mode"] == "CONFIGURATION"
        make()
        wait_until(lambda: httpx2.post(f"{base}/api/v1/auth/login", json=body, timeout=30).status_code == 401, 30)
    finally:
        process.terminate()
        code = process.wait(timeout=30)
    text = log.read_text()
    assert code == 0
    assert "Traceback" not in text
    assert text.count("store_not_migrated") == 1
    assert text.count("store_migrated") == 1


def test_it_tells_when_it_is_done(store_cluster: StoreCluster) -> None:
    url, make = later(store_cluster, "late_thread")
    done = threading.Event()
    migration = Migration(url, done.set, retry_seconds=0.05)
    try:
        assert migration.pending
        assert not done.is_set()
        make()
        assert done.wait(30)
        wait_until(lambda: not migration.pending, 10)
    finally:
        migration.close()
    with psycopg.connect(url) as connection:
        assert connection.execute(f"SELECT count(*) FROM public.{VERSION_TABLE}").fetchone() == (1,)


def test_it_stops_trying_when_it_is_closed(store_cluster: StoreCluster) -> None:
    migration = Migration(later(store_cluster, "never")[0], pytest.fail, retry_seconds=0.05)
    migration.close()
    assert not migration.pending


def test_a_store_that_is_there_is_not_waited_for(store_cluster: StoreCluster) -> None:
    migration = Migration(store_cluster.empty(), pytest.fail)
    assert not migration.pending
    migration.close()


def test_what_waiting_does_not_mend_ends_the_start(store_cluster: StoreCluster) -> None:
    url = store_cluster.migrated()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"UPDATE public.{VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(DataMindError) as raised:
        Migration(url, pytest.fail)
    assert raised.value.problem.code == "DM8017"
