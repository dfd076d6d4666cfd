"""What `init` finds and writes: the project, the outputs of its profile, the settings file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from app.adapters.dbt.discover import find_projects, read_profile
from app.adapters.whole_files import write_whole
from app.errors import Problem, UserError, Where

TEMPLATE_HEAD = "# Settings of DataMind. An environment variable DATAMIND_<NAME> wins over a line here; an engine or server left out is the embedded one.\n"


def found_project(start: Path) -> Path:
    """The one dbt project at, above or just below `start`. Raises UserError DM1022 where there is none or several."""
    projects = find_projects(start)
    if len(projects) == 1:
        return projects[0]
    if not projects:
        raise UserError(Problem("DM1022", f"there is no dbt_project.yml at, above or below {start.absolute()}", hint="give --project-dir"))
    listed = ", ".join(str(project) for project in projects)
    raise UserError(Problem("DM1022", f"there are several dbt projects: {listed}", hint="choose one with --project-dir"))


def chosen_outputs(project: Path, profiles_dir: Path | None, named: Mapping[str, str]) -> dict[str, str]:
    """Engine → output of the profile: the one named, else the default one where its adapter fits, else the only one that fits.

    Raises UserError DM1020 where a named output is not there or several fit, DM1024 where none fits any engine.
    """
    profile = read_profile(project, profiles_dir)
    chosen: dict[str, str] = {}
    for engine, name in named.items():
        fitting = [output.target for output in profile.outputs.values() if output.adapter == engine and output.url]
        if name and name not in fitting:
            raise UserError(
                Problem(
                    "DM1020",
                    f"the dbt profile `{profile.name}` has no output `{name}` for {engine}",
                    hint=f"it has: {', '.join(fitting) or 'none'}",
                )
            )
        if name:
            chosen[engine] = name
        elif profile.target in fitting:
            chosen[engine] = profile.target
        elif len(fitting) > 1:
            raise UserError(
                Problem("DM1020", f"several outputs fit {engine}: {', '.join(sorted(fitting))}", hint=f"choose one with --{engine} NAME")
            )
        elif fitting:
            chosen[engine] = fitting[0]
    if not chosen:
        adapters = ", ".join(sorted({output.adapter for output in profile.outputs.values()}))
        raise UserError(
            Problem(
                "DM1024", f"no output of the profile `{profile.name}` is PostgreSQL or ClickHouse over HTTP (found: {adapters or 'none'})"
            )
        )
    return chosen


def settings_text(project: Path, profiles_dir: Path | None, outputs: Mapping[str, str]) -> str:
    """The settings file: paths relative to the working directory where they lie below it, engines by the profile's outputs, no password."""
    default = read_profile(project, profiles_dir).target
    engines = sorted(outputs, key=lambda engine: (outputs[engine] != default, engine))
    lines = [TEMPLATE_HEAD, f"dbt_project_path = {json.dumps(_short(project))}"]
    if profiles_dir is not None:
        lines.append(f"dbt_profiles_dir = {json.dumps(_short(profiles_dir))}")
    lines.append(f"engines = {json.dumps(engines)}")
    lines += [f"{engine}_url = {json.dumps(f'profile:{outputs[engine]}')}" for engine in engines]
    return "\n".join(lines) + "\n"


def write_settings(path: Path, text: str, *, force: bool) -> None:
    """Write the file whole. Raises UserError DM1025 where one is there and `force` is not given, or it can't be written."""
    if path.exists() and not force:
        raise UserError(
            Problem(
                "DM1025",
                f"{path} is there already",
                where=Where(str(path)),
                hint="run it in your own project's folder, or replace the file with --force",
            )
        )
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise UserError(Problem("DM1025", f"{path} can't be written: {error.strerror}", where=Where(str(path)))) from error


def _short(path: Path) -> str:
    """The path as seen from here, absolute where it does not lie below."""
    absolute = path.absolute()
    return os.path.relpath(absolute) if absolute.is_relative_to(Path.cwd()) else str(absolute)
