"""What a person with policies may see, as tables of its own: filtered and masked by Python, so that an answer over them needs no governance."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from app.model.expr import Attribute, Binary, Column, Expr, Literal, Or
from app.model.ontology import Layer
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.types import DataType
from tests.conformance.tables import Table

TYPES = {
    "TIME": DataType.TIMESTAMP,
    "STRING": DataType.TEXT,
    "INT": DataType.INTEGER,
    "FLOAT": DataType.FLOAT,
    "BOOLEAN": DataType.BOOLEAN,
}
SPINE = "mf_time_spine"
GAP = ("2020-01-03", "2020-01-05")
"""Days that a filtered time spine does not have; data lies on them."""
FIXED = Mask(MaskKind.FIXED, "***")
NULL = Mask(MaskKind.NULL)
MASKS = {
    "dim_listings_latest": {"user_id": NULL, "country": FIXED},
    "dim_listings": {"user_id": FIXED},
    "dim_users_latest": {"home_state_latest": FIXED, "ds": NULL},
    "dim_users": {"home_state": NULL},
    "fct_bookings": {"booking_value": NULL, "referrer_id": FIXED, "host_id": FIXED},
    "fct_buys": {"session_id": FIXED},
    "fct_visits": {"referrer_id": NULL},
    "fct_accounts": {"account_balance": NULL},
    "fct_views": {"listing_id": FIXED},
    "customer_other_data": {"country": FIXED},
    "customer_table": {"customer_name": NULL},
    "bridge_table": {"customer_id": NULL},
    "third_hop_table": {"value": FIXED},
    "dim_primary_accounts": {"account_type": FIXED},
    "fct_bookings_extended": {"listing_id": FIXED},
}
"""Columns whose values are hidden: measures, dimensions, keys of joins and links of conversions."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """What is left of a table: rows whose `column` is not `hidden`, and of a time spine the days outside of `gap`; `masks` by column."""

    column: str = ""
    hidden: str = ""
    gap: tuple[str, str] | None = None
    masks: Mapping[str, Mask] = dataclasses.field(default_factory=dict)

    @property
    def hides(self) -> bool:
        """Whether anything of the table is hidden."""
        return bool(self.column or self.gap or self.masks)


def plan_of(tables: Iterable[Table], *, spines: bool = False, masks: bool = False) -> dict[str, Kept]:
    """For each table with a text column the commonest value of the one that repeats the most is hidden, with all rows that have none."""
    found = {}
    for table in tables:
        masked = MASKS.get(table.name, {}) if masks else {}
        if table.name == SPINE:
            found[table.name] = Kept(gap=GAP if spines else None)
            continue
        counts = {}
        for at, (name, kind) in enumerate(table.columns):
            if kind == "STRING" and name not in masked:
                counts[name] = Counter(row[at] for row in table.rows if row[at] is not None)
        several = {name: count for name, count in counts.items() if len(count) > 1}
        if not several:
            found[table.name] = Kept(masks=masked)
            continue
        column = max(sorted(several), key=lambda name: several[name].most_common(1)[0][1])
        most = several[column].most_common(1)[0][1]
        found[table.name] = Kept(column, min(value for value, n in several[column].items() if n == most and value), masks=masked)
    return found


def copied(table: Table, kept: Kept) -> Table:
    """The table as far as it is seen."""
    names = [name for name, _ in table.columns]
    rows = [[*row] for row in table.rows if _seen(dict(zip(names, row, strict=True)), kept)]
    kinds = list(table.columns)
    for name, mask in kept.masks.items():
        at = names.index(name)
        for row in rows:
            row[at] = mask.replacement if mask.kind is MaskKind.FIXED else None
        if mask.kind is MaskKind.FIXED:
            kinds[at] = (name, "STRING")
    return Table(table.name, kinds, rows)


def _seen(row: Mapping[str, str | None], kept: Kept) -> bool:
    if kept.gap is not None:
        day = (row["ds"] or "")[:10]
        return bool(day) and not kept.gap[0] <= day <= kept.gap[1]
    return not kept.column or (row[kept.column] is not None and row[kept.column] != kept.hidden)


def restricted(layer: Layer, plan: Mapping[str, Kept], tables: Mapping[str, Table]) -> Layer:
    """The layer with policies on its models that leave what `plan` says; hidden values are attributes `not_<table>` of whoever asks."""
    return _with(layer, [_model(model, plan[model.name], tables[model.name]) for model in layer.ontology.models], "")


def open_to_all(layer: Layer, tables: Mapping[str, Table], schema: str) -> Layer:
    """The layer without policies over the tables of another schema."""
    return _with(layer, [_model(model, Kept(), tables[model.name]) for model in layer.ontology.models], schema)


def attributes(plan: Mapping[str, Kept]) -> tuple[tuple[str, str], ...]:
    """The attributes that the policies read."""
    return tuple(sorted((f"not_{name}", kept.hidden) for name, kept in plan.items() if kept.column))


def _with(layer: Layer, models: list[Model], schema: str) -> Layer:
    places = layer.placements
    if schema:
        places = tuple(Placement(p.engine, tuple((m, Relation(schema, r.name)) for m, r in p.relations)) for p in places)
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, models=tuple(models)), placements=places)


def _model(model: Model, kept: Kept, table: Table) -> Model:
    """The model with all columns of its table, their types, and its policies."""
    columns = tuple(ModelColumn(name, TYPES[kind]) for name, kind in sorted(table.columns))
    predicate: Expr | None = None
    if kept.column:
        predicate = Binary("<>", Column(kept.column), Attribute(f"not_{table.name}"))
    elif kept.gap is not None:
        last = (dt.date.fromisoformat(kept.gap[1]) + dt.timedelta(days=1)).isoformat()
        first, end = (Literal(f"{day} 00:00:00", DataType.TIMESTAMP) for day in (kept.gap[0], last))
        predicate = Or((Binary("<", Column("ds"), first), Binary(">=", Column("ds"), end)))
    rows = (RowPolicy("seen", model.name, predicate),) if predicate is not None else ()
    masks = tuple(ColumnPolicy(f"mask_{name}", model.name, name, mask) for name, mask in sorted(kept.masks.items()))
    return msgspec.structs.replace(model, columns=columns, row_policies=rows, column_policies=masks)
