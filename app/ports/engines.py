"""The warehouse engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.result import Result
from app.model.sql import GovernedSql
from app.model.types import Dialect
from app.ports.cancel import Cancel


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, as measured or documented. `columnar` engines are preferred for scans over many rows."""

    exact_percentile: bool
    approximate_percentile: bool
    columnar: bool
    cancels_running: bool


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a part answers, how fast (milliseconds), and in a few words why not."""

    up: bool
    ms: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Excess:
    """What the account by which an engine is read may do, and a reader need not: `what` in a few words, `mend` the statements of the engine's SQL that take it away
    ("" where others of the same account do). `schema` is set where it only reads that schema (on ClickHouse a database), which is right where it is served."""

    what: str
    mend: str = ""
    schema: str = ""


class Engine(Protocol):
    """A warehouse engine. It executes GovernedSql and nothing else."""

    @property
    def name(self) -> str:
        """The name by which placements and `source` mean it: `postgres` or `clickhouse`."""

    @property
    def dialect(self) -> Dialect:
        """The SQL it speaks."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def execute(self, governed: GovernedSql, cancel: Cancel) -> Result:
        """Run it read-only within its limits. Raises UserError (DM5xxx: timeout, limits, engine down) or InternalError; never a driver's exception."""

    def health(self) -> Health:
        """Ask whether it answers; never raises."""

    def account(self) -> Sequence[Excess]:
        """Ask what the account that we read by may do beyond signing in, one entry for each schema that it reads included. Raises as `execute`."""

    def close(self) -> None:
        """Give back its connections."""
