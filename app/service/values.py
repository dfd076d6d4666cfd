"""The values that people name ("in Germany"): those of low-cardinality dimensions, read under the asker's own policies."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.errors import DataMindError
from app.model.audit.catalogue import EventType
from app.model.expr import Column
from app.model.ids import new_id
from app.model.moment import Moment
from app.model.principal import Principal
from app.model.quality import Quality
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import Dimension, DimensionType, SemanticModel
from app.model.sql import Limits
from app.model.types import DataType
from app.pipeline.run import run
from app.pipeline.turn import ServedLayer, StageDeps, Turn
from app.ports import AuditSink, Clock
from app.service import audit

MOST_VALUES = 2_000
"""A dimension with more distinct values than this is not indexed: its values are data, not vocabulary."""
MOST_LENGTH = 80
MOST_SECONDS = 2.0
"""For one dimension; a slower one is left out."""
ALL_SECONDS = 20.0
"""For all of them; the rest is left out."""


def indexable(served: ServedLayer) -> tuple[tuple[str, GroupBy], ...]:
    """(dunder name, group-by item) of each dimension whose values may be indexed: text, neither personal nor masked for anybody, and without
    values declared in the project."""
    return tuple(
        (name, GroupBy(name))
        for model in served.visible.semantic_models
        for dimension in model.dimensions
        if _is_vocabulary(served, model, dimension)
        for name in [model.dunder(dimension.name)]
    )


def recorded_values(
    sink: AuditSink, clock: Clock, deps: StageDeps, served: ServedLayer, principal: Principal, moment: Moment
) -> Mapping[str, tuple[str, ...]]:
    """`dimension_values`, with an audit event before the first value is read and one after the last. Raises DM8010 where it can't be kept: no audit, no data."""

    def tell(status: str, dimensions: list[str]) -> None:
        audit.record(
            sink,
            clock,
            event_type=EventType.VALUES_INDEX,
            user_id=principal.user_id,
            email=principal.email,
            project_id=principal.project_id,
            component="serving",
            status=status,
            layer_version=served.layer.version,
            policy_fingerprint=served.access.fingerprint,
            dimensions=dimensions,
        )

    tell("begin", [name for name, _item in indexable(served)])
    found = dimension_values(deps, served, principal, moment)
    tell("succeeded", sorted(found))
    return found


def dimension_values(deps: StageDeps, served: ServedLayer, principal: Principal, moment: Moment) -> Mapping[str, tuple[str, ...]]:
    """Dunder name → values, sorted. What can't be read in time, or has too many values, is left out; nothing is raised.

    Each is a metric query like any other: it passes governance as the asker, so no value that policy hides is ever indexed for them.
    """
    bounded = replace(deps, limits=Limits(MOST_VALUES, MOST_SECONDS), quality=Quality)  # words stay words when a test fails
    deadline = time.monotonic() + ALL_SECONDS
    return dict(_read(bounded, served, principal, moment, deadline))


def _read(
    deps: StageDeps, served: ServedLayer, principal: Principal, moment: Moment, deadline: float
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each dimension that could be read, with its values."""
    for name, item in indexable(served):
        if time.monotonic() > deadline:
            return
        turn = Turn(new_id("qry"), principal, moment, served, query=SemanticQuery(group_by=(item,)))
        try:
            result = run(turn, deps, until="execute").result
        except DataMindError:
            continue
        if result is None or result.truncated:
            continue
        found = sorted({value for value in result.data[0] if isinstance(value, str) and 0 < len(value) <= MOST_LENGTH})
        if found:
            yield name, tuple(found)


def _is_vocabulary(served: ServedLayer, model: SemanticModel, dimension: Dimension) -> bool:
    """Whether the dimension's values are words that people may use."""
    if dimension.type is not DimensionType.CATEGORICAL or dimension.pii or dimension.values or not isinstance(dimension.expr, Column):
        return False
    physical = served.visible.model(model.model)
    column = physical.column(dimension.expr.name) if physical else None
    if column is None or column.pii or column.type not in (DataType.TEXT, DataType.OTHER):
        return False
    return (model.model, column.name) not in served.guarded  # who is exempt is not offered what is masked for others


def is_guarded(served: ServedLayer, model: SemanticModel, dimension: Dimension) -> bool:
    """Whether a dimension is personal, or shows a column that is, or that somebody does not see as it is; of what is calculated, whether its model has any."""
    if dimension.pii:
        return True
    table = served.visible.model(model.model)
    personal = {column.name for column in table.columns if column.pii} if table is not None else set()
    guarded = personal | {column for name, column in served.guarded if name == model.model}
    return dimension.expr.name in guarded if isinstance(dimension.expr, Column) else bool(guarded)
