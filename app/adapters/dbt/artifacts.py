"""Reads what dbt wrote, and the YAML that people wrote, from a project's folder: bounded, and with a Problem for what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from app.adapters.dbt.compiled import CompiledFiles
from app.adapters.dbt.discover import PROJECT_FILE
from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.dbt.decode import MAX_BYTES
from app.compile.yaml_load import NotYaml, load_yaml
from app.errors import Problem, UserError, Where

FILES = ("manifest.json", "semantic_manifest.json", "catalog.json", "run_results.json", "sources.json")
_SKIPPED = frozenset({"target", "dbt_packages", "dbt_modules", "logs", "node_modules", "__pycache__", "venv"})
_MAX_YAML_BYTES = 8 << 20
_MAX_YAML_FILES = 20_000


def read_project(
    project_dir: Path, targets: Mapping[str, Path], variables: Mapping[str, Any]
) -> tuple[tuple[TargetArtifacts, ...], ProjectSources]:
    """The artifacts of each engine's target path, in the order of `targets`, and the project's YAML with the variables given beside it.

    Raises UserError DM1022 where there is no project, else a Problem for each engine: DM2001 no manifest, DM2004 a file too large, DM2010 one that may not be read.
    """
    if not (project_dir / PROJECT_FILE).is_file():
        raise no_project(project_dir)
    found: list[TargetArtifacts] = []
    problems: list[Problem] = []
    for engine, folder in targets.items():
        try:
            found.append(read_target(engine, folder, project_dir))
        except UserError as error:
            problems.extend(error.problems)
    if problems:
        raise UserError(*problems)
    files = read_yaml(project_dir)
    manifest = next((folder / FILES[0] for folder in targets.values()), None)
    if manifest is None:
        return tuple(found), ProjectSources(files, variables)
    return tuple(found), ProjectSources(files, variables, changed_since(files, project_dir, manifest), shown(manifest, project_dir))


def no_project(project_dir: Path) -> UserError:
    """DM1022: nothing of a project lies there, or not any more."""
    hint = "run `datamind init` where your project is, or set DATAMIND_DBT_PROJECT_PATH"
    return UserError(Problem("DM1022", f"there is no dbt project in {project_dir}", hint=hint))


def changed_since(files: Iterable[str], project_dir: Path, manifest: Path) -> frozenset[str]:
    """The files of a project that were changed after its manifest was written, or brought here: in CI both may be younger than what dbt made elsewhere."""
    try:
        written = manifest.stat().st_mtime_ns
        return frozenset(file for file in files if (project_dir / file).stat().st_mtime_ns > written)
    except OSError:  # one of them went away meanwhile
        return frozenset()


def read_yaml(project_dir: Path) -> dict[str, str]:
    """YAML texts by path relative to the project, sorted: those beside dbt_project.yml, and those in the folders that dbt reads. What dbt generated, packages
    and files too large to be written by hand are left out."""
    texts: dict[str, str] = {}
    for path in _yaml_of(project_dir):
        if len(texts) >= _MAX_YAML_FILES:
            break
        try:
            if path.stat().st_size <= _MAX_YAML_BYTES:
                texts[path.relative_to(project_dir).as_posix()] = path.read_text(encoding="utf-8-sig", errors="replace")
        except OSError:  # it went away, or is not ours to read: problems then name the file without a line
            continue
    return dict(sorted(texts.items()))


_PATHS = {
    "models": ("model-paths", "source-paths"),
    "seeds": ("seed-paths", "data-paths"),
    "snapshots": ("snapshot-paths",),
    "analyses": ("analysis-paths",),
    "tests": ("test-paths",),
    "macros": ("macro-paths",),
}
"""The folders in which dbt looks for YAML, with the keys of dbt_project.yml that name others."""


def _yaml_of(project_dir: Path) -> Iterator[Path]:
    """The project's YAML files, each once; all below the folder where nothing says which folders dbt reads."""
    folders = _folders_of(project_dir)
    if folders is None:
        yield from _yaml_files(project_dir)
        return
    yield from (path for path in _beside(project_dir) if path.is_file())
    for folder in folders:
        yield from (project_dir / path.relative_to(os.path.normpath(project_dir)) for path in _yaml_files(folder))


