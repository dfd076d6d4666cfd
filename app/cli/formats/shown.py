"""What a format writes, and how files are called in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.compile.lint.run import Found
from app.errors import Where


@dataclass(frozen=True, slots=True)
class Shown:
    """Problems with the YAML that they point into. `project_dir` is where the project is, `base` the folder from which paths are said; `fixed` is what
    was mended just now."""

    found: Sequence[Found]
    files: Mapping[str, str] = field(repr=False)
    project_dir: Path
    base: Path
    layer_version: str = ""
    fixed: Sequence[Found] = ()

    def path(self, file: str) -> str:
        """A file of the project as it is called from `base`, with forward slashes; as it is where that is no file of the project."""
        if not self.is_file(file):
            return file
        try:
            return Path(os.path.relpath(self.project_dir / file, self.base)).as_posix()
        except ValueError:  # another drive
            return (self.project_dir / file).as_posix()

    def is_file(self, file: str) -> bool:
        """Whether this is a file of the project, and not an artifact's name."""
        return bool(file) and (file in self.files or (self.project_dir / file).is_file())

    def place(self, where: Where | None) -> str:
        """`models/x.yml:41:13`, "" for no place."""
        return "" if where is None else str(Where(self.path(where.file), where.line, where.column, where.path))

    def line(self, where: Where | None) -> str | None:
        """The line that a place is in, None where it is not known."""
        text = self.files.get(where.file) if where and where.line else None
        lines = text.splitlines() if text is not None else []
        return lines[where.line - 1] if where and 0 < where.line <= len(lines) else None


def repository(folder: Path) -> Path:
    """The root of the repository that the folder is in, from which GitHub and code scanners say paths; the folder itself where it is in none."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace and folder.is_relative_to(workspace):
        return Path(workspace)
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
