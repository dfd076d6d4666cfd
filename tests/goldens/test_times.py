"""Times on both engines: every grain, part and shift over awkward rows, against Python's own calendar; zones of columns and sessions; keys of joins."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

import pytest

from app.adapters.embedded.stack import Stack
from app.errors import UserError
from app.model.expr import Binary, Call, Column, Extract, Literal, Shift, Truncate
from app.model.types import DataType, DatePart, Dialect, Grain
from app.sql.expressions.spell import build, speller
from app.sql.render import render_sql
from tests.goldens.awkward import KINDS, SCHEMA, TYPES, by_row, owner, values
from tests.goldens.conftest import Warehouses

TIMES = [name for name, kind in TYPES.items() if kind.is_temporal]
PLACES = {name: number for number, name in enumerate(KINDS)}
ROWS = values()


def cut(value: dt.date | None, grain: Grain) -> dt.date | None:
    """What a truncation is."""
    if value is None:
        return None
    if grain.order >= Grain.DAY.order:
        day = value.date() if isinstance(value, dt.datetime) else value
        match grain:
            case Grain.DAY:
                return day
            case Grain.WEEK:
                return day - dt.timedelta(days=day.weekday())
            case Grain.MONTH:
                return day.replace(day=1)
            case Grain.QUARTER:
                return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            case _:
                return day.replace(month=1, day=1)
    time = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    match grain:
        case Grain.HOUR:
            return time.replace(minute=0, second=0, microsecond=0)
        case Grain.MINUTE:
            return time.replace(second=0, microsecond=0)
        case Grain.SECOND:
            return time.replace(microsecond=0)
        case Grain.MILLISECOND:
            return time.replace(microsecond=time.microsecond // 1000 * 1000)
        case _:
            return time


def moved(value: dt.date | None, count: int, grain: Grain) -> dt.date | None:
    """What a shift is."""
    if value is None:
        return None
    if grain.order >= Grain.DAY.order:
        months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}.get(grain)
        if months is None:
            return value + dt.timedelta(days=count * (7 if grain is Grain.WEEK else 1))
        year, month = divmod(value.year * 12 + value.month - 1 + count * months, 12)
        return value.replace(year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1]))
    time = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    micro = {
        Grain.NANOSECOND: 0.001,
        Grain.MICROSECOND: 1,
        Grain.MILLISECOND: 1000,
        Grain.SECOND: 10**6,
        Grain.MINUTE: 60 * 10**6,
        Grain.HOUR: 3600 * 10**6,
    }
    return time + dt.timedelta(microseconds=int(count * micro[grain]))


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("grain", list(Grain))
def test_truncated(name: str, grain: Grain, awkward_rows: Warehouses) -> None:
    for dialect in Dialect:
        for number, found in awkward_rows.run(dialect, by_row(Truncate(Column(name), grain), dialect)).rows():
            expected = cut(ROWS[int(str(number))][PLACES[name]], grain)
            assert type(found) is type(expected), (dialect, number)
            assert found == expected, (dialect, number)


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("grain", list(Grain))
@pytest.mark.parametrize("count", [1, -1, 14, -5000])
def test_moved(name: str, grain: Grain, count: int, awkward_rows: Warehouses) -> None:
    count = count * 1000 if grain is Grain.NANOSECOND else max(count, -60) if grain.order > Grain.WEEK.order else count
    for dialect in Dialect:
        for number, found in awkward_rows.run(dialect, by_row(Shift(Column(name), count, grain), dialect)).rows():
            held = ROWS[int(str(number))][PLACES[name]]
            if grain is Grain.NANOSECOND and isinstance(held, dt.datetime) and not 1700 < held.year < 2260:
                continue  # nanoseconds reach from 1677 to 2262 only
            assert found == moved(held, count, grain), (dialect, number)


def test_moved_by_nanoseconds_where_those_reach(awkward_rows: Warehouses) -> None:
    for dialect in Dialect:
        for number, found in awkward_rows.run(dialect, by_row(Shift(Column("sec0"), 3000, Grain.NANOSECOND), dialect)).rows():
            assert found == moved(ROWS[int(str(number))][PLACES["sec0"]], 3000, Grain.NANOSECOND)


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("part", list(DatePart))
def test_parts(name: str, part: DatePart, awkward_rows: Warehouses) -> None:
    of = {
        DatePart.YEAR: lambda d: d.year, DatePart.QUARTER: lambda d: (d.month + 2) // 3, DatePart.MONTH: lambda d: d.month, DatePart.DAY: lambda d: d.day,
        DatePart.DOW: lambda d: d.isoweekday(), DatePart.DOY: lambda d: d.timetuple().tm_yday,
    }  # fmt: skip
    for dialect in Dialect:
        for number, found in awkward_rows.run(dialect, by_row(Extract(Column(name), part), dialect)).rows():
            held = ROWS[int(str(number))][PLACES[name]]
            assert found == (None if held is None else of[part](held)), (dialect, number)


@pytest.mark.parametrize("grain", [grain for grain in Grain if grain is not Grain.NANOSECOND])
def test_differences(grain: Grain, awkward_rows: Warehouses) -> None:
    for start, end in (("ts", "ts0"), ("day", "ts"), ("day0", "day"), ("sec0", "day0")):
        expr = Call("date_diff", (Literal(grain.value, DataType.TEXT), Column(start), Column(end)))
        postgres, clickhouse = (list(awkward_rows.run(dialect, by_row(expr, dialect)).rows()) for dialect in Dialect)
        assert postgres == clickhouse, (start, end)


PAIRS = [(a, b) for a in TIMES for b in TIMES if a < b]


@pytest.mark.parametrize("grain", [None, Grain.DAY, Grain.MONTH, Grain.HOUR])
def test_joined_on_times_of_any_two_types(grain: Grain | None, awkward_rows: Warehouses) -> None:
    """A date meets a midnight, whatever the types and zones of the columns."""
    for left, right in PAIRS:
        counts = []
        for dialect in Dialect:
            spelled = speller(dialect, lambda c: build.column(c.name, c.table), lambda c: TYPES[c.name])
            first = Column(left, "l") if grain is None else Truncate(Column(left, "l"), grain)
            on = render_sql(spelled.spell(Binary("=", first, Column(right, "r"))), dialect)
            sql = f"SELECT l.id0, r.id0 FROM {SCHEMA}.rows AS l LEFT JOIN {SCHEMA}.rows AS r ON {on} ORDER BY 1, 2 NULLS LAST"
            counts.append(list(awkward_rows.run(dialect, sql).rows()))
        assert counts[0] == counts[1], (left, right)
        held = [row[PLACES[left]] if grain is None else cut(row[PLACES[left]], grain) for row in ROWS]
        others = [row[PLACES[right]] for row in ROWS]
        pairs = sum(max(1, sum(a is not None and b is not None and midnight(a) == midnight(b) for b in others)) for a in held)
        assert len(counts[0]) == pairs, (left, right)


def midnight(value: dt.date) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


@pytest.mark.parametrize("pair", [("i", "f"), ("d", "f"), ("i", "d"), ("i0", "u0"), ("big", "u0"), ("i", "d0"), ("t", "t0"), ("big", "dd")])
def test_joined_on_numbers_and_texts_of_any_two_types(pair: tuple[str, str], awkward_rows: Warehouses) -> None:
    left, right = pair
    found: list[Any] = []
    for dialect in Dialect:
        spelled = speller(dialect, lambda c: build.column(c.name, c.table), lambda c: TYPES[c.name])
        on = render_sql(spelled.spell(Binary("=", Column(left, "l"), Column(right, "r"))), dialect)
        sql = f"SELECT l.id0, r.id0 FROM {SCHEMA}.rows AS l LEFT JOIN {SCHEMA}.rows AS r ON {on} ORDER BY 1, 2 NULLS LAST"
        rows = list(awkward_rows.run(dialect, sql).rows())
        # ClickHouse finds no -0.0 by 0.0 in a hash table.
        found.append([row for row in rows if "f" not in pair or ROWS[int(str(row[0]))][PLACES[left]] != 0])
    assert found[0] == found[1]


@pytest.mark.parametrize("other", ["i", "d", "f", "b", "day", "ts"])
def test_a_text_is_never_joined_with_anything_else(other: str) -> None:
    for dialect in Dialect:
        with pytest.raises(UserError, match="DM3108"):
            by_row(Binary("=", Column("t"), Column(other)), dialect)


@pytest.mark.parametrize("op", ["+", "-", "*"])
def test_arithmetic_of_times_is_refused(op: str) -> None:
    for dialect in Dialect:
        with pytest.raises(UserError, match="DM3108"):
            by_row(Binary(op, Column("ts"), Column("sec0")), dialect)


def test_a_zone_of_the_database_or_the_role_changes_nothing(stack: Stack, awkward_rows: Warehouses) -> None:
    """`timestamptz` is read in UTC, also where the reading role's own zone is another."""
    with owner(stack, Dialect.POSTGRES) as connection:
        connection.execute(f"create table {SCHEMA}.zoned (at timestamptz)")
        connection.execute(f"insert into {SCHEMA}.zoned values ('2024-01-01 00:30:00+01')")
        connection.execute(f"grant select on {SCHEMA}.zoned to public")
        ((database,),) = connection.execute("select current_database()").fetchall()
        connection.execute(f"alter database {database} set timezone = 'Asia/Tokyo'")
    try:
        spelled = speller(Dialect.POSTGRES, lambda c: build.column(c.name, "z"), lambda _c: DataType.TIMESTAMP)
        exprs = (Truncate(Column("at"), Grain.DAY), Truncate(Column("at"), Grain.HOUR), Extract(Column("at"), DatePart.YEAR), Column("at"))
        text = ", ".join(f"{render_sql(spelled.spell(expr), Dialect.POSTGRES)} AS v{n}" for n, expr in enumerate(exprs))
        (row,) = awkward_rows.run(Dialect.POSTGRES, f"SELECT {text} FROM {SCHEMA}.zoned AS z").rows()
        at = [value.isoformat() if isinstance(value, dt.date) else value for value in row]
        assert at == ["2023-12-31", "2023-12-31T23:00:00", 2023, "2023-12-31T23:30:00"]
    finally:
        with owner(stack, Dialect.POSTGRES) as connection:
            connection.execute(f"alter database {database} reset timezone")
