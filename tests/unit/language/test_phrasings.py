"""One question in many wordings: spoken periods, other ways to group, who does it, and words that speak of several figures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.model.answer import Outcome
from app.model.metrics import Metric, MetricInput, Ratio
from tests.unit.language.conftest import desk
from tests.unit.language.help_desk import VALUES as DESK_VALUES
from tests.unit.language.help_desk import help_desk
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
        ("payouts because it was too slow", "Payouts, where ticket category is too slow"),
        ("who solved the most tickets", "Tickets by agent, where ticket status is solved, top 1 by tickets"),
    ],
)
def test_a_desk_in_other_words(question: str, restated: str) -> None:
    reading = DESK(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize("question", ["what do we pay our agents", "how many bicycles", "how many weeks were tickets"])
def test_what_only_resembles_a_metric_is_not_answered(question: str) -> None:
    assert DESK(question).outcome is not Outcome.ANSWER
    assert BOX(question).outcome is not Outcome.ANSWER
