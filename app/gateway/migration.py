"""Bringing the store to this version, also where it is away when the gateway starts."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from app.adapters.store.migrate import migrate
from app.errors import DataMindError

RETRY_SECONDS = 2.0
"""How long to wait before a store that was away is asked again."""
_CLOSE_SECONDS = 5.0
_AWAY = frozenset({"DM8011", "DM8012", "DM8016"})
"""What passes by itself: the store is down or too slow, another instance is at its migrations."""
_log = structlog.get_logger("datamind.gateway")


class Migration:
    """Tries again on a thread of its own until the store is at this version, then calls `done` and ends.

    Until then the gateway stays in mode CONFIGURATION by itself: without its store nobody can sign in and nothing is answered.
    """

    def __init__(self, url: str, done: Callable[[], None], *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Raises UserError DM8017 or DM8018, InternalError DM8013 or DM8019, where the first try shows what waiting does not mend."""
        self._url, self._done, self._retry_seconds = url, done, retry_seconds
        self._closing = threading.Event()
        self._told = ""
        self._thread: threading.Thread | None = None
        try:
            migrate(url)
        except DataMindError as error:
            if error.problem.code not in _AWAY:
                raise
            self._tell(error)
            self._thread = threading.Thread(target=self._run, name="migration", daemon=True)
            self._thread.start()

    @property
    def pending(self) -> bool:
        """Whether the store is still waited for."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Stop trying. A migration that is under way is given a few seconds; where it needs longer, it is undone with its connection."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._closing.wait(self._retry_seconds):
            try:
                migrate(self._url)
            except DataMindError as error:
                self._tell(error)
            else:
                _log.info("store_migrated")
                self._done()
                return

    def _tell(self, error: DataMindError) -> None:
        """One line for each cause, not for each try."""
        if error.problem.code != self._told:
            self._told = error.problem.code
            _log.warning("store_not_migrated", code=error.problem.code, problem=error.problem.message)
