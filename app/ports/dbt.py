"""What dbt's runs found, and dbt itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from app.model.quality import NodeResult, Reading
from app.model.records import DbtRunRecord


class QualityStore(Protocol):
    """The newest results of dbt's runs, by target: `target` is an engine's name, or the profile's target from which the settings take that engine."""

    def record(self, project_id: str, target: str, reading: Reading) -> bool:
        """Keep what is newer than what is held, and forget the nodes that the reading does not know; False where nothing changed.

        A reading whose manifest is older than one that was recorded changes nothing.
        """

    def revision(self, project_id: str) -> int:
        """A number that grows with every change of the project's results."""

    def results(self, project_id: str, target: str) -> Sequence[NodeResult]:
        """The newest result of each node, by unique id."""


class DbtRuns(Protocol):
    """The runs of dbt, one at a time for each target."""

    def alone(self, run: DbtRunRecord) -> AbstractContextManager[None]:
        """The target is the run's own for as long as the block lasts, or this process lives, and the run is kept as one that runs.

        Raises UserError DM8061 where another run has the target, DM8065 where it is parsed.
        """

    def end(self, run: DbtRunRecord) -> None:
        """Keep how the run ended."""

    def page(self, project_id: str, before: str, limit: int) -> Sequence[DbtRunRecord]:
        """At most `limit` runs, newest first, before the id `before`; the newest of each project are kept, a thousand or so."""


@dataclass(frozen=True, slots=True)
class DbtTarget:
    """A target of the project's dbt profile: the engine of its adapter. `served` says that the engine answers from what this target builds, `apart` that the
    artifacts of a run are to lie where nobody takes them for the target's own."""

    name: str
    engine: str
    served: bool
    apart: bool = False


@dataclass(frozen=True, slots=True)
class DbtOutcome:
    """How a dbt command ended: `broken` where dbt itself failed or did not take the command, and not a node or a test."""

    success: bool
    broken: bool = False
    seconds: float = 0.0
