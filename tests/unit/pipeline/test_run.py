"""The walker: which stages run, in which order, and what each insists on."""

from __future__ import annotations

import datetime as dt

import pytest

from app.errors import Problem, UserError
from app.model.answer import Outcome
from app.model.moment import Moment
from app.model.ontology import Layer
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery
from app.pipeline.engines import engine_named
from app.pipeline.execute import execute
from app.pipeline.generate import generate
from app.pipeline.optimize import optimize
from app.pipeline.run import STAGE_NAMES, run
from app.pipeline.sanitize import sanitize
from app.pipeline.turn import StageDeps, Turn
from app.service.serving import Serving
from tests.unit.language.layers import shop

WHO = Principal("usr_1", "", Role.ADMIN, "default")
DEPS = StageDeps({}, frozenset)


def turn(**more: object) -> Turn:
    served = Serving(lambda _held: ("1", Layer(shop())), poll_seconds=3600).view(WHO)
    now = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
    return Turn("qry_1", WHO, Moment(now, now.date()), served, **more)


def test_stages_run_in_order_up_to_the_one_named_and_are_timed() -> None:
    seen: list[str] = []
    done = run(turn(query=SemanticQuery(("revenue",))), DEPS, until="validate", observe=lambda name, _turn: seen.append(name))
    assert seen == ["interpret", "generate", "validate"]
    assert [stage.stage for stage in done.stages] == seen
    assert all(stage.ms >= 0 for stage in done.stages)
    assert done.plan is not None
    assert done.sql is None
    assert STAGE_NAMES == ("interpret", "generate", "validate", "optimize", "sanitize", "execute", "explain")


def test_what_the_observer_raises_stops_the_walk_before_the_stage() -> None:
    def observe(name: str, _turn: Turn) -> None:
        if name == "generate":
            raise UserError(Problem("DM8010", "the audit trail cannot be written"))

    with pytest.raises(UserError, match="DM8010"):
        run(turn(query=SemanticQuery(("revenue",))), DEPS, observe=observe)


@pytest.mark.parametrize("until", STAGE_NAMES)
def test_a_question_without_a_reading_ends_in_words_whatever_was_asked_for(until: str) -> None:
    done = run(turn(question="gibberish flurb wibble"), DEPS, until=until)
    assert [stage.stage for stage in done.stages] == ["interpret", "explain"]
    assert done.answer.outcome is not Outcome.ANSWER
    assert done.answer.stages == done.stages
    assert done.answer.text


def test_nothing_is_overwritten_by_a_later_stage() -> None:
    first = turn(question="revenue by month")
    done = run(first, DEPS, until="validate")
    assert first.query is None
    assert done.query is not None
    assert (done.query_id, done.served, done.moment) == (first.query_id, first.served, first.moment)


@pytest.mark.parametrize("stage", [generate, optimize, sanitize, execute])
def test_a_stage_that_lacks_what_it_works_on_is_a_fault_of_ours(stage) -> None:
    with pytest.raises(TypeError):
        stage(turn(), DEPS)


def test_an_engine_that_is_none_is_named_with_those_in_use() -> None:
    with pytest.raises(UserError) as raised:
        engine_named(DEPS, "mysql")
    assert raised.value.problem.code == "DM3090"
    assert "none" in raised.value.problem.hint
