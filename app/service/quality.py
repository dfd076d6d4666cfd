"""What dbt's runs said of the data: read from artifacts into the store, and held for turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.compile.artifacts import TargetArtifacts
from app.compile.quality import read_quality
from app.errors import Problem, Severity, UserError
from app.model.quality import Quality, Reading
from app.ports import QualityStore

NewestQuality = Callable[[str], tuple[str, Quality] | None]
"""Given the key of what is held ("" for nothing): None where it is still the newest, else its key and what to hold from now on."""


class HeldQuality:
    """Calls give the newest results, asked for at most every `poll_seconds`. Thread-safe. Where asking fails, what is held stays; where nothing is held yet,
    it raises: an answer must not pass as one on sound data because nobody could look."""

    def __init__(self, newest: NewestQuality, *, poll_seconds: float) -> None:
        self._newest = newest
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._key = ""
        self._held: Quality | None = None

    def __call__(self) -> Quality:
        """The newest results."""
        with self._lock:
            if self._held is None or time.monotonic() - self._asked_at >= self._poll_seconds:
                self._held = self._asked()
            return self._held

    def expire(self) -> None:
        """Ask again at the next call."""
        self._asked_at = float("-inf")

    def _asked(self) -> Quality:
        try:
            found = self._newest(self._key)
        except Exception:
            if self._held is None:
                raise
            found = None
        self._asked_at = time.monotonic()
        if found is not None:
            self._key, self._held = found
        return self._held or Quality()


@dataclass(frozen=True, slots=True)
class QualityDeps:
    """Where results are kept, and what is held of them. `targets` says under which name the results of each engine are kept."""

    store: QualityStore
    held: HeldQuality
    targets: Mapping[str, str]


def record(deps: QualityDeps, project_id: str, targets: Sequence[TargetArtifacts]) -> tuple[Problem, ...]:
    """Keep what the artifacts of each engine's target say; doing it again changes nothing, and older results change none that are newer.

    What can't be read is told as a warning: a broken sources.json must keep no layer from being published. Raises what the store raises.
    """
    found, problems = readings(targets)
    changed = [deps.store.record(project_id, deps.targets[engine], one) for engine, one in found.items() if engine in deps.targets]
    if any(changed):
        deps.held.expire()
    return problems


def readings(targets: Sequence[TargetArtifacts]) -> tuple[dict[str, Reading], tuple[Problem, ...]]:
    """What the artifacts say by engine, and warnings of those that can't be read."""
    found: dict[str, Reading] = {}
    problems: list[Problem] = []
    for target in targets:
        try:
            found[target.engine] = read_quality(target)
        except UserError as error:
            cause = error.problem
            message = f"the results of dbt's last run on {target.engine} can't be read: {cause.message}"
            problems.append(Problem("DM8060", message, Severity.WARNING, cause.where, cause.hint))
    return found, tuple(problems)
