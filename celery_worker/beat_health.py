"""`python -m celery_worker.beat_health`: exit status 0 while a beat holds the schedule's lock, which it renews every few seconds."""

from __future__ import annotations

import sys

from redbeat.schedulers import get_redis

from celery_worker.app import app


def alive() -> bool:
    """Whether a beat ran in the last half minute."""
    return bool(get_redis(app).exists(app.redbeat_conf.lock_key))


if __name__ == "__main__":
    sys.exit(0 if alive() else 1)
