"""Locks that a git left which was killed: they would block every later one for ever."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LOCK_SECONDS = 10
"""After so long nobody holds a lock of git's any more, where no git works in the folder: what is locked is written in a matter of moments."""
_PROCESSES = Path("/proc")


def break_locks(top: Path, *insides: Path) -> bool:
    """Take away the locks on index, HEAD, refs and the like in the folders of git's own (`insides`) once they are old enough, waiting for it; False, and nothing
    taken, where a git works below `top` still, as an editor's that writes a commit."""
    found = [lock for inside in insides for lock in _locks(inside)]
    if not found:
        return True
    youngest = min((age for lock in found if (age := _age(lock)) is not None), default=LOCK_SECONDS)
    time.sleep(max(0.0, LOCK_SECONDS - max(youngest, 0.0)))
    left = [lock for lock in found if (age := _age(lock)) is not None and age >= LOCK_SECONDS]
    if left and any(_gits_below(top, *insides)):
        return False
    for lock in left:
        lock.unlink(missing_ok=True)
    return True


def _locks(inside: Path) -> Iterator[Path]:
    yield from inside.glob("*.lock")
    yield from (inside / "refs").rglob("*.lock")


def _age(lock: Path) -> float | None:
    try:
        return time.time() - lock.stat().st_mtime
    except OSError:  # it was given back
        return None


def _gits_below(*folders: Path) -> Iterator[str]:
    """The processes of git that work in one of the folders, as far as this system tells (Linux, and the same user's)."""
    places = [folder.resolve() for folder in folders]
    for process in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            where = Path(os.readlink(process / "cwd"))
            if (process / "comm").read_text().startswith("git") and any(where.is_relative_to(place) for place in places):
                yield process.name
