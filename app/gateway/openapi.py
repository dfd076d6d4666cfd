"""The OpenAPI document: tags, and problem documents in place of the framework's own error shapes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from app.gateway.schemas.problem import ProblemDocument

TAGS = [
    {"name": "ask", "description": "Questions in words."},
    {"name": "query", "description": "Metric queries, and the record of earlier turns."},
    {"name": "sql", "description": "SQL under governance."},
    {"name": "layer", "description": "The published semantic layer, as far as the caller may know of it."},
    {"name": "feedback", "description": "What people say of answers."},
    {"name": "auth", "description": "Signing in and out."},
    {"name": "users", "description": "Who may sign in, for admins."},
    {"name": "probes", "description": "How the service does."},
]

_FRAMEWORKS = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` give our document, made once."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            _with_problems(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _with_problems(document: dict[str, Any]) -> None:
    """Errors that are not JSON of ours are replaced by the problem document, whose schemas are added."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORKS:
        schemas.pop(name, None)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas[ProblemDocument.__name__] = problem
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, said in operation["responses"].items():
                if int(status) >= 400:
                    said["content"] = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}}
