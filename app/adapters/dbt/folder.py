"""A dbt project's folder as the services' ProjectSource."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.adapters.dbt.artifacts import FILES, read_project, read_target
from app.compile.artifacts import ProjectSources, TargetArtifacts

_ADAPTER = re.compile(rb'"adapter_type"\s*:\s*"([a-z0-9_]+)"')
_HEAD_BYTES = 64 << 10
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class DbtFolder:
    """The project at `path`. `targets` maps each engine to the path where dbt writes that target's artifacts, relative to the project.

    None stands for `target/<engine>` where a manifest lies there, else for `target` where its manifest is of that engine's adapter.
    `variables` win over the project's `vars`, as those of dbt's `--vars` do.
    """

    def __init__(self, path: Path, targets: Mapping[str, Path | None], variables: Mapping[str, Any] | None = None) -> None:
        self._path = path.absolute()
        self._targets = dict(targets)
        self._variables = dict(variables or {})

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        """The artifacts of each engine, in the order given, and the YAML texts. Raises UserError DM2001, DM2004 or DM2010."""
        return read_project(self._path, self._folders(), self._variables)

    def first(self) -> TargetArtifacts:
        """The artifacts of the first engine, the source of truth, without the YAML texts. Raises UserError DM2001, DM2004 or DM2010."""
        engine, folder = next(iter(self._folders().items()))
        return read_target(engine, folder, self._path)

    def fingerprint(self) -> str:
        """A hash of name, time and size of every artifact, "" where there is none."""
        digest = hashlib.sha256()
        found = False
        for engine, folder in self._folders().items():
            for name in FILES:
                try:
                    status = (folder / name).stat()
                except OSError:
                    continue
                found = True
                digest.update(f"{engine}\0{name}\0{status.st_mtime_ns}\0{status.st_size}\0{status.st_ino}\n".encode())
        return digest.hexdigest() if found else ""

    def git_commit(self) -> str:
        """The commit that the folder stands at, "" where it is in no repository. Read from git's files, so that git need not be installed."""
        for folder in (self._path, *self._path.parents):
            if (folder / ".git").exists():
                try:
                    return _commit(folder / ".git")
                except (OSError, UnicodeDecodeError):
                    return ""
        return ""

    def _folders(self) -> dict[str, Path]:
        return {engine: self._folder(engine, given) for engine, given in self._targets.items()}

    def _folder(self, engine: str, given: Path | None) -> Path:
        if given is not None:
            return self._path / given
        own, common = self._path / "target" / engine, self._path / "target"
        if not (own / FILES[0]).exists() and adapter_of(common / FILES[0]) == engine:
            return common
        return own


def adapter_of(manifest: Path) -> str:
    """The adapter's type as the manifest's head says it, "" where it does not."""
    try:
        with manifest.open("rb") as file:
            return adapter_in(file.read(_HEAD_BYTES))
    except OSError:
        return ""


def adapter_in(manifest: bytes) -> str:
    """The adapter's type as the head of a manifest's text says it, "" where it does not."""
    found = _ADAPTER.search(manifest, 0, _HEAD_BYTES)
    return found.group(1).decode() if found else ""


def _commit(git: Path) -> str:
    """The hash that HEAD means. A worktree's `.git` is a file that names its own folder, whose `commondir` names that of the refs."""
    if git.is_file():
        git = (git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()).resolve()
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref:"):
        return head if _HASH.fullmatch(head) else ""
    name = head.removeprefix("ref:").strip()
    common = git / (git / "commondir").read_text(encoding="utf-8").strip() if (git / "commondir").exists() else git
    for folder in (git, common):
        loose = folder / name
        if loose.is_file():
            found = loose.read_text(encoding="utf-8").strip()
            return found if _HASH.fullmatch(found) else ""
    packed = common / "packed-refs"
    for line in packed.read_text(encoding="utf-8").splitlines() if packed.exists() else ():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""
