"""Where git keeps what it knows of a folder, read from its files: git may be absent where the folder is a volume that others fill, and refuses the folder of
another user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GitPlaces:
    """The top of a working tree, git's own folder for it, and the one of what its worktrees share: refs and objects."""

    top: Path
    inside: Path
    common: Path


def git_places(folder: Path) -> GitPlaces | None:
    """Those of the working tree that the folder is in, or would be in were it there; None where it is in none, or that can't be read."""
    path = folder.resolve()
    try:
        top = next(place for place in (path, *path.parents) if (place / ".git").exists())
        inside = top / ".git"
        if inside.is_file():  # a worktree's names its own folder, whose `commondir` names that of the refs
            inside = (top / inside.read_text(encoding="utf-8").removeprefix("gitdir:").strip()).resolve()
        shared = inside / "commondir"
        return GitPlaces(top, inside, (inside / shared.read_text(encoding="utf-8").strip()).resolve() if shared.exists() else inside)
    except (StopIteration, OSError, UnicodeDecodeError):
        return None
