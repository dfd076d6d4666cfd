"""A model beside the grounded interpreter: what stands, what is asked, and what is never done."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.errors import Problem, UserError
from app.model.answer import Answer, Mode, Outcome, Verdict
from app.model.moment import Moment
from app.model.ontology import Layer
from app.model.principal import Principal, Role
from app.model.prompt import Reply
from app.model.query import SemanticQuery, TimeRange
from app.pipeline.run import run
from app.pipeline.turn import Drafter, StageDeps, Turn
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable
from app.service.serving import Serving
from tests.support.scripted import Script, query
from tests.unit.language.layers import shop

WHO = Principal("usr_1", "", Role.ANALYST, "default")
NOW = dt.datetime(2026, 7, 15, 9, tzinfo=dt.UTC)
VALUES = {"customer__country": ("Germany", "France")}


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


def ask(question: str, script: Script | None, previous: SemanticQuery | None = None, **more: object) -> Turn:
    layer = Layer(shop())
    served = Serving(lambda _held: ("1", layer), poll_seconds=3600, values=lambda _served, _who: VALUES).view(WHO)
    drafter = Drafter(script.model, **more) if script is not None else None  # type: ignore[arg-type]
    deps = StageDeps({}, frozenset, drafter=drafter)
    return run(Turn("qry_1", WHO, Moment(NOW, NOW.date()), served, question=question, previous=previous), deps, until="interpret")


def told(turn: Turn) -> Answer:
    assert turn.answer is not None
    return turn.answer


def test_where_both_read_the_same_confidence_rises(script: Script) -> None:
    alone = ask("revenue by country last month", None)
    script.says(query(metrics=["revenue"], group_by=[{"name": "customer__country"}], period={"phrase": "last month"}))
    both = ask("revenue by country last month", script, sure=1.0)
    assert both.query == alone.query
    assert both.reading.confidence > alone.reading.confidence
    assert (both.mode, both.drafted.verdict, both.drafted.calls) == (Mode.FULL, Verdict.AGREED, 1)
    assert alone.mode is Mode.GROUNDED


def test_where_they_differ_the_person_is_asked(script: Script) -> None:
    script.says(query(metrics=["orders"], group_by=[{"name": "customer__country"}]))
    turn = ask("revenue by country", script, sure=1.0)
    assert turn.query is None
    assert told(turn).outcome is Outcome.CLARIFY
    assert [choice.text for choice in told(turn).choices] == ["Revenue by country", "Orders by country"]
    assert told(turn).drafted.verdict is Verdict.DIFFERED


def test_what_only_the_model_reads_is_offered(script: Script) -> None:
    script.says(query(metrics=["revenue"], group_by=[{"name": "customer__country"}]))
    turn = ask("how much dosh by country", script)
    assert turn.query is None
    assert [choice.text for choice in told(turn).choices] == ["Revenue by country"]
    assert told(turn).outcome is Outcome.CLARIFY
    assert "dosh" in told(turn).text
    assert told(turn).drafted.verdict is Verdict.ALONE


def test_what_only_the_model_reads_is_answered_where_the_project_lets_it(script: Script) -> None:
    script.says(query(metrics=["revenue"], group_by=[{"name": "customer__country"}]))
    turn = ask("how much dosh by country", script, may_answer=True)
    assert turn.query is not None
    assert turn.query.metrics == ("revenue",)
    assert turn.reading.confidence < 0.7
    assert [problem.code for problem in turn.problems] == ["DM6091"]


def test_a_choice_that_the_model_reads_comes_first(script: Script) -> None:
    alone = told(ask("returned", None))
    assert len(alone.choices) > 1
    wanted = alone.choices[-1]
    filters = [{"name": "product__status", "op": "=", "values": ["returned"]}]
    script.says(query(metrics=[wanted.query.metrics[0]], filters=filters))
    both = told(ask("returned", script))
    assert {choice.text for choice in alone.choices} <= {choice.text for choice in both.choices}
    assert both.outcome is Outcome.CLARIFY


@pytest.mark.parametrize("said", [{"cannot_answer": "no"}, {"ask": "which?"}])
def test_a_model_that_finds_nothing_takes_from_the_confidence_and_not_the_answer(script: Script, said: dict[str, str]) -> None:
    alone = ask("revenue by country", None)
    script.says({"query": None, "cannot_answer": None, "ask": None, **said})
    both = ask("revenue by country", script, sure=1.0)
    assert both.query == alone.query
    assert 0.4 < both.reading.confidence < alone.reading.confidence
    assert "DM6093" in [problem.code for problem in both.problems]


@pytest.mark.parametrize("error", ["unreachable", "refused", "too_slow", "too_long", "no_json", "over_budget"])
def test_without_the_model_the_grounded_reading_stands(script: Script, error: str) -> None:
    alone = ask("revenue by country", None)
    script.says(match="", error=error)
    both = ask("revenue by country", script, sure=1.0)
    assert both.query == alone.query
    assert both.reading.confidence == alone.reading.confidence
    assert (both.mode, both.drafted.verdict) == (Mode.LIMITED_AI, Verdict.UNAVAILABLE)
    (problem,) = both.problems
    assert (problem.code[:5], problem.severity) == ("DM809", "warning")


def test_an_adapter_that_breaks_its_promise_ends_no_question(script: Script) -> None:
    class Broken:
        provider = model = "broken"

        def complete(self, *_given: object) -> object:
            raise ZeroDivisionError

    alone = ask("revenue by country", None)
    layer = Layer(shop())
    served = Serving(lambda _held: ("1", layer), poll_seconds=3600).view(WHO)
    deps = StageDeps({}, frozenset, drafter=Drafter(Broken(), sure=1.0))  # type: ignore[arg-type]
    turn = run(Turn("qry_1", WHO, Moment(NOW, NOW.date()), served, question="revenue by country"), deps, until="interpret")
    assert (turn.query, turn.mode) == (alone.query, Mode.LIMITED_AI)


def test_who_has_gone_away_is_no_model_that_fails() -> None:
    """A call that is given up ends the turn; nobody is answered without the model."""

    class Left:
        provider = model = "left"

        def complete(self, messages: object, schema: object, who: str, cancel: Cancel) -> Reply:
            cancel.cancel()
            raise ModelUnavailable(Problem("DM8090", "nobody waits for it any more"))

    served = Serving(lambda _held: ("1", Layer(shop())), poll_seconds=3600).view(WHO)
    deps = StageDeps({}, frozenset, drafter=Drafter(Left(), sure=1.0))  # type: ignore[arg-type]
    with pytest.raises(UserError, match="DM5003"):
        run(Turn("qry_1", WHO, Moment(NOW, NOW.date()), served, question="revenue by country"), deps, until="interpret")


def test_who_has_gone_away_has_no_second_call_made() -> None:
    class Leaving:
        provider = model = "leaving"

        def __init__(self, cancel: Cancel) -> None:
            self.cancel, self.calls = cancel, 0

        def complete(self, *_given: object) -> Reply:
            self.calls += 1
            self.cancel.cancel()
            return Reply('{"query": {"metrics": ["turnover_net"]}}', "leaving", "leaving")

    cancel = Cancel()
    model = Leaving(cancel)
    layer = Layer(shop())
    served = Serving(lambda _held: ("1", layer), poll_seconds=3600).view(WHO)
    deps = StageDeps({}, frozenset, drafter=Drafter(model, sure=1.0))  # type: ignore[arg-type]
    with pytest.raises(UserError) as raised:
        run(Turn("qry_1", WHO, Moment(NOW, NOW.date()), served, question="revenue by country", cancel=cancel), deps, until="interpret")
    assert (raised.value.problem.code, model.calls) == ("DM5003", 1)


def test_a_draft_that_is_wrong_is_mended_once(script: Script) -> None:
    script.says(query(metrics=["revenue"], group_by=[{"name": "customer__country"}]), match="can't be asked")
    script.says(query(metrics=["turnover_net"], group_by=[{"name": "customer__country"}]))
    turn = ask("revenue by country", script, sure=1.0)
    assert (turn.drafted.verdict, turn.drafted.calls) == (Verdict.AGREED, 2)
    last = script.log[-1]["messages"][-1]["content"]
    assert "metrics[0]" in last
    assert "there is no such metric" in last
    assert "turnover_net" not in last


def test_a_draft_that_stays_wrong_counts_for_nothing(script: Script) -> None:
    script.says(query(metrics=["turnover_net"]))
    alone = ask("revenue by country", None)
    turn = ask("revenue by country", script, sure=1.0)
    assert (turn.drafted.verdict, turn.drafted.calls) == (Verdict.INVALID, 2)
    assert (turn.query, turn.reading.confidence) == (alone.query, alone.reading.confidence)


def test_a_draft_that_can_be_written_and_not_planned_is_none(script: Script) -> None:
    script.says(query(metrics=["units_sold"], filters=[{"name": "order__status", "op": ">", "values": ["returned"]}]))
    assert ask("units sold", script, sure=1.0).drafted.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "question",
    ["", "select * from orders", "delete all orders", "list all customer names", "forecast revenue for next year", "{{ x }}"],
)
def test_what_no_reading_mends_is_not_sent(script: Script, question: str) -> None:
    script.says(query(metrics=["revenue"]))
    turn = ask(question, script, may_answer=True)
    assert turn.query is None
    assert script.log == []
    assert (turn.mode, turn.drafted) == (Mode.GROUNDED, None)


def test_a_sure_answer_is_given_without_the_model(script: Script) -> None:
    script.says(query(metrics=["orders"]))
    turn = ask("revenue by country", script)
    assert turn.reading.confidence >= 0.95
    assert script.log == []
    assert turn.mode is Mode.GROUNDED


def test_only_some_roles_have_a_model(script: Script) -> None:
    script.says(query(metrics=["orders"]))
    assert ask("how much dosh", script, roles=frozenset({Role.ADMIN})).drafted is None
    assert script.log == []


def test_a_follow_up_says_what_it_goes_on_from_and_no_value_of_it(script: Script) -> None:
    before = ask("revenue in Germany last month", None).query
    assert before is not None
    script.says(
        query(
            metrics=["revenue"],
            group_by=[{"name": "order__sales_channel"}],
            filters=[{"name": "customer__country", "op": "=", "values": ["@1"]}],
            period={"phrase": "last month"},
        )
    )
    alone = ask("and by sales channel?", None, previous=before)
    turn = ask("and by sales channel?", script, previous=before, sure=1.0)
    assert "Germany" not in script.received
    assert '"previous":{"metrics":["revenue"]' in script.received
    assert turn.drafted.verdict is Verdict.AGREED, told(turn).choices if turn.answer else None
    assert turn.query == alone.query


def test_a_query_before_that_no_draft_says_is_gone_on_from_without_a_model(script: Script) -> None:
    script.says(query(metrics=["orders"]))
    before = SemanticQuery(("revenue",), time=TimeRange(dt.date(2026, 6, 1), dt.date(2026, 6, 2), start_clock=dt.time(10)))
    assert ask("and by country?", script, previous=before, sure=1.0).mode is Mode.GROUNDED
    assert script.log == []


def test_what_the_person_chose_before_is_asked_nobody_else(script: Script) -> None:
    from app.language.chosen import Chosen, offered

    script.says(query(metrics=["orders"]))
    first = told(ask("returned", None))
    options, forms = offered([choice.query for choice in first.choices])
    layer = Layer(shop())
    served = Serving(lambda _held: ("1", layer), poll_seconds=3600).view(WHO)
    turn = Turn("qry_1", WHO, Moment(NOW, NOW.date()), served, question="returned", chosen=Chosen(options, forms[0]))
    done = run(turn, StageDeps({}, frozenset, drafter=Drafter(script.model, sure=1.0)), until="interpret")
    assert done.query == first.choices[0].query
    assert script.log == []


def test_the_same_question_is_the_same_prompt(script: Script) -> None:
    script.says({"cannot_answer": "no"})
    for _ in range(2):
        ask("how much dosh by country", script)
    first, second = script.log
    assert first == second


def test_a_setting_bounds_the_layer_in_the_prompt(script: Script) -> None:
    script.says({"cannot_answer": "no"})
    ask("how much dosh by country", script, most_bytes=1_000)
    content = script.log[0]["messages"][1]["content"]
    assert len(content.encode()) < 1_600
    assert '"customer__country"' in content
