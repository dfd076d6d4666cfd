"""Every turn leaves its records: before data is touched, and after its end, whatever the end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import msgspec
import psycopg
import pytest

from app.errors import DataMindError, InternalError, Problem, UserError
from app.model.answer import Outcome
from app.model.audit.event import AuditEvent
from app.model.ids import new_id
from app.model.principal import Principal, Role
from app.model.query import GroupBy, SemanticQuery
from app.model.records import QueryRecord
from app.model.sql import GovernedSql
from app.pipeline.run import run
from app.pipeline.turn import Turn
from app.pipeline.validate import validate
from app.ports import Cancel, Engine
from app.service.ask import ask
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.query import query, query_record
from app.service.request import QueryRequest
from app.service.sql import execute_sql, generate_sql, is_answer, validate_sql
from app.service.turns import without_rows
from tests.engines.service.conftest import Trail
from tests.support.demo import Demo

REVENUE = SemanticQuery(("revenue",), (GroupBy("metric_time", "year"),))


def somebody(demo: Demo, role: Role = Role.ADMIN, user_id: str = "", **attributes: str) -> Caller:
    """A caller with a correlation id of its own."""
    who = Principal(user_id or new_id("usr"), "", role, demo.settings.project_id, attributes=tuple(sorted(attributes.items())))
    return Caller(who, "test", new_id("cor"), "192.0.2.7")


def kept(demo: Demo, query_id: str) -> QueryRecord:
    found = demo.deps.queries.get(query_id, demo.settings.project_id)
    assert found is not None
    return found


@dataclass
class DeafSink:
    """An audit sink that can't keep events of some kind."""

    event_type: str
    status: str = ""
    seen: list[AuditEvent] = field(default_factory=list)

    def record(self, event: AuditEvent) -> None:
        if event.event_type == self.event_type and self.status in ("", event.status):
            raise InternalError(Problem("DM8010", "the audit trail cannot be written, so nothing was done"))
        self.seen.append(event)


@dataclass
class Witness:
    """An engine that counts its executions and has another do them."""

    inner: Engine
    executed: int = 0
    fail: Exception | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def execute(self, governed: GovernedSql, cancel: Cancel) -> object:
        self.executed += 1
        if self.fail is not None:
            raise self.fail
        return self.inner.execute(governed, cancel)


def witnessed(demo: Demo, **changes: object) -> tuple[Deps, dict[str, Witness]]:
    """Deps over engines that count, with these ports changed."""
    engines = {name: Witness(engine) for name, engine in demo.deps.engines.items()}
    stage = replace(demo.deps.stage, engines=engines)
    return replace(demo.deps, stage=stage, **changes), engines


def test_a_success_is_recorded_before_the_data_and_after(demo: Demo, trail: Trail) -> None:
    caller = somebody(demo)
    turn = query(demo.deps, caller, REVENUE, source="postgres")
    begin, end = trail(caller.correlation_id)
    assert [(e["event_type"], e["status"]) for e in (begin, end)] == [("query.execute", "begin"), ("query.execute", "succeeded")]
    for event in (begin, end):
        assert event["user_id"] == caller.principal.user_id
        assert event["ip_address"] == "192.0.2.7"
        assert event["layer_version"] == turn.served.layer.version
        assert event["policy_fingerprint"] == turn.governed.fingerprint
        assert event["details"]["query_id"] == turn.query_id
        assert event["details"]["models"] == ["fct_order_lines"]
        assert event["details"]["engine"] == "postgres"
    assert begin["details"]["rows"] == 0
    assert end["details"]["rows"] == turn.result.row_count > 0


def test_the_query_log_keeps_the_turn_without_its_rows(demo: Demo) -> None:
    caller = somebody(demo)
    turn = ask(demo.deps, caller, "What was our revenue in June 2026?")
    record = kept(demo, turn.query_id)
    assert record.question == "What was our revenue in June 2026?"
    assert record.sql == turn.sql.text
    assert record.status == "succeeded"
    assert record.engine == turn.engine
    assert record.row_count == 1
    assert record.correlation_id == caller.correlation_id
    assert SemanticQuery.from_json(record.semantic_query) == turn.query
    number = str(turn.result.data[0][0])
    assert number not in msgspec.json.encode(record).decode()
    answer = json.loads(record.answer)
    assert not {"result", "text", "governed_sql", "policies"} & set(answer)
    assert answer["restated"] == turn.answer.restated


