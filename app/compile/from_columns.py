"""Semantic models that stand inside models (dbt ≥ 1.12): what their dimensions and entities have from the columns that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from app.compile.dbt.manifest import ColumnNode, Manifest
from app.compile.dbt.semantic import DimensionNode, DimensionParams, EntityNode, SemanticModelNode
from app.compile.meta import KEY, merged_meta
from app.compile.policies.schema import FieldMeta
from app.model.semantics import DimensionType

_WORDS = frozenset(msgspec.structs.asdict(FieldMeta()))

Element = TypeVar("Element", DimensionNode, EntityNode)


def with_columns(nodes: Iterable[SemanticModelNode], manifest: Manifest) -> list[SemanticModelNode]:
    """The semantic models, with the granularity that a column gives its time dimension, and without the copies that dbt makes of a
    column's `meta.datamind`: its policies protect the column, and a dimension or entity has none."""
    return [_completed(node, _columns(node, manifest)) for node in nodes]


def _completed(node: SemanticModelNode, columns: dict[str, ColumnNode]) -> SemanticModelNode:
    if not columns:
        return node
    entities = [_own(entity, columns.get(_column(entity))) for entity in node.entities or ()]
    dimensions = []
    for dimension in node.dimensions or ():
        column = columns.get(_column(dimension))
        dimensions.append(_with_grain(_own(dimension, column), column))
    return replace(node, entities=entities, dimensions=dimensions)


def _columns(node: SemanticModelNode, manifest: Manifest) -> dict[str, ColumnNode]:
    model = next((manifest.nodes[key] for key in node.depends_on.nodes if key in manifest.nodes), None)
    return {column.name: column for column in model.columns.values()} if model else {}


def _column(node: DimensionNode | EntityNode) -> str:
    return node.name if node.expr is None else str(node.expr)


def _with_grain(node: DimensionNode, column: ColumnNode | None) -> DimensionNode:
    """dbt 1.12 drops the granularity of `dimension: time`, and keeps that of `dimension: {type: time}`; the column has it in both (lint/lost_granularity)."""
    params = node.type_params or DimensionParams()
    if node.type != DimensionType.TIME or params.time_granularity or column is None or not column.granularity:
        return node
    return replace(node, type_params=replace(params, time_granularity=column.granularity))


def _own(node: Element, column: ColumnNode | None) -> Element:
    """Without the `datamind` of the column; the words of it that a dimension has too stay."""
    if column is None or node.config is None or KEY.encode() not in bytes(node.config.meta):
        return node
    meta = merged_meta("manifest.json", node.config.meta)
    of_column = merged_meta("manifest.json", column.meta, *([column.config.meta] if column.config else []))
    value = meta.get(KEY)
    if value is None or value != of_column.get(KEY):
        return node
    words: dict[str, Any] = {key: word for key, word in value.items() if key in _WORDS} if isinstance(value, dict) else {}
    mine = {**meta, KEY: words} if isinstance(node, DimensionNode) else {key: entry for key, entry in meta.items() if key != KEY}
    return replace(node, config=replace(node.config, meta=Raw(msgspec.json.encode(mine))))
