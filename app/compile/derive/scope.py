"""For which models semantic models are derived: what the project says of it, and what it defines itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from app.compile.artifacts import ProjectSources
from app.compile.dbt.manifest import Node
from app.compile.meta import KEY, merged_meta
from app.compile.naming import Named
from app.compile.placements import NO_RELATION
from app.compile.report import Place, Report
from app.compile.variables import FILE, variable
from app.compile.yaml_load import NotYaml
from app.model.expr import FALSE
from app.model.physical import Model

VARIABLE = "datamind_derive"


class Derive(StrEnum):
    """`vars.datamind_derive`: nothing; where the project has no semantic model at all; every model that no semantic model of the project covers."""

    NONE = "none"
    AUTO = "auto"
    UNCOVERED = "uncovered"


def read_derive(sources: ProjectSources, project: str, report: Report) -> Derive:
    """What the project wants; `auto` where it does not say. Anything but the three words is `none` (DM2340)."""
    said = "a value in a file that is no YAML"
    try:
        value = variable(sources, project, VARIABLE, Derive.AUTO)
    except NotYaml:
        value = None
    else:
        if isinstance(value, str) and value in set(Derive):
            return Derive(value)
        said = f"`{value}`"
    report.error("DM2340", f"`vars.{VARIABLE}` is {said}; nothing is derived", Place("", FILE), "write `none`, `auto` or `uncovered`")
    return Derive.NONE


def in_scope(
    mode: Derive, models: Iterable[Model], named: Mapping[str, Named], covered: Collection[str], spines: Collection[str], *, defines: bool
) -> tuple[Model, ...]:
    """The models for which a semantic model is derived, by name.

    Models, seeds and snapshots that have a relation, in their latest version; no sources, no time spines, and none that a semantic model of the
    project covers, that is private, or that is closed to everybody. Where the project `defines` semantic models, only those for which `uncovered` or
    `meta.datamind.derive: true` asks; `derive: false` takes one out.
    """
    if mode is Derive.NONE:
        return ()
    wanted = mode is Derive.UNCOVERED or not defines
    found = []
    for model in models:
        item = named[model.unique_id]
        if model.name in covered or model.name in spines or _is_closed(model) or not _is_candidate(item, model):
            continue
        asked = _asked(item)
        if wanted if asked is None else asked:
            found.append(model)
    return tuple(sorted(found, key=lambda model: model.name))


def _is_candidate(item: Named, model: Model) -> bool:
    node = item.node
    if not isinstance(node, Node) or model.materialized in NO_RELATION or model.access == "private":
        return False
    return node.version is None or str(node.version) == str(node.latest_version)


def _is_closed(model: Model) -> bool:
    """Whether nobody sees a row: some policy binds everybody, and none admits a row. Its count would be 0 for all."""
    binds_all = any(policy.is_general and not policy.has_exempt for policy in model.row_policies)
    return binds_all and not any(policy.permissive and policy.predicate != FALSE for policy in model.row_policies)


def _asked(item: Named) -> bool | None:
    """`meta.datamind.derive` of a model, None where it does not say."""
    node = item.node
    if b"derive" not in bytes(node.meta) + bytes(node.config.meta):
        return None
    meta: dict[str, Any] = merged_meta("manifest.json", node.meta, node.config.meta)
    own = meta.get(KEY)
    said = own.get("derive") if isinstance(own, dict) else None
    return said if isinstance(said, bool) else None
