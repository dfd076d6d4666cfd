"""Where a dbt project's artifacts come from, as the services see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.compile.artifacts import ProjectSources, TargetArtifacts


class ProjectSource(Protocol):
    """Reads a dbt project's artifacts; an adapter fills it from a folder."""

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        """The artifacts of each target, the source of truth first, and the YAML texts. Raises UserError DM20xx where they can't be read."""

    def fingerprint(self) -> str:
        """A cheap hash that changes when the artifacts do; "" where there are none."""

    def git_commit(self) -> str:
        """The commit that the project's folder stands at, or "" where it is not in a repository."""
