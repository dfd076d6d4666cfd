"""Questions that several people asked lately, as this caller may ask them.

Nothing of what a person wrote is shown. The queries that questions came to are read from the log, freed of what only their askers should know, held to the
caller's own view, and said in our words; what one person alone asked, or too few, is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import msgspec

from app.errors import DataMindError
from app.language.periods import find_periods
from app.language.restate import restate_with
from app.language.text import tokens
from app.model.base import Node
from app.model.expr import Expr, Literal
from app.model.ids import new_id
from app.model.moment import Moment
from app.model.principal import Principal
from app.model.query import SemanticQuery
from app.model.types import DataType
from app.pipeline.run import run
from app.pipeline.turn import ServedLayer, Turn
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.rights import require_asking
from app.service.values import is_guarded
from app.sql.calculations import default_name
from app.sql.expressions.walk import conjunction, conjuncts, fields, walk

MOST_DAYS = 90
_LOOKED_AT = 5_000
"""So many of the newest turns are counted."""


class Trend(Node, frozen=True):
    """A question that is asked a lot: said in words, and the query that it comes to."""

    question: str
    query: SemanticQuery


@dataclass(slots=True)
class _Asked:
    """Who asked it, and how often."""

    people: set[str]
    times: int = 0


def trending(deps: Deps, caller: Caller, days: int, limit: int) -> tuple[Trend, ...]:
    """At most `limit` of the questions of the last days, those that most people asked first.

    Raises UserError DM7010 for who may not ask, InternalError DM8010 where the store does not answer, and what having a view raises.
    """
    require_asking(caller)
    served = deps.serving.view(caller.principal)
    moment = deps.calendar.moment(deps.clock)
    sayable = _sayable(served)
    found: dict[SemanticQuery, _Asked] = {}
    since = moment.now - dt.timedelta(days=min(days, MOST_DAYS))
    for asked in deps.queries.asked(caller.principal.project_id, since, _LOOKED_AT):
        query = _impersonal(asked.semantic_query, served, sayable, moment)
        if query is not None:
            one = found.setdefault(query, _Asked(set()))
            one.people.add(asked.user_id)
            one.times += asked.times
    own = {caller.principal.user_id}  # who asks a thing must not learn by that whether one other person asks it too
    several = (item for item in found.items() if len(item[1].people - own) >= deps.trending_people)
    ordered = sorted(several, key=lambda item: (-len(item[1].people), -item[1].times, item[0].canonical()))
    trends: list[Trend] = []
    for query, _ in ordered:
        if len(trends) < limit and _may_be_asked(deps, caller.principal, served, moment, query):
            trends.append(Trend(restate_with(query, served.lexicon.labels), query))
    return tuple(trends)


def _impersonal(text: str, served: ServedLayer, sayable: frozenset[str], moment: Moment) -> SemanticQuery | None:
    """The query of the log with its range as of today and without conditions on what is personal or guarded. None where it is of no such form any more, or
    names a metric or a value that the caller is not shown, or a column as somebody called it."""
    try:
        query = SemanticQuery.from_json(text)
    except msgspec.DecodeError:
        return None
    if not query.asked_metrics or any(served.visible.metric(name) is None for name in query.asked_metrics):
        return None
    if any(one.name != default_name(one.shape) for one in query.calculations):  # a name that somebody gave is their words
        return None
    kept = [part for part in conjuncts(query.where) if _is_open(part, sayable)] if query.where is not None else []
    if not all(value in served.lexicon.dimensions[name].values for part in kept for name, value in _said(part, sayable)):
        return None
    time = query.time
    if time is not None:
        said = find_periods(tokens(time.phrase), time.phrase, moment) if time.phrase and not time.start_clock and not time.end_clock else ()
        time = msgspec.structs.replace(said[0].range if len(said) == 1 else time, phrase="")
    return msgspec.structs.replace(query, where=conjunction(*kept), time=time)


def _is_open(part: Expr, sayable: frozenset[str]) -> bool:
    """Whether a condition is on dimensions alone whose values may be said to others."""
    named = fields(part)
    return bool(named) and all(_dimension(field.name, sayable) for field in named)


def _said(part: Expr, sayable: frozenset[str]) -> Iterator[tuple[str, object]]:
    """Each dimension of a condition with each text that it is compared with."""
    texts = [node.value for node in walk(part) if isinstance(node, Literal) and node.type is DataType.TEXT]
    return product({_dimension(field.name, sayable) for field in fields(part)}, texts)


def _dimension(field: str, sayable: Iterable[str]) -> str:
    """Which of the dimensions a field's name, which may say the way to it, means; "" for none of them."""
    return next((name for name in sayable if field == name or field.endswith(f"__{name}")), "")


def _sayable(served: ServedLayer) -> frozenset[str]:
    """The dimensions whose values are neither personal nor seen otherwise by somebody."""
    open_names = {
        model.dunder(dimension.name)
        for model in served.visible.semantic_models
        for dimension in model.dimensions
        if not is_guarded(served, model, dimension)
    }
    return frozenset(name for name in open_names if name in served.lexicon.dimensions)


def _may_be_asked(deps: Deps, principal: Principal, served: ServedLayer, moment: Moment, query: SemanticQuery) -> bool:
    """Whether the caller's own view plans the query, and nothing of governance refuses it. Nothing is executed."""
    try:
        run(Turn(new_id("qry"), principal, moment, served, query=query), deps.stage, until="validate")
    except DataMindError:
        return False
    return True
