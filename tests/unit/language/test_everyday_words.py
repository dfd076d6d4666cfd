"""Everyday words: verbs that say no more than their noun, deeds that are no states, names in another order, and what only the asker can know."""

from __future__ import annotations

import pytest

from app.language.collocations import verbs_of
from app.language.inflect import root, stem
from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.answer import Outcome
from tests.unit.language.conftest import MOMENT, desk
from tests.unit.language.help_desk import VALUES, help_desk

DESK = desk(help_desk(), VALUES)


def after(first: str, question: str) -> Reading:
    """What is read of a question that goes on from another."""
    return interpret(question, DESK.lexicon, DESK.ontology, DESK.joins, MOMENT, DESK(first).query)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("how many tickets were raised last month", "Tickets, 1 Jun 2026 to 30 Jun 2026"),
        ("tickets logged by email", "Tickets, where channel is email"),
        ("how many tickets did Heron Systems open", "Tickets, where account name is Heron Systems"),
        ("which customers have opened more than 12 tickets", "Tickets by account name, only with tickets is more than 12"),
        ("how many tickets have we opened so far", "Tickets"),
        ("tickets opened", "Tickets, where ticket status is opened"),
        ("how many accounts have signed up so far", "Sign-ups"),
        ("how many people signed up last month", "Sign-ups, 1 Jun 2026 to 30 Jun 2026"),
        ("signups in 2025", "Sign-ups, 1 Jan 2025 to 31 Dec 2025"),
        ("how much did we pay out for damage in 2025", "Payouts, 1 Jan 2025 to 31 Dec 2025, where reason is damage"),
        ("what did each customer cost us last month", "Handling cost by account name, 1 Jun 2026 to 30 Jun 2026"),
        ("how long does it take to resolve a ticket", "Average hours to resolve"),
        ("how long do we need to resolve a phone ticket", "Average hours to resolve, where channel is phone"),
        ("how many replies were on time last month", "On-time replies, 1 Jun 2026 to 30 Jun 2026"),
        ("tickets of accounts who opted in to the newsletter", "Tickets, where newsletter opt-in is true"),
        ("tickets of key accounts", "Tickets, where account tier is key"),
        ("tickets from frame contract customers", "Tickets, where has a frame contract is true"),
        ("tickets of signed frame contract customers", "Tickets, where has a frame contract is true"),
        ("tickets of 5-star accounts", "Tickets, where star is 5"),
        ("tickets of charities", "Tickets, where nonprofit is true"),
        ("tickets of small customers", "Tickets, where account tier is small"),
        ("tickets of annual accounts", "Tickets, where billing cycle is annual"),
        ("tickets by year of annual accounts", "Tickets by year, where billing cycle is annual"),
        ("most common ticket category", "Tickets by ticket category, top 1 by tickets"),
        ("tickets on the phone and by email separately", "Tickets by channel, where channel is phone or email"),
        ("tickets by phone, email and chat", "Tickets by channel"),
        ("tickets because too slow", "Tickets, where ticket category is too slow"),
        ("distribution of tickets over channels", "Tickets and share of tickets in the total by channel"),
        ("tickets in the first two weeks of June", "Tickets, 1 Jun 2026 to 14 Jun 2026"),
        ("tickets in the last quarter of 2025", "Tickets, 1 Oct 2025 to 31 Dec 2025"),
        ("tickets on the final 3 days of May", "Tickets, 29 May 2026 to 31 May 2026"),
        ("which agent got the most tickets", "Tickets by agent, top 1 by tickets"),
        ("payouts over 1.5 million by customer", "Payouts by account name, only with payouts is more than 1,500,000"),
        ("which channel has the worst on-time replies", "On-time replies by channel, bottom 1 by on-time replies"),
    ],
)
def test_it_is_read(question: str, restated: str) -> None:
    reading = DESK(question)
    assert (reading.outcome, reading.restated, reading.unused) == (Outcome.ANSWER, restated, ())


@pytest.mark.parametrize(
    ("question", "choices"),
    [
        ("tickets by town", ["Tickets by agent town", "Tickets by home town"]),
        ("tickets in Ghent", ["Tickets, where home town is Ghent", "Tickets, where agent town is Ghent"]),
        ("how much tickets", ["Tickets"]),
        ("how bad are escalations", ["Escalations"]),
    ],
)
def test_it_is_asked_which_is_meant(question: str, choices: list[str]) -> None:
    reading = DESK(question)
    assert (reading.outcome, [choice.text for choice in reading.choices]) == (Outcome.CLARIFY, choices)


