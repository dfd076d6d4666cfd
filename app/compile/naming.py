"""One unique name for every model, seed, snapshot and source table of a project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.compile.dbt.manifest import Manifest, Node, SourceNode
from app.compile.report import Place, Report

RESOURCE_TYPES = ("model", "seed", "snapshot")


@dataclass(frozen=True, slots=True)
class Named:
    """A node or source with the name that the layer gives it; `place` is where YAML describes it."""

    name: str
    node: Node | SourceNode
    place: Place

    @property
    def unique_id(self) -> str:
        """dbt's unique id."""
        return self.node.unique_id


def name_models(manifest: Manifest, report: Report) -> dict[str, Named]:
    """Every node that a query may name, by unique id, ids ascending.

    A model has its own name and a source table is `source.table`. The latest version of a versioned model bears the bare name, as in dbt's
    `ref('orders')`, older ones are `orders.v1`. Where two packages have a model of one name, the root project keeps the bare name and the
    others are `package.name` (DM2201); a name that is still taken becomes the unique id.
    """
    root = manifest.metadata.project_name or ""
    wanted: dict[str, list[tuple[Node | SourceNode, list[str]]]] = defaultdict(list)
    for node in named_nodes(manifest):
        names = list(_names(node))
        wanted[names[0]].append((node, names))
    taken: dict[str, str] = {}
    named: dict[str, Named] = {}
    for first in sorted(wanted):
        rivals = sorted(wanted[first], key=lambda item: (item[0].package_name != root, item[0].unique_id))
        for node, names in rivals:
            alone = len(rivals) == 1 or (node is rivals[0][0] and node.package_name == root)
            name = next(name for name in (names if alone else names[1:]) if name not in taken)
            taken[name] = node.unique_id
            place = place_of(node, root)
            named[node.unique_id] = Named(name, node, place)
            if name != first:
                report.warning(
                    "DM2201",
                    f"several {node_type(node)}s are called `{first}`; the one of package `{node.package_name}` is named `{name}` here",
                    place,
                    "rename one, or say the qualified name in queries",
                )
            elif isinstance(node, Node) and node.version is not None:
                kind = "the latest version" if name == node.name else f"version {node.version}"
                report.note("DM2202", f"`{name}` is {kind} of the versioned model `{node.name}`", place)
    return dict(sorted(named.items()))


def node_type(node: Node | SourceNode) -> str:
    """dbt's resource type: model, seed, snapshot or source."""
    return node.resource_type if isinstance(node, Node) else "source"


def place_of(node: Node | SourceNode, root: str) -> Place:
    """Where YAML describes the node (its patch file), or else the file that makes it."""
    if isinstance(node, SourceNode):
        return Place(f"model.{node.source_name}.{node.name}", project_file(node.original_file_path, node.package_name, root))
    package, _, path = (node.patch_path or "").partition("://")
    if path:
        return Place(f"model.{node.name}", project_file(path, package, root))
    return Place(f"model.{node.name}", project_file(node.original_file_path, node.package_name, root))


def project_file(path: str, package: str, root: str) -> str:
    """A file of a package as it lies within the project, with forward slashes whatever system dbt ran on."""
    path = path.replace("\\", "/")
    return path if package in ("", root) or not path else f"dbt_packages/{package}/{path}"


def named_nodes(manifest: Manifest) -> Iterable[Node | SourceNode]:
    """Models, seeds, snapshots and sources that are not disabled, ids ascending: what a query may name."""
    nodes: list[Node | SourceNode] = [
        n for n in manifest.nodes.values() if n.resource_type in RESOURCE_TYPES and n.config.enabled is not False
    ]
    nodes += [s for s in manifest.sources.values() if s.config.enabled is not False]
    return sorted({node.unique_id: node for node in nodes}.values(), key=lambda node: node.unique_id)


def _names(node: Node | SourceNode) -> Iterator[str]:
    if isinstance(node, SourceNode):
        stem = f"{node.source_name}.{node.name}"
    elif node.version is not None and str(node.version) != str(node.latest_version):
        stem = f"{node.name}.v{node.version}"
    else:
        stem = node.name
    yield stem
    yield f"{node.package_name}.{stem}"
    yield node.unique_id
