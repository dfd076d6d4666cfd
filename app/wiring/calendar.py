"""Settings → how "today" is told."""

from __future__ import annotations

from app.service.deps import Calendar
from app.settings import Settings

_DAYS = {"monday": 0, "saturday": 5, "sunday": 6}


def calendar_of(settings: Settings) -> Calendar:
    """Time zone, first day of the week, first month of the fiscal year, and the date that is pinned."""
    return Calendar(settings.timezone, _DAYS[settings.week_start], settings.fiscal_start, settings.today)
