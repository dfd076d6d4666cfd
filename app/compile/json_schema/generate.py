"""A type → its JSON Schema (draft 7, which editors' YAML servers know best)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from app.errors import InternalError, Problem

DIALECT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]
_COMMENT = "Made of DataMind's own types, compiled by `datamind compile` and `datamind schema`: change those, not this file."


def document(title: str, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Schema:
    """A whole schema, under its title; the definitions to which it refers stand in it."""
    return {"$schema": DIALECT, "$comment": _COMMENT, "title": title, **schema, "$defs": dict(sorted(definitions.items()))}


def schema_of(title: str, kind: type) -> Schema:
    """The schema of a type's documents."""
    schemas, definitions = parts(kind)
    held = dict(definitions)
    whole = held.pop(schemas[kind]["$ref"].rpartition("/")[2])
    return document(title, whole | {"title": title}, held)


def parts(*kinds: type) -> tuple[dict[type, Schema], dict[str, Schema]]:
    """The schema of each type, and the definitions to which they refer."""
    schemas, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    return dict(zip(kinds, (plain(schema) for schema in schemas), strict=True)), {n: plain(d) for n, d in definitions.items()}


def plain(schema: Any) -> Any:
    """The schema with descriptions in one line, and nothing beside a `$ref`, where draft 7 would not look."""
    if isinstance(schema, list):
        return [plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    made = {key: plain(value) for key, value in schema.items()}
    if isinstance(made.get("description"), str):
        made["description"] = " ".join(made["description"].split())
    return made


def text(schema: Schema) -> str:
    """The schema as it is written, the same bytes every time."""
    try:
        return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    except TypeError as error:
        raise InternalError(Problem("DM9001", f"a schema is no JSON: {error}")) from error
