"""Which literals of approved SQL may be a row's, so that whoever may not know them is not answered by it."""

from __future__ import annotations

import pytest

from app.language.drafting.sql_form import held_values
from app.model.types import Dialect
from app.sql.parse import parse_statement

HELD = (
    "a = 4711",
    "a = -4711",
    "a = (4711)",
    "a in (-4711, 1)",
    "(a, b) in ((4711, 1))",
    "a = cast(4711 as bigint)",
    "a = 4711::bigint",
    "a is not distinct from 4711",
    "case a when 4711 then true else false end",
    "a = '4711'",
    "a > '4711'",
    "a like '4711'",
)
KEYS = ("2026-04-0042", "2026-04 Miller", "2026-04-01 Miller", "2026-0412", "1234-56-78 901")
OPEN = (
    "d >= '2026-04-01'",
    "d = '2026-04'",
    "d < '2026-04-01 10:00:00.5'",
    "d < '2026-04-01T10:00:00+02:00'",
    "a > 4711",
    "round(a / 1000, 2) > 12",
    "case when a > 4711 then true else false end",
)


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("condition", HELD)
def test_what_is_compared_with_is_held_in_whatever_form_it_is_written(condition: str, dialect: Dialect) -> None:
    assert held_values(parse_statement(f"select count(*) as n from t where {condition}", dialect)) == ("4711",)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_begins_like_a_date_is_held(key: str) -> None:
    assert held_values(parse_statement(f"select count(*) as n from t where k = '{key}'", Dialect.POSTGRES)) == (key,)


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("condition", OPEN)
def test_dates_and_bounds_are_no_values(condition: str, dialect: Dialect) -> None:
    assert held_values(parse_statement(f"select count(*) as n from t where {condition}", dialect)) == ()
