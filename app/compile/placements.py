"""Where each engine keeps the models: one placement a dbt target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from app.compile.dbt.catalog import Catalog
from app.compile.dbt.manifest import Manifest, Node
from app.compile.naming import Named, named_nodes
from app.compile.report import Place, Report
from app.compile.statistics import read_statistics
from app.model.expr import TRUE
from app.model.physical import Model, Placement, Relation
from app.model.policy import ColumnPolicy, LimitPolicy, RowPolicy, SizePolicy

NO_RELATION = ("ephemeral", "inline")

M = TypeVar("M", RowPolicy, LimitPolicy)
C = TypeVar("C", ColumnPolicy, SizePolicy)


def build_placement(engine: str, manifest: Manifest, catalog: Catalog, named: Mapping[str, Named], report: Report) -> Placement:
    """The placement of one target, under the layer's names. A node that only this target has is reported (DM2203): no query can name it.

    An ephemeral model has no relation. On ClickHouse the database is dbt's schema.
    """
    two_levels = manifest.metadata.adapter_type == "clickhouse"
    relations: dict[str, Relation] = {}
    types: list[tuple[str, str, str]] = []
    for node in named_nodes(manifest):
        if node.config.materialized in NO_RELATION:
            continue
        item = named.get(node.unique_id)
        if item is None:
            report.warning(
                "DM2203",
                f"`{node.unique_id}` is in the target of `{engine}` alone; the first target gives the layer its models",
                Place("", node.original_file_path),
            )
            continue
        alias = (node.alias if isinstance(node, Node) else node.identifier) or node.name
        relations[item.name] = Relation(node.schema or "", alias, "" if two_levels else node.database or "")
        spelled = {c.name.lower(): c.name for c in item.node.columns.values()}
        types += [(item.name, spelled.get(c.name.lower(), c.name), c.type or "") for c in catalog.table(node.unique_id)]
    statistics = read_statistics(catalog, (item for item in named.values() if item.name in relations))
    return Placement(engine, tuple(sorted(relations.items())), tuple(sorted(types)), statistics)


def unite_shared(
    models: Sequence[Model], placements: Iterable[Placement], places: Mapping[str, Place], report: Report
) -> tuple[Model, ...]:
    """The models, where several lie in one relation each with the policies of all.

    A source and a model, or two models with one alias, may name one table; were policies kept apart, the name without them would be a way
    around (DM2204).
    """
    by_name = {model.name: model for model in models}
    for group in shared(placements):
        rows = _unopened({p.name: p for name in group for p in by_name[name].row_policies})
        columns = {p.name: p for name in group for p in by_name[name].column_policies}
        sizes = {p.name: p for name in group for p in by_name[name].size_policies}
        limits = {p.name: p for name in group for p in by_name[name].limit_policies}
        if not (rows or columns or sizes or limits):
            continue
        for name in group:
            model = by_name[name]
            by_name[name] = replace(
                model,
                row_policies=_of(rows, name),
                column_policies=_columns(columns, model),
                size_policies=_columns(sizes, model),
                limit_policies=_of(limits, name),
            )
        listed = ", ".join(f"`{name}`" for name in group)
        report.warning(
            "DM2204",
            f"{listed} are one relation; each has the policies of all of them",
            places.get(group[0], Place("")),
            "name one of them in queries, and write its policies there",
        )
    return tuple(by_name[model.name] for model in models)


def shared(placements: Iterable[Placement]) -> list[tuple[str, ...]]:
    """Names that share a relation on one of the engines, joined where groups overlap."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for placement in placements:
        first: dict[tuple[str, str, str], str] = {}
        for name, relation in placement.relations:
            key = (relation.database.lower(), relation.schema.lower(), relation.name.lower())
            one, other = sorted((find(first.setdefault(key, name)), find(name)))
            leader[other] = one
    members: dict[str, list[str]] = defaultdict(list)
    for name in leader:
        members[find(name)].append(name)
    return sorted(tuple(sorted(names)) for names in members.values() if len(names) > 1)


def _unopened(policies: dict[str, RowPolicy]) -> dict[str, RowPolicy]:
    """Without `access: allow` where another of the names has a permissive filter, which that would open."""
    if not any(policy.permissive and policy.predicate != TRUE for policy in policies.values()):
        return policies
    return {name: policy for name, policy in policies.items() if not (policy.permissive and policy.predicate == TRUE)}


def _of(policies: Mapping[str, M], model: str) -> tuple[M, ...]:
    return tuple(replace(policies[name], model=model) for name in sorted(policies))


def _columns(policies: Mapping[str, C], model: Model) -> tuple[C, ...]:
    spelled = {column.name.lower(): column.name for column in model.columns}
    return tuple(replace(p, model=model.name, column=spelled.get(p.column.lower(), p.column)) for _, p in sorted(policies.items()))
