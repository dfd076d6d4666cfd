"""The OpenAPI document: tags, and problem documents in place of the framework's own error shapes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from app.gateway.responses import told
from app.gateway.schemas.problem import ProblemDocument

TAGS = [
    {"name": "ask", "description": "Questions in words."},
    {"name": "chat", "description": "Questions that go on from one another, and the readings that were chosen."},
    {"name": "query", "description": "Metric queries, and the record of earlier turns."},
    {"name": "sql", "description": "SQL under governance."},
    {"name": "layer", "description": "The published semantic layer, as far as the caller may know of it."},
    {"name": "versions", "description": "Compiling, publishing and taking back the layer, for admins."},
    {"name": "policies", "description": "Who sees what, for admins."},
    {"name": "jobs", "description": "Background work, for admins, and the webhooks that ask for it."},
    {"name": "feedback", "description": "What people say of answers."},
    {"name": "models", "description": "What language models used, for admins."},
    {"name": "auth", "description": "Signing in and out."},
    {"name": "users", "description": "Who may sign in, for admins."},
    {"name": "security", "description": "The audit trail, for admins."},
    {"name": "probes", "description": "How the service does."},
]

_OF_BODIES = (400, 408, 413, 415)
"""What every request with a body may get, whichever operation it asks for: the body is read before that is known."""
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
            if "requestBody" in operation:
                responses = operation["responses"] | {str(status): said for status, said in told(*_OF_BODIES).items()}
                operation["responses"] = dict(sorted(responses.items()))
            for status, said in operation["responses"].items():
                if int(status) >= 400:
                    said["content"] = {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}}
