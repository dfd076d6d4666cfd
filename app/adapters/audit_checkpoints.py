"""The second place of the audit trail: signed checkpoints in a file that is only added to (JSON lines), written by several processes and synced to disk.

A record is covered by a checkpoint `SECONDS` after it was kept, or when its process ends, whichever is first; a busy process leaves one every `RECORDS`. One that
is killed leaves its last records to whoever writes next.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from app.errors import Problem, UserError, Where
from app.model.audit.chain import AuditRecord, Checkpoint, Keys, canonical, checkpoint
from app.ports import Health

RECORDS = 1000
SECONDS = 60.0
_log = structlog.get_logger("datamind.audit")


class _Open:
    """A chain that grew since its last checkpoint."""

    __slots__ = ("head", "records", "since")

    def __init__(self, head: AuditRecord, records: int, since: float) -> None:
        self.head, self.records, self.since = head, records, since


class CheckpointFile:
    """Checkpoints in the file at `path`, which is made when the first is written. Thread-safe. What can't be written is told by `health` and the log, and
    is tried again; records are kept all the same."""

    def __init__(self, path: Path, keys: Keys, *, records: int = RECORDS, seconds: float = SECONDS) -> None:
        self._path, self._keys, self._records, self._seconds = path, keys, records, seconds
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._problem = ""
        self._closed = False

    def came_to(self, head: AuditRecord, count: int) -> None:
        """The chain of a project grew by so many records and ends in this one now; never raises."""
        with self._lock:
            held = self._open.setdefault(head.project_id, _Open(head, 0, time.monotonic()))
            if (head.sequence or 0) >= (held.head.sequence or 0):
                held.head = head
            held.records += count
            if held.records >= self._records or time.monotonic() - held.since >= self._seconds or self._closed:
                self._write([held])
            self._wait()

    def health(self) -> Health:
        """Whether the last checkpoint could be written."""
        with self._lock:
            return Health(not self._problem, detail=self._problem)

    def close(self) -> None:
        """Write what is open."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            self._write(list(self._open.values()))

    def read(self, project_id: str) -> Iterator[Checkpoint | int]:
        """The project's checkpoints in the order in which they were written; the number of a line that can't be read in its place.

        Raises UserError DM8082 where the file can't be opened though it is there. Nothing where there is no file.
        """
        try:
            with self._path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    try:
                        found = msgspec.json.decode(line, type=Checkpoint, strict=True)
                    except msgspec.DecodeError:
                        yield number
                        continue
                    if found.project_id == project_id:
                        yield found
        except FileNotFoundError:
            return
        except OSError as error:
            raise UserError(
                Problem(
                    "DM8082", f"the audit log can't be read: {error.strerror}", where=Where(str(self._path)), hint="read it as its owner"
                )
            ) from error

    def _write(self, wanted: list[_Open]) -> None:
        """Write a checkpoint for each; the caller holds the lock."""
        if not wanted:
            return
        now = dt.datetime.now(dt.UTC)
        marks = [checkpoint(one.head, now, self._keys) for one in wanted]
        try:
            self._append(b"".join(canonical(msgspec.structs.asdict(mark)) + b"\n" for mark in marks))
        except OSError as error:
            problem = f"checkpoints of the audit trail can't be written: {error.strerror or type(error).__name__}"
            if problem != self._problem:
                _log.error("audit_checkpoint_failed", code="DM8081", problem=problem, file=str(self._path))
            self._problem = problem
            return
        self._problem = ""
        for one in wanted:
            self._open.pop(one.head.project_id, None)

    def _append(self, lines: bytes) -> None:
        """Add whole lines, on disk when it returns; a line that could not be written whole is taken back. Raises OSError."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(place, fcntl.LOCK_EX)
            size = os.fstat(place).st_size
            torn = size > 0 and os.pread(place, 1, size - 1) != b"\n"
            whole = b"\n" + lines if torn else lines
            try:
                if os.write(place, whole) != len(whole):
                    raise OSError(28, "no room is left")
            except OSError:
                with contextlib.suppress(OSError):  # a file that may only be added to can't be cut
                    os.ftruncate(place, size)
                raise
            os.fsync(place)
        finally:
            os.close(place)

    def _wait(self) -> None:
        """Have the clock look again while something is open; the caller holds the lock."""
        if self._open and not self._closed and (self._timer is None or not self._timer.is_alive()):
            self._timer = threading.Timer(self._seconds, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with self._lock:
            if not self._closed:
                self._timer = None
                self._write(list(self._open.values()))
                self._wait()