def _folders_of(project_dir: Path) -> list[Path] | None:
    """The folders inside the project that dbt reads, none of them below another; None where dbt_project.yml does not say."""
    try:
        document = load_yaml((project_dir / PROJECT_FILE).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, NotYaml):
        return None
    if not isinstance(document, dict):
        return None
    named = [next((document[key] for key in keys if isinstance(document.get(key), list)), [default]) for default, keys in _PATHS.items()]
    folders = {Path(os.path.normpath(project_dir / str(path))) for paths in named for path in paths}
    inside = sorted(folder for folder in folders if folder.is_relative_to(os.path.normpath(project_dir)))
    return [folder for folder in inside if not any(folder.is_relative_to(other) for other in inside if other != folder)]


def last_edit(project_dir: Path) -> int:
    """When a file that dbt reads was last changed, came or went, in nanoseconds: the newest time of files and of the folders that hold them. Raises UserError
    DM1022 where there is no folder."""
    folders = _folders_of(project_dir)
    times = [_changed(path) for path in _beside(project_dir) if not path.name.startswith(".")]
    for folder in folders if folders is not None else [project_dir]:
        for root, below, files in os.walk(folder):
            below[:] = [name for name in below if name not in _SKIPPED and not name.startswith(".")]
            times += [_changed(Path(root)), *(_changed(Path(root, name)) for name in files)]
    return max(times, default=0)


def _beside(project_dir: Path) -> list[Path]:
    """What is named as YAML beside dbt_project.yml, sorted. Raises UserError DM1022 where there is no folder."""
    try:
        return sorted(path for path in project_dir.iterdir() if path.name.endswith(_ENDINGS))
    except OSError as error:
        raise no_project(project_dir) from error


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # it went away meanwhile
        return 0


_ENDINGS = (".yml", ".yaml")


def _yaml_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
        for name in sorted(files):
            if name.endswith(_ENDINGS):
                yield Path(root, name)


def read_target(engine: str, folder: Path, project_dir: Path) -> TargetArtifacts:
    """The artifacts in a folder, as those of that engine. Raises UserError DM2001 where no manifest is there, DM2004 or DM2010."""
    manifest, semantic_manifest, catalog, run_results, sources = (_read(folder / name, project_dir) for name in FILES)
    if manifest is None:
        where = folder / FILES[0]
        raise UserError(
            Problem(
                "DM2001",
                f"there is no manifest.json of the engine {engine}",
                where=Where(file=shown(where, project_dir)),
                hint=f"run `dbt parse` or `dbt build` with the --target of {engine} and --target-path target/{engine}; where it writes elsewhere, set "
                f"DATAMIND_{engine.upper()}_TARGET_PATH; an engine that is not in use is left out of DATAMIND_ENGINES",
            )
        )
    compiled = CompiledFiles(folder, project_dir)
    return TargetArtifacts(engine, manifest, semantic_manifest, catalog, run_results, compiled, sources)


def _read(path: Path, project_dir: Path) -> bytes | None:
    """The file's bytes, or None where there is none. Raises UserError DM2004 or DM2010."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UserError(
                Problem(
                    "DM2004",
                    f"{path.name} has {size >> 20} MB; at most {MAX_BYTES >> 20} MB are read",
                    where=Where(file=shown(path, project_dir)),
                    hint="split the project, or disable packages it does not need",
                )
            )
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UserError(
            Problem("DM2010", f"{path.name} can't be read: {error.strerror}", where=Where(file=shown(path, project_dir)))
        ) from error


def shown(path: Path, project_dir: Path) -> str:
    """The path as people know it: relative to the project where it lies in it."""
    return path.relative_to(project_dir).as_posix() if path.is_relative_to(project_dir) else str(path)
