"""Whether a JSON Schema is of the part that OpenAI's strict structured outputs take: a schema that is not would be refused whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KNOWN = {
    "$defs", "$ref", "additionalProperties", "anyOf", "const", "description", "enum", "items", "properties", "required", "title", "type",
}  # fmt: skip


def strict_ready(schema: Mapping[str, Any]) -> bool:
    """Every object closed with all of its properties required, and no word that strict mode does not know; the root an object."""
    return schema.get("type") == "object" and _ready(schema)


def _ready(node: Any) -> bool:
    if not isinstance(node, Mapping) or not set(node) <= _KNOWN:
        return False
    properties = node.get("properties", {})
    if (node.get("type") == "object" or properties) and (
        node.get("additionalProperties") is not False or set(node.get("required", ())) != set(properties)
    ):
        return False
    parts = [*properties.values(), *node.get("$defs", {}).values(), *node.get("anyOf", ())]
    return all(_ready(part) for part in parts) and ("items" not in node or _ready(node["items"]))
