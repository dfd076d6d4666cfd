"""A language model's reading of a question beside the grounded one. Its draft is checked as any query is; it decides nothing alone, and its absence stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.errors import DataMindError, InternalError, Problem, Where
from app.language.build import Builder
from app.language.drafting.decode import Decoded, decode
from app.language.drafting.literals import Values
from app.language.drafting.prompt import Exemplar, Prompt, Recalled, prompt, repair
from app.language.drafting.relevance import relevant
from app.language.drafting.same import same
from app.language.drafting.vocabulary import mentions
from app.language.drafting.weigh import Speech, is_open, weigh
from app.language.reading import Reading
from app.language.restate import restate_with
from app.model.answer import Mode, Outcome, Verdict
from app.model.query import SemanticQuery
from app.pipeline.generate import generate
from app.pipeline.model_calls import MOST_CALLS, ModelCalls
from app.pipeline.sql_drafted import sql_drafted
from app.pipeline.tellable import hidden_from, told_names
from app.pipeline.turn import Drafter, StageDeps, Turn
from app.pipeline.validate import validate
from app.plan.cache import PlanCache
from app.ports.language_models import ModelUnavailable
from app.sql.expressions.walk import fields

MOST_EXEMPLARS = 5


def drafted(turn: Turn, deps: StageDeps) -> Turn:
    """The turn, whose reading is the grounded one, with the reading that stands after the model was heard; unchanged where none is to be asked. Never raises for
    anything that a model does or says; UserError DM5003 where the turn is cancelled before a call."""
    drafter, grounded = deps.drafter, turn.reading
    if drafter is None or grounded is None or not _is_asked(drafter, turn, grounded):
        return turn
    if drafter.shut is not None:
        none = ModelCalls(drafter, turn.principal.user_id, turn.cancel).record(Verdict.UNAVAILABLE)
        return turn.with_(mode=Mode.LIMITED_AI, drafted=none, problems=(*turn.problems, drafter.shut))
    asked = _prompt(turn, deps, drafter, grounded)
    if asked is None:
        return turn
    calls = ModelCalls(drafter, turn.principal.user_id, turn.cancel)
    try:
        decoded = _Draft(turn, deps, calls).made(asked)
    except ModelUnavailable as error:
        told = (*turn.problems, error.problem.as_warning())
        return turn.with_(mode=Mode.LIMITED_AI, drafted=calls.record(Verdict.UNAVAILABLE), problems=told)
    served = turn.served
    speech = Speech(
        lambda one, other: same(one, other, served.visible, served.joins), lambda query: restate_with(query, served.lexicon.labels)
    )
    reading, verdict = weigh(grounded, decoded, speech, may_answer=drafter.may_answer)
    turn = turn.with_(reading=reading, mode=Mode.FULL, drafted=calls.record(verdict), draft=decoded.query)
    return sql_drafted(turn, deps, calls)


def _is_asked(drafter: Drafter, turn: Turn, grounded: Reading) -> bool:
    if drafter.roles is not None and turn.principal.role not in drafter.roles:
        return False
    return is_open(grounded) and not (grounded.outcome is Outcome.ANSWER and grounded.confidence >= drafter.sure)


def _prompt(turn: Turn, deps: StageDeps, drafter: Drafter, grounded: Reading) -> Prompt | None:
    """What is sent of the question and of the caller's own view; None where a draft can't go on from the query before."""
    served = turn.served
    whole = told_names(served)
    recalled = drafter.recall(served, turn.question)
    exemplars = tuple(_exemplars(recalled, turn, deps))
    must = {one.target for one in grounded.used if one.target}
    for query in (turn.previous, grounded.query, *(choice.query for choice in grounded.choices), *(one.query for one in exemplars)):
        must |= _ends(query) if query is not None else set()
    names = relevant(whole, turn.question, must=must, recalled=recalled.names, most_bytes=drafter.most_bytes)
    return prompt(turn.question, names, turn.moment, previous=turn.previous, exemplars=exemplars)


def _ends(query: SemanticQuery) -> set[str]:
    """The names of a query, and what whole names end with."""
    names = {*query.asked_metrics, *(item.name for item in query.group_by), *(field.name for field in fields(query.where))}
    return names | {"__".join(name.split("__")[-2:]) for name in names}


def _exemplars(recalled: Recalled, turn: Turn, deps: StageDeps) -> Iterator[Exemplar]:
    """Those that the caller could ask, and whose words name nothing that is hidden."""
    hidden = hidden_from(turn.served)
    open_ones = (one for one in recalled.exemplars if not mentions(f"{one.question} {one.query.canonical().decode()}", hidden))
    fitting = (one for one in open_ones if not _wrong(one.query, turn, deps))
    for _, one in zip(range(MOST_EXEMPLARS), fitting, strict=False):
        yield one


def _wrong(query: SemanticQuery, turn: Turn, deps: StageDeps) -> tuple[Problem, ...]:
    """What stands against a query that this person would ask: by the stages that plan and check any query, with plans of its own, so that no draft pushes out
    what people do ask."""
    probe = turn.with_(served=replace(turn.served, plans=PlanCache()), reading=None, query=query, plan=None, sql=None, problems=())
    try:
        validate(generate(probe, deps), deps)
    except InternalError:
        return (Problem("DM6090", "this can't be asked"),)
    except DataMindError as error:
        return error.problems
    return ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """The draft for one question."""

    turn: Turn
    deps: StageDeps
    calls: ModelCalls

    def made(self, asked: Prompt) -> Decoded:
        """What the model came to, with one try to mend it. Raises ModelUnavailable where not even a first draft is to be had."""
        turn, served = self.turn, self.turn.served
        values = Values(turn.question, served.lexicon, turn.moment, asked.kept)
        builder = Builder(served.lexicon, served.joins, turn.moment.today)
        decoded = Decoded()
        for _ in range(MOST_CALLS):
            try:
                text = self.calls.said(asked)
            except ModelUnavailable:
                if self.calls.calls == 0:
                    raise
                return decoded
            decoded = self._checked(decode(text, builder, values, served.visible))
            if not decoded.problems:
                break
            asked = repair(asked, text, decoded.problems)
        return decoded

    def _checked(self, decoded: Decoded) -> Decoded:
        """A draft that can be asked, or what is wrong with it, without a word that names what is hidden."""
        if decoded.query is None:
            return decoded
        found = _wrong(decoded.query, self.turn, self.deps)
        return Decoded(problems=tuple(map(self._told, found))) if found else decoded

    def _told(self, problem: Problem) -> Problem:
        path = problem.where.path if problem.where is not None else ""
        safe = problem.message if not mentions(f"{problem.message} {path}", hidden_from(self.turn.served)) else "this can't be asked"
        return Problem(problem.code, safe, where=Where(path=path if safe == problem.message else ""))
