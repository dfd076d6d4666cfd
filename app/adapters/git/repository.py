"""Commits of a repository, written out into a folder: neither its working tree nor its index, refs or hooks know of it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.adapters.git.command import run_git
from app.errors import Problem, UserError

_SHORT = 8
_SECONDS = 600.0
"""How long git may take, to write out a whole commit say."""
_READS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
"""No lock is taken, and nothing is downloaded."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, and how people call it: the name that they gave, with the first digits of its hash."""

    hash: str
    name: str

    def __str__(self) -> str:
        return self.name if self.hash.startswith(self.name) else f"{self.name} ({self.hash[:_SHORT]})"


class Repository:
    """The repository of a working tree at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, folder: Path) -> Repository:
        """The repository that the folder lies in. Raises UserError DM1070 where there is none, or no git."""
        done = _git(folder, "rev-parse", "--show-toplevel")
        if done.returncode != 0:
            raise UserError(Problem("DM1070", f"{folder} is in no git repository: {_said(done)}", hint=_hint(done)))
        return cls(Path(done.stdout.decode().rstrip("\n")))

    def base(self, ref: str) -> Commit:
        """Where HEAD left `ref`: their last common commit, the ref itself where histories have nothing in common. A branch that is only known of a remote is
        found there. What `ref` got since is not in the change that is looked at, and must not look as if it was taken away.

        Raises UserError DM2371 where the ref is not there, or a shallow clone ends before that commit.
        """
        found = next((found for name in (ref, f"origin/{ref}") if (found := self._commit(name))), None)
        if found is None:
            hint = _FETCH if self.is_shallow else f"run `git fetch origin {ref}` first; it was looked for here and under origin/"
            raise UserError(Problem("DM2371", f"git knows no `{ref}` to compare with", hint=hint))
        merged = _git(self.root, "merge-base", "HEAD", found)
        if merged.returncode == 0:
            return Commit(merged.stdout.decode().split()[0], ref)
        if self.is_shallow:
            raise UserError(Problem("DM2371", f"the clone is too shallow to tell where HEAD left `{ref}`", hint=_FETCH))
        return Commit(found, ref)

    @property
    def is_shallow(self) -> bool:
        """Whether the clone lacks a part of its history."""
        return _git(self.root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def write(self, commit: Commit, folder: Path) -> None:
        """Write all files of the commit into `folder`, which is empty. An index of its own stands beside it, as `folder` with the ending `.index`.

        Raises UserError DM2371 where files of it are missing.
        """
        own = {"GIT_INDEX_FILE": str(folder.with_suffix(".index"))}
        for words in (("read-tree", commit.hash), ("checkout-index", "--all", "--force", f"--prefix={folder}{os.sep}")):
            done = _git(self.root, *words, **own)
            if done.returncode != 0:
                raise UserError(Problem("DM2371", f"the files of {commit} can't be had: {_said(done)}", hint=_FETCH))

    def _commit(self, name: str) -> str | None:
        done = _git(self.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return done.stdout.decode().strip() if done.returncode == 0 else None


_FETCH = "fetch the history too: `fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` in a GitLab job, `git fetch --unshallow` elsewhere"


def _git(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run git there. Raises UserError DM1070 where there is no git, or no answer."""
    try:
        return run_git(folder, *words, seconds=_SECONDS, **_READS, **variables)
    except FileNotFoundError:
        message = "git is not installed"
    except subprocess.TimeoutExpired:
        message = f"git {words[0]} has not ended within {_SECONDS:.0f} seconds"
    raise UserError(Problem("DM1070", message, hint="see to git, or compare with kept artifacts: --state DIR"))


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git said first, without the words that it begins with."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else f"git ended with {done.returncode}"


def _hint(done: subprocess.CompletedProcess[bytes]) -> str:
    if b"dubious ownership" in done.stderr:
        return "git trusts no folder of another user: `git config --global --add safe.directory DIR`"
    return "run it in a clone of the project's repository, or compare with kept artifacts: --state DIR"
