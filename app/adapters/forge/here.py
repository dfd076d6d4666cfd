"""Where a comment goes from here: GitHub or GitLab, as the job's variables say, and GitHub's files for the summary and the outputs of a step."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from app.adapters.forge.github import GitHub
from app.adapters.forge.gitlab import GitLab
from app.errors import Problem, Severity, UserError

_LARGEST_SUMMARY = 1 << 20
"""Bytes that GitHub takes in a step's summary."""


class Forge(Protocol):
    """Keeps one comment up to date."""

    def post(self, marker: str, text: str) -> str:
        """Put the comment there, in place of ours that begins with the marker, and return its address. Raises UserError DM1072 or DM1073."""


def forge_here(environ: Mapping[str, str]) -> Forge:
    """Where the job's pull request is. Raises UserError DM1071, a warning, where there is none or no token for it."""
    found = GitLab.of(environ) if environ.get("GITLAB_CI") else GitHub.of(environ)
    if found is None:
        hint = "GitHub: an event `pull_request` and GITHUB_TOKEN; GitLab: a merge request pipeline and DATAMIND_GITLAB_TOKEN"
        raise UserError(Problem("DM1071", "there is no pull request here to post to, or no token for it", Severity.WARNING, hint=hint))
    return found


def write_summary(environ: Mapping[str, str], text: str, outputs: Mapping[str, str]) -> None:
    """Add the text to the summary of GitHub's step, and its outputs, where the runner wants them; elsewhere nothing. The values of outputs are one line each."""
    summary, output = environ.get("GITHUB_STEP_SUMMARY"), environ.get("GITHUB_OUTPUT")
    with suppress(OSError):  # what is only told must not stop anybody
        if summary and len(text.encode()) < _LARGEST_SUMMARY:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
        if output:
            with Path(output).open("a", encoding="utf-8") as file:
                file.writelines(f"{name}={value}\n" for name, value in outputs.items())
