"""Group-by values are told as people say them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from app.language.keys import key_text
from app.model.query import GroupBy
from app.model.types import DatePart

MAY = dt.date(2026, 5, 4)


@pytest.mark.parametrize(
    ("value", "item", "text"),
    [
        (MAY, GroupBy("metric_time", "day"), "4 May 2026"),
        (MAY, GroupBy("metric_time", "week"), "the week of 4 May 2026"),
        (MAY, GroupBy("metric_time", "month"), "May 2026"),
        (MAY, GroupBy("metric_time", "quarter"), "Q2 2026"),
        (MAY, GroupBy("metric_time", "year"), "2026"),
        (dt.datetime.fromisoformat("2026-05-04T13:30"), GroupBy("metric_time", "hour"), "2026-05-04 13:30"),
        (7, GroupBy("metric_time", date_part=DatePart.DOW), "Sunday"),
        (12, GroupBy("metric_time", date_part=DatePart.MONTH), "December"),
        (Decimal(3), GroupBy("metric_time", date_part=DatePart.QUARTER), "Q3"),
        (366, GroupBy("metric_time", date_part=DatePart.DOY), "366"),
        (10001, GroupBy("customer"), "10001"),
        (True, GroupBy("order__is_first"), "true"),
        (None, GroupBy("customer__country"), "(none)"),
        ("Zürich", GroupBy("customer__city"), "Zürich"),
    ],
)
def test_key_text(value: object, item: GroupBy, text: str) -> None:
    assert key_text(value, item) == text  # type: ignore[arg-type]
