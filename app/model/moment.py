"""When a turn happens: resolved once at its start, so that nothing below reads a clock."""

from __future__ import annotations

import datetime as dt

from app.model.base import Node


class Moment(Node, frozen=True):
    """`now` is aware (UTC); `today` is the calendar date in `timezone`; `week_start` is 0 for Monday; `fiscal_start` is the month in which a fiscal year begins."""

    now: dt.datetime
    today: dt.date
    timezone: str = "UTC"
    week_start: int = 0
    fiscal_start: int = 1
