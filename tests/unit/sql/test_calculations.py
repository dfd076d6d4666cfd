"""Calculations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.model.metrics import Window
from app.model.shapes import Compared, MetricValue, Moving, Rank, Running, Shape, Share, Show
from app.sql.calculations import default_name, parse_calculation, parse_window
from tests.support.pace import paces

REVENUE = MetricValue("revenue")


@pytest.mark.parametrize(
    ("text", "name", "shape"),
    [
        ("share(revenue)", "revenue__share", Share(REVENUE)),
        (" Part = SHARE( Revenue ) ", "part", Share(REVENUE)),
        ("share(revenue, within=customer__country)", "revenue__share_of_customer__country", Share(REVENUE, ("customer__country",))),
        ("share(revenue, within=[a, b])", "revenue__share_of_a_and_b", Share(REVENUE, ("a", "b"))),
        ("previous(revenue)", "revenue__previous", Compared(REVENUE)),
        ("previous(revenue, 1 year)", "revenue__previous_1_year", Compared(REVENUE, Window(1, "year"))),
        ("change(revenue, 2 weeks)", "revenue__change_2_weeks", Compared(REVENUE, Window(2, "week"), Show.DIFFERENCE)),
        (
            "percent_change(revenue, 1 year, same weekday)",
            "revenue__percent_change_1_year_same_weekday",
            Compared(REVENUE, Window(1, "year"), Show.PERCENT, same_weekday=True),
        ),
        ("running_total(revenue)", "revenue__running_total", Running(REVENUE)),
        ("running_total(revenue, 7 days)", "revenue__last_7_days", Running(REVENUE, Window(7, "day"))),
        ("running_total(revenue, to_date=month)", "revenue__month_to_date", Running(REVENUE, None, "month")),
        ("moving_average(revenue, 7)", "revenue__moving_average_7", Moving(REVENUE, 7)),
        ("moving_min(revenue, 3)", "revenue__moving_min_3", Moving(REVENUE, 3, "min")),
        ("rank(revenue, ascending, within=month)", "revenue__rank_ascending_in_month", Rank(REVENUE, ("month",), ascending=True)),
        ("rank(percent_change(revenue))", "revenue__percent_change__rank", Rank(Compared(REVENUE, None, Show.PERCENT))),
    ],
)
def test_a_calculation_is_read(text: str, name: str, shape: Shape) -> None:
    found = parse_calculation(text)
    assert (found.name, found.shape) == (name, shape)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "a name is missing"),
        ("revenue", 1, "a calculation is a call"),
        ("shar(revenue)", 1, "no calculation `shar`"),
        ("share()", 7, "a name is wanted"),
        ("share(revenue", 14, "`)` is wanted"),
        ("share(revenue) x", 16, "after the end"),
        ("share(revenue; 1)", 14, "`;` has no meaning"),
        ("share(revenue, 1 year)", 1, "`1 year` has no meaning"),
        ("share(revenue, by=month)", 1, "`by` has no meaning"),
        ("previous(revenue, soon)", 1, "`soon` is not how far back"),
        ("previous(revenue, 0 days)", 1, "`0 days` is not how far back"),
        ("previous(revenue, 1 day, 2 days)", 1, "`2 days` is not how far back"),
        ("running_total(revenue, 7 days, to_date=month)", 1, "one window"),
        ("moving_average(revenue)", 1, "over how many periods"),
        ("moving_average(revenue, 0)", 1, "over how many periods"),
        ("a = b = share(revenue)", 7, "after the end"),
        ("rank(revenue, within=)", 22, "a value is missing"),
        ("rank(" * 12 + "revenue" + ")" * 12, 46, "nested more than"),
    ],
)
def test_what_is_none_is_refused_at_its_place(text: str, column: int, says: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_calculation(text)
    problem = caught.value.problem
    assert problem.code == "DM3130"
    assert says in problem.message
    assert problem.where is not None
    assert (problem.where.line, problem.where.column) == (1, column)
    assert problem.hint


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert parse_calculation(text).name
    except UserError as error:
        assert error.problem.code == "DM3130"  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "window"),
    [("1 year", Window(1, "year")), ("12  Retail_Months", Window(12, "retail_month")), ("a year", None), ("-1 day", None)],
)
def test_windows(text: str, window: Window | None) -> None:
    assert parse_window(text) == window


def test_a_calculation_has_the_name_of_what_it_is() -> None:
    assert default_name(Share(Running(REVENUE))) == "revenue__running_total__share"


@pytest.mark.parametrize(
    "text", [" " * 50_000, "share(" + " " * 50_000 + "revenue", "a " * 25_000], ids=["spaces", "among others", "words"]
)
def test_a_long_text_is_refused_at_once(text: str) -> None:
    def read() -> None:
        with pytest.raises(UserError):
            parse_calculation(text)

    assert paces(read, 40) <= 40
