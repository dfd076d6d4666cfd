"""What runs by the clock. Kept in Redis by redbeat: one beat holds its lock, and a restart forgets nothing."""

from __future__ import annotations

SYNC_SECONDS = 60.0

SCHEDULE = {
    # A sync that finds nothing new is not worth running late: it expires before the next one is due.
    "sync": {"task": "datamind.sync", "schedule": SYNC_SECONDS, "options": {"expires": SYNC_SECONDS - 5}},
}
