"""A dbt project's folder as the services' ProjectSource."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.adapters.dbt.artifacts import FILES, last_edit, no_project, read_project, read_target
from app.adapters.dbt.as_of import as_of
from app.adapters.dbt.checkout import Follows, fetch, mend
from app.adapters.git.places import GitPlaces, git_places
from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.errors import UserError

_ADAPTER = re.compile(rb'"adapter_type"\s*:\s*"([a-z0-9_]+)"')
_HEAD_BYTES = 64 << 10
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class DbtFolder:
    """The project at `path`. `targets` maps each engine to the path where dbt writes that target's artifacts, relative to the project.

    None stands for `target/<engine>` where a manifest lies there, else for `target` where its manifest is of that engine's adapter.
    `variables` win over the project's `vars`, as those of dbt's `--vars` do.
    """

    def __init__(
        self,
        path: Path,
        targets: Mapping[str, Path | None],
        variables: Mapping[str, Any] | None = None,
        follows: Follows | None = None,
        *,
        parses: bool = False,
    ) -> None:
        self._parses = parses
        self._path = path.absolute()
        self._follows = follows
        self._targets = dict(targets)
        self._variables = dict(variables or {})

    def read(self) -> tuple[Sequence[TargetArtifacts], ProjectSources]:
        """The artifacts of each engine, in the order given, and the YAML texts. Raises UserError DM2001, DM2004 or DM2010."""
        return read_project(self._path, self._folders(), self._variables)

    def first(self) -> TargetArtifacts:
        """The artifacts of the first engine, the source of truth, without the YAML texts. Raises UserError DM2001, DM2004 or DM2010."""
        engine, folder = next(iter(self._folders().items()))
        return read_target(engine, folder, self._path)

    def mend(self) -> None:
        """Take back what a move of the checkout left that was killed half-way, whoever moved it. Raises UserError DM2080, DM1022 where there is no folder."""
        mend(self._path)
        if not self._path.is_dir():
            raise no_project(self._path)

    def fetch(self) -> None:
        """Bring the folder up to the branch that it follows; nothing where it follows none. Raises UserError DM2080."""
        if self._follows is not None:
            fetch(self._path, self._follows)

    def edited(self) -> bool:
        """With `parses`, whether files of the project are newer than the artifacts of a target, or a target has none."""
        if not self._parses:
            return False
        try:
            return last_edit(self._path) > min(as_of(folder / FILES[0]) for folder in self._folders().values())
        except OSError:
            return True

    def last_edit(self) -> int:
        """The newest time of files and folders that dbt reads. Raises UserError DM1022 where there is no folder."""
        return last_edit(self._path)

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

    def content(self) -> str:
        """The fingerprint, and with `parses` the time of the last edit too."""
        if not self._parses:
            return self.fingerprint()
        try:
            return f"{self.fingerprint()}:{last_edit(self._path)}"
        except UserError:  # there is no folder
            return self.fingerprint()

    def target_path(self, engine: str) -> Path:
        """Where dbt writes the artifacts of the engine's target."""
        return self._folder(engine, self._targets.get(engine))

    def git_commit(self) -> str:
        """The commit that the folder stands at, "" where it is in no repository, or none that may be read."""
        places = git_places(self._path)
        try:
            return _commit(places) if places is not None else ""
        except (OSError, UnicodeDecodeError):
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


def _commit(git: GitPlaces) -> str:
    """The hash that HEAD means."""
    head = (git.inside / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref:"):
        return head if _HASH.fullmatch(head) else ""
    name = head.removeprefix("ref:").strip()
    for folder in (git.inside, git.common):
        loose = folder / name
        if loose.is_file():
            found = loose.read_text(encoding="utf-8").strip()
            return found if _HASH.fullmatch(found) else ""
    packed = git.common / "packed-refs"
    for line in packed.read_text(encoding="utf-8").splitlines() if packed.exists() else ():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return ""