def test_a_query_that_cannot_be_read_is_recorded(demo: Demo, trail: Trail) -> None:
    caller = somebody(demo)
    with pytest.raises(UserError) as raised:
        query(demo.deps, caller, QueryRequest(("revenue",), where=("customer__country =",)))
    assert raised.value.problem.code == "DM3101"
    (event,) = trail(caller.correlation_id)
    assert (event["event_type"], event["status"], event["details"]["problem"]) == ("query.generate", "refused", "DM3101")


def test_without_rows_leaves_nothing_that_speaks_of_rows(demo: Demo) -> None:
    answer = ask(demo.deps, somebody(demo), "What was our revenue in June 2026?").answer
    bare = without_rows(answer)
    assert answer.result
    assert answer.text
    assert answer.governed_sql
    assert (bare.result, bare.text, bare.governed_sql, bare.policies) == (None, "", "", ())
    assert (bare.sql, bare.definitions) == (answer.sql, answer.definitions)


def test_a_refusal_is_recorded_and_touches_no_data(demo: Demo, trail: Trail) -> None:
    deps, engines = witnessed(demo)
    caller = somebody(demo)
    with pytest.raises(UserError) as raised:
        execute_sql(deps, caller, "SELECT pg_read_file('/etc/passwd')", "postgres")
    assert raised.value.problem.code.startswith("DM4")
    (event,) = trail(caller.correlation_id)
    assert (event["event_type"], event["status"]) == ("query.generate", "refused")
    assert event["details"]["problem"] == raised.value.problem.code
    assert "passwd" not in str(event)
    assert sum(engine.executed for engine in engines.values()) == 0
    record = kept(demo, event["details"]["query_id"])
    assert record.status == "refused"
    assert record.problem_code == raised.value.problem.code
    assert record.sql == "SELECT pg_read_file('/etc/passwd')"


@pytest.mark.parametrize(
    ("fail", "code"),
    [(UserError(Problem("DM5002", "too slow")), "DM5002"), (RuntimeError("a fault of ours"), "DM9001")],
)
def test_a_failure_is_recorded(demo: Demo, trail: Trail, fail: Exception, code: str) -> None:
    deps, engines = witnessed(demo)
    for engine in engines.values():
        engine.fail = fail
    caller = somebody(demo)
    with pytest.raises(type(fail)):
        query(deps, caller, REVENUE)
    begin, end = trail(caller.correlation_id)
    assert (begin["status"], end["event_type"], end["status"]) == ("begin", "query.execute", "failed")
    assert end["details"]["problem"] == code
    record = kept(demo, end["details"]["query_id"])
    assert (record.status, record.problem_code) == ("failed", code)


def test_no_data_is_read_when_the_audit_trail_cannot_be_written(demo: Demo) -> None:
    deps, engines = witnessed(demo, audit=DeafSink("query.execute"))
    with pytest.raises(InternalError) as raised:
        query(deps, somebody(demo), REVENUE)
    assert raised.value.problem.code == "DM8010"
    assert sum(engine.executed for engine in engines.values()) == 0


def test_no_answer_is_given_when_its_end_cannot_be_recorded(demo: Demo) -> None:
    sink = DeafSink("query.execute", "succeeded")
    deps, engines = witnessed(demo, audit=sink)
    with pytest.raises(InternalError):
        query(deps, somebody(demo), REVENUE)
    assert sum(engine.executed for engine in engines.values()) == 1
    assert [event.status for event in sink.seen] == ["begin"]
    record = kept(demo, json.loads(sink.seen[0].details)["query_id"])
    assert (record.status, record.problem_code) == ("failed", "DM8010")


def test_a_cancelled_turn_stops_between_stages(demo: Demo, trail: Trail) -> None:
    caller, cancel = somebody(demo), Cancel()
    cancel.cancel()
    with pytest.raises(UserError) as raised:
        query(demo.deps, caller, REVENUE, cancel=cancel)
    assert raised.value.problem.code == "DM5003"
    (event,) = trail(caller.correlation_id)
    assert event["status"] == "failed"


