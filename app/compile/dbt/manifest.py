"""manifest.json, schema versions 10 to 12 (dbt 1.6 to 1.12)."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from app.compile.dbt.decode import Metadata, decode_versioned
from app.compile.dbt.parts import Fault, without_faults
from app.compile.dbt.semantic import (
    ABSENT,
    EMPTY,
    CustomGranularity,
    MetaConfig,
    MetricNode,
    NodeDependencies,
    SavedQueryNode,
    SemanticModelNode,
)
from app.errors import UserError

VERSIONS = range(10, 13)


class Constraint(msgspec.Struct, frozen=True, gc=False):
    """A contract's constraint; `columns` is set where it stands on the model. A foreign key goes to `to_columns` of `to` (dbt ≥ 1.9), which is
    as written, `ref('x')`, or a relation's name where dbt has compiled it."""

    type: str
    columns: list[str] | None = None
    to: str | None = None
    to_columns: list[str] | None = None


class ColumnConfig(msgspec.Struct, frozen=True, gc=False):
    """A column's `config` (dbt ≥ 1.10). `datamind` here is a misplaced policy."""

    meta: Raw = EMPTY
    datamind: Raw = ABSENT


class ColumnNode(msgspec.Struct, frozen=True, gc=False):
    """A column as YAML describes it."""

    name: str
    description: str | None = None
    data_type: str | None = None
    meta: Raw = EMPTY
    config: ColumnConfig | None = None
    tags: list[str] | None = None
    constraints: list[Constraint] | None = None
    granularity: str | None = None


class Contract(msgspec.Struct, frozen=True, gc=False):
    """`contract`."""

    enforced: bool = False


class NodeConfig(msgspec.Struct, frozen=True, gc=False):
    """`config` of a node. What a test finds and allows (`where` to `fail_calc`) is
    a test's, `event_time` (dbt ≥ 1.9) a model's; `datamind` here is a misplaced policy."""

    materialized: str | None = None
    meta: Raw = EMPTY
    group: str | None = None
    access: str | None = None
    enabled: bool | None = None
    contract: Contract | None = None
    where: str | None = None
    limit: int | None = None
    severity: str | None = None
    error_if: str | None = None
    fail_calc: str | None = None
    event_time: str | None = None
    datamind: Raw = ABSENT


class GenericTest(msgspec.Struct, frozen=True, gc=False):
    """`test_metadata`: which generic test it is, with which arguments."""

    name: str
    kwargs: Raw = EMPTY
    namespace: str | None = None


class SpineColumns(msgspec.Struct, frozen=True, gc=False):
    """`time_spine` of a model (dbt ≥ 1.9)."""

    standard_granularity_column: str
    custom_granularities: list[CustomGranularity] | None = None


class Node(msgspec.Struct, frozen=True):
    """A member of `nodes`: model, seed, snapshot, test, analysis or operation."""

    unique_id: str
    name: str
    resource_type: str
    package_name: str = ""
    original_file_path: str = ""
    patch_path: str | None = None
    alias: str | None = None
    schema: str | None = None
    database: str | None = None
    description: str | None = None
    columns: dict[str, ColumnNode] = {}
    config: NodeConfig = NodeConfig()
    meta: Raw = EMPTY
    tags: list[str] = []
    group: str | None = None
    access: str | None = None
    version: str | int | float | None = None
    latest_version: str | int | float | None = None
    constraints: list[Constraint] | None = None
    depends_on: NodeDependencies = NodeDependencies()
    time_spine: SpineColumns | None = None
    deprecation_date: str | None = None
    relation_name: str | None = None
    column_name: str | None = None
    attached_node: str | None = None
    file_key_name: str | None = None
    test_metadata: GenericTest | None = None


class SourceNode(msgspec.Struct, frozen=True):
    """A table of a source. dbt < 1.8 keeps the source's own `meta` apart, in `source_meta`."""

    unique_id: str
    name: str
    source_name: str
    package_name: str = ""
    original_file_path: str = ""
    identifier: str | None = None
    relation_name: str | None = None
    schema: str | None = None
    database: str | None = None
    description: str | None = None
    columns: dict[str, ColumnNode] = {}
    config: NodeConfig = NodeConfig()
    meta: Raw = EMPTY
    source_meta: Raw = EMPTY
    tags: list[str] = []


class Owner(msgspec.Struct, frozen=True, gc=False):
    """Who owns a group or an exposure; from dbt 1.10 on `email` may be a list."""

    name: str | None = None
    email: str | list[str] | None = None

    @property
    def first_email(self) -> str:
        """The e-mail address, the first where there are several."""
        email = self.email[0] if isinstance(self.email, list) and self.email else self.email
        return email if isinstance(email, str) else ""

    @property
    def text(self) -> str:
        """The name, or the first e-mail address."""
        return self.name or self.first_email


class GroupNode(msgspec.Struct, frozen=True, gc=False):
    """A dbt group; from dbt 1.10 on it has a description and `config.meta`."""

    name: str
    owner: Owner = Owner()
    description: str | None = None
    config: MetaConfig | None = None


class ExposureNode(msgspec.Struct, frozen=True, gc=False):
    """A dbt exposure."""

    unique_id: str
    name: str
    type: str | None = None
    owner: Owner = Owner()
    url: str | None = None
    description: str | None = None
    depends_on: NodeDependencies = NodeDependencies()
    original_file_path: str = ""
    label: str | None = None
    maturity: str | None = None
    tags: list[str] = []
    meta: Raw = EMPTY
    config: MetaConfig | None = None


class Manifest(msgspec.Struct, frozen=True):
    """manifest.json."""

    metadata: Metadata
    nodes: dict[str, Node]
    sources: dict[str, SourceNode] = {}
    exposures: dict[str, ExposureNode] = {}
    metrics: dict[str, MetricNode] = {}
    groups: dict[str, GroupNode] = {}
    saved_queries: dict[str, SavedQueryNode] = {}
    semantic_models: dict[str, SemanticModelNode] = {}


def read_manifest(data: bytes, artifact: str = "manifest.json") -> Manifest:
    """The manifest of a dbt target. Raises UserError DM2001 to DM2006."""
    return decode_versioned(data, Manifest, artifact, "manifest", VERSIONS)


def read_sound_manifest(data: bytes, artifact: str = "manifest.json") -> tuple[Manifest, tuple[Fault, ...]]:
    """The manifest, less single parts that have not dbt's shape; and these. Raises as `read_manifest`, DM2005 where parts that may protect are concerned."""
    try:
        return read_manifest(data, artifact), ()
    except UserError as error:
        found = without_faults(data, Manifest) if error.problem.code == "DM2005" else None
        if found is None:
            raise
        return found
