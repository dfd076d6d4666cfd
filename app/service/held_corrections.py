"""The approved corrections as a process holds them: asked for again all the time, and at once where this process changed them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.language.corrections import Approved, ApprovedPairs
from app.model.corrections import Correction
from app.model.query import SemanticQuery
from app.ports import Corrections
from app.service.polled import Polled

CHANNEL = "datamind:corrections"
"""Where a change is announced; the message is the project's id."""


class HeldCorrections(Polled[ApprovedPairs]):
    """The pairs that are served, the very same object until one changes. An answer that was wrong must not come back because the store is slow."""

    def __init__(self, current: Callable[[], Sequence[Correction]], *, poll_seconds: float) -> None:
        def read(held: ApprovedPairs | None) -> ApprovedPairs:
            found = tuple(pair for one in current() if (pair := approved(one)) is not None)
            return held if held is not None and held.pairs == found else ApprovedPairs(found)

        super().__init__(read, poll_seconds=poll_seconds)


@dataclass(frozen=True, slots=True)
class CorrectionDeps:
    """Where corrections are kept, and what is held of them."""

    store: Corrections
    held: HeldCorrections


def approved(one: Correction) -> Approved | None:
    """The pair as questions are read by it; None for one that another version kept and this one can't read."""
    try:
        query = SemanticQuery.from_json(one.query) if one.query else None
    except msgspec.ValidationError:
        return None
    return Approved(one.id, one.question, query, one.today, one.sql, one.source, one.approved_by, one.approved_at)
