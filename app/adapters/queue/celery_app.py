"""The Celery application as sender and workers share it: where queue and results lie, and that messages are JSON."""

from __future__ import annotations

import ssl

from celery import Celery

PREFIX = "datamind:"
TASK_SECONDS = 4 * 3600
"""How long a task may take: dbt builds whole warehouses."""
RUN_JOB = "datamind.run_job"
"""The task that runs a job, by its id."""


def make_app(redis_url: str) -> Celery:
    """A Celery application whose queue, results and schedule lie in one Redis, each key under `PREFIX`.

    The visibility timeout is above the hard time limit: a task that still runs is never given to a second worker.
    """
    celery = Celery("datamind", broker=redis_url, backend=redis_url)
    celery.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 2 * TASK_SECONDS, "global_keyprefix": PREFIX},
        enable_utc=True,
        result_accept_content=["json"],
        result_backend_transport_options={"global_keyprefix": PREFIX},
        result_expires=24 * 3600,
        result_serializer="json",
        task_default_queue="default",
        task_serializer="json",
        timezone="UTC",
    )
    if redis_url.startswith("rediss://"):
        checked = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
        celery.conf.update(broker_use_ssl=checked, redis_backend_use_ssl=checked, redbeat_redis_use_ssl=checked)
    return celery
