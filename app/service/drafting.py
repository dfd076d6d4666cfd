"""What a language model is given besides the question: the caller's own view, and what retrieval finds for it there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from app.compile.emit.training import CORRECTION
from app.errors import Problem, UserError
from app.language.drafting.prompt import Exemplar, Recalled
from app.model.answer import Drafted
from app.model.records import TrainingItem
from app.pipeline.turn import Drafter, ServedLayer, StageDeps
from app.plan.saved import from_saved
from app.ports import LanguageModel
from app.service.deps import Deps
from app.service.model_gate import let_in
from app.service.sql_material import sql_material
from app.service.training import documented, retrieve

MOST_RECALLED = 10


def with_model(deps: Deps, version: str) -> StageDeps:
    """The stages' Deps with the models that are set and may draft over the layer of that version, if any are."""
    if deps.model is None:
        return deps.stage
    model, shut = let_in(deps, version)
    return replace(deps.stage, drafter=drafter_of(deps, model or deps.model, shut))


def drafter_of(deps: Deps, model: LanguageModel, shut: Problem | None = None) -> Drafter:
    """A model as people's questions have it; `shut` says why it is not to be asked."""
    options = deps.drafting
    return Drafter(
        model, options.sure, options.may_answer, options.roles, options.most_bytes, partial(recalled, deps),
        options.sql_roles, partial(sql_material, deps), shut,
    )  # fmt: skip


def drafter_told(drafted: Drafted) -> str:
    """The part that a model had in a turn, for the audit trail: no word of what was sent or said."""
    told = f"{drafted.provider} {drafted.model}: {drafted.verdict}"
    return f"{told}, {drafted.calls} calls, {drafted.tokens_in} tokens in, {drafted.tokens_out} out"


def recalled(deps: Deps, served: ServedLayer, question: str) -> Recalled:
    """Names and examples that may help with a question, of those that this view would write itself; none where there is no index, or it is away."""
    if deps.retriever.absent:
        return Recalled()
    found = retrieve(deps, served, question, MOST_RECALLED)
    names = tuple(name for item in found.documentation if (name := documented(item, served.visible)))
    return Recalled(tuple(dict.fromkeys(names)), tuple(_exemplars(found.question_sql, served, deps)))


def _exemplars(items: tuple[TrainingItem, ...], served: ServedLayer, deps: Deps) -> Iterator[Exemplar]:
    """The saved queries and the approved corrections among the items, as questions with their queries: the SQL beside them is not for a prompt."""
    saved = {one.name: one for one in served.visible.saved_queries}
    approved = {one.id: one for one in deps.corrections.held().pairs}
    for item in items:
        pair = approved.get(item.subject.removeprefix(CORRECTION)) if item.subject.startswith(CORRECTION) else None
        if pair is not None and pair.query is not None:
            yield Exemplar(pair.question, pair.query)
        one = saved.get(item.subject.removeprefix("saved_query."))
        if one is None:
            continue
        try:
            yield Exemplar(item.question, from_saved(one, served.joins))
        except UserError:
            continue  # it can't be read any more: an example less
