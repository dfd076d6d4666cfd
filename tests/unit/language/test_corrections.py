"""Which questions an approved pair answers, and which it leaves alone."""

from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import pytest

from app.language.corrections import Approved, ApprovedPairs, Matched, matches
from app.model.expr import And, Binary, Expr, Field, Literal
from app.model.moment import Moment
from app.model.query import SemanticQuery, TimeRange
from app.model.types import DataType, DatePart
from tests.unit.language.conftest import MOMENT, Desk

LATER = Moment(dt.datetime(2026, 9, 3, 9, tzinfo=dt.UTC), dt.date(2026, 9, 3))


def approved(ask: Desk, question: str, as_asked: str = "", *, number: int = 1, **changes: object) -> Approved:
    """The question, answered with the query of another one."""
    query = ask(as_asked or question).query
    assert query is not None
    return Approved(f"apr_{number}", question, msgspec.structs.replace(query, **changes), MOMENT.today)


def found(ask: Desk, question: str, *pairs: Approved, moment: Moment = MOMENT) -> tuple[Matched, ...]:
    return matches(question, ask(question, moment), ApprovedPairs(pairs), ask.lexicon, moment, ask)


def asked(ask: Desk, question: str, *pairs: Approved, moment: Moment = MOMENT) -> SemanticQuery | None:
    matched = found(ask, question, *pairs, moment=moment)
    return matched[0].query if matched else None


SAME = [
    ("turnover by country", "gross revenue by country", "Turnover by country?"),
    ("turnover by country", "gross revenue by country", "show me the turnover per country, please"),
    ("turnover by country", "gross revenue by country", "what is turnover for each country"),
    ("turnover by country", "gross revenue by country", "by country turnover"),
    ("turnover by country", "gross revenue by country", "turnover by contry"),
    ("revenue by sales channel", "revenue by sales channel excluding returned orders", "sales per channel"),
    ("how is the big picture", "revenue by country", "How is the big picture?"),
    ("frobs by country", "revenue by country", "by country, the frobs please"),
]


@pytest.mark.parametrize(("question", "meaning", "again"), SAME)
def test_the_same_question_in_other_words_has_the_approved_answer(ask_shop: Desk, question: str, meaning: str, again: str) -> None:
    pair = approved(ask_shop, question, meaning)
    assert asked(ask_shop, again, pair) == ask_shop(meaning).query


OTHER = [
    ("turnover by country", "gross revenue by country", "revenue by country"),
    ("turnover by country", "gross revenue by country", "turnover"),
    ("turnover by country", "gross revenue by country", "turnover by city"),
    ("turnover by country", "gross revenue by country", "turnover by country last month"),
    ("turnover by country", "gross revenue by country", "turnover by country excluding web"),
    ("revenue excluding web", "revenue where sales channel is web", "revenue web"),
    ("top 5 products by product revenue", "top 5 products by units sold", "top 6 products by product revenue"),
    ("top 5 products by product revenue", "top 5 products by units sold", "bottom 5 products by product revenue"),
    ("countries with more than 100 orders", "countries with revenue over 100", "countries with less than 100 orders"),
    ("countries with more than 100 orders", "countries with revenue over 100", "countries with more than 200 orders"),
    ("orders", "customers", "how many customers"),
    ("blended orders per customer", "orders", "blended customers per order"),
    ("orders following refunds", "orders", "refunds following orders"),
    ("takings divided by orders", "revenue", "orders divided by takings"),
    ("frobs in June minus frobs in May", "revenue", "frobs in May minus frobs in June"),
]


@pytest.mark.parametrize(("question", "meaning", "other"), OTHER)
def test_another_question_is_left_alone(ask_shop: Desk, question: str, meaning: str, other: str) -> None:
    pair = approved(ask_shop, question, meaning)
    assert asked(ask_shop, question, pair) is not None
    assert found(ask_shop, other, pair) == ()


