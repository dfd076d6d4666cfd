"""The Celery application: `celery -A celery_worker.app worker` and `celery -A celery_worker.app beat` (or `worker --beat`)."""

from __future__ import annotations

import ssl
import sys

from celery import Celery

from app.errors import DataMindError
from app.wiring.worker import queue_url
from celery_worker.schedule import SCHEDULE

PREFIX = "datamind:"
TASK_SECONDS = 300


def make_app(redis_url: str) -> Celery:
    """A Celery application whose queue, results and schedule lie in one Redis, each key under `PREFIX`.

    A task is acknowledged when it is done and comes back when its worker dies, so tasks are idempotent. The visibility timeout is above
    the hard time limit: a task that still runs is never given to a second worker.
    """
    celery = Celery("datamind", broker=redis_url, backend=redis_url, include=["celery_worker.tasks"])
    celery.conf.update(
        accept_content=["json"],
        beat_schedule=SCHEDULE,
        beat_scheduler="celery_worker.scheduler.PatientScheduler",
        beat_max_loop_interval=5,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 2 * TASK_SECONDS, "global_keyprefix": PREFIX},
        enable_utc=True,
        redbeat_key_prefix=f"{PREFIX}beat:",
        redbeat_lock_timeout=30,
        redbeat_redis_url=redis_url,
        result_accept_content=["json"],
        result_backend_transport_options={"global_keyprefix": PREFIX},
        result_expires=24 * 3600,
        result_serializer="json",
        task_acks_late=True,
        task_default_queue="default",
        task_reject_on_worker_lost=True,
        task_serializer="json",
        task_soft_time_limit=TASK_SECONDS - 30,
        task_time_limit=TASK_SECONDS,
        task_track_started=True,
        timezone="UTC",
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_prefetch_multiplier=1,
    )
    if redis_url.startswith("rediss://"):
        checked = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
        celery.conf.update(broker_use_ssl=checked, redis_backend_use_ssl=checked, redbeat_redis_use_ssl=checked)
    return celery


def _from_settings() -> Celery:
    """The application of this process's settings; where they lack a server, the process ends with the Problem in place of a traceback."""
    try:
        return make_app(queue_url())
    except DataMindError as error:
        sys.exit(str(error))


app = _from_settings()
