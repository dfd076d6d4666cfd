"""How column batches are written for the drivers."""

from __future__ import annotations

import numpy as np
import pytest

from app.adapters.demo.draws import texts
from app.adapters.demo.spelling import COPY_TEXT, amounts, with_nulls
from app.adapters.demo.tables import Column, Kind, Table, expect_rows, joined


def _column(kind: Kind, *values: object) -> Column:
    return Column("c", kind, texts(values) if kind is Kind.TEXT else np.asarray(values))  # type: ignore[arg-type]


def test_cents_become_decimals() -> None:
    assert amounts(_column(Kind.MONEY, 0, 5, 1230, -5, -1230)) == ["0.00", "0.05", "12.30", "-0.05", "-12.30"]


def test_copy_text_of_every_kind() -> None:
    assert COPY_TEXT[Kind.TEXT](_column(Kind.TEXT, "a\tb\\n", "玉露\r\n")) == ["a\\tb\\\\n", "玉露\\r\\n"]
    assert COPY_TEXT[Kind.DAY](_column(Kind.DAY, 0, 20634)) == ["1970-01-01", "2026-06-30"]
    assert COPY_TEXT[Kind.BIRTHDAY](_column(Kind.BIRTHDAY, -1)) == ["1969-12-31"]
    assert COPY_TEXT[Kind.TIME](_column(Kind.TIME, 1782863999)) == ["2026-06-30 23:59:59"]
    assert COPY_TEXT[Kind.FLAG](_column(Kind.FLAG, True, False)) == ["t", "f"]
    assert set(COPY_TEXT) == set(Kind)


def test_missing_values_take_the_place_of_what_was_drawn() -> None:
    column = Column("c", Kind.COUNT, np.asarray([1, 2]), np.asarray([False, True]))
    assert with_nulls(column, ["1", "2"], "\\N") == ["1", "\\N"]


def test_joined_tables_keep_missing_marks_and_the_order_of_the_key() -> None:
    first = Table(
        "t", "k", (Column("k", Kind.ID, np.asarray([1, 3])), Column("v", Kind.ID, np.asarray([10, 30]), np.asarray([True, False])))
    )
    second = Table("t", "k", (Column("k", Kind.ID, np.asarray([2])), Column("v", Kind.ID, np.asarray([20]))))
    both = joined(first, second)
    assert both.column("v").values.tolist() == [10, 20, 30]
    assert both.column("v").missing is not None
    assert both.column("v").missing.tolist() == [True, False, False]  # type: ignore[union-attr]
    with pytest.raises(KeyError):
        both.column("absent")


def test_lost_rows_are_noticed() -> None:
    table = Table("t", "k", (Column("k", Kind.ID, np.asarray([1, 3])),))
    expect_rows("an engine", table, 2)
    with pytest.raises(RuntimeError, match="holds 1 rows of t after loading 2"):
        expect_rows("an engine", table, 1)
