"""One dbt process for each process of ours, kept warm over commands: importing dbt takes seconds."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.adapters.dbt.runner import DbtCall, DbtProcess, DbtRun, Progress
from app.errors import Problem, UserError
from app.ports import Cancel

_ASK_SECONDS = 0.5
"""How often one who waits for dbt looks whether they were cancelled."""


class WarmDbt:
    """Starts dbt when it is first needed and again where it died; one command at a time. A process forked from this one, as Celery's workers are, starts its
    own. Ended by `close`, and when this process ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: DbtProcess | None = None
        os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.close)

    def run(self, call: DbtCall, progress: Progress = lambda _line: None, cancel: Cancel | None = None) -> DbtRun:
        """Run a command; see `DbtProcess.run`. Raises UserError DM8066 once it is cancelled, after dbt has stopped, and else what that raises."""
        with self._turn(cancel):
            process = self._alive()
            taken_back = cancel.on_cancel(process.stop) if cancel is not None else lambda: None
            try:
                ran = process.run(call, progress)
            except BaseException:
                self._drop()  # nobody knows in which state it is
                self._raise_if(cancel)
                raise
            finally:
                taken_back()
            if cancel is not None and cancel.cancelled:
                self._drop()
            self._raise_if(cancel)
            return ran

    @contextmanager
    def _turn(self, cancel: Cancel | None) -> Iterator[None]:
        lock = self._lock
        while not lock.acquire(timeout=_ASK_SECONDS):
            self._raise_if(cancel)
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """End dbt, in the middle of a command too."""
        self._drop()

    def _alive(self) -> DbtProcess:
        if self._process is None or not self._process.alive:
            self._drop()
            self._process = DbtProcess()
        return self._process

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _raise_if(self, cancel: Cancel | None) -> None:
        if cancel is not None and cancel.cancelled:
            raise UserError(Problem("DM8066", "the run of dbt was cancelled", hint="what was built before stays built"))

    def _forked(self) -> None:
        """In the child of a fork: dbt belongs to the parent, and so does the lock, which may be held there."""
        self._lock = threading.Lock()
        process, self._process = self._process, None
        if process is not None:
            process.forget()
