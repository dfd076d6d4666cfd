"""As of which moment a manifest knows the project's files."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

_GENERATED = re.compile(rb'"generated_at"\s*:\s*"([^"]{1,40})"')
_HEAD_BYTES = 4 << 10


def as_of(manifest: Path) -> int:
    """The moment in nanoseconds from which on dbt read the files: `generated_at` in the manifest's head, else when it was written. Raises OSError.

    The time of the file is later, with `dbt build` by as long as the run took: what was edited meanwhile would pass as parsed.
    """
    with manifest.open("rb") as file:
        found = _GENERATED.search(file.read(_HEAD_BYTES))
    written = manifest.stat().st_mtime_ns
    if found is None:
        return written
    try:
        generated = dt.datetime.fromisoformat(found.group(1).decode())
    except ValueError:
        return written
    moment = generated if generated.tzinfo is not None else generated.replace(tzinfo=dt.UTC)
    return min(written, int(moment.timestamp() * 1_000_000) * 1_000)
