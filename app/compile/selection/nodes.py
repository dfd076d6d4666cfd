"""The nodes of a manifest as selection sees them, and what stands on what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import msgspec
from msgspec import Raw

from app.compile.dbt.decode import Metadata, decode, loose

KINDS = ("model", "seed", "snapshot", "source", "semantic_model", "metric", "saved_query", "exposure")
"""The kinds of node that a layer knows, in dbt's words. Tests and the like are walked over and never the outcome."""

_EMPTY = Raw(b"{}")


class Dependencies(msgspec.Struct, frozen=True, gc=False):
    """`depends_on`."""

    nodes: list[str] | None = None
    macros: list[str | None] | None = None


class TestMetadata(msgspec.Struct, frozen=True, gc=False):
    """`test_metadata` of a generic test."""

    name: str = ""


class Selectable(msgspec.Struct, frozen=True):
    """A node; `raw_config` is `config` as it stands in the file. A source's name is that of its table."""

    unique_id: str
    name: str
    resource_type: str = ""
    package_name: str = ""
    original_file_path: str = ""
    patch_path: str | None = None
    fqn: list[str] = []
    tags: list[str] | str | None = None
    raw_config: Raw = msgspec.field(default=_EMPTY, name="config")
    access: str | None = None
    source_name: str = ""
    version: str | int | float | None = None
    latest_version: str | int | float | None = None
    depends_on: Dependencies = Dependencies()
    test_metadata: TestMetadata | None = None

    @property
    def config(self) -> Mapping[str, Any]:
        """`config` as a mapping."""
        found = loose(self.raw_config, "manifest.json")
        return found if isinstance(found, dict) else {}

    @property
    def own_tags(self) -> tuple[str, ...]:
        """Its tags; YAML may give one as a text."""
        return (self.tags,) if isinstance(self.tags, str) else tuple(self.tags or ())

    @property
    def versioned(self) -> bool:
        """Whether it is one of several versions of a model."""
        return self.resource_type == "model" and self.version is not None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that define and describe it, relative to its package."""
        described = (self.patch_path or "").partition("://")[2]
        return (self.original_file_path, described) if described else (self.original_file_path,)


class _Manifest(msgspec.Struct, frozen=True):
    metadata: Metadata = Metadata()
    nodes: dict[str, Selectable] = {}
    sources: dict[str, Selectable] = {}
    exposures: dict[str, Selectable] = {}
    metrics: dict[str, Selectable] = {}
    semantic_models: dict[str, Selectable] = {}
    saved_queries: dict[str, Selectable] = {}
    unit_tests: dict[str, Selectable] = {}
    functions: dict[str, Selectable] = {}


@dataclass(frozen=True)
class Nodes:
    """All nodes by unique id, of one manifest. `data` is the manifest itself, for what only few selections ask of it."""

    project: str
    by_id: Mapping[str, Selectable]
    data: bytes = field(repr=False)

    def __iter__(self) -> Iterator[Selectable]:
        """The nodes, in the manifest's order."""
        return iter(self.by_id.values())

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """On what each node stands, itself."""
        return {node.unique_id: tuple(one for one in dict.fromkeys(node.depends_on.nodes or ()) if one in self.by_id) for node in self}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """What stands on each node, itself."""
        found: dict[str, list[str]] = defaultdict(list)
        for child, parents in self.parents.items():
            for parent in parents:
                found[parent].append(child)
        return {node.unique_id: tuple(found.get(node.unique_id, ())) for node in self}

    def known(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of the ids whose node a layer knows."""
        return frozenset(one for one in ids if self.by_id[one].resource_type in KINDS)


def read_nodes(manifest: bytes, artifact: str = "manifest.json") -> Nodes:
    """The nodes of a manifest. Raises UserError DM2001 to DM2006 where it can't be read."""
    found = decode(manifest, _Manifest, artifact)
    parts = (
        found.nodes,
        found.sources,
        found.exposures,
        found.metrics,
        found.semantic_models,
        found.saved_queries,
        found.unit_tests,
        found.functions,
    )
    nodes = {node.unique_id: node for node in chain.from_iterable(part.values() for part in parts)}
    return Nodes(found.metadata.project_name or "", nodes, manifest)
