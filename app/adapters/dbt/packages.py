"""The packages of another state of a project: those that are installed already, where it asks for the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.adapters.dbt.discover import PROJECT_FILE
from app.adapters.dbt.parse import Parsing, dbt, said
from app.adapters.dbt.runner import DbtProcess, Progress
from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import Problem, UserError

_FILES = ("packages.yml", "dependencies.yml", "package-lock.yml")
_PLACE = "dbt_packages"


def provide(process: DbtProcess, project: Path, installed: Path, parsing: Parsing, target_path: Path, progress: Progress) -> None:
    """Give `project` the packages that it asks for: a link to those of `installed`, the same project as it is, where both ask for the same; else
    `dbt deps` gets them. Packages in the repository itself are those of the state, never a link.

    Raises UserError DM2372 where dbt can't get them.
    """
    place = project / _place(project)
    if not _asks(project) or place.exists() or not place.resolve().is_relative_to(project.resolve()):
        return
    same = all(_text(project / name) == _text(installed / name) for name in _FILES)
    there = installed / _place(installed)
    if same and there.is_dir() and "local" not in (_text(project / _FILES[0]) or "") + (_text(project / _FILES[1]) or ""):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(there.resolve(), target_is_directory=True)
        return
    run = dbt(["deps"], process, project, parsing, target_path, progress)
    if not run.success:
        raise UserError(Problem("DM2372", f"the packages of the base can't be had: {said(run)}", hint="see whether `dbt deps` works there"))


def _asks(project: Path) -> bool:
    """Whether the project names packages at all."""
    return any(_mapping(project / name).get("packages") for name in _FILES[:2])


def _place(project: Path) -> str:
    place = _mapping(project / PROJECT_FILE).get("packages-install-path")
    return place if isinstance(place, str) and "{" not in place else _PLACE


def _mapping(path: Path) -> dict[str, Any]:
    """The file's YAML; nothing where it is no mapping. A template that is no YAML asks for what only dbt can tell."""
    text = _text(path)
    try:
        found = load_yaml(text) if text is not None else None
    except NotYaml:
        return {"packages": True}
    return found if isinstance(found, dict) else {}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
