"""dbt's versions as artifacts and people write them."""

from __future__ import annotations

import re

_RELEASE = re.compile(r"v?(\d+)\.(\d+)")


def release_of(version: str) -> tuple[int, int] | None:
    """The release of a version: (1, 11) of `1.11.16`, `v1.11` or `1.11.0b2`; None for a text that is none."""
    found = _RELEASE.match(version)
    return (int(found[1]), int(found[2])) if found else None
