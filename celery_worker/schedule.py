"""What runs by the clock. Kept in Redis by redbeat: one beat holds its lock, and a restart forgets nothing."""

from __future__ import annotations

from celery.schedules import crontab

SYNC_SECONDS = 60.0
WAITING_SECONDS = 30.0

SCHEDULE = {
    "sync-daily": {"task": "datamind.sync_dbt_to_vanna", "schedule": crontab(hour=2, minute=0), "kwargs": {"always": True}},
    "forget-daily": {"task": "datamind.forget_old", "schedule": crontab(hour=3, minute=0)},
    # What finds nothing new is not worth running late: it expires before the next one is due.
    "sync-changed": {"task": "datamind.sync_dbt_to_vanna", "schedule": SYNC_SECONDS, "options": {"expires": SYNC_SECONDS - 5}},
    "training": {"task": "datamind.train_lacking", "schedule": SYNC_SECONDS, "options": {"expires": SYNC_SECONDS - 5}},
    "replay": {"task": "datamind.replay_lacking", "schedule": SYNC_SECONDS, "options": {"expires": SYNC_SECONDS - 5}},
    "waiting": {"task": "datamind.send_waiting", "schedule": WAITING_SECONDS, "options": {"expires": WAITING_SECONDS - 5}},
}
