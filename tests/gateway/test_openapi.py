"""The OpenAPI document and its page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from app.gateway.docs_page import html
from tests.gateway.conftest import Gateway

PATHS = {
    "POST /ask",
    "POST /chat",
    "GET /chat/sessions",
    "PATCH /chat/sessions/{session_id}",
    "DELETE /chat/sessions/{session_id}",
    "GET /chat/history",
    "GET /chat/choices",
    "DELETE /chat/choices",
    "DELETE /chat/choices/{choice_id}",
    "POST /answers/{query_id}/share",
    "GET /query/{query_id}/export",
    "GET /shared",
    "GET /shared/{share_id}",
    "DELETE /shared/{share_id}",
    "GET /users/me/data",
    "DELETE /users/me/data",
    "GET /users/{user_id}/data",
    "DELETE /users/{user_id}/data",
    "GET /suggestions",
    "GET /suggestions/trending",
    "POST /query",
    "POST /query/explain",
    "GET /query/{query_id}",
    "POST /sql/generate",
    "POST /sql/validate",
    "POST /sql/execute",
    "GET /semantic/models",
    "POST /semantic/interpret",
    "GET /metrics",
    "GET /metrics/{name}",
    "GET /metrics/{name}/dimensions",
    "GET /dimensions",
    "GET /dimensions/{name}",
    "GET /entities",
    "GET /entities/{name}",
    "GET /segments",
    "GET /hierarchies",
    "GET /glossary",
    "GET /quality",
    "GET /glossary/{name}",
    "GET /lineage/metrics/{name}",
    "GET /lineage/impact",
    "GET /models",
    "POST /models/{model_id}/accept",
    "POST /models/{model_id}/reject",
    "GET /models/usage",
    "POST /compiler/compile",
    "GET /versions",
    "GET /versions/candidates",
    "GET /versions/diff",
    "GET /versions/{name}",
    "POST /versions/rollback",
    "POST /versions/candidates/{candidate_id}/approve",
    "POST /versions/candidates/{candidate_id}/reject",
    "GET /data-control/policies",
    "POST /data-control/policies",
    "POST /data-control/policies/check",
    "GET /data-control/policies/{name}",
    "PUT /data-control/policies/{name}",
    "PATCH /data-control/policies/{name}",
    "DELETE /data-control/policies/{name}",
    "GET /data-control/policies/{name}/history",
    "GET /policies/rows",
    "POST /policies/rows",
    "GET /policies/columns",
    "POST /policies/columns",
    "POST /admin/sync",
    "POST /admin/dbt/{command}",
    "GET /admin/dbt/runs",
    "GET /jobs",
    "GET /jobs/{job_id}",
    "POST /jobs/{job_id}/replay",
    "GET /jobs/{job_id}/events",
    "GET /events",
    "POST /webhooks/github",
    "POST /webhooks/dbt-cloud",
    "POST /feedback/flag",
    "GET /admin/training-data",
    "GET /admin/training-data/{entry_id}/patch",
    "POST /admin/training-data/approve",
    "POST /admin/training-data/reject",
    "GET /admin/training-data/corrections",
    "GET /admin/training-data/replay",
    "POST /admin/training-data/corrections/{correction_id}/accept",
    "POST /admin/training-data/corrections/{correction_id}/withdraw",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/logout",
    "GET /auth/me",
    "POST /users",
    "GET /users",
    "PATCH /users/{user_id}",
    "GET /security/audit-log",
    "GET /health",
    "GET /live",
    "GET /ready",
}


@pytest.fixture(scope="module")
def document(gateway: Gateway) -> dict[str, Any]:
    return gateway.client.get("/openapi.json").json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_every_path_is_there(document: dict[str, Any]) -> None:
    assert {name.replace("/api/v1", "", 1) for name, _ in operations(document)} == PATHS
    assert document["openapi"].startswith("3.1")


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert set(operation["tags"]) <= tags, name
        assert operation["description"], name
        public = "/auth/l" in name or "/webhooks/" in name or "/auth/refresh" in name or operation["tags"] == ["probes"]
        assert ("security" in operation) != public, name
        assert (public and "/webhooks/" not in name) or {"401", "403"} <= set(operation["responses"]), name


def test_every_error_is_a_problem_document(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, said in operation["responses"].items():
            if int(status) >= 400:
                assert list(said["content"]) == ["application/problem+json"], (name, status)
    assert "HTTPValidationError" not in str(document)


def test_every_operation_with_a_body_tells_what_bodies_are_refused_for(document: dict[str, Any]) -> None:
    told = {name: set(operation["responses"]) for name, operation in operations(document) if "requestBody" in operation}
    assert told
    assert {name for name, statuses in told.items() if not {"400", "408", "413", "415"} <= statuses} == set()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert found
    for reference in found:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_every_schema_is_one_and_its_examples_fit(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
        for said in schema.get("properties", {}).values():
            for example in said.get("examples", []):
                whole = {**said, "components": document["components"]}
                jsonschema.validate(example, whole, jsonschema.Draft202012Validator)


def test_the_page_shows_every_operation_and_needs_nothing_from_elsewhere(gateway: Gateway, document: dict[str, Any]) -> None:
    page = gateway.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert "<script" not in page.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)
    assert gateway.client.get("/docs.css").headers["content-type"].startswith("text/css")
    assert gateway.client.get("/").headers["location"] == "/docs"


def test_the_page_escapes_what_the_document_says() -> None:
    evil = "<img src=x onerror=alert(1)>"
    document = {
        "info": {"title": evil, "version": evil, "description": evil},
        "tags": [{"name": evil, "description": evil}],
        "paths": {
            evil: {
                "post": {
                    "tags": [evil],
                    "description": evil,
                    "parameters": [{"name": evil, "in": "query", "description": evil}],
                    "requestBody": {"content": {"application/json": {"schema": {"examples": [evil]}}}},
                    "responses": {"200": {"description": evil}},
                }
            }
        },
    }
    assert "<img" not in html(document)
