"""Bodies of lineage: what a metric stands on, and what a change may touch."""

from __future__ import annotations

from pydantic import Field

from app.gateway.schemas.base import Reply


class PointReply(Reply):
    """A point: metric, measure, dimension, entity, time_spine, column, rows (of a model), unknown (`reason` says why), or hidden from the caller."""

    id: int
    kind: str = Field(examples=["column"])
    name: str = Field(examples=["net_amount"])
    owner: str = Field(examples=["fct_order_lines"], description="The semantic model or the model that has it.")
    file: str
    line: int
    reason: str
    detail: str


class LinkReply(Reply):
    """The point `start` stands on the point `end`: by its value, by whether there is one (count), or by what decides about rows (filter,
    join, group, order, time, rows)."""

    start: int
    end: int
    role: str = Field(examples=["value"])


class EndReply(Reply):
    """A column of a source or seed at which the lineage ends; "" stands for the rows."""

    model: str
    column: str
    roles: list[str]


class LineageReply(Reply):
    """All that the metric stands on. `hidden` counts what the caller may not know of; nothing below that is shown."""

    starts: list[str]
    complete: bool
    points: list[PointReply]
    links: list[LinkReply]
    ends: list[EndReply]
    hidden: int


class TouchedReply(Reply):
    """Something that the change touches; with a `reason`, that it may."""

    kind: str
    name: str
    owner: str
    roles: list[str]
    file: str
    line: int
    reason: str
    detail: str


class ImpactReply(Reply):
    """What a change may touch. Policies are told to admins only; `hidden` counts what else the caller may not know of."""

    changed: list[str]
    complete: bool
    metrics: list[TouchedReply]
    saved_queries: list[TouchedReply]
    exposures: list[TouchedReply]
    policies: list[TouchedReply]
    measures: list[TouchedReply]
    dimensions: list[TouchedReply]
    entities: list[TouchedReply]
    columns: list[TouchedReply]
    hidden: int