@pytest.mark.parametrize("question", ["volume last quarter", "total for Heron Systems", "how many were escalated"])
def test_it_is_asked_which_figure_is_meant(question: str) -> None:
    reading = DESK(question)
    assert reading.outcome is Outcome.CLARIFY
    assert len(reading.choices) > 1


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("tickets closed", "DM6006"),
        ("value of tickets", "DM6006"),
        ("tickets paid away", "DM6006"),
        ("change Heron Systems to a small account", "DM6017"),
        ("how many agents do we have", "DM6014"),
        ("agents where over 20% of tickets were escalated", "DM6008"),
        ("agents with more than 20% tickets", "DM6008"),
        ("tickets each separately", "DM6006"),
    ],
)
def test_what_says_something_else_is_refused(question: str, code: str) -> None:
    reading = DESK(question)
    assert (reading.outcome, [problem.code for problem in reading.problems]) == (Outcome.REFUSE, [code])


def test_the_other_is_asked_back_where_there_are_several() -> None:
    reading = after("tickets by phone", "and the other channel?")
    assert [choice.text for choice in reading.choices] == ["Tickets, where channel is email", "Tickets, where channel is chat"]


def test_the_other_of_two_is_that_one() -> None:
    reading = after("tickets of key accounts", "what about the other one?")
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, "Tickets, where account tier is small")


def test_who_is_the_other_without_a_question_before_is_not_known() -> None:
    assert DESK("and the other channel?").outcome is not Outcome.ANSWER


@pytest.mark.parametrize(
    ("definition", "verbs"),
    [
        ("Invoices issued to customers.", {"issu"}),
        ("Orders placed, cancelled ones excluded.", set()),
        ("Orders placed or cancelled.", set()),
        ("Orders. Shipped ones are elsewhere.", set()),
    ],
)
def test_a_definition_says_what_is_done_where_nothing_is_left_out(definition: str, verbs: set[str]) -> None:
    assert verbs_of(definition) == verbs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("satisfied", "satisfaction"),
        ("resolved", "resolution"),
        ("attended", "attendance"),
        ("aged", "age"),
        ("replied", "reply"),
        ("won", "win"),
    ],
)
def test_forms_of_a_word_share_a_root(one: str, other: str) -> None:
    assert root(one) == root(other)


@pytest.mark.parametrize(
    ("british", "american"), [("labours", "labor"), ("centre", "center"), ("cheques", "check"), ("hours", "hour"), ("tours", "tour")]
)
def test_two_englishes_spell_one_word(british: str, american: str) -> None:
    assert stem(british) == american


@pytest.mark.parametrize("question", ["legs driven last month", "tickets of platinum members", "tickets of 5 phones"])
def test_a_word_is_never_taken_for_another_part(question: str) -> None:
    assert DESK(question).outcome is not Outcome.ANSWER


@pytest.mark.parametrize(
    "question",
    [
        "sign-ups and agents",  # who else is asked for is no group
        "how many tickets did we cost",  # a verb that is another metric says something else
        "agent sign-ups",  # agents have to do with no sign-up
        "tickets by industry",
    ],
)
def test_nothing_of_another_thing_is_taken_up(question: str) -> None:
    assert DESK(question).outcome is not Outcome.ANSWER


@pytest.mark.parametrize(
    ("first", "question"),
    [
        ("tickets of key accounts last month", "and the other channels last year?"),
        ("tickets of key accounts in June", "and the other one in 2024?"),
        ("tickets of key accounts", "other agents excluding Hamburg"),
    ],
)
def test_no_word_behind_the_other_is_dropped(first: str, question: str) -> None:
    reading = after(first, question)
    assert reading.outcome is not Outcome.ANSWER
    assert all("small" not in choice.text for choice in reading.choices)


@pytest.mark.parametrize("question", ["tickets put off", "payouts shipped", "tickets turned down", "payouts paid back"])
def test_a_verb_that_changes_the_meaning_is_not_dropped(question: str) -> None:
    assert DESK(question).outcome is not Outcome.ANSWER


def test_two_states_are_both_conditions() -> None:
    reading = DESK("tickets we opened and solved")
    assert reading.restated == "Tickets, where ticket status is opened or solved"


def test_of_several_metrics_it_is_not_known_which_the_worst_is_of() -> None:
    """Fewer escalations are better, and more replies in time: the channels are the worst by one of them alone."""
    assert DESK("escalations and on-time replies of the worst channel").outcome is not Outcome.ANSWER
