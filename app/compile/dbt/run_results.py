"""run_results.json: what the last dbt run said."""

from __future__ import annotations

import msgspec

from app.compile.dbt.decode import Metadata, decode_versioned


class RunResult(msgspec.Struct, frozen=True, gc=False):
    """The outcome of one node."""

    unique_id: str
    status: str


class RunResults(msgspec.Struct, frozen=True):
    """run_results.json."""

    metadata: Metadata = Metadata()
    results: list[RunResult] = []


def read_run_results(data: bytes | None, artifact: str = "run_results.json") -> RunResults:
    """The results, or none for None. Raises UserError DM2001 to DM2006."""
    return RunResults() if data is None else decode_versioned(data, RunResults, artifact, "run-results", range(4, 7))
