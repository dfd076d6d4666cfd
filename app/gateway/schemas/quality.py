"""Bodies of what dbt's runs said of the data, and of runs that are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from app.gateway.schemas.base import Body, Reply
from app.service.dbt_commands import DbtRequest

Words = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1_000)]], Field(max_length=200, examples=[["+fct_orders", "tag:nightly"]])
]


class QualityReply(Reply):
    """The newest result of a node on an engine. `status` is pass, warn, fail or error; `failures` and `message` are told to admins only."""

    unique_id: str
    engine: str
    kind: str = Field(examples=["test"])
    name: str = Field(examples=["not_null_fct_orders_order_id"])
    on: list[str] = Field(examples=[["fct_orders"]])
    status: str = Field(examples=["fail"])
    at: dt.datetime
    on_failure: str = Field(examples=["warn"], description="What a failure does to answers that stand on it: warn or block.")
    failures: int | None
    message: str
    loaded_at: dt.datetime | None
    criteria: str


class QualityPage(Reply):
    """A page of results; `next_cursor` is null on the last."""

    items: list[QualityReply]
    next_cursor: str | None


class DbtRunReply(Reply):
    """A run of dbt. `status` is running, succeeded, failed (nodes or tests), broken (dbt itself), cancelled, or died (its process)."""

    id: str
    target: str = Field(examples=["postgres"])
    command: str = Field(examples=["build"])
    requested_by: str
    started_at: dt.datetime
    selection: str = Field(examples=["--select tag:nightly"])
    status: str = Field(examples=["succeeded"])
    ended_at: dt.datetime | None


class DbtRunPage(Reply):
    """A page of runs, newest first; `next_cursor` is null on the last."""

    items: list[DbtRunReply]
    next_cursor: str | None


class DbtRunRequest(Body):
    """A run of dbt; the command stands in the path. `target` is one of the profile's outputs, "" the one that dbt would take."""

    target: Annotated[str, Field(max_length=200)] = ""
    select: Words = Field(default_factory=list)
    exclude: Words = Field(default_factory=list)
    selector: Annotated[str, Field(max_length=200)] = ""
    full_refresh: bool = False
    fail_fast: bool = False
    variables: Annotated[dict[str, Any], Field(max_length=100, description="As dbt's `--vars`.")] = Field(default_factory=dict)

    def to_request(self, command: str) -> DbtRequest:
        """As the service takes it."""
        return DbtRequest(
            command,
            self.target,
            tuple(self.select),
            tuple(self.exclude),
            self.selector,
            self.full_refresh,
            self.fail_fast,
            self.variables,
        )
