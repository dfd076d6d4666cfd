"""A dbt project as the services see it: where its artifacts come from, and dbt itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.ports import Cancel, DbtOutcome, DbtTarget


class ProjectReader(Protocol):
    """Reads a dbt project's artifacts."""

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        """The artifacts of each target, the source of truth first, and the YAML texts. Raises UserError DM20xx where they can't be read."""


class ProjectSource(ProjectReader, Protocol):
    """A project whose artifacts may change; an adapter fills it from a folder."""

    def mend(self) -> None:
        """Take back what a move of the folder's checkout left that was killed half-way; no remote is asked. To be done before the folder is read in a turn. Raises
        UserError DM2080 where git can't, DM1022 where there is no folder."""

    def fetch(self) -> None:
        """Bring the folder up to the branch that it follows; nothing where it follows none. Raises UserError DM2080 where git can't."""

    def edited(self) -> bool:
        """Whether a sync has to parse: files of the project were changed, came or went since dbt read them for the artifacts of a target, or one has none, and the
        settings don't leave parsing to others. Raises UserError DM1022 where there is no folder."""

    def last_edit(self) -> int:
        """When a file that dbt reads was last changed, came or went, in nanoseconds. Raises UserError DM1022 where there is no folder."""

    def fingerprint(self) -> str:
        """A cheap hash that changes when the artifacts do; "" where there are none."""

    def content(self) -> str:
        """A cheap hash of what a sync would work on: the artifacts and, where a sync parses, the project's files. "" where there is nothing."""

    def git_commit(self) -> str:
        """The commit that the project's folder stands at, or "" where it is not in a repository."""


class Dbt(Protocol):
    """dbt on the project. What it says never holds a credential."""

    def target(self, name: str) -> DbtTarget:
        """The target of that name, "" for the one that dbt would take. Raises UserError DM1020 to DM1023."""

    def serving(self, engine: str) -> DbtTarget:
        """The target from which the engine answers. Raises UserError DM1020 to DM1023."""

    def run(
        self, target: DbtTarget, command: Sequence[str], variables: Mapping[str, Any], tell: Callable[[str], None], cancel: Cancel
    ) -> DbtOutcome:
        """Run a command; `tell` gets its lines as they come. Raises UserError DM2060 (no dbt) or DM8066 (cancelled), InternalError DM2061 (it died)."""

    def parse(self, target: DbtTarget, variables: Mapping[str, Any], cancel: Cancel) -> None:
        """Write the target's manifests anew from the project's files. Raises UserError DM2370 where dbt can't parse them, with files and lines where these
        can be told, and as `run`."""

    def artifacts(self, target: DbtTarget) -> TargetArtifacts:
        """What the target's commands wrote. Raises UserError DM2001, DM2004 or DM2010."""

    def selectors(self) -> str:
        """The text of selectors.yml, "" where there is none."""
