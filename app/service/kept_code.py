"""The models' code that is kept beside a layer, which holds none: with it the next layer tells which models' numbers may be others."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.diff.code import CodeBase, changes_on_any, comparable, read_code
from app.compile.diff.report import Kind
from app.compile.variables import FILE, changed_variables
from app.compile.yaml_load import NotYaml


class KeptCode(msgspec.Struct, frozen=True):
    """What of each engine's manifest is code, and the text of dbt_project.yml with the variables given beside it, which code reads."""

    engines: dict[str, CodeBase] = {}
    project: str = ""
    variables: dict[str, object] = {}


def code_of(targets: Sequence[TargetArtifacts], sources: ProjectSources) -> KeptCode:
    """The code of what was read. Raises UserError DM2001 to DM2006 as a compile does."""
    engines = {target.engine: comparable(read_code(target.manifest)) for target in targets}
    return KeptCode(engines, sources.files.get(FILE, ""), dict(sources.variables))


def packed(code: KeptCode) -> bytes:
    """As it is kept."""
    return msgspec.msgpack.encode(code, order="deterministic")


def unpacked(data: bytes | None) -> KeptCode | None:
    """What was kept; None where there is none, or another version of DataMind wrote it otherwise."""
    try:
        return msgspec.msgpack.decode(data, type=KeptCode) if data else None
    except msgspec.DecodeError:
        return None


def changed_code(old: KeptCode | None, new: KeptCode | None) -> tuple[dict[str, Kind | None], tuple[str, ...]]:
    """What became of the models' code, by unique id, and notes on what can't be told."""
    if old is None or new is None:
        return {}, ("the models' code is not kept of both versions: whether it changed is not told",)
    pairs = [(old.engines[engine], new.engines[engine]) for engine in new.engines if engine in old.engines]
    try:
        changed = changed_variables(ProjectSources({FILE: old.project}, old.variables), ProjectSources({FILE: new.project}, new.variables))
    except NotYaml:
        return changes_on_any(pairs), ("dbt_project.yml can't be read on both sides: its variables are not compared",)
    return changes_on_any(pairs, frozenset(name for name in changed if not name.startswith("datamind_"))), ()
