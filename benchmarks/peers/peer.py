"""A peer that answers the same jobs as ours, or says why it does not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.fresh import Failed, answer
from benchmarks.peers.environment import PeerMissing, interpreter


class Peer:
    """A peer by the name of its lock; `NAME_times.py` beside this file is its script. `missing` says why there are no figures of it, else None."""

    def __init__(self, name: str, cache: Path) -> None:
        self.name = name
        self.missing: str | None = None
        self._script = str(Path(__file__).resolve().with_name(f"{name}_times.py"))
        try:
            self._python: Path | None = interpreter(name, cache)
        except PeerMissing as error:
            self._give_up(f"it can't be installed: {error}")

    def answer(self, job: dict[str, Any]) -> dict[str, Any] | None:
        """The peer's figures, measured by its own Python, cut off from our environment; None where it does not run."""
        if self._python is None:
            return None
        try:
            return answer((str(self._python), "-I", self._script), job)
        except Failed as error:
            self._give_up(f"it fails: {error}")
            return None

    def _give_up(self, why: str) -> None:
        """Go on without it."""
        self._python, self.missing = None, why
        print(f"no ratios to {self.name}: {why}", file=sys.stderr, flush=True)
