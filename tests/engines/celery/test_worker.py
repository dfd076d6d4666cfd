"""A real worker and beat on a real Redis protocol server and store, syncing what dbt wrote."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery

from app.adapters.dbt.runner import DbtProcess
from app.adapters.embedded.stack import Part, start
from app.adapters.store.migrate import migrate

PROFILES = "tiny: {target: postgres, outputs: {postgres: {type: postgres, host: 127.0.0.1, port: 1, user: me, password: me, dbname: db, schema: public}}}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text("name: tiny\nversion: '1.0'\nprofile: tiny\nmodel-paths: [models]\n")
    (folder / "profiles.yml").write_text(PROFILES)
    (folder / "models" / "one.sql").write_text("select 1 as id")
    return folder


def parse(project: Path) -> None:
    with DbtProcess() as process:
        run = process.run(
            ["parse"], project_dir=project, profiles_dir=project, target="postgres", target_path=project / "target" / "postgres"
        )
    assert run.success, run.messages


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[dict[str, str]]:
    with start([Part.STORE, Part.REDIS], tmp_path_factory.mktemp("stack")) as stack:
        migrate(stack.urls[Part.STORE])
        yield {
            **os.environ,
            "DATAMIND_STORE_URL": stack.urls[Part.STORE],
            "DATAMIND_REDIS_URL": stack.urls[Part.REDIS],
            "DATAMIND_POSTGRES_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "DATAMIND_ENGINES": '["postgres"]',
            "DATAMIND_DBT_PROJECT_PATH": str(project),
            "DATAMIND_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "DATAMIND_SECRET_KEY": "k" * 40,
        }


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    log = tmp_path_factory.mktemp("log") / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", "celery_worker.app", "worker", "--beat", "--concurrency", "1", "--loglevel", "INFO"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=Path(__file__).resolve().parents[3])
    try:
        until(lambda: b" ready." in log.read_bytes() or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def client(environment: dict[str, str]) -> Iterator[Celery]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        from celery_worker.app import make_app

        yield make_app(environment["DATAMIND_REDIS_URL"])


def add_model(project: Path) -> None:
    (project / "models" / f"model_{uuid.uuid4().hex}.sql").write_text("select id from {{ ref('one') }}")


def until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def synced(client: Celery) -> dict[str, str]:
    return client.send_task("datamind.sync").get(timeout=60)


def test_a_sync_publishes_once_and_again_when_dbt_wrote_something_else(client, worker, project):
    shutil.rmtree(project / "target", ignore_errors=True)  # tests come in any order
    refused = synced(client)
    assert (refused["status"], refused["problem_code"]) == ("refused", "DM2001")

    add_model(project)
    parse(project)
    published = synced(client)
    assert published["status"] == "published"
    assert published["layer_version"]
    assert synced(client)["status"] == "unchanged"

    os.utime(project / "target" / "postgres" / "manifest.json")
    assert synced(client)["status"] == "current"

    add_model(project)
    parse(project)
    again = synced(client)
    assert again["status"] == "published"
    assert again["layer_version"] != published["layer_version"]

    (project / "target" / "postgres" / "manifest.json").write_text("{")
    broken = synced(client)
    assert (broken["status"], broken["problem_code"]) == ("refused", "DM2002")
    assert synced(client)["status"] == "unchanged"


def test_everything_in_redis_lies_under_our_prefix_and_beat_holds_the_schedule(client, worker, environment):
    redis = client.backend.client
    until(lambda: bool(redis.keys("datamind:beat:sync")), 30)
    assert {key.decode().split(":")[0] for key in redis.keys("*")} <= {"datamind", "_kombu.binding.default"}
    health = [sys.executable, "-m", "celery_worker.beat_health"]
    root = Path(__file__).resolve().parents[3]
    assert subprocess.run(health, env=environment, cwd=root, check=False).returncode == 0


def test_a_task_comes_back_when_its_process_dies(client, worker, project):
    import psutil

    parse(project)
    children = psutil.Process(worker.pid).children()
    pending = [client.send_task("datamind.sync") for _ in range(3)]
    for child in children:
        child.send_signal(signal.SIGKILL)
    assert {answer.get(timeout=60)["status"] for answer in pending} <= {"published", "current", "unchanged"}


def test_pickled_messages_are_refused(client, worker):
    from celery.exceptions import TimeoutError as Late

    with pytest.raises(Late):
        client.send_task("datamind.sync", serializer="pickle").get(timeout=2)
    assert synced(client)["status"]


def test_without_a_server_it_says_so(tmp_path):
    left = {k: v for k, v in os.environ.items() if not k.startswith("DATAMIND_")}
    given = {**left, "DATAMIND_DATA_DIR": str(tmp_path / "none")}
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run(
        [sys.executable, "-c", "import celery_worker.app"], env=given, cwd=root, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "DM1011" in run.stderr
    assert "Traceback" not in run.stderr
