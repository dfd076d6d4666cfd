"""The beat outlives its Redis."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
import redis
from celery import Celery
from redbeat.schedulers import get_redis

from app.adapters.embedded.stack import Part, start
from celery_worker.schedule import SCHEDULE


@pytest.fixture
def make_app(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATAMIND_REDIS_URL", "redis://127.0.0.1:1/0")  # importing the module makes one for the process's settings
    from celery_worker.app import make_app

    return make_app


def beat(app: Celery):
    from celery_worker.scheduler import PatientScheduler

    scheduler = PatientScheduler(app=app)
    scheduler.lock = get_redis(app).lock(scheduler.lock_key, timeout=30, sleep=1)
    assert scheduler.lock.acquire(blocking=False)
    return scheduler


def test_a_redis_that_comes_back_empty(make_app, tmp_path: Path) -> None:
    from celery_worker.scheduler import AWAY_SECONDS

    with start([Part.REDIS], tmp_path) as stack:
        app = make_app(stack.urls[Part.REDIS])
        scheduler, client = beat(app), redis.from_url(stack.urls[Part.REDIS])
        assert scheduler.tick() >= 0
        client.flushall()
        assert scheduler.tick() == AWAY_SECONDS
        scheduler.tick()
        assert scheduler.lock.owned()
        assert client.zcard(app.redbeat_conf.schedule_key) == len(SCHEDULE)
        client.flushall()
        other = beat(app)  # another beat was quicker
        assert scheduler.tick() == scheduler.tick() == AWAY_SECONDS
        other.close()
        scheduler.tick()
        assert scheduler.lock.owned()
        scheduler.close()


def test_a_redis_that_is_killed(make_app, tmp_path: Path) -> None:
    from celery_worker.scheduler import AWAY_SECONDS

    with start([Part.REDIS], tmp_path) as stack:
        scheduler = beat(make_app(stack.urls[Part.REDIS]))
        os.kill(stack.pids[Part.REDIS], signal.SIGKILL)
        time.sleep(0.3)
        assert scheduler.tick() == AWAY_SECONDS
        assert scheduler.tick() == AWAY_SECONDS
        scheduler.close()
