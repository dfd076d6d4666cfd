"""One turn, from any door: pin the layer, walk the stages, and keep the record before and after data is touched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import msgspec

from app.errors import DataMindError, Problem, Severity, UserError
from app.language.chosen import Chosen
from app.model.answer import Answer, Outcome
from app.model.audit.catalogue import EventType
from app.model.ids import new_id
from app.model.query import SemanticQuery
from app.model.records import QueryRecord
from app.model.sql import Limits
from app.pipeline.run import run
from app.pipeline.turn import StageDeps, Turn
from app.ports import Cancel
from app.redaction.redact import redact, redact_json
from app.service import audit
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.drafting import drafter_told, with_model
from app.service.left_out import with_cause
from app.service.places import placed
from app.service.request import QueryRequest, as_of, semantic_query, written_out
from app.service.sql_outline import sql_outline

COMPONENT = "pipeline"


_EXECUTING = ("execute", "explain")


class Further(Protocol):
    """Answers further metric queries of a turn."""

    def __call__(self, query: SemanticQuery, *, seconds: float = 0.0) -> Turn:
        """One more, within so many seconds where they are told. Raises what the stages raise."""


Then = Callable[[Turn, Further], Turn]
"""What is done with a turn that has its answer before the query log keeps it. It raises nothing that a stage raises."""


def _on_paper(stage: StageDeps, source: str) -> StageDeps:
    """For a walk that executes nothing: an engine that was asked for need not answer, nor need any where none does."""
    return replace(stage, available=lambda: {*(stage.available() or stage.engines), source})


def walk(
    deps: Deps,
    caller: Caller,
    *,
    question: str = "",
    previous: SemanticQuery | None = None,
    chosen: Chosen | None = None,
    remarks: tuple[Problem, ...] = (),
    query: SemanticQuery | QueryRequest | None = None,
    written_sql: str = "",
    source: str = "",
    query_id: str = "",
    comments: bool = False,
    until: str = "explain",
    cancel: Cancel | None = None,
    then: Then | None = None,
) -> Turn:
    """Run a question, a metric query or written SQL through the pipeline and record it.

    A query as people write it is read by the layer that the turn pins. `query_id` goes on with an earlier turn's id. `remarks` are said
    with the answer, before those of the stages. With `comments` the SQL that is shown (never the one that runs) bears the metrics'
    descriptions. `then` completes a turn that was walked to its end: what it asks besides is audited under the turn's id, and the query log keeps
    what it made of the answer. Raises what reading it and the stages raise, after the failure is recorded;
    DM8010 where the audit trail can't be written: then no data is read; UserError DM3094 for what is no text, of which no record can be kept.
    """
    started = time.perf_counter()
    _require_text(question, written_sql, query)
    turn = Turn(
        query_id or new_id("qry"),
        caller.principal,
        deps.calendar.moment(deps.clock),
        deps.serving.view(caller.principal),
        question=question,
        previous=previous,
        chosen=chosen,
        problems=remarks,
        query=query if isinstance(query, SemanticQuery) else None,
        written_sql=written_sql,
        source=source,
        comments=comments,
        cancel=cancel or Cancel(),
    )
    walked = _Walk(deps, caller, turn)
    try:
        stage = with_model(deps, turn.served.layer.version)
        turn = walked.to(until, stage if until in _EXECUTING else _on_paper(stage, source), query)
    except Exception as error:
        _keep(deps, caller, walked.latest, started, *_failure(error))
        if isinstance(error, UserError) and query is not None:
            told = with_cause(error, query, turn.served.layer, caller.principal)
            raise (placed(told, query) if isinstance(query, QueryRequest) else told) from None
        raise
    if then is not None and turn.answer is not None:
        try:
            turn = then(turn, partial(_further, deps, caller, turn))
        except Exception:
            _keep(deps, caller, turn, started, "failed", "DM9001")
            raise
    _keep(deps, caller, turn, started, _status(turn), _told(turn))
    return turn


def _further(deps: Deps, caller: Caller, asked: Turn, query: SemanticQuery, *, seconds: float = 0.0) -> Turn:
    """One more query of a turn: by the same person over the same layer on the same engine, governed as any, and audited under the turn's id.

    The query log has the turn once: nobody asked this. Raises what the stages raise, and DM8010 where the audit trail can't be written.
    """
    one = Turn(
        asked.query_id, asked.principal, asked.moment, asked.served, query=query, source=asked.engine or asked.source, cancel=asked.cancel
    )
    stage = replace(deps.stage, limits=deps.stage.limits.within(Limits(0, seconds)))
    return _Walk(deps, caller, one).to("execute", stage, query)


@dataclass(slots=True)
class _Walk:
    """A walk through the stages with its place in the audit trail: that it begins before data is touched, and how it ended. `latest` is the turn as far as it came."""

    deps: Deps
    caller: Caller
    latest: Turn

    def to(self, until: str, stage: StageDeps, query: SemanticQuery | QueryRequest | None) -> Turn:
        """The turn after that stage, its query read by the layer that it pins. Raises what reading and the stages raise, after the failure is recorded."""
        try:
            self.latest = _with_query(self.latest, query)
            self.latest = run(self.latest, stage, until=until, observe=self._observe)
        except Exception as error:
            _end(self.deps, self.caller, self.latest, *_failure(error))
            raise
        _end(self.deps, self.caller, self.latest, _status(self.latest))
        return self.latest

    def _observe(self, stage: str, current: Turn) -> None:
        self.latest = current
        if stage == "execute":
            _audit(self.deps, self.caller, current, EventType.QUERY_EXECUTE, "begin", sql=sql_outline(current))


def _with_query(turn: Turn, query: SemanticQuery | QueryRequest | None) -> Turn:
    """The turn with the query as its view reads it; as it is without one. Raises UserError for what the view has no reading of."""
    served = turn.served
    if isinstance(query, QueryRequest):
        request = as_of(query, turn.moment.today)
        return turn.with_(query=served.remembered(request, lambda: semantic_query(request, served.visible, served.joins)))
    return turn.with_(query=written_out(query, served.visible, served.joins)) if query is not None else turn


def _told(turn: Turn) -> str:
    """The code of the reason for which a turn that went well gave no answer, "" where it gave one."""
    answer = turn.answer
    if answer is None or answer.outcome is Outcome.ANSWER:
        return ""
    return next((problem.code for problem in reversed(answer.problems) if problem.severity is Severity.ERROR), "")


def _require_text(question: str, written_sql: str, query: SemanticQuery | QueryRequest | None) -> None:
    """Refuse what neither an engine nor the query log could be given: a lone half of a character, which JSON and command lines can hold.

    Raises UserError DM3094.
    """
    try:
        (question + written_sql).encode()
        if query is not None:
            query.canonical()
    except UnicodeEncodeError:
        raise UserError(Problem("DM3094", "a text of the request is no valid Unicode", hint="send it as UTF-8")) from None


def _status(turn: Turn) -> str:
    """The word under which the query log keeps a turn that did not fail."""
    if turn.answer is not None and turn.answer.outcome is not Outcome.ANSWER:
        return "clarify" if turn.answer.outcome is Outcome.CLARIFY else "refused"
    return "succeeded" if turn.result is not None else "generated"


def _failure(error: Exception) -> tuple[str, str]:
    """How a walk ended that raised, with the code: refused by a rule of ours, or failed; a fault of governance itself is no refusal."""
    if not isinstance(error, DataMindError):
        return "failed", "DM9001"
    code = error.problem.code
    return "refused" if isinstance(error, UserError) and code[:3] in ("DM3", "DM4", "DM6") else "failed", code


def _end(deps: Deps, caller: Caller, turn: Turn, status: str, problem_code: str = "") -> None:
    """Write the end of a walk to the audit trail."""
    if turn.governed is not None and status in ("succeeded", "failed"):
        _audit(deps, caller, turn, EventType.QUERY_EXECUTE, status, problem_code)
    else:
        _audit(deps, caller, turn, EventType.QUERY_GENERATE, status, problem_code, sql_outline(turn))


def _keep(deps: Deps, caller: Caller, turn: Turn, started: float, status: str, problem_code: str) -> None:
    """Write what the person was told to the query log."""
    deps.queries.add(
        QueryRecord(
            turn.query_id,
            caller.principal.project_id,
            caller.principal.user_id,
            caller.door,
            status,
            turn.moment.now,
            question=redact(turn.question),
            semantic_query=redact_json(turn.query.canonical().decode()) if turn.query else "",
            sql=redact(turn.sql.text if turn.sql else turn.written_sql),
            engine=turn.engine or turn.source,
            layer_version=turn.served.layer.version,
            row_count=turn.result.row_count if turn.result else 0,
            elapsed_ms=round((time.perf_counter() - started) * 1000, 3),
            problem_code=problem_code,
            correlation_id=caller.correlation_id,
            confidence=turn.answer.confidence if turn.answer else 0.0,
            answer=redact_json(without_rows(turn.answer).canonical().decode()) if turn.answer else "",
        )
    )


def without_rows(answer: Answer) -> Answer:
    """The answer as it may be kept: neither rows nor what speaks of them, nor governed SQL; what can be made of the query again is left out as well."""
    return msgspec.structs.replace(
        answer, result=None, text="", governed_sql="", policies=(), parts=(), follow_ups=(), chart=None, comparison=None, contributions=()
    )


def _audit(deps: Deps, caller: Caller, turn: Turn, event: EventType, status: str, problem_code: str = "", sql: str = "") -> None:
    """One audit event of this turn."""
    audit.record(
        deps.audit,
        deps.clock,
        event_type=event,
        user_id=caller.principal.user_id,
        email=caller.principal.email,
        project_id=caller.principal.project_id,
        component=COMPONENT,
        status=status,
        correlation_id=caller.correlation_id,
        ip_address=caller.ip_address,
        layer_version=turn.served.layer.version,
        policy_fingerprint=turn.governed.fingerprint if turn.governed else "",
        query_id=turn.query_id,
        door=caller.door,
        engine=turn.engine or turn.source,
        models=list(turn.governed.models) if turn.governed else [],
        rows=turn.result.row_count if turn.result else 0,
        problem=problem_code,
        sql=sql,
        **({"drafter": drafter_told(turn.drafted)} if turn.drafted is not None else {}),
    )
