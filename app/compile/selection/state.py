"""`state:`: which nodes are new or different since an earlier manifest.

What makes a node different is what dbt compares: not what a machine, a time or a target puts into a manifest. Two things go beyond dbt, which has them as
gaps: a node that was not there is modified whatever its kind, and a metric is modified with its filter and its parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from app.compile.dbt.decode import decode
from app.compile.selection.criteria import Criterion
from app.compile.selection.nodes import Nodes
from app.compile.selection.problems import refuse

_SECTIONS = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests", "functions")
_ANYWHERE = frozenset({"alias", "schema", "database"})
_NO_CHANGE = frozenset({"tags", "group"})
"""Config that says how nodes are sorted, not what they are."""
_TEST_CONFIG = ("severity", "where", "limit", "fail_calc", "warn_if", "error_if", "store_failures")
_SAID: Mapping[str, tuple[str, ...]] = {
    "source": ("fqn", "database", "schema", "identifier", "quoting", "freshness", "loaded_at_field", "external"),
    "exposure": ("fqn", "type", "owner", "maturity", "url", "description", "label"),
    "metric": ("type", "description", "label", "filter", "time_granularity"),
    "semantic_model": ("model", "description", "label", "defaults", "entities", "dimensions", "measures", "primary_entity", "group"),
    "saved_query": ("query_params", "description", "label", "group", "tags"),
    "unit_test": ("checksum",),
}
"""The keys of a node that make it what it is, by kind. Models and their kin are told by their parts: see `PARTS`."""

Content = Mapping[str, Any]


class _Raws(msgspec.Struct, frozen=True):
    nodes: dict[str, Raw] = {}
    sources: dict[str, Raw] = {}
    exposures: dict[str, Raw] = {}
    metrics: dict[str, Raw] = {}
    semantic_models: dict[str, Raw] = {}
    saved_queries: dict[str, Raw] = {}
    unit_tests: dict[str, Raw] = {}
    functions: dict[str, Raw] = {}
    macros: dict[str, dict[str, Any]] = {}


def changed(criterion: Criterion, nodes: Nodes, before: Nodes) -> frozenset[str]:
    """The unique ids that `state:VALUE` means. Raises UserError DM2620 for a value that dbt does not know."""
    value = ".".join((str(criterion.value), *criterion.arguments))
    if value == "new":
        return frozenset(nodes.by_id) - frozenset(before.by_id)
    if value == "old":
        return frozenset(nodes.by_id) & frozenset(before.by_id)
    aspect = value.partition(".")[2]
    if value not in ("modified", "unmodified") and aspect not in (*PARTS, "macros"):
        known = ["new", "old", "modified", "unmodified", *(f"modified.{part}" for part in (*PARTS, "macros"))]
        raise refuse(criterion.raw, f"there is no state `{value}`", f"states: {', '.join(known)}")
    mine, theirs = _read(nodes), _read(before)
    macros = _changed_macros(mine.macros, theirs.macros) if aspect in ("", "macros") else frozenset()
    modified = frozenset(
        unique_id
        for unique_id, node in nodes.by_id.items()
        if _calls(node.depends_on.macros or (), macros)
        or (aspect != "macros" and _differs(_content(mine, unique_id), _content(theirs, unique_id), aspect))
    )
    return frozenset(nodes.by_id) - modified if value == "unmodified" else modified


def _read(nodes: Nodes) -> _Raws:
    return decode(nodes.data, _Raws, "manifest.json")


def _content(raws: _Raws, unique_id: str) -> Raw | None:
    return next((found for name in _SECTIONS if (found := getattr(raws, name).get(unique_id)) is not None), None)


def _differs(new: Raw | None, old: Raw | None, aspect: str) -> bool:
    if new is None or old is None:
        return new is not None and not (aspect and _kind(new) in _SAID)
    if bytes(new) == bytes(old):
        return False
    mine, theirs = msgspec.json.decode(new, type=dict[str, Any]), msgspec.json.decode(old, type=dict[str, Any])
    kind = str(mine.get("resource_type", ""))
    if aspect:
        return kind not in _SAID and PARTS[aspect](mine) != PARTS[aspect](theirs)
    return _said(mine, kind) != _said(theirs, kind)


def _kind(raw: Raw) -> str:
    return str(msgspec.json.decode(raw, type=dict[str, Any]).get("resource_type", ""))


def _said(node: Content, kind: str) -> object:
    """All that a node says."""
    if kind in _SAID:
        said = [node.get(key) for key in _SAID[kind]]
        if kind == "exposure":
            said.append(sorted((node.get("depends_on") or {}).get("nodes") or ()))
        if kind == "metric":
            said.append({key: value for key, value in (node.get("type_params") or {}).items() if key != "input_measures"})
        if kind == "saved_query":
            said.append([_export(export) for export in node.get("exports") or ()])
        return [*said, _config(node)]
    if kind == "test" and node.get("test_metadata"):
        return [node.get("fqn"), _config(node)]
    return [
        node.get("fqn"),
        *(part(node) for part in PARTS.values()),
        *(node.get(key) for key in ("latest_version", "access", "deprecation_date")),
    ]


def _body(node: Content) -> object:
    """A model's text as it was written; a seed's, of which only the hash is kept."""
    return node.get("checksum") if node.get("resource_type") == "seed" else node.get("raw_code") or node.get("checksum")


def _config(node: Content) -> Content:
    """The config as it was written, without what only sorts nodes or says where they lie."""
    written = node.get("unrendered_config")
    config: Content = written if isinstance(written, dict) else node.get("config") or {}
    if node.get("test_metadata"):
        return {key: config.get(key) for key in _TEST_CONFIG}
    return {key: value for key, value in config.items() if key not in _ANYWHERE | _NO_CHANGE}


def _relation(node: Content) -> Content:
    """Where the node is to lie, as it was written: what a target adds is no change."""
    written = node.get("unrendered_config") or {}
    return {key: written.get(key) for key in _ANYWHERE}


def _persisted(node: Content) -> object:
    """The descriptions that dbt writes to the warehouse, if it is told to."""
    persist = (node.get("config") or {}).get("persist_docs") or {}
    columns = {name: column.get("description") for name, column in (node.get("columns") or {}).items()} if persist.get("columns") else None
    return (node.get("description") if persist.get("relation") else None, columns)


def _contract(node: Content) -> object:
    contract = node.get("contract") or {}
    return (bool(contract.get("enforced")), contract.get("checksum") if contract.get("enforced") else None)


def _export(export: Content) -> object:
    written = export.get("unrendered_config") or export.get("config") or {}
    return [export.get("name"), *(written.get(key) for key in ("export_as", "schema", "alias"))]


PARTS: Mapping[str, Callable[[Content], object]] = {
    "body": _body,
    "configs": _config,
    "persisted_descriptions": _persisted,
    "relation": _relation,
    "contract": _contract,
}
"""What `state:modified.PART` compares, of models and their kin."""


def _changed_macros(mine: Mapping[str, Content], theirs: Mapping[str, Content]) -> frozenset[str]:
    """The macros that are new, gone or different, and all that call one of them."""
    found = {name for name in {*mine, *theirs} if mine.get(name, {}).get("macro_sql") != theirs.get(name, {}).get("macro_sql")}
    calls = {name: tuple((macro.get("depends_on") or {}).get("macros") or ()) for name, macro in mine.items()}
    grown = True
    while grown:
        more = {name for name, called in calls.items() if name not in found and found & set(called)}
        grown = bool(more)
        found |= more
    return frozenset(found)


def _calls(called: Iterable[str | None], macros: frozenset[str]) -> bool:
    return any(name in macros for name in called)
