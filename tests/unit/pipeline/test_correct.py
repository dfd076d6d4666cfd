"""Approved pairs within stage 1, where it takes no engine to see what comes of them."""

from __future__ import annotations

from app.language.corrections import Approved, ApprovedPairs
from app.model.answer import Outcome
from app.model.moment import Moment
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery
from app.pipeline.run import run
from app.pipeline.turn import StageDeps, Turn
from tests.unit.pipeline.test_sql_drafted import ENGINES, NOW, SQL, served

BOARD = "the depot board"
WHO = Principal("usr_1", "", Role.ANALYST, "default")


def ask(*pairs: Approved) -> Turn:
    deps = StageDeps(ENGINES, lambda: set(ENGINES), corrections=lambda: ApprovedPairs(pairs))
    turn = Turn("qry_1", WHO, Moment(NOW, NOW.date()), served(Role.ANALYST), question=BOARD)
    return run(turn, deps, until="interpret")


def by_sql(number: int, sql: str) -> Approved:
    return Approved(f"apr_{number}", BOARD, None, NOW.date(), sql, "postgres")


def by_query(number: int, metric: str) -> Approved:
    return Approved(f"apr_{number}", BOARD, SemanticQuery((metric,)), NOW.date())


def told(turn: Turn) -> tuple[Outcome, int, str]:
    assert turn.answer is not None
    (problem,) = [one for one in turn.answer.problems if one.code == "DM6071"]
    return turn.answer.outcome, len(turn.answer.choices), problem.hint


def test_what_can_be_offered_is_to_be_chosen_from() -> None:
    assert told(ask(by_query(1, "orders"), by_query(2, "revenue"))) == (Outcome.CLARIFY, 2, "choose one")


def test_where_sql_is_among_them_who_can_help_is_told() -> None:
    """Nobody is asked to choose among what is not shown."""
    for others, choices in ((by_sql(2, f"{SQL} limit 3"), 0), (by_query(2, "orders"), 1)):
        outcome, offered, hint = told(ask(by_sql(1, SQL), others))
        assert (outcome, offered) == (Outcome.CLARIFY, choices)
        assert "an admin can withdraw one" in hint


def test_the_same_sql_twice_is_one_answer() -> None:
    assert ask(by_sql(1, SQL), by_sql(2, SQL)).written_sql == SQL
