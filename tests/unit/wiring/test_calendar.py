"""Settings say where weeks and fiscal years begin."""

from __future__ import annotations

import datetime as dt

import pytest

from app.settings import load_settings
from app.wiring.calendar import calendar_of
from app.wiring.clock import SystemClock


@pytest.mark.parametrize(("name", "number"), [("monday", 0), ("saturday", 5), ("sunday", 6)])
def test_weeks_begin_as_the_settings_say(name: str, number: int) -> None:
    found = calendar_of(load_settings(week_start=name, fiscal_start=4, timezone="Asia/Dubai", today="2026-07-15")).moment(SystemClock())
    assert (found.week_start, found.fiscal_start, found.timezone, found.today) == (number, 4, "Asia/Dubai", dt.date(2026, 7, 15))
