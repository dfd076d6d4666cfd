"""What a background worker is wired with: the queue, and Deps for the length of one task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from celery import Celery

from app.adapters.embedded.stack import Part, attach
from app.adapters.queue.celery_app import PREFIX, RUN_JOB, TASK_SECONDS, make_app
from app.errors import Problem, UserError
from app.model.jobs import JobKind
from app.service import jobs
from app.service.dbt_job import run_dbt_job
from app.service.deps import Deps
from app.service.jobs import Handler
from app.service.replay_job import run_replay
from app.service.sync_job import run_sync
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.servers import servers, unnamed


def queue_url(settings: Settings | None = None) -> str:
    """The Redis that queue, results and schedule are kept in: named by URL, or that of the embedded stack that runs on the data directory.

    Raises UserError DM1011 where there is neither: a worker starts no server of its own.
    """
    settings = settings or load_settings()
    _check_found(settings, [Part.REDIS])
    with servers(settings, [Part.REDIS], progress=lambda _line: None) as found:
        return found.redis


@contextmanager
def task_deps(settings: Settings | None = None) -> Iterator[Deps]:
    """Deps for one task, closed at the end of the block, so that a server that moved is found again. Raises UserError DM1011 as `queue_url`."""
    settings = settings or load_settings()
    _check_found(settings, list(Part))
    with servers(settings, list(Part), progress=lambda _line: None) as found, opened(settings, found) as deps:
        yield deps


def queue_app(redis_url: str) -> Celery:
    """The Celery application of the queue at that URL, as those who send to it have it."""
    return make_app(redis_url)


__all__ = ["PREFIX", "RUN_JOB", "TASK_SECONDS", "queue_app", "queue_url", "run_job", "task_deps"]

HANDLERS: Mapping[JobKind, Handler] = {JobKind.SYNC: run_sync, JobKind.DBT: run_dbt_job, JobKind.REPLAY: run_replay}
"""What does the work of a job, by its kind."""


def run_job(job_id: str) -> str:
    """Run a job under the settings of this moment, and say in which state it is then."""
    with task_deps() as deps:
        return jobs.run(deps, job_id, HANDLERS)


def _check_found(settings: Settings, need: list[Part]) -> None:
    missing = unnamed(settings, need)
    if missing and attach(settings.data_dir.absolute()) is None:
        variables = ", ".join(f"DATAMIND_{part.name}_URL" for part in missing)
        raise UserError(
            Problem(
                "DM1011", "the worker finds no server", hint=f"set {variables}, or start `datamind demo --serve` on the same data directory"
            )
        )
