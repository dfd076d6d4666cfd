"""The project's folder as a checkout that follows a branch: brought up to it, never bent, and mended where that was interrupted."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.adapters.git.command import run_git
from app.adapters.git.places import GitPlaces, git_places
from app.adapters.git.stale import break_locks
from app.errors import Problem, UserError, Where

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
MARK = "datamind-moves-to"
"""A file beside git's own that names the commit which the checkout is being moved to."""


@dataclass(frozen=True, slots=True)
class Follows:
    """The branch of a remote that a checkout follows."""

    remote: str
    branch: str


def fetch(folder: Path, follows: Follows) -> None:
    """Fetch the branch and move the checkout on to it, where that is a fast-forward: local commits and edits are never given up.

    Callers take turns. What an earlier move left that was killed half-way is mended first, whether or not the remote answers. Raises UserError DM2080 where git
    is not there, the remote does not answer, the checkout went another way, or somebody's git works in it.
    """
    places = git_places(folder)
    if places is None:
        raise _failed(folder, ("fetch",), "it is in no repository")
    mend(folder)
    _free(places)
    top = places.top
    _git(folder, "fetch", "--quiet", "--no-tags", "--", follows.remote, follows.branch)
    mark = places.inside / MARK
    fetched = _git(top, "rev-parse", "FETCH_HEAD").strip()
    fresh = mark.with_suffix(".new")
    fresh.write_text(fetched, encoding="ascii")
    fresh.replace(mark)
    try:
        _git(top, "merge", "--quiet", "--ff-only", fetched)
    except UserError as error:
        if not isinstance(error.__cause__, subprocess.TimeoutExpired):
            mark.unlink()  # git undoes by itself what it refuses
        raise
    mark.unlink()


def mend(folder: Path) -> None:
    """Give a checkout its state of HEAD again where a move of it was killed half-way: what git had begun to write is taken back, and nothing else. Nothing, and no
    git, where there is no mark of one. Callers take turns. Raises UserError DM2080 where git can't, or somebody's git works there."""
    places = git_places(folder)
    if places is None or not os.path.exists(mark := places.inside / MARK):
        return
    _free(places)
    if _COMMIT.fullmatch(commit := mark.read_text(encoding="ascii", errors="replace").strip()):
        _take_back(places.top, commit)
    mark.unlink()


def _free(places: GitPlaces) -> None:
    if not break_locks(places.top, places.inside, places.common):
        raise _failed(places.top, ("fetch",), "another git works there")


def _take_back(top: Path, commit: str) -> None:
    """Give the files that git had begun to write on the way from HEAD to the commit their state of HEAD again. What somebody edited meanwhile stays."""
    names = _names(_git(top, "diff", "--name-only", "--no-renames", "-z", "HEAD", commit, "--"))
    held = set(_names(_git(top, "ls-tree", "-r", "--name-only", "-z", "HEAD")))
    there = set(_names(_git(top, "ls-tree", "-r", "--name-only", "-z", commit)))
    _git(top, "read-tree", "HEAD")
    changed = set(_names(_git(top, "diff", "--name-only", "--no-renames", "-z", "HEAD", "--")))
    for name in names:
        if name not in held and _begun(top, commit, name, written=True):
            with suppress(NotADirectoryError, IsADirectoryError):  # what was a folder is a file already, or the other way round
                (top / name).unlink(missing_ok=True)
    kept = [name for name in names if name in changed and name in held and _begun(top, commit, name, written=name in there)]
    for start in range(0, len(kept), 500):
        _git(top, "checkout", "--quiet", "HEAD", "--", *kept[start : start + 500])


def _begun(top: Path, commit: str, name: str, *, written: bool) -> bool:
    """Whether the file is as git leaves it on the way: gone, or what it is in the commit, as far as that was `written` there."""
    path = top / name
    if not os.path.lexists(path):
        return True
    if path.is_dir() and not path.is_symlink():
        return not any(path.iterdir())  # it held what was new below the name of a file
    if not written:
        return False
    new = _output(top, "cat-file", "--filters", f"{commit}:{name}")
    if path.is_symlink():
        return os.fsencode(os.readlink(path)) == new
    return new.startswith(path.read_bytes())


def _names(text: str) -> list[str]:
    return text.split("\0")[:-1]


def _git(folder: Path, *words: str) -> str:
    return os.fsdecode(_output(folder, *words))


def _output(folder: Path, *words: str) -> bytes:
    try:
        run = run_git(folder, *words)
    except FileNotFoundError as error:
        raise _failed(folder, words, "git is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise _failed(folder, words, f"no answer within {error.timeout:.0f} seconds") from error
    if run.returncode:
        raise _failed(folder, words, f"exit status {run.returncode}")
    return run.stdout


def _failed(folder: Path, words: Sequence[str], reason: str) -> UserError:
    """What git itself says is left out: it may hold the remote's address with a password."""
    return UserError(
        Problem(
            "DM2080",
            f"the checkout can't be brought up to its branch: git {words[0]} failed ({reason})",
            where=Where(str(folder)),
            hint="run `git fetch` and `git merge --ff-only` there by hand; a checkout that is followed should have no commits of its own",
        )
    )
