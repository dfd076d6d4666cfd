"""dbt's models, seeds, snapshots and sources → the models of the layer, with their columns, keys and policies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.compile.dbt.catalog import Catalog, CatalogColumn
from app.compile.dbt.manifest import ColumnNode, Manifest, Node
from app.compile.expressions import FilterGuard, no_filter_guard
from app.compile.guarantees import Guarantees
from app.compile.meta import KEY, merged_meta, meta_text, text_of
from app.compile.naming import Named, node_type, project_file
from app.compile.on_failure import of_model
from app.compile.policies.columns import NOTHING, class_of, column_meta, column_policy, size_policy
from app.compile.policies.rows import denied, model_meta, row_policies
from app.compile.policies.rules import limit_policies, rule_policies
from app.compile.policies.schema import ColumnMeta, Malformed, ModelMeta, read_meta
from app.compile.proofs import holds_constraints
from app.compile.report import Report
from app.model.physical import Model, ModelColumn
from app.model.types import Grain
from app.sql.native_types import data_type

_GRAINS = frozenset(Grain)

MANIFEST = "manifest.json"
Constraints = tuple[tuple[str, tuple[str, ...]], ...]


def build_models(
    manifest: Manifest,
    catalog: Catalog,
    named: Mapping[str, Named],
    guarantees: Mapping[str, Guarantees],
    owners: Mapping[str, str],
    report: Report,
    adapters: Collection[str],
    guard: FilterGuard = no_filter_guard,
) -> tuple[Model, ...]:
    """All models, sorted by name. `owners` gives each group's owner; constraints count where the databases of all `adapters` hold them. A row filter of which the
    `guard` says something closes its model."""
    nothing = Guarantees()
    root = manifest.metadata.project_name or ""
    models = (
        build_model(item, catalog.table(unique_id), guarantees.get(unique_id, nothing), owners, root, report, adapters, guard)
        for unique_id, item in named.items()
    )
    return tuple(sorted(models, key=lambda model: model.name))


def build_model(
    item: Named,
    table: tuple[CatalogColumn, ...],
    facts: Guarantees,
    owners: Mapping[str, str],
    root: str,
    report: Report,
    adapters: Collection[str],
    guard: FilterGuard,
) -> Model:
    """One model. Columns keep their order: the catalog's where it was read, then those that only YAML knows, in its order."""
    node = item.node
    meta = _meta(item)
    is_node = isinstance(node, Node)
    constraints = _constraints(node) if isinstance(node, Node) and holds_constraints(node, adapters) else ()
    described = _columns(item, table, facts, constraints, report)
    columns = tuple(column for column, _said in described)
    own = model_meta(meta, bool(bytes(node.config.datamind)), item.name, item.place, report)
    ruled = rule_policies(own, item.name, columns, item.place, report)
    of_columns, of_sizes = ruled or ((), ())
    by_rule = {policy.column for policy in of_columns}
    policies = [column_policy(said, item.name, one.name, one.type, ruled=one.name in by_rule) for one, said in described]
    sizes = [size_policy(said, item.name, one.name) for one, said in described]
    filters = row_policies(own, item.name, columns, item.place, report, guard) if ruled is not None else (denied(item.name),)
    group = (node.group or node.config.group or "") if isinstance(node, Node) else ""
    return Model(
        name=item.name,
        unique_id=node.unique_id,
        resource_type=node_type(node),
        package=node.package_name,
        alias=(node.alias or node.name) if isinstance(node, Node) else (node.identifier or node.name),
        description=node.description or "",
        label=text_of(meta, "label"),
        columns=columns,
        primary_key=_primary_key(item, columns, facts, constraints),
        tags=tuple(sorted(set(node.tags))),
        group=group,
        owner=owners.get(group, "") or text_of(meta, "owner"),
        access=(node.access or node.config.access or "") if isinstance(node, Node) else "",
        materialized=node.config.materialized or "" if is_node else "",
        contract_enforced=bool(node.config.contract and node.config.contract.enforced),
        file=project_file(node.original_file_path, node.package_name, root),
        depends_on=tuple(sorted(set(node.depends_on.nodes))) if isinstance(node, Node) else (),
        row_policies=filters,
        column_policies=tuple(sorted((*filter(None, policies), *of_columns), key=lambda policy: policy.name)),
        size_policies=tuple(sorted((*filter(None, sizes), *of_sizes), key=lambda policy: policy.name)),
        limit_policies=limit_policies(own, item.name),
        meta=meta_text(meta),
        synonyms=tuple(own.synonyms) if own else (),
        deprecated=(node.deprecation_date or "")[:10] if isinstance(node, Node) else "",
        on_failure=of_model(own),
    )


