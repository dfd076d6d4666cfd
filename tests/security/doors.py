"""Every place of the API that takes text, found in the OpenAPI document: where a request can be made hostile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/auth/login": {"email": "nobody@example.com", "password": "a password"},
    "POST /api/v1/auth/refresh": {"refresh_token": "x"},
    "POST /api/v1/auth/logout": {"refresh_token": "x"},
    "POST /api/v1/users": {"email": "a@example.com", "role": "viewer"},
    "PATCH /api/v1/users/{user_id}": {},
    "POST /api/v1/ask": {"question": "revenue"},
    "POST /api/v1/chat": {"question": "revenue"},
    "PATCH /api/v1/chat/sessions/{session_id}": {"title": "x"},
    "POST /api/v1/query": {"metrics": ["revenue"], "group_by": ["metric_time__month"], "top": {"count": 3}},
    "POST /api/v1/query/explain": {"metrics": ["revenue"], "group_by": ["customer__country"], "top": {"count": 3}},
    "POST /api/v1/sql/generate": {"question": "revenue"},
    "POST /api/v1/sql/validate": {"sql": "SELECT 1", "source": "postgres"},
    "POST /api/v1/sql/execute": {"sql": "SELECT 1", "source": "clickhouse"},
    "POST /api/v1/semantic/interpret": {"question": "revenue"},
    "POST /api/v1/compiler/compile": {"dry_run": True},
    "POST /api/v1/versions/rollback": {},
    "POST /api/v1/versions/candidates/{candidate_id}/approve": {"reason": "x"},
    "POST /api/v1/versions/candidates/{candidate_id}/reject": {"reason": "x"},
    "POST /api/v1/data-control/policies": {"name": "bomb", "models": ["dim_customers"], "rows": "region = 'EU'"},
    "PUT /api/v1/data-control/policies/{name}": {"name": "kept", "models": ["dim_customers"], "rows": "region = 'EU'"},
    "PATCH /api/v1/data-control/policies/{name}": {},
    "POST /api/v1/data-control/policies/check": {"role": "analyst"},
    "POST /api/v1/policies/rows": {"name": "bomb", "models": ["dim_customers"], "rows": "region = 'EU'"},
    "POST /api/v1/policies/columns": {"name": "bomb", "models": ["dim_customers"], "columns": ["email"], "mask": {"kind": "redact"}},
    "POST /api/v1/admin/sync": {},
    "POST /api/v1/admin/dbt/{command}": {},
    "POST /api/v1/feedback/flag": {"query_id": "qry_" + "0" * 32},
    "POST /api/v1/admin/training-data/approve": {
        "flagged_entry_id": "fbk_" + "0" * 32,
        "question": "x",
        "corrected_query": {"metrics": ["revenue"]},
    },
    "POST /api/v1/admin/training-data/reject": {"flagged_entry_id": "fbk_" + "0" * 32, "reason": "x"},
    "POST /api/v1/admin/training-data/corrections/{correction_id}/accept": {"reason": "x"},
    "POST /api/v1/admin/training-data/corrections/{correction_id}/withdraw": {"reason": "x"},
    "POST /api/v1/models/{model_id}/accept": {"reason": "x"},
    "POST /api/v1/models/{model_id}/reject": {"reason": "x"},
}
"""A body that each operation understands, of which a bomb replaces one part."""

LIST, KEY, VALUE = SIGNS = ("*", "#", "=")
"""An item of a list; a key, and a value, of an object whose keys are free."""


@dataclass(frozen=True)
class Door:
    """A text in a request: `where` begins with body, query, header or path and may end with a sign; `longest` is how many characters it may have, `items` how many
    such texts stand there."""

    operation: str
    where: tuple[str, ...]
    longest: int | None
    items: int = 1

    def __str__(self) -> str:
        return f"{self.operation} {'.'.join(self.where)}"


def doors(document: Mapping[str, Any]) -> list[Door]:
    """All of them, in the document's order."""
    return [door for operation, said in operations(document).items() for door in _of_operation(operation, said, document)]


def operations(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations by method and path."""
    return {f"{method.upper()} {path}": operation for path, methods in document["paths"].items() for method, operation in methods.items()}


def with_text(body: Mapping[str, Any], door: Door, text: str, items: int = 1) -> dict[str, Any]:
    """The body with the text in the door's place, `items` times where that is a list."""
    _, *names = (part for part in door.where if part not in SIGNS)
    made: dict[str, Any] = {**body}
    node = made
    for name in names[:-1]:
        node[name] = {**(node.get(name) or {})}
        node = node[name]
    node[names[-1]] = {LIST: [text] * items, KEY: {text: "x"}, VALUE: {"key": text}}.get(door.where[-1], text)
    return made


def _of_operation(operation: str, said: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Door]:
    for parameter in said.get("parameters", ()):
        yield from (
            Door(operation, (parameter["in"], parameter["name"]), longest) for _, longest, _ in _texts(parameter["schema"], document)
        )
    for content in said.get("requestBody", {}).get("content", {}).values():
        for where, longest, items in _texts(content["schema"], document):
            yield Door(operation, ("body", *where), longest, items)


def _texts(schema: Mapping[str, Any], document: Mapping[str, Any], items: int = 1) -> Iterator[tuple[tuple[str, ...], int | None, int]]:
    """The texts below a schema: their places, the most characters that each may have, and how many there may be."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for branch in schema.get("anyOf", ()):
        yield from _texts(branch, document, items)
    if schema.get("type") == "string" and "enum" not in schema and "const" not in schema:
        yield (), schema.get("maxLength"), items
    if isinstance(schema.get("items"), dict):
        yield from (
            ((LIST, *where), longest, many) for where, longest, many in _texts(schema["items"], document, schema.get("maxItems", 1_000))
        )
    for name, child in schema.get("properties", {}).items():
        yield from (((name, *where), longest, many) for where, longest, many in _texts(child, document))
    if schema.get("additionalProperties"):
        yield from (((sign,), None, 1) for sign in (KEY, VALUE))
