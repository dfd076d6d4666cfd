"""Errors → RFC 9457 problem documents. Whatever goes wrong is answered as one, never with a traceback or a database's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.errors import DataMindError, InternalError, Problem, UserError, Where
from app.gateway.denied import denied
from app.gateway.status import status_of
from app.gateway.trace import trace
from app.model.ids import new_id
from app.redaction.problems import all_impersonal
from app.service.present import to_json

MEDIA_TYPE = "application/problem+json"
MOST_PROBLEMS = 50
"""How many problems one document lists."""

_BY_STATUS = {400: "DM7030", 404: "DM7032", 405: "DM7033", 413: "DM7034", 415: "DM7035"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_TITLES = {499: "Client Closed Request"}

log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Answer every error of the app's routes as a problem document."""

    @app.exception_handler(DataMindError)
    async def known(request: Request, error: DataMindError) -> Response:
        await denied(request, error)
        return answer(request.method, correlation_id(request.scope), error, token_given="authorization" in request.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request.method, correlation_id(request.scope), _of_validation(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "DM7037")
        known_error = UserError(Problem(code, _HTTP_MESSAGES[code], hint=_HTTP_HINTS[code]))
        headers = {"Allow": ", ".join(_allowed(request))} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
        return answer(request.method, correlation_id(request.scope), known_error, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Every method that the path knows. The framework names those of the first route with that path alone, and each route of ours has one method."""
    ways = ({**request.scope, "method": method} for method in _METHODS)
    return [str(way["method"]) for way in ways if any(route.matches(way)[0] is Match.FULL for route in request.app.routes)]


def answer(
    method: str, correlation: str, error: DataMindError, *, headers: Mapping[str, str] | None = None, token_given: bool = False
) -> Response:
    """The response that tells the error. An InternalError is told by its code and an id; its cause goes to the log under that id."""
    status = status_of(error.problem.code, method)
    if isinstance(error, InternalError):
        log.error("internal_error", code=error.problem.code, message=error.problem.message, trace=trace(error))
        shown = [
            Problem(
                error.problem.code, "something failed on the server", hint="try again; an admin finds the cause under the correlation id"
            )
        ]
    else:
        shown = list(error.problems[:MOST_PROBLEMS])
    extra = dict(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        extra["WWW-Authenticate"] = 'Bearer error="invalid_token"' if token_given else "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        extra["Retry-After"] = "2"
    return Response(to_json(document(status, shown, correlation)), status, extra, MEDIA_TYPE)


def unexpected(correlation: str, error: Exception) -> Response:
    """The response to an exception that nobody foresaw: a code and an id alone."""
    incident = new_id("inc")
    log.error("unexpected_error", incident=incident, trace=trace(error))
    problem = Problem("DM9001", f"an unexpected error, kept as {incident}", hint="tell an admin that id")
    return Response(to_json(document(500, [problem], correlation)), 500, media_type=MEDIA_TYPE)


def document(status: int, problems: Sequence[Problem], correlation: str) -> dict[str, Any]:
    """The document's members; the first problem is the one that `title`, `detail`, `code` and `hint` tell."""
    problems = all_impersonal(problems)
    main = problems[0]
    return {
        "type": f"urn:datamind:problem:{main.code}",
        "title": _TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": main.message,
        "code": main.code,
        "hint": main.hint,
        "correlation_id": correlation,
        "problems": [_member(problem) for problem in problems],
    }


def correlation_id(scope: Mapping[str, Any]) -> str:
    """The request's correlation id."""
    return str(scope.get("state", {}).get("correlation_id", ""))


def _member(problem: Problem) -> dict[str, Any]:
    where = problem.where or Where()
    return {
        "code": problem.code,
        "message": problem.message,
        "severity": str(problem.severity),
        "hint": problem.hint,
        "fix": problem.fix,
        "where": {"file": where.file, "line": where.line, "column": where.column, "path": where.path} if problem.where else None,
    }


def _of_validation(error: RequestValidationError) -> UserError:
    """One problem for each field that is wrong, without what was sent."""
    errors = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return UserError(Problem("DM7030", "the body is not JSON that can be read", hint=_HTTP_HINTS["DM7030"]))
    return UserError(
        *(
            Problem(
                "DM7031",
                f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}",
                where=Where(path=".".join(str(part) for part in item["loc"][1:])),
                hint="GET /openapi.json describes every field",
            )
            for item in errors[:MOST_PROBLEMS]
        )
    )


_HTTP_MESSAGES = {
    "DM7030": "the request cannot be read",
    "DM7032": "there is nothing at this path",
    "DM7033": "this path does not know that method",
    "DM7034": "the request's body is too large",
    "DM7035": "the request's body is not declared as JSON",
    "DM7037": "the request cannot be answered",
}
_HTTP_HINTS = {
    "DM7030": "send one JSON object in UTF-8",
    "DM7032": "GET /docs lists the paths; all of the API's lie under /api/v1",
    "DM7033": "GET /docs lists each path's methods",
    "DM7034": "send less than a megabyte",
    "DM7035": "send it with Content-Type: application/json",
    "DM7037": "GET /docs shows what can be asked",
}
