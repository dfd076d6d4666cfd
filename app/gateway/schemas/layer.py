"""Bodies of the published layer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from app.gateway.schemas.answer import ChoiceReply, DefinitionReply, RemarkReply
from app.gateway.schemas.base import Reply

Pair = Annotated[list[str], Field(min_length=2, max_length=2)]
"""Two texts: as a list of any two, which more readers of the document know than they know tuples."""


class MetricReply(Reply):
    """A metric; `dimensions` (what it can be grouped by) is filled in the detail only; `derived` says that the project does not define it."""

    name: str = Field(examples=["revenue"])
    type: str = Field(examples=["simple"])
    label: str
    description: str
    unit: str
    owner: str
    definition: DefinitionReply
    dimensions: list[str]
    derived: bool


class DimensionReply(Reply):
    """A dimension; `name` is what `group_by` takes; `derived` says that the project does not define it."""

    name: str = Field(examples=["customer__country"])
    type: str
    grain: str
    description: str
    label: str
    semantic_model: str
    model: str
    values: list[str]
    derived: bool


class EntityReply(Reply):
    """An entity with the (semantic model, entity type) pairs that hold it."""

    name: str
    description: str
    held_by: list[Pair]


class TermReply(Reply):
    """A word that people use, and the metric, dimension or entity that it means."""

    term: str
    kind: str
    name: str
    description: str


class MetricPage(Reply):
    """A page of metrics."""

    items: list[MetricReply]
    next_cursor: str | None


class DimensionPage(Reply):
    """A page of dimensions."""

    items: list[DimensionReply]
    next_cursor: str | None


class EntityPage(Reply):
    """A page of entities."""

    items: list[EntityReply]
    next_cursor: str | None


class SegmentReply(Reply):
    """A named filter; `where` in words of SQL, with the names that queries use."""

    name: str = Field(examples=["paid"])
    label: str
    description: str
    semantic_model: str
    where: str = Field(examples=["order__status = 'paid'"])


class SegmentPage(Reply):
    """A page of segments."""

    items: list[SegmentReply]
    next_cursor: str | None


class HierarchyReply(Reply):
    """A drill path, its levels from the coarsest to the finest."""

    name: str = Field(examples=["geography"])
    label: str
    description: str
    semantic_model: str
    levels: list[str] = Field(examples=[["customer__country", "customer__city"]])


class HierarchyPage(Reply):
    """A page of hierarchies."""

    items: list[HierarchyReply]
    next_cursor: str | None


class TermPage(Reply):
    """A page of the glossary."""

    items: list[TermReply]
    next_cursor: str | None


class SemanticModelPage(Reply):
    """A page of semantic models, as dbt's YAML words them."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class UsedReply(Reply):
    """A part of the question: characters `start` to `end`, what it became, and what it means."""

    start: int
    end: int
    text: str
    role: str
    target: str
    score: float


class ReadingReply(Reply):
    """What a question is taken to mean."""

    outcome: str
    query: dict[str, Any] | None
    confidence: float
    restated: str
    used: list[UsedReply]
    unused: list[str]
    choices: list[ChoiceReply]
    nearest: list[str]
    problems: list[RemarkReply]
    why: dict[str, Any] | None = Field(
        description="For a question for the reason of a change: the earlier period, and how far `back` it lies."
    )
    correlation_id: str
