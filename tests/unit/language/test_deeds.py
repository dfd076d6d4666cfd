"""What is counted is named by its rows, or by the verb of what is done; and where that is not sure, it is asked."""

from __future__ import annotations

import pytest

from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.answer import Outcome
from tests.unit.language.conftest import MOMENT, desk
from tests.unit.language.toolbox import VALUES, toolbox

BOX = desk(toolbox(), VALUES)


def after(first: str, question: str) -> Reading:
    return interpret(question, BOX.lexicon, BOX.ontology, BOX.joins, MOMENT, BOX(first).query)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("loans by maker", "Tool loans by maker"),
        ("how many loans last month", "Tool loans, 1 Jun 2026 to 30 Jun 2026"),
        ("who lent the most? top 3 makers", "Tool loans by maker, top 3 by tool loans"),
        ("which maker was lent the most last month", "Tool loans by maker, 1 Jun 2026 to 30 Jun 2026, top 1 by tool loans"),
        ("which street borrowed the most tools", "Tool loans by street, top 1 by tool loans"),
        ("the 3 most borrowed tools", "Tool loans by tool, top 3 by tool loans"),
        ("tools borrowed at least 100 times", "Tool loans by tool, only with tool loans is at least 100"),
        ("how often were tools by Hollin borrowed", "Tool loans, where maker is Hollin"),
        ("how many Hollin tools did we lend out in 2025", "Tool loans, 1 Jan 2025 to 31 Dec 2025, where maker is Hollin"),
        ("how many neighbours joined this year", "New members, 1 Jan 2026 to 15 Jul 2026"),
        ("how many people joined this year", "New members, 1 Jan 2026 to 15 Jul 2026"),
        ("in which month did most people join", "New members by month, top 1 by new members"),
        ("average wait by maker", "Average wait days by maker"),
        ("average attendance per workshop", "Avg attendance"),
        ("topics averaging more than 15 attendees", "Avg attendance by topic, only with avg attendance is more than 15"),
        ("loans ytd by month", "Loans YTD by month, 1 Jan 2026 to 14 Jul 2026"),
        ("how many loans and how many new members last month", "Tool loans and new members, 1 Jun 2026 to 30 Jun 2026"),
        ("average wait of overdue loans vs the others", "Average wait days by overdue"),
        ("average wait of overdue loans vs everyone else", "Average wait days by overdue"),
        ("loans that went through the locker", "Tool loans, where desk is locker"),
        ("activ borowwers", "Active borrowers"),
    ],
)
def test_it_is_answered(question: str, restated: str) -> None:
    reading = BOX(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    ("question", "choices"),
    [
        ("how many people came to our workshops last month", ["Workshops, 1 Jun 2026 to 30 Jun 2026"]),
        ("loans by town", ["Tool loans by neighbour town", "Tool loans by desk town"]),
        ("how many loans and how many fees last month", ["Tool loans and fees, 1 Jun 2026 to 30 Jun 2026"]),
        ("how many neighbours borrowed last month", ["Tool loans, 1 Jun 2026 to 30 Jun 2026"]),
        ("number of people who borrowed", ["Tool loans"]),
        ("how many neighbours borrowed a tool in June 2026", ["Tool loans, 1 Jun 2026 to 30 Jun 2026"]),
    ],
)
def test_it_is_asked(question: str, choices: list[str]) -> None:
    reading = BOX(question)
    assert (reading.outcome, [choice.text for choice in reading.choices]) == (Outcome.CLARIFY, choices)


def test_which_of_two_figures_is_the_most_is_asked() -> None:
    reading = after("workshops and attendance by topic", "which one had the most?")
    assert reading.outcome is Outcome.CLARIFY
    assert [choice.text for choice in reading.choices] == [
        "Workshops and attendance by topic, top 1 by workshops",
        "Workshops and attendance by topic, top 1 by attendance",
    ]


def test_the_fewest_after_the_top_one_is_one() -> None:
    reading = after("which maker was lent the most last month", "and the fewest?")
    assert reading.restated == "Tool loans by maker, 1 Jun 2026 to 30 Jun 2026, bottom 1 by tool loans"


@pytest.mark.parametrize("question", ["average loan of a hammer", "who borrowed the most tools", "loans vs the others", "groups of makers"])
def test_what_is_not_known_is_refused_or_asked(question: str) -> None:
    assert BOX(question).outcome is not Outcome.ANSWER
