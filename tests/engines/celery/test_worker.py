"""A real worker and beat on a real Redis protocol server and store, syncing what dbt wrote."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from celery import Celery

from app.adapters.dbt.runner import DbtCall, DbtProcess
from app.adapters.embedded.stack import Part, start
from app.adapters.store.database import Database
from app.adapters.store.jobs import StoredJobs
from app.adapters.store.locks import StoredLocks
from app.adapters.store.migrate import migrate
from app.model.ids import new_id
from app.model.jobs import ENDED, EventKind, Job, JobKind, JobState
from app.service.jobs import problems_of

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
            DbtCall(["parse"], project_dir=project, profiles_dir=project, target="postgres", target_path=project / "target" / "postgres")
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
            "DATAMIND_DBT_PARSE": "false",
        }


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "worker.log"


@pytest.fixture(scope="module")
def restart_redis(environment: dict[str, str]) -> Iterator[Callable[[], None]]:
    """Kills the server of the queue, and starts it again on what it kept."""
    started: list[subprocess.Popen[bytes]] = []

    def restart() -> None:
        with redis.Redis.from_url(environment["DATAMIND_REDIS_URL"]) as client:
            told = client.info("server")
        server = psutil.Process(told["process_id"])
        command = [server.exe(), told["config_file"]]
        server.kill()
        until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, 30)
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    yield restart
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], restart_redis: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    del restart_redis  # what it started ends after the worker
    command = [sys.executable, "-m", "celery", "-A", "celery_worker.app", "worker", "--beat", "--concurrency", "2", "--loglevel", "INFO"]
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


@pytest.fixture(scope="module")
def kept(environment: dict[str, str]) -> Iterator[StoredJobs]:
    database = Database(environment["DATAMIND_STORE_URL"])
    yield StoredJobs(database)
    database.close()


def ended(kept: StoredJobs, job_id: str) -> Job:
    until(lambda: kept.get(job_id, "default").state in ENDED, 60)
    return kept.get(job_id, "default")


@dataclass
class Syncs:
    """The jobs of kind sync that were asked for, whether by a test or by the beat, which may be quicker."""

    client: Celery
    kept: StoredJobs
    known: frozenset[str] = frozenset()

    def next(self) -> Job | None:
        """The newest job since the last call, ended; None where nobody asked for one."""
        until(lambda: not self.kept.page("default", (JobState.QUEUED, JobState.RUNNING), "", 1), 60)
        self.client.send_task("datamind.sync_dbt_to_vanna").get(timeout=60)
        until(lambda: not self.kept.page("default", (JobState.QUEUED, JobState.RUNNING), "", 1), 60)
        jobs = [job for job in self.kept.page("default", ENDED, "", 1000) if job.kind is JobKind.SYNC]
        fresh = [job for job in jobs if job.id not in self.known]
        self.known = frozenset(job.id for job in jobs)
        return fresh[0] if fresh else None


def asked(kept: StoredJobs) -> Job:
    now = dt.datetime.now(dt.UTC)
    job = Job(new_id("job"), "default", JobKind.SYNC, "{}", "admin", "usr_ana", now, now)
    assert kept.add(job)
    return job


def test_a_sync_publishes_once_and_again_when_dbt_wrote_something_else(client, worker, project, kept):
    syncs = Syncs(client, kept)
    add_model(project)
    parse(project)
    syncs.next()
    add_model(project)
    shutil.rmtree(project / "target", ignore_errors=True)
    refused = syncs.next()
    assert (refused.state, problems_of(refused)[0].code) == (JobState.REFUSED, "DM2001")
    assert syncs.next() is None

    parse(project)
    published = syncs.next()
    assert (published.state, json.loads(published.result)["published"]) == (JobState.SUCCEEDED, True)
    assert (published.trigger, published.requested_by) == ("schedule", "worker")
    assert syncs.next() is None

    os.utime(project / "target" / "postgres" / "manifest.json")
    assert json.loads(syncs.next().result)["published"] is False

    add_model(project)
    parse(project)
    assert json.loads(syncs.next().result)["number"] == json.loads(published.result)["number"] + 1

    (project / "target" / "postgres" / "manifest.json").write_text("{")
    assert problems_of(syncs.next())[0].code == "DM2002"
    assert syncs.next() is None


def test_everything_in_redis_lies_under_our_prefix_and_beat_holds_the_schedule(client, worker, environment):
    redis = client.backend.client
    until(lambda: bool(redis.keys("datamind:beat:sync-daily")), 30)
    assert {key.decode().split(":")[0] for key in redis.keys("*")} <= {"datamind", "_kombu.binding.default"}
    health = [sys.executable, "-m", "celery_worker.beat_health"]
    root = Path(__file__).resolve().parents[3]
    # The lock is renewed every few seconds, and on a busy machine a little later than it runs out.
    until(lambda: subprocess.run(health, env=environment, cwd=root, check=False).returncode == 0, 30)


def test_a_task_comes_back_when_its_process_dies(client, worker, project, kept):
    parse(project)
    pending = [asked(kept) for _ in range(3)]
    for job in pending:
        client.send_task("datamind.run_job", args=[job.id])
    for child in psutil.Process(worker.pid).children():
        child.send_signal(signal.SIGKILL)
    assert {ended(kept, job.id).state for job in pending} == {JobState.SUCCEEDED}


def test_a_job_that_runs_while_redis_restarts_ends_well_and_once(client, worker, project, kept, environment, restart_redis, log):
    parse(project)
    database = Database(environment["DATAMIND_STORE_URL"])
    connected = log.read_text().count("Connected to")
    try:
        with StoredLocks(database).hold("sync", "default", seconds=60) as ours:  # for which a sync waits
            assert ours
            job = asked(kept)
            client.send_task("datamind.run_job", args=[job.id])
            until(lambda: kept.get(job.id, "default").state is JobState.RUNNING, 60)
            restart_redis()
            until(lambda: log.read_text().count("Connected to") > connected or worker.poll() is not None, 60)
            client.send_task("datamind.run_job", args=[job.id]).get(timeout=60)  # as one that is delivered again
    finally:
        database.close()
    found = ended(kept, job.id)
    assert (found.state, found.attempts) == (JobState.SUCCEEDED, 1)
    states = [json.loads(event.data)["state"] for event in kept.events("default", job.id, 0, 100) if event.kind is EventKind.STATE]
    assert states == ["queued", "running", "succeeded"]
    following = asked(kept)
    client.send_task("datamind.run_job", args=[following.id])
    assert ended(kept, following.id).state is JobState.SUCCEEDED, "the worker lives on"
    assert worker.poll() is None


def test_messages_that_no_worker_can_read_are_kept_for_an_admin(client, worker, kept):
    def kept_as_dead() -> list[str]:
        dead = kept.page("default", (JobState.DEAD,), "", 100)
        return sorted(json.loads(job.arguments)["reason"] for job in dead if job.kind is JobKind.UNREADABLE)

    before = kept_as_dead()
    client.send_task("datamind.run_job", args=[b"x"], serializer="pickle")
    client.send_task("datamind.no_such_task")
    until(lambda: len(kept_as_dead()) == len(before) + 2, 30)
    assert kept_as_dead() == sorted([*before, "ContentDisallowed", "unknown task"])
    job = asked(kept)
    client.send_task("datamind.run_job", args=[job.id])
    assert ended(kept, job.id).state in (JobState.SUCCEEDED, JobState.REFUSED)


def test_a_message_that_no_worker_can_read_waits_for_a_store_that_is_away(client, worker, kept, environment, log):
    def unreadable() -> int:
        return sum(job.kind is JobKind.UNREADABLE for job in kept.page("default", (JobState.DEAD,), "", 100))

    before = unreadable()
    with psycopg.connect(environment["DATAMIND_STORE_URL"], autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" CONNECTION LIMIT 0')
        try:
            client.send_task("datamind.run_job", args=[b"x"], serializer="pickle")
            until(lambda: log.read_text().count("it is put back") == 2 or worker.poll() is not None, 60)
        finally:
            connection.execute(f'ALTER DATABASE "{connection.info.dbname}" CONNECTION LIMIT -1')
    until(lambda: unreadable() == before + 1, 60)
    assert worker.poll() is None


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
