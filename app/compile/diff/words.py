"""Values of a layer as a report writes them: one line for people, the same for equal values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from app.errors import Where
from app.model.expr import Expr
from app.model.metrics import MeasureInput, MetricInput, Window
from app.model.physical import ColumnReference, Relation
from app.model.policy import ColumnPolicy, LimitPolicy, Mask, Policy, RowPolicy, SizePolicy
from app.model.semantics import NonAdditive
from app.sql.expressions.text import expression_text

_EXPRESSIONS = get_args(Expr)
LONGEST = 400
"""Characters of a value in a report."""


def written(value: Any) -> str:
    """A value in one line; "" for nothing."""
    text = _written(value)
    plain = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"


def _written(value: Any) -> str:
    if value is None or value in ((), "{}"):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return _listed(value)
    if isinstance(value, _EXPRESSIONS):
        return expression_text(value)
    if isinstance(value, msgspec.Struct):
        return _record(value)
    return str(value)


def _record(value: msgspec.Struct) -> str:
    match value:
        case Window(count=count, grain=grain):
            return f"{count} {grain}{'' if count == 1 else 's'}"
        case MeasureInput(semantic_model=owner, measure=measure):
            return _with(f"{owner}.{measure}", value, ("filter", "fill_nulls_with", "join_to_timespine"))
        case MetricInput(metric=metric):
            return _with(metric, value, ("alias", "filter", "offset_window", "offset_to_grain"))
        case NonAdditive(dimension=dimension, choice=choice, groups=groups):
            return f"{choice} of {dimension}" + (f" per {', '.join(groups)}" if groups else "")
        case ColumnReference(model=model, column=column):
            return f"{model}.{column}"
        case Relation(schema=schema, name=name, database=database):
            return ".".join(filter(None, (database, schema, name)))
        case RowPolicy(predicate=predicate, permissive=permissive):
            kind = "rows where" if permissive else "only rows where"
            return f"{kind} {expression_text(predicate)}{_bound(value)}"
        case SizePolicy(column=column, size=size):
            return f"{column}: only over {size} rows or more{_bound(value)}"
        case LimitPolicy(rows=rows, seconds=seconds, scanned_rows=scanned):
            bounds = [f"{n:g} {of}" for n, of in ((rows, "rows"), (seconds, "seconds"), (scanned, "rows read")) if n]
            return f"at most {', '.join(bounds)}{_bound(value)}"
        case ColumnPolicy(column=column, mask=mask):
            return f"{column}: {_mask(mask) if mask else 'denied'}{_bound(value)}"
        case Mask():
            return _mask(value)
        case _:
            given = {name: getattr(value, name) for name in value.__struct_fields__}
            return ", ".join(f"{name} {text}" for name, item in given.items() if (text := _written(item)))


def _with(head: str, value: Any, names: Sequence[str]) -> str:
    """A name and what else is said of it."""
    said = ((name, getattr(value, name)) for name in names)
    return " ".join((head, *(f"[{name} {_written(item)}]" for name, item in said if item not in (None, "", False))))


def _mask(mask: Mask) -> str:
    usual = Mask(mask.kind)
    said = ", ".join(f"{n} {_written(getattr(mask, n))}" for n in mask.__struct_fields__[1:] if getattr(mask, n) != getattr(usual, n))
    return f"{mask.kind} mask" + (f" ({said})" if said else "")


def _bound(policy: Policy) -> str:
    """Whom a policy binds."""
    bound = (*policy.roles, *(f"group {name}" for name in policy.groups), *policy.users)
    exempt = (*policy.exempt_roles, *(f"group {name}" for name in policy.exempt_groups), *policy.exempt_users)
    return (f" for {', '.join(bound)}" if bound else "") + (f" except {', '.join(exempt)}" if exempt else "")


def _listed(values: Sequence[Any]) -> str:
    if values and all(isinstance(item, tuple) and len(item) == 2 for item in values):
        return ", ".join(f"{_written(key)} = {_written(value)}" for key, value in values)
    return ", ".join(_written(item) for item in values)


def place_text(where: Where | None) -> str:
    """A place as editors read it, "" where there is none."""
    return str(where) if where else ""
