"""The first groups: which they are, by what, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Problem, UserError
from app.model.metrics import Cumulative, metric_inputs
from app.model.query import GroupBy, SemanticQuery
from app.model.shapes import Rank, Running, Shape, below, metric_of
from app.plan.draft import Draft
from app.plan.marks import ONE
from app.plan.shapes.back import time_keys
from app.plan.shapes.names import Names
from app.plan.shapes.problems import no_meaning
from app.plan.shapes.table import Table, reopened, select
from app.sql.joins import JoinGraph

MOST_GROUPS = 100_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the query's `top` means: the groups of the items `of` for each combination of `per`, by the value of that name."""

    count: int
    by: str
    of: tuple[GroupBy, ...]
    per: tuple[GroupBy, ...]
    descending: bool
    other: bool

    @property
    def keys(self) -> tuple[GroupBy, ...]:
        """The items by which groups are ranked."""
        return (*self.per, *self.of)


def chosen(query: SemanticQuery, names: Names, keys: tuple[GroupBy, ...], graph: JoinGraph) -> Chosen | None:
    """The query's `top`, None where it has none. Raises UserError DM3131 (unknown items), DM3015 (values), DM3132 and DM3134."""
    top = query.top
    if top is None:
        return None
    if not 1 <= top.count <= MOST_GROUPS:
        raise UserError(Problem("DM3134", f"the first {top.count} groups have no meaning", hint=f"1 to {MOST_GROUPS:,}"))
    per = tuple(dict.fromkeys(names.key(name, "top.per") for name in top.per))
    of = tuple(dict.fromkeys(names.key(name, "top.of") for name in top.of))
    if not of:
        left = tuple(key for key in keys if key not in per)
        times = {key for metric in query.asked_metrics for key in time_keys(metric, left, graph)} if query.asked_metrics else set()
        of = tuple(key for key in left if key not in times) or left
    if not of or set(of) & set(per):
        raise UserError(
            Problem(
                "DM3134", "there are no groups of which the first could be taken", hint="name group-by items for `of`, others for `per`"
            )
        )
    by = names.value(top.by or next(iter(names.shown), ""), "top.by") if top.by or names.shown else ""
    if not by:
        raise UserError(Problem("DM3134", "by what are groups the first?", hint="name a metric for `by`"))
    if isinstance(names.values[by], Rank):
        raise no_meaning("ranks are given among the groups that are chosen", "choose by what is ranked")
    if top.other and set(times_of(query, per, graph)):
        _check_apart(names, graph)
    return Chosen(top.count, by, of, per, not top.least, top.other)


def times_of(query: SemanticQuery, keys: tuple[GroupBy, ...], graph: JoinGraph) -> tuple[GroupBy, ...]:
    """The items that are times of the query's metrics."""
    return tuple(dict.fromkeys(key for metric in query.asked_metrics for key in time_keys(metric, keys, graph)))


def _check_apart(names: Names, graph: JoinGraph) -> None:
    """Pass values that belong to one period each: of what is accumulated, the rest would be other groups in each period. Raises UserError DM3132."""
    for name in names.shown:
        shape: Shape | None = names.values[name]
        bottom = metric_of(names.values[name])
        while shape is not None:
            if isinstance(shape, Running):
                raise _changing(name)
            shape = below(shape)
        found = [bottom]
        for metric in found:
            params = graph.metric(metric).params
            if isinstance(params, Cumulative):
                raise _changing(name)
            found += [given.metric for given in metric_inputs(params) if given.metric not in found]


def _changing(name: str) -> UserError:
    return no_meaning(
        f"the first groups change from period to period, and `{name}` is accumulated over periods", "choose the groups over all periods"
    )


def marked(draft: Draft, first: Table) -> tuple[str, str]:
    """A step with the chosen groups alone, and a column that each of them has."""
    scans, alias, _ = reopened(draft, first)
    mark = draft.column("is_first")
    return select(draft, scans, "first_groups", first, alias, {mark: ONE}).step, mark
