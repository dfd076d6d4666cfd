"""A query written as a draft, for a prompt: the query before, and examples. What a draft can't say makes no draft; values stay here, a number stands for each."""

from __future__ import annotations

from math import isfinite
from typing import Any

from app.language.drafting.form import PARTS_OF_DATES
from app.language.drafting.literals import KEPT
from app.model.expr import Binary, Expr, Field, In, IsNull, Literal, Or
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.shapes import Calculation, Compared, MetricValue, Moving, Rank, Running, Share, Show
from app.model.types import DataType, DatePart
from app.sql.expressions.walk import conjuncts

_OPS = {"=": "=", "<>": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
_PARTS = {part: name for name, part in PARTS_OF_DATES.items()}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHOWS = {Show.VALUE: "previous", Show.DIFFERENCE: "change", Show.PERCENT: "percent_change"}


class _UnsaidError(Exception):
    """That a draft has no way to say a part of the query."""


def written_draft(query: SemanticQuery) -> tuple[dict[str, Any], tuple[Literal, ...]] | None:
    """The draft of a query, with `@1`, `@2` … in place of the values of its filters, which are given back in that order; None for a query that no draft says."""
    if query.saved_query or query.min_max_only or not query.apply_group_by or query.drill_down or query.roll_up or query.to_date:
        return None
    kept: list[Literal] = []
    try:
        draft: dict[str, Any] = {
            "metrics": list(query.metrics),
            "group_by": [_item(one) for one in query.group_by],
            "filters": [_filter(part, kept) for part in _conditions(query)],
            "segments": list(query.segments),
            "having": [_bound(part, query) for part in (conjuncts(query.having) if query.having is not None else ())],
            "period": _period(query.time),
            "calculations": [_calculation(one) for one in query.calculations],
            "top": _top(query),
            "order": [{"by": one.name, "descending": one.descending} for one in query.order_by] if query.limit is None else [],
            "totals": str(query.totals or "none"),
        }
    except _UnsaidError:
        return None
    if query.limit is not None and draft["top"] is None:
        return None
    return {name: held for name, held in draft.items() if held}, tuple(kept)


def _conditions(query: SemanticQuery) -> list[Expr]:
    """The filter without that groups are known, which comes with choosing among them."""
    names = {one.name for one in query.group_by}
    chosen = query.top is not None or query.limit is not None or query.having is not None
    parts = conjuncts(query.where) if query.where is not None else ()
    return [
        one
        for one in parts
        if not (chosen and isinstance(one, IsNull) and one.negated and isinstance(one.arg, Field) and one.arg.name in names)
    ]


def _item(one: GroupBy) -> dict[str, Any]:
    if one.path:
        raise _UnsaidError
    grain = one.grain
    if one.date_part is not None:
        if one.date_part not in _PARTS:
            raise _UnsaidError
        grain = _PARTS[one.date_part]
    return {"name": one.name, "grain": grain} if grain else {"name": one.name}


def _filter(part: Expr, kept: list[Literal]) -> dict[str, Any]:
    match part:
        case Or(args=(Binary(op="=", left=left, right=Literal(type=DataType.BOOLEAN, value=False)), IsNull(arg=arg, negated=False))) if (
            left == arg
        ):
            return {"name": _name(left), "op": "=", "values": ["false"]}
        case Or(args=(Binary(op="<>") | In(negated=True) as unlike, IsNull(arg=arg, negated=False))):
            found = _compared(unlike, kept)
            return found if _of(unlike) == arg else _unsaid()
        case IsNull(arg=arg, negated=negated):
            return {"name": _name(arg), "op": "is_not_empty" if negated else "is_empty", "values": []}
        case Binary(op="<>", right=Literal(type=DataType.TEXT)) | In(negated=True):
            return _unsaid()  # it leaves out rows without a value, which a draft's `!=` keeps
        case _:
            return _compared(part, kept)


def _compared(part: Expr, kept: list[Literal]) -> dict[str, Any]:
    match part:
        case Binary(op=op, left=Field(date_part=DatePart.DOW), right=Literal(value=int() as day)) if op == "=" and 1 <= day <= 7:
            return {"name": "metric_time", "op": "on_days", "values": [_DAYS[day - 1]]}
        case In(arg=Field(date_part=DatePart.DOW), options=options, negated=negated):
            days = {one.value for one in options if isinstance(one, Literal)}
            if days == {6, 7}:
                return {"name": "metric_time", "op": "on_days", "values": ["weekday" if negated else "weekend"]}
            return _unsaid()
        case Binary(op="=", left=left, right=Literal(type=DataType.BOOLEAN, value=bool() as value)):
            return {"name": _name(left), "op": "=", "values": ["true" if value else "false"]}
        case Binary(op=op, left=left, right=Literal(type=DataType.DATE, value=str() as date)) if op in _OPS:
            return {"name": _name(left), "op": _OPS[op], "values": [date]}
        case Binary(op=op, left=left, right=Literal(value=value) as literal) if op in _OPS and value is not None:
            return {"name": _name(left), "op": _OPS[op], "values": [_kept(literal, kept)]}
        case In(arg=arg, options=options, negated=negated) if all(isinstance(one, Literal) for one in options):
            values = [_kept(one, kept) for one in options if isinstance(one, Literal)]
            return {"name": _name(arg), "op": "!=" if negated else "=", "values": values}
        case _:
            return _unsaid()


def _kept(literal: Literal, kept: list[Literal]) -> str:
    kept.append(literal)
    return f"{KEPT}{len(kept)}"


def _of(part: Binary | In) -> Expr:
    return part.left if isinstance(part, Binary) else part.arg


def _name(expr: Expr) -> str:
    if isinstance(expr, Field) and not (expr.path or expr.grain or expr.date_part or expr.group_by or expr.kind == "metric"):
        return expr.name
    raise _UnsaidError


def _unsaid() -> dict[str, Any]:
    raise _UnsaidError


def _bound(part: Expr, query: SemanticQuery) -> dict[str, Any]:
    match part:
        case Binary(op=op, left=Field(name=name, kind="metric"), right=Literal(value=value, type=kind)) if op in _OPS and kind.is_numeric:
            if name in query.metrics:
                return {"metric": name, "op": _OPS[op], "value": _number(value)}
    raise _UnsaidError


def _number(value: object) -> float:
    """The number as JSON has it; a query that a caller hands on may hold anything."""
    try:
        found = float(str(value))
    except (ValueError, OverflowError):
        raise _UnsaidError from None
    if not isfinite(found):
        raise _UnsaidError
    return found


def _period(span: TimeRange | None) -> dict[str, Any] | None:
    if span is None or not span.bounded:
        return None
    if span.start_clock or span.end_clock:
        raise _UnsaidError
    return {"start": span.start.isoformat() if span.start else "", "end": span.end.isoformat() if span.end else ""}


def _calculation(one: Calculation) -> dict[str, Any]:
    match one.shape:
        case Compared(of=MetricValue(name=name), back=back, show=show, same_weekday=False):
            found: dict[str, Any] = {"kind": _SHOWS[show], "metric": name}
        case Share(of=MetricValue(name=name), within=within):
            found, back = {"kind": "share", "metric": name, "within": list(within)}, None
        case Running(of=MetricValue(name=name), window=back, grain_to_date=""):
            found = {"kind": "running_total", "metric": name}
        case Moving(of=MetricValue(name=name), periods=periods, function="average"):
            found, back = {"kind": "moving_average", "metric": name, "periods": periods}, None
        case Rank(of=MetricValue(name=name), within=within, ascending=False):
            found, back = {"kind": "rank", "metric": name, "within": list(within)}, None
        case _:
            raise _UnsaidError
    return found if back is None else {**found, "back": {"count": back.count, "grain": back.grain}}


def _top(query: SemanticQuery) -> dict[str, Any] | None:
    if query.top is not None:
        top = query.top
        by = top.by or next(iter(query.metrics), "")
        if by not in query.metrics:
            raise _UnsaidError
        found: dict[str, Any] = {"count": top.count, "by": by, "per": list(top.per), "least": top.least, "other": top.other}
        return {name: held for name, held in found.items() if held}
    if query.limit is not None and len(query.order_by) == 1 and query.order_by[0].name in query.metrics:
        return {"count": query.limit, "by": query.order_by[0].name, "least": not query.order_by[0].descending}
    return None
