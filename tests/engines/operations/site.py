"""Everything that runs in production, as processes: gateway, workers and beats over the demo, on a checkout that follows a repository."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil

from app.model.ids import new_id
from app.model.principal import Role
from app.service.users import NewUser, create_user, operator
from tests.support.demo import ROOT, TODAY, Demo

SECRET = "a secret for webhooks"
PASSWORD = "a password for tests"


def until(true: Callable[[], bool], seconds: float = 120, every: float = 0.05) -> float:
    """Wait until it holds; how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come to hold in time"
        time.sleep(every)
    return time.monotonic() - began


def git(folder: Path, *words: str) -> str:
    """A git command as a person of no consequence."""
    who = ["-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True).stdout


def end(process: subprocess.Popen[bytes], how: int = signal.SIGKILL) -> None:
    """End a process and all that it started."""
    try:
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    except psutil.NoSuchProcess:
        family = []
    for one in family:
        try:
            one.send_signal(how)
        except psutil.NoSuchProcess:
            continue
    process.wait(30)


@dataclass
class Site:
    """The running parts. `author` is the clone in which people commit, `served` the one that the worker follows."""

    demo: Demo
    folder: Path
    project_id: str
    environment: dict[str, str]
    url: str = ""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=30))
    token: str = ""

    @property
    def author(self) -> Path:
        return self.folder / "author"

    @property
    def served(self) -> Path:
        return self.folder / "served"

    def log(self, name: str) -> str:
        """What a part wrote."""
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self, name: str, *words: str) -> None:
        """Start a part under a name; its log goes on in one file."""
        with (self.folder / f"{name}.log").open("ab") as out:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *words], env=self.environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    def start_workers(self, *names: str) -> None:
        """Start those of the workers that do not run, and wait until they take jobs."""
        started = {name: self.log(name).count(" ready.") for name in names if name not in self.running}
        for name in started:
            self.start(name, "celery", "-A", "celery_worker.app", "worker", "--concurrency", "1", "--loglevel", "INFO", "-n", f"{name}@%h")
        until(lambda: all(self.log(name).count(" ready.") > before for name, before in started.items()))

    def start_beats(self) -> None:
        """Start those of the two beats that do not run."""
        for name in {"beat-one", "beat-two"} - set(self.running):
            self.start(name, "celery", "-A", "celery_worker.app", "beat", "--loglevel", "INFO")

    def kill_the_beat(self) -> str:
        """Kill that one of two beats which keeps the schedule; the name of the other."""
        self.start_beats()
        until(lambda: "Acquired lock" in self.log("beat-one") + self.log("beat-two"))
        (holder,) = (name for name in ("beat-one", "beat-two") if "Acquired lock" in self.log(name))
        self.kill(holder)
        (other,) = {"beat-one", "beat-two"} - {holder}
        return other

    def kill(self, name: str) -> None:
        """kill -9, with its children."""
        end(self.running.pop(name))

    def api(self, method: str, path: str, body: object = None) -> httpx2.Response:
        """A request of the admin."""
        return self.client.request(method, f"{self.url}/api/v1{path}", json=body, headers={"Authorization": f"Bearer {self.token}"})

    def answers(self, metric: str) -> bool:
        """Whether the gateway answers a query on the metric with a row."""
        answer = self.api("POST", "/query", {"metrics": [metric]})
        return answer.status_code == 200 and len(answer.json()["results"]) == 1

    def commit(self, file: str, change: Callable[[str], str], message: str) -> str:
        """Change a file, commit and push; the commit's hash."""
        path = self.author / file
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")
        git(self.author, "commit", "-qam", message)
        git(self.author, "push", "-q", "origin", "main")
        return git(self.author, "rev-parse", "HEAD").strip()

    def webhook(self, commit: str) -> str:
        """What GitHub sends after a push; the job that was made."""
        body = json.dumps({"ref": "refs/heads/main", "after": commit}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signature}"}
        answer = self.client.post(f"{self.url}/api/v1/webhooks/github", content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        return dict(self.api("GET", f"/jobs/{job_id}").json())

    def ended(self, job_id: str) -> dict[str, Any]:
        """The job once it ended."""
        until(lambda: self.job(job_id)["state"] in ("succeeded", "refused", "dead"))
        return self.job(job_id)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A `datamind` command beside the running parts."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli.main", *words], env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site(demo: Demo, folder: Path) -> Iterator[Site]:
    """The gateway on a fresh project id, with nothing published, over a repository with one commit; workers and beats are started by the test."""
    origin, project_id, port = folder / "origin.git", new_id("prj"), _free_port()
    source = demo.settings.dbt_project_path
    found = Site(demo, folder, project_id, {})
    shutil.copytree(source, found.author, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    (found.author / ".gitignore").write_text("target/\nlogs/\n")
    git(folder, "init", "-q", "--bare", "-b", "main", str(origin))
    git(found.author, "init", "-q", "-b", "main")
    git(found.author, "add", "-A")
    git(found.author, "commit", "-qm", "Begin")
    git(found.author, "remote", "add", "origin", str(origin))
    git(found.author, "push", "-q", "origin", "main")
    git(folder, "clone", "-q", str(origin), str(found.served))
    shutil.copytree(source / "target", found.served / "target")
    left = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_"))}
    found.environment = left | {
        "DATAMIND_DATA_DIR": str(demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": str(found.served),
        "DATAMIND_DBT_GIT_REMOTE": "origin",
        "DATAMIND_GITHUB_WEBHOOK_SECRET": SECRET,
        "DATAMIND_PROJECT_ID": project_id,
        "DATAMIND_PORT": str(port),
        "DATAMIND_TODAY": TODAY,
        "PYTHONPATH": str(ROOT),
    }
    email = f"{new_id('mail')}@example.com"
    create_user(demo.deps.people, operator(), NewUser(email, Role.ADMIN, project_id, PASSWORD))
    found.url = f"http://127.0.0.1:{port}"
    try:
        found.start("gateway", "app.cli.main", "serve")
        until(lambda: _live(found))
        signed_in = found.client.post(f"{found.url}/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        found.token = str(signed_in.json()["access_token"])
        yield found
    finally:
        for process in found.running.values():
            end(process)
        found.client.close()


def _live(found: Site) -> bool:
    try:
        return bool(found.client.get(f"{found.url}/api/v1/live").status_code == 200)
    except httpx2.HTTPError:
        return False
