"""`meta.datamind` of a semantic model: names for queries, and nothing that protects."""

from __future__ import annotations

from typing import Any

import msgspec

from app.compile.dbt.semantic import SemanticModelNode
from app.compile.meta import KEY, merged_meta
from app.compile.policies.schema import SemanticModelMeta, read_meta
from app.compile.report import Place

_KEYS = frozenset(field.encode_name for field in msgspec.structs.fields(SemanticModelMeta))


def says_names_alone(node: SemanticModelNode) -> bool:
    """Whether the block holds nothing but what a semantic model may say: anything else may have been meant to protect."""
    held = _held(node)
    return isinstance(held, dict) and set(held) <= _KEYS


def read_part(node: SemanticModelNode, part: str) -> SemanticModelMeta:
    """One key of the block, the others empty. Raises Malformed where it is not what the schema says; nothing is read where something may have been meant to protect."""
    held = _held(node)
    return read_meta({part: held[part]}, SemanticModelMeta) if says_names_alone(node) and part in held else SemanticModelMeta()


def place_of(place: Place, part: str) -> Place:
    """Where a part of the block stands."""
    return place.at(f"config/meta/{KEY}/{part}")


def _held(node: SemanticModelNode) -> Any:
    meta = merged_meta("manifest.json", node.config.meta) if node.config else {}
    return meta.get(KEY, {})
