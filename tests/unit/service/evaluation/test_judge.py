"""When the rows of an answer are right, whatever they are called and however they stand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.model.result import Result, ResultColumn
from app.model.types import DataType
from app.service.evaluation.judge import is_right
from app.service.evaluation.question import Gold
from app.service.evaluation.table import GoldTable, Table, answered, gold_table

BY_STORE = Gold(
    metrics=("orders",),
    group_by=("location__name",),
    columns=("location__name", "orders"),
    rows=(("Brooklyn", 7818), ("Chicago", 2506), ("Troy", 285)),
)


def gold(**more: object) -> GoldTable:
    return gold_table(msgspec.structs.replace(BY_STORE, **more))


def table(*rows: tuple, columns: tuple[str, ...] = ("order__location__name", "orders"), keys: tuple[int, ...] = (0,)) -> Table:
    return Table(columns, rows, frozenset(keys))


def test_any_order_and_other_columns() -> None:
    assert is_right(table(("Troy", 285), ("Brooklyn", 7818), ("Chicago", 2506)), gold())
    wide = (("Troy", 0.1, 285), ("Brooklyn", 0.7, 7818), ("Chicago", 0.2, 2506))
    assert is_right(table(*wide, columns=("store", "share", "how_many")), gold())


@pytest.mark.parametrize(
    "rows",
    [
        (("Brooklyn", 7818), ("Chicago", 2506)),
        (("Brooklyn", 7818), ("Chicago", 2506), ("Troy", 285), ("Utica", 1)),
        (("Brooklyn", 7818), ("Chicago", 285), ("Troy", 2506)),
        (("Brooklyn", 7918), ("Chicago", 2506), ("Troy", 285)),
        (("Brooklyn", 7818), ("Chicago", 2506), ("Chicago", 2506)),
        (),
    ],
    ids=["one missing", "one more", "changed places", "another number", "one twice", "none"],
)
def test_other_rows(rows: tuple) -> None:
    assert not is_right(table(*rows), gold())


def test_what_a_row_is_of_is_exact() -> None:
    """A year, or an id, is not nearly another: numbers may differ by a thousandth, keys may not."""
    years = gold_table(Gold(metrics=("revenue",), columns=("year", "revenue"), rows=((2024, 100), (2025, 200))))
    assert is_right(table((2024, 100), (2025, 200), columns=("metric_time__year", "revenue")), years)
    assert not is_right(table((2025, 100), (2026, 200), columns=("metric_time__year", "revenue")), years)


def test_a_missing_column() -> None:
    assert not is_right(Table(("orders",), ((7818,), (2506,), (285,))), gold())


def test_order_counts_where_it_is_asked() -> None:
    ranked = gold(ordered=True, order=("-orders",))
    assert is_right(table(("Brooklyn", 7818), ("Chicago", 2506), ("Troy", 285)), ranked)
    assert not is_right(table(("Chicago", 2506), ("Brooklyn", 7818), ("Troy", 285)), ranked)
    assert not is_right(table(("Chicago", 2506), ("Brooklyn", 7818), ("Troy", 285)), gold(ordered=True))
    assert not is_right(table(("Brooklyn", 7818), ("Chicago", 2506), ("Troy", 285), ("Utica", 1)), ranked)


def test_ties_may_change_places_where_the_order_is_known() -> None:
    rows = (("Brooklyn", 9), ("Chicago", 5), ("Troy", 5))
    swapped = table(("Brooklyn", 9), ("Troy", 5), ("Chicago", 5))
    assert is_right(swapped, gold(rows=rows, ordered=True, order=("-orders",)))
    assert not is_right(swapped, gold(rows=rows, ordered=True))


def test_rows_of_nothing_do_not_count() -> None:
    more = (("Utica", 0), ("Ithaca", None))
    assert is_right(table(("Brooklyn", 7818), ("Chicago", 2506), ("Troy", 285), *more), gold())
    assert is_right(table(("Brooklyn", 7818), ("Chicago", 2506), ("Troy", 285)), gold(rows=(*BY_STORE.rows, *more)))
    none = gold(rows=(("Utica", 0),))
    assert is_right(table(), none)
    assert is_right(table(("Troy", 0), ("Utica", None)), none)
    assert not is_right(table(("Utica", 1)), none)


def test_nothing_at_all_is_right_where_the_gold_has_nothing() -> None:
    total = gold_table(Gold(metrics=("orders",), columns=("orders",), rows=((0,),)))
    for rows in ((), ((None,),), ((0,),)):
        assert is_right(Table(("orders",), rows), total)
    assert not is_right(Table(("orders",), ((3,),)), total)


def test_a_list_of_values_has_no_numbers() -> None:
    names = gold_table(Gold(group_by=("location__name",), columns=("location__name",), rows=(("Troy",), ("Utica",))))
    assert is_right(Table(("name",), (("Utica",), ("Troy",)), frozenset({0})), names)
    assert not is_right(Table(("name",), (("Utica",),), frozenset({0})), names)


def test_zero_is_a_value_of_a_list() -> None:
    hours = gold_table(Gold(group_by=("visit__hour",), columns=("visit__hour",), rows=((0,), (13,))))
    assert is_right(Table(("hour",), ((13,), (0,)), frozenset({0})), hours)
    assert not is_right(Table(("hour",), ((13,),), frozenset({0})), hours)


def test_the_same_names_in_other_rows() -> None:
    columns = ("region", "channel", "orders")
    one = gold_table(Gold(("orders",), ("region", "channel"), columns=columns, rows=(("north", "web", 1), ("south", "app", 1))))
    assert not is_right(Table(columns, (("north", "app", 1), ("south", "web", 1)), frozenset({0, 1})), one)


SHARE = Gold(
    metrics=("orders",),
    group_by=("customer__type",),
    columns=("customer__type", "orders", "pct_of_total"),
    rows=(("new", 1, 0.005011), ("returning", 19955, 99.994989)),
    compare="share_of_total",
)


def test_a_share_is_a_fraction_or_a_percentage() -> None:
    columns = ("customer__type", "orders", "share_of_orders")
    as_fraction = table(("new", 1, 1 / 19956), ("returning", 19955, 19955 / 19956), columns=columns)
    in_percent = table(("new", 1, 100 / 19956), ("returning", 19955, 1_995_500 / 19956), columns=columns)
    assert is_right(as_fraction, gold_table(SHARE))
    assert is_right(in_percent, gold_table(SHARE))
    mixed = table(("new", 1, 100 / 19956), ("returning", 19955, 19955 / 19956), columns=columns)
    assert not is_right(mixed, gold_table(SHARE))


def test_only_a_share_is() -> None:
    assert not is_right(table(("Brooklyn", 781800), ("Chicago", 250600), ("Troy", 28500)), gold())


def moment(month: int, hour: int = 0) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, month, 1), dt.time(hour))


def test_times_and_decimals_are_as_they_are_written() -> None:
    columns = (ResultColumn("metric_time__month", DataType.TIMESTAMP), ResultColumn("revenue", DataType.DECIMAL))
    data = ((moment(5), moment(6)), (Decimal("12229.00"), Decimal("10631.50")))
    got = answered(Result(columns, data), {"metric_time__month"})
    assert got.rows == (("2026-05-01", 12229), ("2026-06-01", 10631.5))
    for may, june in (("2026-05-01", "2026-06-01"), ("2026-05-01T00:00:00", "2026-06-01 00:00:00"), ("2026-05", "2026-06")):
        rows = ((june, 10631.5), (may, 12229.0))
        assert is_right(got, gold_table(Gold(("revenue",), ("metric_time__month",), columns=("month", "revenue"), rows=rows)))


def test_moments_of_a_day_stay_moments() -> None:
    column = (moment(5), moment(5, 13))
    got = answered(Result((ResultColumn("at", DataType.TIMESTAMP),), (column,)), {"at"})
    assert got.rows == (("2026-05-01T00:00:00",), ("2026-05-01T13:00:00",))


def test_white_space_and_capitals_tell_no_rows_apart() -> None:
    rows = (("for richer or pourover ", 13041.0), ("Tangaroo", True))
    assert is_right(table(("For Richer or Pourover", 13041), ("tangaroo", True), columns=("p", "r")), gold(rows=rows, columns=("p", "r")))


def test_rows_alone_without_columns() -> None:
    assert is_right(table(("Troy", 285)), gold(columns=(), rows=(("Troy", 285),)))


NAMES = st.text("abcdef", min_size=1, max_size=3)
NUMBERS = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)))
GOLDS = st.integers(1, 3).flatmap(
    lambda values: st.lists(st.tuples(NAMES, *[NUMBERS] * values), max_size=8, unique_by=lambda row: row[0]).map(
        lambda rows: Gold(
            metrics=tuple(f"m{at}" for at in range(values)),
            group_by=("name",),
            columns=("name", *(f"m{at}" for at in range(values))),
            rows=tuple(rows),
        )
    )
)


@given(GOLDS, st.randoms(use_true_random=False))
def test_the_gold_itself_is_right_shuffled_renamed_and_widened(one: Gold, random: object) -> None:
    places = list(range(len(one.columns)))
    random.shuffle(places)  # type: ignore[attr-defined]
    rows = [(*(row[at] for at in places), number) for number, row in enumerate(one.rows)]
    random.shuffle(rows)  # type: ignore[attr-defined]
    columns = tuple(f"c{at}" for at in range(len(places) + 1))
    assert is_right(Table(columns, tuple(rows), frozenset({places.index(0), len(places)})), gold_table(one))


@given(GOLDS, st.data())
def test_another_value_is_wrong(one: Gold, data: st.DataObject) -> None:
    assume(one.rows)
    at = data.draw(st.integers(0, len(one.rows) - 1))
    column = data.draw(st.integers(1, len(one.columns) - 1))
    row = list(one.rows[at])
    row[column] = 5_000_000.0
    rows = (*one.rows[:at], tuple(row), *one.rows[at + 1 :])
    assert not is_right(Table(one.columns, rows, frozenset({0})), gold_table(one))


@given(GOLDS, st.floats(-0.0009, 0.0009))
def test_a_thousandth_is_no_difference(one: Gold, off: float) -> None:
    rows = tuple((row[0], *(cell if cell is None else cell * (1 + off) for cell in row[1:])) for row in one.rows)
    assert is_right(Table(one.columns, rows, frozenset({0})), gold_table(one))


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_rows_without_names_are_matched_one_to_one(pairs: list[tuple[int, int]], random: object) -> None:
    one = gold_table(Gold(metrics=("a", "b"), columns=("a", "b"), rows=tuple(pairs)))
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert is_right(Table(("a", "b"), tuple(shuffled)), one)
    assert not is_right(Table(("a", "b"), (*shuffled[1:], (9, 9))), one)
