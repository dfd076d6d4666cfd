"""The methods: for each, which nodes a value finds. One table, a function a method.

Wildcards are those of Unix shells (`*`, `?`, `[…]`), as dbt has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from app.compile.selection.criteria import Criterion
from app.compile.selection.nodes import Nodes, Selectable
from app.compile.selection.paths import in_paths
from app.compile.selection.problems import refuse

Method = Callable[[Nodes, Criterion], Iterator[Selectable]]

_GRAPH_ONLY = frozenset({"source", "exposure", "metric", "semantic_model", "saved_query", "unit_test"})
_RESOURCE_TYPES = (
    "model",
    "seed",
    "snapshot",
    "source",
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "test",
    "unit_test",
    "analysis",
    "function",
)


def by_name(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`fqn`: the node's own name, or the beginning of its qualified name with or without the package. Sources have a method of their own."""
    text = str(criterion.value)
    for node in nodes:
        if node.resource_type != "source" and node.fqn and (_named(node, node.fqn, text) or _named(node, node.fqn[1:], text)):
            yield node


def _named(node: Selectable, fqn: Sequence[str], text: str) -> bool:
    """Whether a text means the node of that qualified name. A version is `orders.v2`, `orders_v2`, or all of `orders`."""
    if not fqn:
        return False
    leaf = fqn[-2] if node.versioned and len(fqn) > 1 else fqn[-1]
    parts = text.split(".")
    if leaf == text or (node.versioned and "_".join(fqn[-2:]) == "_".join(parts[-2:])):
        return True
    flat = [word for part in fqn for word in part.split(".")]
    if len(flat) < len(parts):
        return False
    for at, part in enumerate(parts):
        if any(sign in part for sign in "*?[]"):
            rest = fnmatchcase(".".join(flat[at:]), ".".join(parts[at:]))
            return rest or ("." not in text and fnmatchcase(leaf, text))
        if flat[at] != part:
            return False
    return True


