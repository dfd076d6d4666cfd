"""Stage 7: the answer as a person gets it: in words, with the metric's definition, the SQL, the engine and why, and each stage's time."""

from __future__ import annotations

from app.govern.explain import explain_policies, policies_applied
from app.language.chart import chart
from app.language.define import definitions
from app.language.narrate import HIDDEN, narrate, with_more
from app.language.restate import restate_with
from app.model.answer import Answer, Outcome
from app.pipeline.beside import Beside
from app.pipeline.sources import sources
from app.pipeline.turn import StageDeps, Turn
from app.redaction.problems import all_impersonal

LONGEST = 16_384
"""Bytes of a query of which other forms are offered: each offer is the query written out once more, and there is one for nearly each of its parts."""


def explain(turn: Turn, deps: StageDeps) -> Turn:
    """Put the Answer together from what the stages left; the walker adds their times."""
    reading = turn.reading
    if reading is not None and reading.outcome is not Outcome.ANSWER:
        answer = Answer(
            turn.query_id,
            reading.outcome,
            question=turn.question,
            restated=reading.restated,
            text=_why(turn),
            choices=reading.choices,
            nearest=reading.nearest,
            problems=all_impersonal(turn.problems),
            confidence=reading.confidence,
            layer_version=turn.served.layer.version,
            mode=turn.mode,
            drafted=turn.drafted,
        )
        return turn.with_(answer=answer)
    visible, labels = turn.served.visible, turn.served.lexicon.labels
    governed = turn.governed
    query, result = turn.query, turn.result
    beside = Beside(turn, deps)
    offered = query if query is not None and len(query.canonical()) <= LONGEST else None
    hides = bool(governed and policies_applied(governed.models, turn.served.access))
    told = narrate(query, result, visible, labels) if query and result else ""
    answer = Answer(
        turn.query_id,
        Outcome.ANSWER,
        question=turn.question,
        restated=reading.restated if reading and reading.why else restate_with(query, labels) if query else "",
        text=with_more(told, HIDDEN) if hides and result else told,
        query=query,
        result=result,
        definitions=definitions(query, visible, labels) if query else (),
        sql=turn.sql.text if turn.sql else "",
        governed_sql=governed.text if governed and turn.principal.is_admin else "",
        engine=turn.engine,
        engine_reason=turn.engine_reason,
        policies_applied=hides,
        policies=explain_policies(governed.models, turn.served.access) if governed else (),
        problems=all_impersonal(turn.problems),
        confidence=reading.confidence if reading else 1.0,
        layer_version=turn.served.layer.version,
        parts=beside.parts(offered) if offered else (),
        follow_ups=beside.follow_ups(offered) if offered else (),
        sources=sources(turn, deps),
        chart=chart(query, result, visible, labels) if query and result else None,
        mode=turn.mode,
        drafted=turn.drafted,
    )
    return turn.with_(answer=answer)


def _why(turn: Turn) -> str:
    """What is said to a person who gets a question back or a no."""
    return " ".join(problem.message for problem in all_impersonal(turn.problems)) or "I need to know more to answer that."
