"""Which time of a model its rows are counted by, where that is beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.model.physical import ModelColumn

_OF_THE_PIPELINE = re.compile(
    r"^(?:dbt_|_|etl_|dwh_|dw_|airbyte|fivetran|stitch)|(?:updated|modified|loaded|synced|ingested|inserted|extracted|refreshed|deleted)"
    r"|(?:^|_)(?:valid|effective)_(?:from|to|until)$"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column, and what speaks for it."""

    column: str
    why: str


def counted_by(times: Sequence[ModelColumn], event_time: str) -> Chosen | None:
    """The column of `times` (those of one model that are times) by which the model's rows are counted, None where several would do.

    It is what the model's `event_time` says; else the only time; else the only one that no row is without, of those that do not tell of the pipeline.
    """
    by_lower = {column.name.lower(): column.name for column in times}
    if event_time and event_time.lower() in by_lower:
        return Chosen(by_lower[event_time.lower()], "`event_time` of the model")
    of_business = [column for column in times if not _OF_THE_PIPELINE.search(column.name.lower())]
    if len(of_business) == 1:
        return Chosen(
            of_business[0].name, "the only time of the model" if len(times) == 1 else "the only time that does not tell of loading"
        )
    always = [column.name for column in of_business if column.not_null]
    return Chosen(always[0], "the only time that no row is without") if len(always) == 1 else None
