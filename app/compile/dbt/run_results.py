"""run_results.json: what the last dbt run said."""

from __future__ import annotations

import msgspec

from app.compile.dbt.decode import Metadata, decode_versioned


class Timing(msgspec.Struct, frozen=True, gc=False):
    """A step of a node: `compile`, then `execute`."""

    name: str = ""
    completed_at: str | None = None


class RunResult(msgspec.Struct, frozen=True, gc=False):
    """The outcome of one node. `message` is the warehouse's or dbt's, and may quote a row."""

    unique_id: str
    status: str
    timing: list[Timing] | None = None
    message: str | None = None
    failures: int | None = None


class Arguments(msgspec.Struct, frozen=True, gc=False):
    """`args`: how dbt was called. `which` is the command."""

    which: str | None = None


class RunResults(msgspec.Struct, frozen=True):
    """run_results.json."""

    metadata: Metadata = Metadata()
    results: list[RunResult] = []
    args: Arguments | None = None


def read_run_results(data: bytes | None, artifact: str = "run_results.json") -> RunResults:
    """The results, or none for None. Raises UserError DM2001 to DM2006."""
    return RunResults() if data is None else decode_versioned(data, RunResults, artifact, "run-results", range(4, 7))
