"""Bodies of language models: whether they may draft, and what they used."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from app.gateway.schemas.base import Reply
from app.gateway.schemas.feedback import DifferenceReply
from app.model.model_gates import GateState


class UsageReply(Reply):
    """What one person used of one model on one day (UTC). `failures` are calls that ended without a draft; tokens are the vendor's count, and `cost` is in US dollars
    by the prices that were set then."""

    day: dt.date
    user_id: str
    provider: str = Field(examples=["anthropic"])
    model: str
    calls: int
    failures: int
    tokens_in: int
    tokens_out: int
    cost: float


class UsagePage(Reply):
    """A page, newest day first; `next_cursor` is null on the last."""

    items: list[UsageReply]
    next_cursor: str | None


class AskedReply(Reply):
    """What a model made of the approved questions, of which `approved` is the number in all: `same` read as was approved, `other` as something else, `none` without a
    draft that can be asked; `unasked` go to no model, `skipped` can't be asked by anybody any more. `cost` is in US dollars."""

    approved: int
    same: int
    other: int
    none: int
    unasked: int
    skipped: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float


class ModelReply(Reply):
    """A provider's model. `order` is its place among those that are set, from 1, and 0 where it is not set any more; `drafts` says whether it is asked. `id` is empty
    where nothing was kept of it yet. `fault` is why it could not be asked at `tried_at`; it is tried again at `next_try_at`.
    What is said of it holds for the layer of `layer_version`; it waits for the approved questions where another one is served."""

    id: str
    provider: str = Field(examples=["anthropic"])
    model: str
    created_at: dt.datetime
    state: GateState
    order: int
    drafts: bool
    questions: AskedReply
    fault: str
    tried_at: dt.datetime | None
    next_try_at: dt.datetime | None
    replayed_at: dt.datetime | None
    decided_by: str
    decided_at: dt.datetime | None
    reason: str
    layer_version: str
    address: str = Field(description="Tells the same name at another address apart; empty at the vendor's own.")
    differences: list[DifferenceReply]


class ModelPage(Reply):
    """A page; `next_cursor` is null on the last."""

    items: list[ModelReply]
    next_cursor: str | None
