"""What is read of a project while others may write there: of one moment, or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.errors import Problem, UserError
from app.service.project import ProjectSource

READS = 5
PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class AtRest:
    """The artifacts of each target, the YAML texts, and the commit at which the folder stood."""

    targets: Sequence[TargetArtifacts]
    sources: ProjectSources
    commit: str


def read_at_rest(project: ProjectSource) -> AtRest:
    """Read the project, and again where a run of dbt or a move of the checkout wrote there meanwhile. They are not locked out: a run takes hours, writes for
    moments, and is often none of ours.

    Raises UserError DM8008 where it comes to no rest, and as `ProjectReader.read`.
    """
    for _ in range(READS):
        before = _state(project)
        found, problem = None, None
        try:
            found = project.read()
        except UserError as error:  # of half a file, perhaps
            problem = error
        if _state(project) == before:
            if found is None:
                assert problem is not None  # noqa: S101 - it is one or the other
                raise problem
            return AtRest(*found, before[1])
        time.sleep(PAUSE_SECONDS)
    raise UserError(
        Problem(
            "DM8008", "the project's artifacts are written over and over while they are read", hint="see who runs dbt there, then try again"
        )
    )


def _state(project: ProjectSource) -> tuple[str, str]:
    return project.content(), project.git_commit()