def _meta(item: Named) -> dict[str, Any]:
    node = item.node
    return merged_meta(MANIFEST, *([] if isinstance(node, Node) else [node.source_meta]), node.meta, node.config.meta)


def read_model_meta(item: Named) -> ModelMeta | None:
    """`meta.datamind` of a model, None where it has none or it is malformed (which `build_model` reports)."""
    try:
        return read_meta(_meta(item)[KEY], ModelMeta)
    except (KeyError, Malformed):
        return None


def _columns(
    item: Named, table: tuple[CatalogColumn, ...], facts: Guarantees, constraints: Constraints, report: Report
) -> list[tuple[ModelColumn, ColumnMeta | None]]:
    """The columns in their order, each with what is said of who sees it (None where that is malformed)."""
    described = {column.name: column for column in item.node.columns.values()}
    by_lower = {name.lower(): name for name in described}
    found: dict[str, tuple[ColumnNode, str]] = {}
    exact = {real.name for real in table} & set(described)
    for real in table:
        near = by_lower.get(real.name.lower(), "")
        spelled = real.name if real.name in exact else near if near not in exact else ""
        node = described.get(spelled) or ColumnNode(real.name)
        found.setdefault(node.name, (node, real.type or ""))
    for name, node in described.items():
        found.setdefault(name, (node, ""))
    return [_column(item, node, node.data_type or real_type, facts, constraints, report) for node, real_type in found.values()]


def _column(
    item: Named, node: ColumnNode, native: str, facts: Guarantees, constraints: Constraints, report: Report
) -> tuple[ModelColumn, ColumnMeta | None]:
    """A column, and what is said of who sees it (None where that is malformed)."""
    config_meta = node.config.meta if node.config else None
    meta: dict[str, Any] = merged_meta(MANIFEST, node.meta, *([config_meta] if config_meta is not None else []))
    misplaced = bool(node.config and bytes(node.config.datamind))
    own: ColumnMeta | None = NOTHING
    kind = data_type(native)
    if meta or misplaced:
        own = column_meta(meta, misplaced, f"{item.name}.{node.name}", item.place.at(f"columns/{node.name}"), report, kind)
    lower = node.name.lower()
    kinds = alone = frozenset[str]()
    if constraints:
        alone = frozenset(kind for kind, names in constraints if (lower,) == names)
        kinds = alone.union(kind for kind, names in constraints if kind in ("not_null", "primary_key") and lower in names)
    grain = (node.granularity or "").lower()
    column = ModelColumn(
        name=node.name,
        type=kind,
        native_type=native,
        description=node.description or "",
        label=text_of(meta, "label"),
        tags=tuple(sorted(set(node.tags))) if node.tags else (),
        pii=class_of(own),
        declassified=own.declassified.strip() if own else "",
        synonyms=tuple(own.synonyms) if own else (),
        not_null=lower in facts.not_null or bool(kinds & {"not_null", "primary_key"}),
        unique=lower in facts.unique or bool(alone & {"unique", "primary_key"}),
        accepted_values=facts.values.get(lower, ()),
        references=facts.references.get(lower),
        meta=meta_text(meta),
        grain=Grain(grain) if grain in _GRAINS else None,
    )
    return column, own


def _constraints(node: Node) -> Constraints:
    """The constraints of a model, those on it before those on its columns, each by its type, with its columns in lower case."""
    on_model = ((c.type, tuple(name.strip('"`').lower() for name in c.columns or ())) for c in node.constraints or ())
    on_columns = ((c.type, (column.name.lower(),)) for column in node.columns.values() for c in column.constraints or ())
    return (*on_model, *on_columns)


def _primary_key(item: Named, columns: tuple[ModelColumn, ...], facts: Guarantees, constraints: Constraints) -> tuple[str, ...]:
    """The primary key: a constraint's, else the one column that is unique and not null (of several the one that bears the model's name, or the
    first by name), else a combination that a test says is unique, of columns that are not null."""
    by_lower = {column.name.lower(): column for column in columns}
    for kind, names in constraints:
        if kind == "primary_key" and names and all(name in by_lower for name in names):
            return tuple(by_lower[name].name for name in names)
    single = sorted((c.name for c in columns if c.unique and c.not_null), key=lambda name: (not _is_id(name, item.node.name), name))
    if single:
        return (single[0],)
    for key in sorted(facts.keys, key=lambda key: (len(key), key)):
        if all(name in by_lower and by_lower[name].not_null for name in key):
            return tuple(by_lower[name].name for name in key)
    return ()


def _is_id(column: str, model: str) -> bool:
    stem = column.lower().removesuffix("_id").removesuffix("_key")
    return column.lower() == "id" or (bool(stem) and stem in model.lower())
