"""Semi-additive measures (dbt's `non_additive_dimension`): of a balance only the first or last record of each group counts."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import Binary, Expr, Field, Truncate
from app.model.plan import Named, Rows, Select, Windowed
from app.model.semantics import Dimension, NonAdditive
from app.model.types import Grain
from app.plan.draft import Draft
from app.plan.rows import RowsBuilder
from app.plan.scans import Scans
from app.sql.expressions.infer import infer


def snapshots(
    draft: Draft,
    rows: RowsBuilder,
    rule: NonAdditive,
    periods: tuple[Expr, ...],
    keys: tuple[Named, ...],
    inputs: list[Named],
    where: Expr | None,
    stem: str,
) -> tuple[Rows, tuple[Named, ...], list[Named]]:
    """Make a step of the rows with the time of the record that counts, among those that the filter leaves: the first (`min`) or last (`max`) one per
    `rule.groups` and per period asked for.

    Gives the rows that count, and the keys and inputs over them. Raises UserError DM3022 where the rule names what is no time dimension.
    """
    dimension = rows.graph.elements[rows.base.name].get(rule.dimension)
    if not isinstance(dimension, Dimension):
        raise UserError(
            Problem("DM3022", f"`{rule.dimension}` is no time dimension of `{rows.base.name}`: its records can't be told apart")
        )
    taken = Truncate(rows.measure(dimension.expr), dimension.grain or Grain.DAY)
    kind = infer(taken, rows.type_of)
    by = (*(rows.reference(Field(group, "entity")) for group in rule.groups), *periods)
    which = Windowed(draft.column("last_taken" if rule.choice == "max" else "first_taken"), rule.choice, by, taken, type=kind)
    at = draft.column("taken_at")
    columns = (*inputs, Named(at, taken, kind))
    step = draft.add(Select(draft.name(f"{stem}_records"), rows.finish(where), keys, columns, (which,)))
    scans = Scans(draft)
    alias = scans.step(step, "records")

    def over(named: Named) -> Named:
        return scans.named(alias, named.name)

    mine, given = tuple(over(key) for key in keys), [over(value) for value in inputs]
    return scans.finish(Binary("=", scans.column(alias, at), scans.column(alias, which.name))), mine, given
