"""The beat's scheduler: redbeat's, which ends its process when Redis goes away, made to wait for it."""

from __future__ import annotations

from typing import Any

from celery.utils.log import get_logger
from redbeat import RedBeatScheduler
from redis.exceptions import LockError, RedisError

AWAY_SECONDS = 2.0
"""How long to wait before a Redis that was away is asked again."""
_log = get_logger(__name__)


class PatientScheduler(RedBeatScheduler):  # type: ignore[misc]  # redbeat has no types
    """Goes on by itself when Redis comes back, also where it comes back empty or another beat took the lock meanwhile."""

    _away = False

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; the seconds until the next time. Where Redis is away nothing is sent and nothing is raised."""
        try:
            if self._away and not self._back():
                return AWAY_SECONDS
            return float(super().tick(*args, **kwargs))
        except (RedisError, OSError) as error:  # a lost lock is a RedisError too
            if not self._away:
                _log.warning("beat: Redis is away or the lock is lost (%s); waiting", type(error).__name__)
            self._away = True
            return AWAY_SECONDS

    def close(self) -> None:
        """Give the lock back where that is possible; else it ends by its timeout."""
        try:
            super().close()
        except (RedisError, OSError):
            self.lock = None

    def _back(self) -> bool:
        """Whether the schedule is ours to keep again: its lock is held, and its entries are there."""
        if self.lock_key and not self._locked():
            return False
        self.setup_schedule()
        self._away = False
        _log.warning("beat: Redis is back")
        return True

    def _locked(self) -> bool:
        """Whether this beat holds the lock, taken again where nobody does."""
        if self.lock is None:
            return False
        try:
            return bool(self.lock.owned() or self.lock.acquire(blocking=False))
        except LockError:
            return False
