"""The tasks. Each is idempotent: it may run twice. What goes wrong before a job is known is tried again by Celery, what goes wrong in one by the job itself."""

from __future__ import annotations

from app.errors import InternalError
from app.service import jobs, replay_job, scheduled, training
from app.wiring import worker
from celery_worker.app import app

AGAIN = {"autoretry_for": (InternalError, OSError), "retry_backoff": 2, "max_retries": 3}
"""The store or the queue is away: three tries more, 2, 4 and 8 seconds apart."""


@app.task(name=worker.RUN_JOB, **AGAIN)  # type: ignore[untyped-decorator]  # Celery has no types
def run_job(job_id: str) -> str:
    """Run a job, and say in which state it is then."""
    return worker.run_job(job_id)


@app.task(name="datamind.sync_dbt_to_vanna", **AGAIN)  # type: ignore[untyped-decorator]
def sync_dbt_to_vanna(always: bool = False) -> str:
    """Ask for a sync (read → compile → check → publish → train) where the project's content changed, and give the job's id."""
    with worker.task_deps() as deps:
        return scheduled.sync_scheduled(deps, always=always)


@app.task(name="datamind.train_lacking", **AGAIN)  # type: ignore[untyped-decorator]
def train_lacking() -> int:
    """Train what trainings of the published layer left out; the number of items that were added."""
    with worker.task_deps() as deps:
        return training.train_lacking(deps).added


@app.task(name="datamind.replay_lacking", **AGAIN)  # type: ignore[untyped-decorator]
def replay_lacking() -> int:
    """Ask for the replays of approved questions that nobody asked for; how many."""
    with worker.task_deps() as deps:
        return replay_job.ask_for_what_lacks(deps)


@app.task(name="datamind.send_waiting", **AGAIN)  # type: ignore[untyped-decorator]
def send_waiting() -> int:
    """Send the jobs again that wait too long, or whose worker died."""
    with worker.task_deps() as deps:
        return jobs.send_waiting(deps)


@app.task(name="datamind.forget_old", **AGAIN)  # type: ignore[untyped-decorator]
def forget_old() -> int:
    """Forget conversations, choices and links that were kept long enough; how many there were."""
    with worker.task_deps() as deps:
        return scheduled.forget_old(deps)
