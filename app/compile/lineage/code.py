"""The compiled SQL of a project's models, and what the artifacts say of their columns. Read apart from the manifest of a compile, which has no use for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
from msgspec import Raw

from app.compile.artifacts import TargetArtifacts
from app.compile.dbt.catalog import Catalog, read_catalog
from app.compile.dbt.decode import Metadata, decode
from app.compile.dbt.manifest import Contract
from app.compile.dbt.semantic import ABSENT, NodeDependencies
from app.compile.lineage.dialects import grammar
from app.model.lineage import Reason

_RELATIONS = ("model", "seed", "snapshot")


class CodeColumn(msgspec.Struct, frozen=True, gc=False):
    """A column as YAML lists it."""

    name: str


class CodeConfig(msgspec.Struct, frozen=True):
    """`config`, as far as it says what a model's relation holds; the last five are a snapshot's."""

    materialized: str | None = None
    contract: Contract | None = None
    unique_key: object = None
    strategy: str | None = None
    updated_at: object = None
    check_cols: object = None
    snapshot_meta_column_names: dict[str, str | None] | None = None


class CodeNode(msgspec.Struct, frozen=True):
    """A node or source: where its relation lies, and its SQL, unread."""

    unique_id: str
    name: str
    resource_type: str = ""
    package_name: str = ""
    original_file_path: str = ""
    alias: str | None = None
    identifier: str | None = None
    schema: str | None = None
    database: str | None = None
    language: str | None = None
    compiled_code: Raw = ABSENT
    columns: dict[str, CodeColumn] = {}
    depends_on: NodeDependencies = NodeDependencies()
    config: CodeConfig = CodeConfig()

    @property
    def relation(self) -> str:
        """The relation's own name."""
        return self.alias or self.identifier or self.name

    @property
    def is_ephemeral(self) -> bool:
        """Whether dbt writes it into the models that read it."""
        return self.config.materialized == "ephemeral"


class CodeManifest(msgspec.Struct, frozen=True):
    """The same manifest.json that a compile reads, other parts of it."""

    metadata: Metadata = Metadata()
    nodes: dict[str, CodeNode] = {}
    sources: dict[str, CodeNode] = {}


@dataclass(frozen=True, slots=True)
class Code:
    """A model's SQL, the grammar that reads it, and the target that it was compiled for."""

    sql: str
    grammar: str
    target: TargetCode


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no SQL of a model."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class TargetCode:
    """What one target's artifacts say."""

    artifacts: TargetArtifacts = field(repr=False)

    @cached_property
    def manifest(self) -> CodeManifest:
        """The manifest. Raises UserError DM2001 to DM2006."""
        return decode(self.artifacts.manifest, CodeManifest, "manifest.json")

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog, empty where there is none. Raises UserError DM2001 to DM2006."""
        return read_catalog(self.artifacts.catalog)

    @property
    def adapter(self) -> str:
        """dbt's `adapter_type`."""
        return self.manifest.metadata.adapter_type or ""

    def node(self, unique_id: str) -> CodeNode | None:
        """A node or source."""
        return self.manifest.nodes.get(unique_id) or self.manifest.sources.get(unique_id)

    def sql(self, node: CodeNode) -> str:
        """The compiled SQL of a node: the manifest's, else the file that dbt wrote beside it; "" where there is neither."""
        raw = bytes(node.compiled_code)
        found = msgspec.json.decode(raw) if raw else None
        if isinstance(found, str) and found.strip():
            return found
        return self.artifacts.compiled.get(f"{node.package_name}/{node.original_file_path}", "")

    @cached_property
    def ephemerals(self) -> Mapping[str, str]:
        """The unique ids of ephemeral models by their relations' names."""
        return {node.relation.lower(): unique_id for unique_id, node in self.manifest.nodes.items() if node.is_ephemeral}

    @cached_property
    def relations(self) -> Mapping[str, tuple[tuple[str, str, str], ...]]:
        """(database, schema, unique id) of the relations of a name, all in lower case but the id."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for unique_id, node in self._relations():
            place = ((node.database or "").lower(), (node.schema or "").lower(), unique_id)
            found.setdefault(node.relation.lower(), []).append(place)
        return {name: tuple(sorted(places)) for name, places in found.items()}

    def _relations(self) -> Iterator[tuple[str, CodeNode]]:
        yield from self.manifest.sources.items()
        for unique_id, node in self.manifest.nodes.items():
            if node.resource_type in _RELATIONS and not node.is_ephemeral:
                yield unique_id, node


class ProjectCode:
    """The SQL of a project. The first target that has a model's SQL gives it."""

    def __init__(self, targets: Sequence[TargetArtifacts]) -> None:
        self._targets = [TargetCode(target) for target in targets]

    def node(self, unique_id: str) -> CodeNode | None:
        """A node or source, as the first target has it."""
        return self._targets[0].node(unique_id) if self._targets else None

    def of(self, unique_id: str) -> Code | Missing:
        """The SQL of a model, or why there is none."""
        dialects = []
        for target in self._targets:
            node = target.node(unique_id)
            if node is None:
                continue
            if node.language == "python":
                return Missing(Reason.PYTHON, "it is written in Python")
            sql = target.sql(node)
            known = grammar(target.adapter)
            if sql and known:
                return Code(sql, known, target)
            dialects += [target.adapter] if sql else []
        if dialects:
            return Missing(Reason.DIALECT, f"the SQL of the adapter `{dialects[0]}` is of no dialect that is known")
        return Missing(Reason.NO_SQL, "the artifacts hold no compiled SQL of it")

    def columns(self, unique_id: str) -> tuple[tuple[str, ...], bool]:
        """The columns that catalogs and YAML list, and whether these are all: a catalog and an enforced contract say so, YAML alone does not."""
        for target in self._targets:
            if table := target.catalog.table(unique_id):
                return tuple(column.name for column in table), True
        node = self.node(unique_id)
        if node is None:
            return (), False
        return tuple(column.name for column in node.columns.values()), bool(node.config.contract and node.config.contract.enforced)
