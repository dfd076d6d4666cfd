"""States of a project: folders with the artifacts of another time or branch, as dbt's `--state` names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from app.adapters.dbt.artifacts import FILES, read_target
from app.adapters.dbt.discover import PROJECT_FILE
from app.adapters.dbt.folder import adapter_in, adapter_of
from app.adapters.dbt.targets import ENGINES
from app.compile.artifacts import TargetArtifacts
from app.errors import Problem, UserError, Where

_NUMBER = re.compile(r"(\d+)")


def find_states(paths: Sequence[Path], project_dir: Path) -> tuple[Path, ...]:
    """The states that the paths name, newest first: a path is a state, or a folder of states, of which the greatest name is the newest
    (`v1.10.0` is greater than `v1.9.0`). A relative path is looked for in the working directory, then in the project, as dbt does.

    Raises UserError DM2011 for a path that has no manifest.
    """
    found: list[Path] = []
    for path in paths:
        folder = path if path.is_absolute() or path.is_dir() else project_dir / path
        if is_state(folder):
            found.append(folder)
            continue
        inner = [child for child in folder.iterdir() if child.is_dir() and is_state(child)] if folder.is_dir() else []
        if not inner:
            raise UserError(
                Problem(
                    "DM2011",
                    f"there is no manifest.json in the state {path}",
                    where=Where(str(path)),
                    hint="copy the target folder of a run there, such as `cp -r target/ prod-state`, or download what production published",
                )
            )
        found += sorted(inner, key=lambda child: _natural(child.name), reverse=True)
    return tuple(dict.fromkeys(found))


def is_state(folder: Path) -> bool:
    """Whether a manifest lies in the folder, or in that of an engine below it, as in `target/`."""
    return any((place / FILES[0]).is_file() for place in (folder, *(folder / engine for engine in ENGINES)))


def state_targets(state: Path, current: Sequence[TargetArtifacts]) -> dict[str, Path]:
    """Where the state has the artifacts of each engine, in the order of `current`, which are the project's own.

    A folder of the engine's name wins. A manifest in the state itself is of the engine whose manifest was written for the same adapter. Engines that the
    state does not have are left out.
    """
    found: dict[str, Path] = {}
    common = state / FILES[0]
    adapter = adapter_of(common) if common.is_file() else ""
    for target in current:
        if (state / target.engine / FILES[0]).is_file():
            found[target.engine] = state / target.engine
        elif common.is_file() and state not in found.values() and adapter == adapter_in(target.manifest):
            found[target.engine] = state
    return found


def read_state(state: Path, current: Sequence[TargetArtifacts]) -> tuple[TargetArtifacts, ...]:
    """The artifacts of a state by engine. Raises UserError DM2004 or DM2010 for a file that can't be read."""
    return tuple(read_target(engine, folder, state) for engine, folder in state_targets(state, current).items())


def state_project(state: Path) -> str | None:
    """The dbt_project.yml that was kept with the state (beside its artifacts, or above them as in a checkout), None where there is none."""
    for folder in (state, state.parent) if state.name == "target" else (state,):
        try:
            return (folder / PROJECT_FILE).read_text(encoding="utf-8-sig", errors="replace")
        except OSError:
            continue
    return None


def _natural(name: str) -> list[tuple[int, str]]:
    """By what names are sorted so that their numbers count, and that `v1.10.0-rc1` comes before `v1.10.0`."""
    parts = [(int(part), "") if part.isdigit() else (-3 if part.startswith("-") else -1, part) for part in _NUMBER.split(name) if part]
    return [*parts, (-2, "")]
