"""A time dimension at a grain: standard ones are cut from the time, custom ones are looked up in their time spine."""

from __future__ import annotations

from app.errors import Problem, UserError, did_you_mean
from app.model.expr import Binary, Column, Expr, Extract, Field, Truncate
from app.model.semantics import Dimension
from app.model.types import DatePart, Grain
from app.plan.scans import Scans
from app.plan.spines import custom_column
from app.sql.joins import Reached

STANDARD_GRAINS = frozenset(grain.value for grain in Grain)
"""The standard grains by their names."""

PART_GRAIN = {
    DatePart.YEAR: Grain.YEAR,
    DatePart.QUARTER: Grain.QUARTER,
    DatePart.MONTH: Grain.MONTH,
    DatePart.DAY: Grain.DAY,
    DatePart.DOW: Grain.DAY,
    DatePart.DOY: Grain.DAY,
}
"""The coarsest grain from which a date part can be taken."""


class Times:
    """Time dimensions over the scans of one step; a calendar is joined once for each time that is looked up in it."""

    def __init__(self, scans: Scans) -> None:
        self._scans = scans
        self._looked_up: dict[tuple[Expr, str], Column] = {}

    def at(self, expr: Expr, dimension: Dimension, field: Field) -> Expr:
        """The time `expr` of a dimension at the grain or date part of `field`, at its own grain where none is given. Raises UserError DM3006."""
        finest = dimension.grain or Grain.DAY
        if field.date_part:
            _fine_enough(field, PART_GRAIN[field.date_part], finest, field.date_part)
            return Extract(expr, field.date_part)
        custom = self._scans.draft.graph.custom_grains.get(field.grain)
        if custom is not None:
            _fine_enough(field, custom.grain, finest, field.grain)
            return self._custom(expr, field.grain)
        if field.grain and field.grain not in STANDARD_GRAINS:
            known = [grain.value for grain in Grain] + list(self._scans.draft.graph.custom_grains)
            raise UserError(
                Problem(
                    "DM3006", f"there is no grain `{field.grain}`", hint=did_you_mean(field.grain, known) or f"one of {', '.join(known)}"
                )
            )
        grain = Grain(field.grain) if field.grain else finest
        _fine_enough(field, grain, finest, grain)
        return Truncate(expr, grain)

    def _custom(self, expr: Expr, grain: str) -> Column:
        """A custom granularity of a time, by its time spine; a time that the spine does not have is in no period."""
        known = self._looked_up.get((expr, grain))
        if known is None:
            spine = self._scans.draft.graph.custom_grains[grain]
            alias = self._scans.model(spine.model, f"{grain}_calendar")
            day = self._scans.column(alias, spine.column)
            self._scans.join(alias, (Binary("=", Truncate(expr, spine.grain), day),), entity=grain)
            known = self._looked_up[(expr, grain)] = self._scans.column(alias, custom_column(spine, grain))
        return known


def _fine_enough(field: Field, wanted: Grain, finest: Grain, said: str) -> None:
    """Raise UserError DM3006 where a time is not kept by a grain as fine as is wanted."""
    if wanted.order < finest.order:
        raise UserError(Problem("DM3006", f"`{field.name}` is kept by {finest}: it has no {said}", hint=f"ask by {finest} or coarser"))


def finest_grain(reached: Reached) -> Grain | None:
    """The grain in which a time dimension is kept, None for what is no time."""
    return (reached.time.grain or Grain.DAY) if reached.time else None
