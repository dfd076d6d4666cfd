"""SQL by a language model for a question that no metric answers: where an admin lets people of the asker's role have it, and labelled as what it is.

It is asked for only behind a grounded no and a model that drafted no query either. What it writes enters at stage 2 as if somebody had written it, and walks the same
stages: firewall, policies, limits, a read-only engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.errors import DataMindError, InternalError, Problem, Severity
from app.language.drafting.prompt import Prompt
from app.language.drafting.sql_form import read_sql, stray
from app.language.drafting.sql_prompt import SqlMaterial, sql_prompt, sql_repair
from app.language.drafting.vocabulary import Vocabulary
from app.language.reading import Reading
from app.model.answer import Mode, Outcome, Verdict
from app.pipeline.generate import generate
from app.pipeline.model_calls import MOST_CALLS, ModelCalls
from app.pipeline.optimize import optimize
from app.pipeline.sanitize import sanitize
from app.pipeline.tellable import hidden_from, told_names
from app.pipeline.turn import StageDeps, Turn
from app.pipeline.validate import validate
from app.ports.language_models import ModelUnavailable

_OF_THE_TEXT = ("DM4", "DM6")
"""Codes of what another statement could mend; anything else (failed tests, an engine that is away) is told by the stage that finds it."""
_NO_JOIN = "DM6007"


def sql_drafted(turn: Turn, deps: StageDeps, calls: ModelCalls) -> Turn:
    """The turn with SQL that may run, where the question came to a no and SQL is allowed; else as it is. Never raises for anything that a model does or says;
    UserError DM5003 where the turn is cancelled before a call."""
    engine = _engine(turn, deps) if _is_open(turn, calls) else ""
    material = calls.drafter.material(turn.served, turn.question, engine) if engine else SqlMaterial()
    if not material.tables:
        return turn
    names = told_names(turn.served)
    writer = _Writer(turn, deps, calls, engine, material)
    dialect = deps.engines[engine].dialect
    try:
        sql, verdict = writer.written(sql_prompt(turn.question, dialect, material, _shown(names, material), turn.moment))
    except ModelUnavailable as error:
        told = (*turn.problems, error.problem.as_warning())
        return turn.with_(mode=Mode.LIMITED_AI, drafted=calls.record(Verdict.UNAVAILABLE), problems=told)
    turn = turn.with_(drafted=calls.record(verdict))
    if not sql:
        return turn
    return turn.with_(reading=Reading(Outcome.ANSWER, problems=(UNCERTIFIED,)), written_sql=sql, source=engine)


def _is_open(turn: Turn, calls: ModelCalls) -> bool:
    """Whether SQL may be asked for: nobody read the question as a query, and the model would not rather ask what is meant. Where a metric is named that no join
    leads to, SQL would join what the layer refuses to."""
    reading, drafted = turn.reading, turn.drafted
    if reading is not None and any(problem.code == _NO_JOIN for problem in reading.problems):
        return False
    if reading is None or reading.outcome is not Outcome.REFUSE or drafted is None or drafted.verdict is Verdict.ASKED:
        return False
    return turn.principal.role in calls.drafter.sql_roles


def _engine(turn: Turn, deps: StageDeps) -> str:
    """The engine that was asked for, else the first in use that holds the layer and answers; "" where there is none."""
    held = [name for name in deps.engines if turn.served.layer.placement(name) is not None]
    if turn.source:
        return turn.source if turn.source in held else ""
    available = deps.available()
    return next((name for name in held if name in available), "")


def _shown(names: Vocabulary, material: SqlMaterial) -> list[dict[str, Any]]:
    """What the vocabulary says of the terms that were found."""
    known = {one.name: one.shown for one in (*names.metrics, *names.items)}
    return [known[name] for name in material.terms if name in known]


@dataclass(frozen=True, slots=True)
class _Writer:
    """The statement for one question."""

    turn: Turn
    deps: StageDeps
    calls: ModelCalls
    engine: str
    material: SqlMaterial

    def written(self, asked: Prompt) -> tuple[str, Verdict]:
        """SQL that every stage before the engine lets pass, after one try to mend it, or why there is none. Raises ModelUnavailable where not even a first try is
        to be had."""
        for attempt in range(MOST_CALLS):
            try:
                draft = read_sql(self.calls.said(asked))
            except ModelUnavailable:
                if attempt == 0:
                    raise
                break
            if draft.declined:
                return "", Verdict.DECLINED
            found = draft.problems or self._wrong(draft.sql)
            if not found:
                return draft.sql, Verdict.SQL
            asked = sql_repair(asked, draft.sql, found, hidden_from(self.turn.served))
        return "", Verdict.INVALID

    def _wrong(self, sql: str) -> tuple[Problem, ...]:
        """What stands against a statement, by the stages that look at anybody's."""
        probe = self.turn.with_(reading=None, written_sql=sql, source=self.engine, problems=())
        try:
            made = generate(probe, self.deps)
            strays = stray(made.sql.tree, self.material.names, self.material.guarded) if made.sql is not None else ""
            if strays:
                return (Problem("DM6090", strays),)
            ready = sanitize(optimize(validate(made, self.deps), self.deps), self.deps)
        except InternalError:
            return (Problem("DM6090", "this can't be run"),)
        except DataMindError as error:
            return error.problems if error.problem.code.startswith(_OF_THE_TEXT) else ()
        if ready.governed is None or not ready.governed.models:
            return (Problem("DM6090", "it reads no table: the numbers would be nobody's"),)
        return ()


UNCERTIFIED = Problem(
    "DM6095",
    "no metric answers this; a language model wrote SQL for it: governed, not certified",
    Severity.WARNING,
    hint="read the SQL before you rely on it: it stands on no metric's definition",
)
"""The label of such an answer. Nothing agrees with it, so that its confidence is 0."""
