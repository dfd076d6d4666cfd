"""The problem document (RFC 9457) of every error."""

from __future__ import annotations

from pydantic import Field

from app.gateway.schemas.base import Reply


class ProblemPlace(Reply):
    """Where it is: a file with line and column, or a part of the request."""

    file: str
    line: int
    column: int
    path: str


class ProblemItem(Reply):
    """One thing that is wrong."""

    code: str = Field(examples=["DM3001"])
    message: str
    severity: str
    hint: str
    fix: str | None
    where: ProblemPlace | None


class ProblemDocument(Reply):
    """What went wrong. `code` is stable and documented; `problems` lists everything that is wrong."""

    type: str = Field(examples=["urn:datamind:problem:DM3001"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["there is no metric `revenu`"])
    code: str = Field(examples=["DM3001"])
    hint: str = Field(examples=["did you mean `revenue`?"])
    correlation_id: str
    problems: list[ProblemItem]
