"""Bodies that go out: JSON as every door writes it, with no field left out."""

from __future__ import annotations

from typing import Any

from fastapi.responses import Response

from app.gateway.schemas.problem import ProblemDocument
from app.service.present import plain, to_json


def json_response(body: Any, status: int = 200) -> Response:
    """The body as JSON: decimals with all their digits, dates in ISO form."""
    return Response(to_json(plain(body)), status, media_type="application/json")


_MEANINGS = {
    400: "The request cannot be read.",
    401: "No good token, or a wrong password.",
    403: "Refused: the role, or governance, does not allow it.",
    404: "There is no such thing that the caller may see.",
    408: "The body did not arrive in time.",
    409: "It contradicts what is there.",
    413: "The body or the SQL is too large.",
    415: "The body is not declared as JSON.",
    422: "Understood, and wrong: `problems` says what.",
    429: "Too many at a time.",
    503: "A part does not answer.",
}


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of a route, for the OpenAPI document."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}},
        }
        for status in statuses
    }
