"""What dbt (≥ 1.9) copies from a semantic model's `meta` to that of its entities, dimensions and measures, taken back where it is ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from app.compile.dbt.semantic import DimensionNode, EntityNode, MeasureNode, SemanticModelNode
from app.compile.meta import KEY, merged_meta

Element = TypeVar("Element", DimensionNode, EntityNode, MeasureNode)
_ARTIFACT = "manifest.json"


def without_inherited(nodes: Iterable[SemanticModelNode]) -> list[SemanticModelNode]:
    """The semantic models; an element whose `meta.datamind` is that of its semantic model has none of its own."""
    return [_without(node) for node in nodes]


def _without(node: SemanticModelNode) -> SemanticModelNode:
    if node.config is None or KEY.encode() not in bytes(node.config.meta):
        return node
    held = merged_meta(_ARTIFACT, node.config.meta).get(KEY)
    if held is None:
        return node
    return replace(
        node,
        entities=[_own(one, held) for one in node.entities or ()],
        dimensions=[_own(one, held) for one in node.dimensions or ()],
        measures=[_own(one, held) for one in node.measures or ()],
    )


def _own(element: Element, held: Any) -> Element:
    if element.config is None or KEY.encode() not in bytes(element.config.meta):
        return element
    meta = merged_meta(_ARTIFACT, element.config.meta)
    if meta.get(KEY) != held:
        return element
    mine = {key: value for key, value in meta.items() if key != KEY}
    return replace(element, config=replace(element.config, meta=Raw(msgspec.json.encode(mine))))
