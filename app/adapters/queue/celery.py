"""Sending jobs over Celery. A queue that is away costs little time and is never an error: jobs wait in the store, and are sent again."""

from __future__ import annotations

import threading
from typing import Any

SECONDS = 1.0
"""How long a connection may take."""


class CeleryQueue:
    """Sends jobs to the workers that share this Redis. Celery is loaded when a job is first sent."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._lock = threading.Lock()
        self._app: Any = None

    def send(self, job_id: str, *, seconds: float = 0.0) -> bool:
        """Give the job to a worker, in so many seconds; False where the queue does not answer."""
        from kombu.exceptions import OperationalError

        from app.adapters.queue.celery_app import RUN_JOB

        try:
            self._made().send_task(RUN_JOB, args=[job_id], countdown=seconds or None, retry=False, ignore_result=True)
        except (OperationalError, OSError):
            return False
        return True

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._app is not None:
                self._app.close()
                self._app = None

    def _made(self) -> Any:
        from app.adapters.queue.celery_app import make_app

        with self._lock:
            if self._app is None:
                self._app = make_app(self._url)
                self._app.conf.broker_transport_options |= {"socket_connect_timeout": SECONDS, "socket_timeout": SECONDS}
            return self._app


class NoQueue:
    """For processes without a Redis: what is asked for waits in the store."""

    def send(self, job_id: str, *, seconds: float = 0.0) -> bool:
        """Nobody is given it."""
        del job_id, seconds
        return False

    def close(self) -> None:
        """Nothing to give back."""
