"""The Celery application: `celery -A celery_worker.app worker` and `celery -A celery_worker.app beat` (or `worker --beat`)."""

from __future__ import annotations

import sys

from celery import Celery

from app.errors import DataMindError
from app.wiring.redacted_logs import configure_plain
from app.wiring.worker import PREFIX, TASK_SECONDS, queue_app, queue_url
from celery_worker.schedule import SCHEDULE


def make_app(redis_url: str) -> Celery:
    """The application of the queue at that URL, with what a worker and a beat need besides.

    A task is acknowledged when it is done and comes back when its worker dies, so tasks are idempotent.
    """
    celery = queue_app(redis_url)
    celery.conf.update(
        beat_max_loop_interval=5,
        beat_schedule=SCHEDULE,
        beat_scheduler="celery_worker.scheduler.PatientScheduler",
        include=["celery_worker.tasks", "celery_worker.started"],
        redbeat_key_prefix=f"{PREFIX}beat:",
        redbeat_lock_timeout=30,
        redbeat_redis_url=redis_url,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_soft_time_limit=TASK_SECONDS - 30,
        task_time_limit=TASK_SECONDS,
        task_track_started=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_consumer="celery_worker.consumer:PatientConsumer",
        worker_prefetch_multiplier=1,
    )
    return celery


def _from_settings() -> Celery:
    """The application of this process's settings; where they lack a server, the process ends with the Problem in place of a traceback."""
    try:
        return make_app(queue_url())
    except DataMindError as error:
        sys.exit(str(error))


configure_plain()
app = _from_settings()
