"""What is shown of approved pairs to whom: whoever may not know a value of one, an admin under a policy say, is told neither it nor what differs from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from app.errors import UserError
from app.language.corrections import Approved
from app.model.corrections import Correction, Difference
from app.model.principal import Principal
from app.model.query import SemanticQuery
from app.pipeline.known_values import knows, knows_sql
from app.pipeline.turn import ServedLayer
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.held_corrections import approved
from app.service.on_paper import try_sql
from app.sql.expressions.walk import fields

WITHHELD = "(it holds values that are not shown to you)"
OF_SOME = "(it holds values that not everybody is shown)"


def may_know(view: ServedLayer, person: Principal, pair: Approved, question: str = "") -> bool:
    """Whether the person of this view may know every value of the pair; with a `question` those too that it says."""
    if pair.query is not None:
        return knows(pair.query, question, view)
    try:
        made = try_sql(view, person, pair.sql, pair.source)
    except UserError:
        return False
    models = made.governed.models if made.governed is not None else ()
    return made.sql is not None and knows_sql(made.sql.tree, models, question, view)


def shows(deps: Deps, caller: Caller, one: Correction) -> bool:
    """Whether the caller may be shown the correction. Raises what having a view raises."""
    pair, view = approved(one), deps.serving.view(caller.principal)
    return sees_all(view) or (pair is not None and may_know(view, caller.principal, pair))


def told(deps: Deps, caller: Caller, differences: Iterable[Difference]) -> Sequence[Difference]:
    """The differences as the caller may see them: of others no more than which correction it is. Raises what having a view raises."""
    view = deps.serving.view(caller.principal)
    return [_told(deps, caller, view, one) for one in differences]


def told_to_all(deps: Deps, differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The differences as anybody may read them, whoever reads a job or a candidate: of those of approved SQL, or of conditions on a model that has a policy for anybody,
    no more than which correction it is. Raises what having a view raises."""
    ontology = deps.serving.governed()[1]
    guarded = {
        model.name for model in ontology.models if model.row_policies or model.guarded_columns or any(one.pii for one in model.columns)
    }
    names = {
        name
        for one in ontology.semantic_models
        if one.model in guarded
        for name in (*(one.dunder(each.name) for each in one.dimensions), *(each.name for each in one.entities))
    }
    return tuple(one if _is_open(one, names) else Difference(one.correction_id, one.correction_id, OF_SOME, OF_SOME) for one in differences)


def query_shown(deps: Deps, caller: Caller, query: str) -> bool:
    """Whether the caller may know every value of a query (canonical JSON, "" for none). Raises what having a view raises."""
    return _knows(query, deps.serving.view(caller.principal))


def sql_shown(deps: Deps, caller: Caller, sql: str, source: str) -> bool:
    """Whether the caller may know every value of SQL for an engine. Raises what having a view raises."""
    view, day = deps.serving.view(caller.principal), deps.calendar.moment(deps.clock).today
    return sees_all(view) or may_know(view, caller.principal, Approved("", "", None, day, sql, source))


def sees_all(view: ServedLayer) -> bool:
    """Whether the person of this view sees all that anybody does, so that there is no value that they may not know."""
    there = (rights for rights in view.access.models.values() if not rights.closed_to_all)
    return all(rights.readable and not (rights.restricted or rights.sizes or rights.denied) for rights in there)


def _is_open(one: Difference, guarded: Collection[str]) -> bool:
    """Whether neither query has a condition on a guarded name. What was asked back names the queries of others, which are not looked at."""
    if not one.approved_query or (not one.now_query and " [" in one.now):
        return False
    queries = [SemanticQuery.from_json(text) for text in (one.approved_query, one.now_query) if text]
    named = {field.name for query in queries for expr in (query.where, query.having) for field in fields(expr)}
    return not any(name == end or name.endswith(f"__{end}") for name in named for end in guarded)


def _told(deps: Deps, caller: Caller, view: ServedLayer, one: Difference) -> Difference:
    if sees_all(view):
        return one
    kept = deps.corrections.store.get(one.correction_id, deps.project_id)
    pair = approved(kept) if kept is not None else None
    if pair is None or not may_know(view, caller.principal, pair):
        return Difference(one.correction_id, WITHHELD, WITHHELD, WITHHELD)
    if one.now_query:
        return one if _knows(one.now_query, view) else msgspec.structs.replace(one, now=WITHHELD, now_query="")
    # What was asked back offers queries of others, and SQL is another pair's: neither is looked at here.
    in_words = one.now.partition(" [")[0] if one.now.startswith(("asked back:", "refused:")) else WITHHELD
    return msgspec.structs.replace(one, now=in_words)


def _knows(query: str, view: ServedLayer) -> bool:
    if not query:
        return True
    try:
        return knows(SemanticQuery.from_json(query), "", view)
    except msgspec.ValidationError:
        return False
