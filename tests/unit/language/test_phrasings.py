"""One question in many wordings: spoken periods, other ways to group, who does it, and words that speak of several figures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.model.answer import Outcome
from app.model.metrics import MeasureInput, Metric, MetricInput, Ratio, Simple
from tests.unit.language.conftest import desk
from tests.unit.language.help_desk import VALUES as DESK_VALUES
from tests.unit.language.help_desk import help_desk
from tests.unit.language.layers import shop
from tests.unit.language.toolbox import VALUES, toolbox

BOX = desk(toolbox(), VALUES)
DESK = desk(help_desk(), DESK_VALUES)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("who borrowed the most last month?", "Tool loans by neighbour, 1 Jun 2026 to 30 Jun 2026, top 1 by tool loans"),
        ("for each maker, who borrowed the most?", "Tool loans by maker and neighbour, top 1 of neighbour by tool loans for each maker"),
        ("who made the most loans", "Tool loans by neighbour, top 1 by tool loans"),
        ("who pays the most fees", "Fees by neighbour, top 1 by fees"),
        ("neighbours who borrowed more than 10 times", "Tool loans by neighbour, only with tool loans is more than 10"),
        ("tell me who borrowed the least in 2025", "Tool loans by neighbour, 1 Jan 2025 to 31 Dec 2025, bottom 1 by tool loans"),
        ("who has more than 5 overdue loans", "Overdue loans by neighbour, only with overdue loans is more than 5"),
        ("who lent the most? top 3 makers", "Tool loans by maker, top 3 by tool loans"),
    ],
)
def test_who_asks_for_people(question: str, restated: str) -> None:
    reading = BOX(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("how does the average wait differ between makers", "Average wait days by maker"),
        ("how do loans vary by street", "Tool loans by street"),
        ("how many tools did we lend each month of 2025", "Tool loans by month, 1 Jan 2025 to 31 Dec 2025"),
        ("how many tools were lent last month", "Tool loans, 1 Jun 2026 to 30 Jun 2026"),
        ("how many times did neighbours borrow in May", "Tool loans, 1 May 2026 to 31 May 2026"),
        ("how many loans did neighbours make last month", "Tool loans, 1 Jun 2026 to 30 Jun 2026"),
        ("have we lent more tools this year than last year?", "Tool loans compared with 1 year before, 1 Jan 2026 to 15 Jul 2026"),
        ("loans for the month just gone", "Tool loans, 1 Jun 2026 to 30 Jun 2026"),
        ("loans back in March", "Tool loans, 1 Mar 2026 to 31 Mar 2026"),
        ("loans overall", "Tool loans"),
        ("what fees did we collect in total", "Fees"),
        ("for each maker: loans and overdue loans", "Tool loans and overdue loans by maker"),
        ("for each street, how many loans and how much in fees?", "Tool loans and fees by street"),
        ("fees in June vs fees in May", "Fees compared with 1 month before, 1 Jun 2026 to 30 Jun 2026"),
        ("loans of overdue tools", "Tool loans, where overdue is true"),
        ("overdue loans by maker", "Overdue loans by maker"),
        ("loans each month so far this year", "Tool loans by month, 1 Jan 2026 to 15 Jul 2026"),
        ("May loans in total", "Tool loans, 1 May 2026 to 31 May 2026"),
        ("March loans by maker", "Tool loans by maker, 1 Mar 2026 to 31 Mar 2026"),
        ("loans this year up to today by month", "Tool loans by month, 1 Jan 2026 to 15 Jul 2026"),
        ("loans from January 2026 up to now", "Tool loans, 1 Jan 2026 to 15 Jul 2026"),
        ("loans for each quarter from January 2025 onwards", "Tool loans by quarter, 1 Jan 2025 to 15 Jul 2026"),
        ("loans in Q2, this year against last", "Tool loans compared with 1 year before, 1 Apr 2026 to 30 Jun 2026"),
        ("loans last week compared with the previous one", "Tool loans compared with the period before, 6 Jul 2026 to 12 Jul 2026"),
        ("loans this year against the same stretch of 2025", "Tool loans compared with 1 year before, 1 Jan 2026 to 15 Jul 2026"),
        ("monthly loan numbers for 2025", "Tool loans by month, 1 Jan 2025 to 31 Dec 2025"),
        ("remind me of the loans by maker for the board", "Tool loans by maker"),
        ("loans for everything but Hollin", "Tool loans, where maker is not Hollin"),
        ("loans for each of the last 7 days", "Tool loans by day, 8 Jul 2026 to 14 Jul 2026"),
        ("makers with 50 to 120 loans", "Tool loans by maker, only with tool loans is at least 50 and tool loans is at most 120"),
        (
            "makers having between 50 and 120 loans",
            "Tool loans by maker, only with tool loans is at least 50 and tool loans is at most 120",
        ),
        ("one row per maker: loans", "Tool loans by maker"),
        ("a row per street with loans and fees", "Tool loans and fees by street"),
        ("Hollin and Brask loans compared", "Tool loans by maker, where maker is Hollin or Brask"),
        ("maker where the average wait is worst", "Average wait days by maker, top 1 by average wait days"),
        ("which maker do neighbours borrow most", "Tool loans by maker, top 1 by tool loans"),
        ("average days to wait by maker", "Average wait days by maker"),
        ("how much did neighbours pay in fees", "Fees"),
        ("who's number one for loans", "Tool loans by neighbour, top 1 by tool loans"),
        ("who put in the most loans", "Tool loans by neighbour, top 1 by tool loans"),
        ("loans by street, Mill Lane only", "Tool loans by street, where street is Mill Lane"),
        ("loans maker by maker", "Tool loans by maker"),
        ("loans, maker-wise", "Tool loans by maker"),
        ("loans so far in 2026", "Tool loans, 1 Jan 2026 to 15 Jul 2026"),
        ("loans by maker, 2026 so far", "Tool loans by maker, 1 Jan 2026 to 15 Jul 2026"),
        ("how high is the average wait", "Average wait days"),
        ("how do loans vary with the maker", "Tool loans by maker"),
        ("streets that borrowed fewer than 10 tools", "Tool loans by street, only with tool loans is less than 10"),
        ("loans from the locker desk", "Tool loans, where desk is locker"),
    ],
)
def test_the_same_in_other_words(question: str, restated: str) -> None:
    reading = BOX(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    "question", ["overdue rate", "how many weeks were loans", "what did workshops cost us", "who juggled the most loans"]
)
def test_what_no_name_says_is_refused(question: str) -> None:
    assert BOX(question).outcome is Outcome.REFUSE


@pytest.mark.parametrize(
    ("question", "choices"),
    [("costs last month", ["Fees, 1 Jun 2026 to 30 Jun 2026"]), ("reliability by maker", ["Overdue loans by maker"])],
)
def test_a_word_for_several_figures_is_asked_back(question: str, choices: list[str]) -> None:
    reading = BOX(question)
    assert (reading.outcome, [choice.text for choice in reading.choices]) == (Outcome.CLARIFY, choices)


def test_figures_that_the_layer_does_not_have_are_refused() -> None:
    assert BOX("quality by maker").outcome is Outcome.REFUSE


@pytest.mark.parametrize("said", ["overdue %", "% overdue", "overdue rate", "percentage overdue", "the overdue percentage"])
@pytest.mark.parametrize("label", ["Overdue %", "Overdue rate"])
def test_a_rate_is_called_a_percentage_too(said: str, label: str) -> None:
    layer = toolbox()
    inputs = Ratio(MetricInput("overdue_loans"), MetricInput("handouts"))
    asked = desk(replace(layer, metrics=(*layer.metrics, Metric("overdue_share", inputs, label=label))), VALUES)
    reading = asked(f"{said} by maker")
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, f"{label} by maker")


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("how long does a ticket take", "Average hours to resolve"),
        ("how long do tickets take on average?", "Average hours to resolve"),
        ("how long does it take to resolve a ticket", "Average hours to resolve"),
        ("how many opened tickets", "Tickets, where ticket status is opened"),
        (
            "biggest ticket category per channel",
            "Tickets by ticket category and channel, top 1 of ticket category by tickets for each channel",
        ),
        ("payouts paid to agents", "Payouts"),
        ("tickets by phone and chat accounts", "Tickets, where channel is phone or chat"),
        ("phone vs email tickets", "Tickets by channel, where channel is phone or email"),
        ("tickets by charities", "Tickets, where nonprofit is true"),
        ("how many tickets did Heron Systems open in June", "Tickets, 1 Jun 2026 to 30 Jun 2026, where account name is Heron Systems"),
        ("escalations from tickets in which the category was login", "Escalations, where ticket category is login"),
        ("tickets where the channel was by phone", "Tickets, where channel is phone"),
        ("unsolved tickets", "Tickets, where ticket status is not solved"),
        ("May I see tickets by channel", "Tickets by channel"),
        ("ticket volume by channel", "Tickets by channel"),
        ("payouts because it was too slow", "Payouts, where ticket category is too slow"),
        ("who solved the most tickets", "Tickets by agent, where ticket status is solved, top 1 by tickets"),
    ],
)
def test_a_desk_in_other_words(question: str, restated: str) -> None:
    reading = DESK(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    "question",
    [
        "tickets without a channel",
        "what does a ticket cost us",
        "tickets by sales team",
        "what do we pay our agents",
        "how many bicycles",
        "how many weeks were tickets",
    ],
)
def test_what_only_resembles_a_metric_is_not_answered(question: str) -> None:
    assert DESK(question).outcome is not Outcome.ANSWER
    assert BOX(question).outcome is not Outcome.ANSWER


def test_an_event_with_a_metric_of_its_own_is_not_the_state_of_now() -> None:
    layer = toolbox()
    returned = Metric("returned", Simple(MeasureInput("loans", "handouts")), label="Loans returned")
    asked = desk(replace(layer, metrics=(*layer.metrics, returned)), {**VALUES, "loan__desk": ("returned", "locker")})
    assert asked("how many loans were returned in May").query == asked("loans returned in May").query
    assert asked("loans returned in May").restated == "Loans returned, 1 May 2026 to 31 May 2026"


def test_a_figure_per_thing_that_is_a_metric_is_no_group() -> None:
    layer = toolbox()
    inputs = Ratio(MetricInput("fees"), MetricInput("handouts"))
    asked = desk(replace(layer, metrics=(*layer.metrics, Metric("fee_per_loan", inputs, label="Fee per loan"))), VALUES)
    assert asked("makers with fees over 3 per loan").restated == "Fee per loan by maker, only with fee per loan is more than 3"
    assert asked("fees per loan by maker").restated == "Fee per loan by maker"


@pytest.mark.parametrize(
    "question",
    [
        "fees as a percentage of loans by maker",
        "fees as % of loans by month",
        "overdue loans as a share of loans by maker",
        "what percentage of loans are overdue by maker",
        "weekday vs weekend loans",
    ],
)
def test_what_is_no_part_of_a_total_is_refused(question: str) -> None:
    reading = BOX(question)
    assert (reading.outcome, reading.problems[0].code) == (Outcome.REFUSE, "DM6008")


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("what percentage of loans are overdue", "Tool loans and share of tool loans in the total by overdue, only with overdue is true"),
        ("loans as a percentage of the total by maker", "Tool loans and share of tool loans in the total by maker"),
    ],
)
def test_a_part_of_the_total_is(question: str, restated: str) -> None:
    assert BOX(question).restated == restated


def test_what_customers_spend_is_what_is_taken_in_and_not_what_it_cost() -> None:
    layer = shop()
    cost = Metric("cost", Simple(MeasureInput("orders", "revenue")), label="Cost of goods")
    asked = desk(replace(layer, metrics=(*layer.metrics, cost)))
    assert asked("who spent the most in 2025").restated == "Revenue by customer, 1 Jan 2025 to 31 Dec 2025, top 1 by revenue"
    assert asked("who spent the most in 2025").query == asked("who had the most revenue in 2025").query
    assert asked("how much did we spend last month").restated == "Cost of goods, 1 Jun 2026 to 30 Jun 2026"
