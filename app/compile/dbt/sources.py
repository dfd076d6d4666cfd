"""sources.json: what `dbt source freshness` found."""

from __future__ import annotations

import msgspec

from app.compile.dbt.decode import Metadata, decode_versioned


class Threshold(msgspec.Struct, frozen=True, gc=False):
    """An age: `count` times `period` (minute, hour or day); without a count there is no such limit."""

    count: int | None = None
    period: str | None = None

    def __str__(self) -> str:
        """`12 hours`; "" where there is no limit."""
        return f"{self.count} {self.period}{'s' if self.count != 1 else ''}" if self.count is not None and self.period else ""


class Criteria(msgspec.Struct, frozen=True, gc=False):
    """From which age on a source is stale."""

    warn_after: Threshold | None = None
    error_after: Threshold | None = None

    def __str__(self) -> str:
        """`warn after 12 hours, error after 1 day`."""
        limits = (("warn", self.warn_after), ("error", self.error_after))
        return ", ".join(f"{word} after {limit}" for word, limit in limits if limit is not None and str(limit))


class FreshnessResult(msgspec.Struct, frozen=True, gc=False):
    """How fresh a source table was. Where that could not be found out, the status is `runtime error` and there are no times."""

    unique_id: str
    status: str
    max_loaded_at: str | None = None
    snapshotted_at: str | None = None
    criteria: Criteria | None = None


class SourcesArtifact(msgspec.Struct, frozen=True):
    """sources.json."""

    metadata: Metadata = Metadata()
    results: list[FreshnessResult] = []


def read_sources(data: bytes | None, artifact: str = "sources.json") -> SourcesArtifact:
    """The results, or none for None. Raises UserError DM2001 to DM2006."""
    return SourcesArtifact() if data is None else decode_versioned(data, SourcesArtifact, artifact, "sources", range(2, 4))