def by_tag(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`tag`."""
    for node in nodes:
        tags = node.own_tags
        if node.resource_type == "unit_test" and not tags:
            written = node.config.get("tags") or ()
            tags = (written,) if isinstance(written, str) else tuple(written)
        if any(fnmatchcase(tag, str(criterion.value)) for tag in tags):
            yield node


def by_group(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`group`, of models and their kin and of metrics."""
    for node in nodes:
        if node.resource_type not in _GRAPH_ONLY or node.resource_type == "metric":
            group = node.config.get("group")
            if group and fnmatchcase(str(group), str(criterion.value)):
                yield node


def by_access(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`access`, of models: private, protected or public."""
    yield from (node for node in nodes if node.resource_type == "model" and node.access == criterion.value)


def by_package(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`package`; `this` is the project's own."""
    wanted = nodes.project if criterion.value == "this" else str(criterion.value)
    yield from (node for node in nodes if fnmatchcase(node.package_name, wanted))


def by_resource_type(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`resource_type`. Raises UserError DM2620 for a type that dbt does not have."""
    if criterion.value not in _RESOURCE_TYPES:
        raise refuse(criterion.raw, f"there is no resource type `{criterion.value}`", f"types: {', '.join(_RESOURCE_TYPES)}")
    yield from (node for node in nodes if node.resource_type == criterion.value)


def by_source(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`source:name`, `source:name.table`, `source:package.name.table`."""
    parts = str(criterion.value).split(".")
    if len(parts) > 3:
        raise refuse(criterion.raw, "a source is `name`, `name.table` or `package.name.table`")
    package, source, table = {1: ("*", parts[0], "*"), 2: ("*", *parts), 3: tuple(parts)}[len(parts)]
    for node in nodes:
        if node.resource_type == "source" and _all_match((node.package_name, package), (node.source_name, source), (node.name, table)):
            yield node


def by_kind(kind: str) -> Method:
    """`metric:name` or `metric:package.name`, and the same of other kinds."""

    def method(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
        parts = str(criterion.value).split(".")
        if len(parts) > 2:
            raise refuse(criterion.raw, f"a {kind.replace('_', ' ')} is `name` or `package.name`")
        package, name = ("*", *parts)[-2:]
        for node in nodes:
            if node.resource_type == kind and _all_match((node.package_name, package), (node.name, name)):
                yield node

    return method


def by_path(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`path`: a file or folder relative to the project, `**` for any folders between."""
    return in_paths(nodes, str(criterion.value))


def by_file(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`file`: the file's name, with or without its ending."""
    for node in nodes:
        path = PurePosixPath(node.original_file_path)
        if fnmatchcase(path.name, str(criterion.value)) or fnmatchcase(path.stem, str(criterion.value)):
            yield node


def by_config(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`config.materialized:table`, `config.meta.owner:ana`: a value of the node's config, or among a list there. Of models, their kin and sources."""
    for node in nodes:
        if node.resource_type in _GRAPH_ONLY and node.resource_type != "source":
            continue
        value: Any = node.config
        for key in criterion.arguments:
            if not isinstance(value, Mapping) or key not in value:
                break
            value = value[key]
        else:
            if any(_same_value(one, criterion) for one in (value if isinstance(value, list) else [value])):
                yield node


def _same_value(value: Any, criterion: Criterion) -> bool:
    wanted = criterion.value
    if isinstance(value, bool):
        return str(wanted).lower() == str(value).lower()
    if criterion.arguments == ("severity",):
        return str(wanted).lower() == str(value).lower()
    return bool(wanted == value)


def by_version(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`version`: latest, prerelease, old or none, of models."""
    if criterion.value not in ("latest", "prerelease", "old", "none"):
        raise refuse(criterion.raw, f"there is no kind of version `{criterion.value}`", "latest, prerelease, old or none")
    for node in nodes:
        if node.resource_type == "model" and _version_kind(node) == criterion.value:
            yield node


def _version_kind(node: Selectable) -> str:
    if node.version is None:
        return "none"
    if node.latest_version is None or str(node.version) == str(node.latest_version):
        return "latest"
    mine, latest = _comparable(node.version), _comparable(node.latest_version)
    if type(mine) is not type(latest):
        mine, latest = str(node.version), str(node.latest_version)
    return "prerelease" if mine > latest else "old"  # type: ignore[operator]


def _comparable(version: str | int | float) -> float | str:
    """A version as dbt orders them: as a number where it is one."""
    try:
        return float(version)
    except ValueError:
        return str(version)


def by_test_name(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`test_name`: a generic test's, or a unit test's own."""
    for node in nodes:
        name = node.name if node.resource_type == "unit_test" else node.test_metadata.name if node.test_metadata else None
        if name is not None and fnmatchcase(name, str(criterion.value)):
            yield node


def by_test_type(nodes: Nodes, criterion: Criterion) -> Iterator[Selectable]:
    """`test_type`: generic (once schema), singular, data (both), or unit."""
    kinds = {"generic": "g", "schema": "g", "singular": "s", "data": "gs", "unit": "u"}.get(str(criterion.value))
    if kinds is None:
        raise refuse(criterion.raw, f"there is no type of test `{criterion.value}`", "generic, singular, data or unit")
    for node in nodes:
        kind = "u" if node.resource_type == "unit_test" else "g" if node.test_metadata else "s"
        if node.resource_type in ("test", "unit_test") and kind in kinds:
            yield node


def _all_match(*pairs: tuple[str, str]) -> bool:
    return all(fnmatchcase(text, pattern) for text, pattern in pairs)


TABLE: Mapping[str, Method] = {
    "fqn": by_name,
    "tag": by_tag,
    "group": by_group,
    "access": by_access,
    "package": by_package,
    "resource_type": by_resource_type,
    "source": by_source,
    "exposure": by_kind("exposure"),
    "metric": by_kind("metric"),
    "semantic_model": by_kind("semantic_model"),
    "saved_query": by_kind("saved_query"),
    "unit_test": by_kind("unit_test"),
    "path": by_path,
    "file": by_file,
    "config": by_config,
    "version": by_version,
    "test_name": by_test_name,
    "test_type": by_test_type,
}
"""Every method but `state`, which needs an earlier manifest."""