@pytest.mark.parametrize("question", ["gibberish flurb wibble", "revenue by the phase of the moon"])
def test_a_question_that_gets_no_answer_is_kept_as_such(demo: Demo, trail: Trail, question: str) -> None:
    caller = somebody(demo)
    turn = ask(demo.deps, caller, question)
    assert turn.answer.outcome is not Outcome.ANSWER
    assert turn.answer.text
    assert not is_answer(turn)
    (event,) = trail(caller.correlation_id)
    assert event["event_type"] == "query.generate"
    assert event["status"] == ("clarify" if turn.answer.outcome is Outcome.CLARIFY else "refused")
    assert kept(demo, turn.query_id).question == question


def test_a_question_that_comes_to_nothing_is_kept_as_the_no_that_was_told(demo: Demo, trail: Trail) -> None:
    """And what was asked besides, to find out why, is audited under its id and is no question of its own."""
    caller = somebody(demo)
    turn = ask(demo.deps, caller, "revenue in 1998")
    record = kept(demo, turn.query_id)
    assert (turn.answer.outcome, record.status, record.problem_code) == (Outcome.REFUSE, "refused", "DM6018")
    assert json.loads(record.answer)["choices"][0]["query"]["metrics"] == ["revenue"]
    events = trail(caller.correlation_id)
    assert {event["details"]["query_id"] for event in events} == {turn.query_id}
    assert [(e["event_type"], e["status"]) for e in events] == [("query.execute", "begin"), ("query.execute", "succeeded")] * 2
    with psycopg.connect(demo.servers.store) as connection:
        row = connection.execute("SELECT count(*) FROM jobs.queries WHERE correlation_id = %s", [caller.correlation_id]).fetchone()
    assert row == (1,)


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused(demo: Demo, question: str) -> None:
    with pytest.raises(UserError) as raised:
        ask(demo.deps, somebody(demo), question)
    assert raised.value.problem.code == "DM6001"


def test_a_viewer_may_neither_ask_nor_query(demo: Demo, trail: Trail) -> None:
    deps, engines = witnessed(demo)
    viewer = somebody(demo, Role.VIEWER)
    doors = (
        lambda: ask(deps, viewer, "revenue"),
        lambda: query(deps, viewer, REVENUE),
        lambda: generate_sql(deps, viewer, "revenue"),
        lambda: validate_sql(deps, viewer, "SELECT 1", "postgres"),
        lambda: execute_sql(deps, viewer, "SELECT 1", "postgres"),
    )
    for door in doors:
        with pytest.raises(UserError) as raised:
            door()
        assert raised.value.problem.code == "DM7010"
    assert sum(engine.executed for engine in engines.values()) == 0
    assert trail(viewer.correlation_id) == []


def test_generated_sql_goes_on_under_its_id(demo: Demo) -> None:
    caller = somebody(demo)
    made = generate_sql(demo.deps, caller, "What was our revenue in June 2026?", source="postgres")
    assert made.result is None
    assert is_answer(made)
    assert kept(demo, made.query_id).status == "generated"
    ran = execute_sql(demo.deps, caller, made.sql.text, "postgres", query_id=made.query_id)
    assert ran.query_id == made.query_id
    record = kept(demo, made.query_id)
    assert (record.status, record.question, record.row_count) == ("succeeded", "What was our revenue in June 2026?", 1)


def test_generated_sql_runs_as_it_was_shown(demo: Demo) -> None:
    """What a person is shown and sends back gives the rows that the question gives."""
    caller = somebody(demo)
    question = "What is the refund rate by country in 2025?"
    for source in ("postgres", "clickhouse"):
        shown = generate_sql(demo.deps, caller, question, source=source).sql.text
        ran = execute_sql(demo.deps, caller, shown, source)
        asked = ask(demo.deps, caller, question, source=source)
        assert sorted(map(repr, ran.result.rows())) == sorted(map(repr, asked.result.rows()))