def test_a_period_of_the_question_that_the_query_has_may_be_another_one(ask_shop: Desk) -> None:
    pair = approved(ask_shop, "turnover last month", "gross revenue last month")
    query = asked(ask_shop, "turnover in March 2026", pair)
    assert query is not None
    assert query.metrics == ("gross_revenue",)
    assert query.time is not None
    assert (query.time.start, query.time.end) == (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    later = asked(ask_shop, "turnover last month", pair, moment=LATER)
    assert later is not None
    assert later.time is not None
    assert (later.time.start, later.time.end) == (dt.date(2026, 8, 1), dt.date(2026, 8, 31))


def test_a_period_that_was_itself_corrected_stays_with_its_days(ask_shop: Desk) -> None:
    """Whoever says by hand what `last month` means has said nothing of May, nor of the month after."""
    own = TimeRange(dt.date(2026, 5, 27), dt.date(2026, 6, 26))
    pair = approved(ask_shop, "revenue last month", time=own)
    assert getattr(asked(ask_shop, "last month revenue", pair), "time", None) == own
    assert asked(ask_shop, "revenue in June 2026", pair) is not None
    assert found(ask_shop, "revenue in May 2026", pair) == ()
    assert found(ask_shop, "revenue last month", pair, moment=LATER) == ()


def test_a_period_of_another_length_is_not_compared_with_what_was_a_month_before(ask_shop: Desk) -> None:
    pair = approved(ask_shop, "growth of frobs last month", "change in revenue last month vs the month before")
    assert asked(ask_shop, "growth of frobs in May 2026", pair) is not None
    assert asked(ask_shop, "growth of frobs this month", pair) is not None
    assert found(ask_shop, "growth of frobs in Q1 2026", pair) == ()
    assert found(ask_shop, "growth of frobs in 2025", pair) == ()


@pytest.mark.parametrize(
    "condition",
    [
        Binary(">=", Field("customer__signed_up_at"), Literal("2026-06-01", DataType.DATE)),
        Binary(">=", Field("customer__signed_up_at"), Literal("2026-06-01", DataType.TEXT)),
        Binary("=", Field("metric_time", date_part=DatePart.MONTH), Literal(6, DataType.INTEGER)),
    ],
)
def test_dates_in_a_filter_hold_the_period(ask_shop: Desk, condition: Expr) -> None:
    """`Revenue of new customers last month`: the days on which they were new would stay those of June."""
    pair = approved(ask_shop, "frobs last month", "revenue last month", where=condition)
    assert asked(ask_shop, "frobs last month", pair) is not None
    assert found(ask_shop, "frobs in May 2026", pair) == ()
    assert found(ask_shop, "frobs last month", pair, moment=LATER) == ()


def test_a_value_that_stands_in_another_condition_too_stays(ask_shop: Desk) -> None:
    named = Binary("=", Field("customer__country"), Literal("Germany", DataType.TEXT))
    for other in (
        Binary("=", Field("customer__city"), Literal("Germany", DataType.TEXT)),
        Binary("<>", Field("customer__country"), Literal("France", DataType.TEXT)),
    ):
        pair = approved(ask_shop, "frobs in Germany", "revenue", where=And((named, other)))
        assert asked(ask_shop, "frobs in Germany", pair) is not None
        assert found(ask_shop, "frobs in France", pair) == ()


def test_a_value_that_the_query_compares_with_may_be_another_one(ask_shop: Desk) -> None:
    pair = approved(ask_shop, "turnover in Germany", "gross revenue in Germany")
    assert asked(ask_shop, "turnover in France", pair) == ask_shop("gross revenue in France").query
    assert found(ask_shop, "turnover for the web channel", pair) == ()
    assert found(ask_shop, "turnover in Germany and France", pair) == ()


def test_a_value_that_was_itself_corrected_stays(ask_shop: Desk) -> None:
    pair = approved(ask_shop, "turnover in Germany", "gross revenue in France")
    assert asked(ask_shop, "turnover in Germany", pair) == ask_shop("gross revenue in France").query
    assert found(ask_shop, "turnover in France", pair) == ()


def test_values_in_another_row_are_another_question(ask_shop: Desk) -> None:
    pair = approved(ask_shop, "revenue from Germany to France", "orders")
    assert found(ask_shop, "revenue from Germany to France", pair)
    assert found(ask_shop, "revenue from France to Germany", pair) == ()


def test_what_a_view_has_no_words_for_still_matches_word_for_word(ask_shop: Desk) -> None:
    """Whether the person may ask the approved query is for governance: words decide nothing."""
    pair = approved(ask_shop, "the usual report", "revenue by country")
    assert asked(ask_shop, "the usual report", pair) is not None
    assert found(ask_shop, "the usual reporting", pair) == ()


def test_every_pair_that_matches_is_given_the_newest_first(ask_shop: Desk) -> None:
    one, two = (approved(ask_shop, "turnover by country", meaning, number=at) for at, meaning in ((1, "revenue"), (2, "orders")))
    assert [match.approved.id for match in found(ask_shop, "turnover per country", one, two)] == ["apr_2", "apr_1"]


def test_words_are_of_the_lexicon_that_asks(ask_shop: Desk, ask_hospital: Desk) -> None:
    """`sales` and `revenue` are one thing to the shop, and two words to whoever may not see revenue."""
    pairs = ApprovedPairs((approved(ask_shop, "sales per channel", "revenue by sales channel"),))

    def known(ask: Desk) -> bool:
        return bool(matches("revenue per channel", ask("revenue per channel"), pairs, ask.lexicon, MOMENT, ask))

    assert [known(ask) for ask in (ask_shop, ask_hospital, ask_shop, dataclasses.replace(ask_shop))] == [True, False, True, True]