def test_another_persons_turn_is_not_continued(demo: Demo) -> None:
    owner = somebody(demo, Role.ANALYST, region="DACH")
    made = generate_sql(demo.deps, owner, "revenue in June 2026", source="postgres")
    with pytest.raises(UserError) as raised:
        execute_sql(demo.deps, somebody(demo, Role.ANALYST, region="DACH"), "SELECT 1 AS one", "postgres", query_id=made.query_id)
    assert raised.value.problem.code == "DM3091"
    admin = somebody(demo)
    ran = execute_sql(demo.deps, admin, made.sql.text, "postgres", query_id=made.query_id)
    assert ran.query_id != made.query_id
    assert ran.question == ""
    assert kept(demo, made.query_id).user_id == owner.principal.user_id
    assert kept(demo, made.query_id).status == "generated"
    assert query_record(demo.deps, admin, made.query_id).id == made.query_id


def test_an_unknown_query_id_is_refused(demo: Demo) -> None:
    with pytest.raises(UserError) as raised:
        execute_sql(demo.deps, somebody(demo), "SELECT 1 AS one", "postgres", query_id="qry_" + "0" * 32)
    assert raised.value.problem.code == "DM3091"


def test_validating_runs_nothing(demo: Demo, trail: Trail) -> None:
    deps, engines = witnessed(demo)
    caller = somebody(demo, Role.ANALYST, region="DACH")
    turn = validate_sql(deps, caller, "SELECT count(*) AS n FROM marts.dim_customers", "postgres")
    assert turn.governed is not None
    assert turn.result is None
    assert sum(engine.executed for engine in engines.values()) == 0
    (event,) = trail(caller.correlation_id)
    assert (event["event_type"], event["status"]) == ("query.generate", "generated")


def test_an_unknown_engine_is_named(demo: Demo) -> None:
    for door in (
        lambda: query(demo.deps, somebody(demo), REVENUE, source="postgress"),
        lambda: execute_sql(demo.deps, somebody(demo), "SELECT 1 AS one", "postgress"),
    ):
        with pytest.raises(DataMindError) as raised:
            door()
        assert raised.value.problem.code in ("DM3031", "DM3090")
        assert "`postgres`" in raised.value.problem.hint


def test_a_plan_that_reads_what_may_not_be_read_is_refused_at_validation(demo: Demo) -> None:
    """A plan is made of visible names only; the stage still checks."""

    caller = somebody(demo)
    served = demo.deps.serving.view(caller.principal)
    turn = Turn("qry_1", caller.principal, demo.deps.calendar.moment(demo.deps.clock), served, query=REVENUE)
    planned = run(turn, demo.deps.stage, until="generate")
    closed = {name: replace(rule, readable=False) if name == "fct_order_lines" else rule for name, rule in served.access.models.items()}

    with pytest.raises(UserError) as raised:
        validate(planned.with_(served=replace(served, access=replace(served.access, models=closed))), demo.deps.stage)
    assert raised.value.problem.code == "DM4020"


def test_without_an_engine_that_answers_it_says_so(demo: Demo) -> None:
    deps = replace(demo.deps, stage=replace(demo.deps.stage, available=frozenset))
    with pytest.raises(UserError) as raised:
        query(deps, somebody(demo), REVENUE)
    assert raised.value.problem.code == "DM5001"


@pytest.mark.parametrize("source", ["", "postgres"])
def test_what_is_not_run_needs_no_engine_that_answers(demo: Demo, source: str) -> None:
    deps = replace(demo.deps, stage=replace(demo.deps.stage, available=frozenset))
    turn = query(deps, somebody(demo), REVENUE, source=source, until="sanitize")
    assert turn.engine == (source or "clickhouse")
    assert turn.governed is not None


def test_what_is_not_run_is_shown_for_an_engine_that_answers(demo: Demo) -> None:
    deps = replace(demo.deps, stage=replace(demo.deps.stage, available=lambda: {"postgres"}))
    assert query(deps, somebody(demo), REVENUE, until="optimize").engine == "postgres"
    assert query(deps, somebody(demo), REVENUE, source="clickhouse", until="optimize").engine == "clickhouse"
