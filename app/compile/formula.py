"""A metric's definition in a form that people read: SQL's words, no engine's dialect. Never executed."""

from __future__ import annotations

from app.model.expr import (
    And,
    Attribute,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Extract,
    Field,
    In,
    IsNull,
    Like,
    Literal,
    Negate,
    Not,
    Or,
    Parameter,
    Shift,
    Truncate,
)
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.types import Aggregation, DataType

_TIGHT = (Column, Literal, Field, Call, Cast, Truncate, Extract, Attribute, Parameter)
_NUMBERS = (DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT, DataType.BOOLEAN)


def formula(metric: Metric, ontology: Ontology) -> str:
    """The metric in one line: `sum(net_amount) where order__status = 'paid'`, `revenue / orders`."""
    match metric.params:
        case Simple(input=item):
            text = measure_text(item, ontology)
        case Ratio(numerator=numerator, denominator=denominator):
            text = f"{_input(numerator)} / {_input(denominator)}"
        case Derived(expr=expr, inputs=inputs):
            named = [f"{item.alias} = {_input(item, alias=False)}" for item in inputs if item.alias or item.filter]
            text = expression_text(expr) + (f" with {', '.join(named)}" if named else "")
        case Cumulative(input=item, window=window, grain_to_date=to_date):
            span = f"over {window.count} {window.grain}s" if window else f"since the start of the {to_date}" if to_date else "over all time"
            text = f"{measure_text(item, ontology)} {span}"
        case Conversion(base=base, conversion=conversion, entity=entity, calculation=calculation, window=window):
            within = f" within {window.count} {window.grain}s" if window else ""
            text = f"{calculation} of {measure_text(base, ontology)} to {measure_text(conversion, ontology)} per {entity}{within}"
    return f"{text} where {expression_text(metric.filter)}" if metric.filter else text


def measure_text(item: MeasureInput, ontology: Ontology) -> str:
    """A measure as a metric uses it: `count(distinct customer_id)`."""
    owner = ontology.semantic_model(item.semantic_model)
    measure = next((m for m in owner.measures if m.name == item.measure), None) if owner else None
    if measure is None:
        return item.measure
    inner = expression_text(measure.expr)
    if measure.agg is Aggregation.COUNT_DISTINCT:
        text = f"count(distinct {inner})"
    elif measure.agg is Aggregation.PERCENTILE:
        text = f"percentile({inner}, {measure.percentile:g})"
    else:
        text = f"{measure.agg}({inner})"
    if measure.non_additive:
        text += f" at the {'last' if measure.non_additive.choice == 'max' else 'first'} {measure.non_additive.dimension}"
    return f"{text} where {expression_text(item.filter)}" if item.filter else text


def expression_text(expr: Expr | None) -> str:
    """An expression as a person would write it."""
    match expr:
        case None:
            return ""
        case Literal(value=value, type=kind):
            return "null" if value is None else str(value).lower() if kind in _NUMBERS else "'" + str(value).replace("'", "''") + "'"
        case Column(name=name, table=table):
            return f"{table}.{name}" if table else name
        case Field(name=name, grain=grain, date_part=part, path=path):
            return "__".join(filter(None, (*path, name, grain, f"extract_{part}" if part else "")))
        case Attribute(name=name):
            return f"user.{name}"
        case Parameter(name=name):
            return f":{name}"
        case Call(name=name, args=args, distinct=distinct):
            return f"{name}({'distinct ' if distinct else ''}{', '.join(expression_text(a) for a in args)})"
        case Binary(op=op, left=left, right=right):
            return f"{_tight(left)} {op} {_tight(right)}"
        case And(args=args):
            return " and ".join(_tight(a) for a in args) or "true"
        case Or(args=args):
            return " or ".join(_tight(a) for a in args) or "false"
        case Not(arg=arg):
            return f"not {_tight(arg)}"
        case Negate(arg=arg):
            return f"-{_tight(arg)}"
        case In(arg=arg, options=options, negated=negated):
            return f"{_tight(arg)} {'not ' if negated else ''}in ({', '.join(expression_text(o) for o in options)})"
        case Between(arg=arg, low=low, high=high, negated=negated):
            return f"{_tight(arg)} {'not ' if negated else ''}between {_tight(low)} and {_tight(high)}"
        case IsNull(arg=arg, negated=negated):
            return f"{_tight(arg)} is {'not ' if negated else ''}null"
        case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
            return f"{_tight(arg)} {'not ' if negated else ''}{'i' if ignore_case else ''}like {_tight(pattern)}"
        case Case(whens=whens, otherwise=otherwise):
            parts = " ".join(f"when {expression_text(w)} then {expression_text(t)}" for w, t in whens)
            return f"case {parts}{f' else {expression_text(otherwise)}' if otherwise is not None else ''} end"
        case Cast(arg=arg, type=kind):
            return f"cast({expression_text(arg)} as {kind})"
        case Truncate(arg=arg, grain=grain):
            return f"date_trunc('{grain}', {expression_text(arg)})"
        case Extract(arg=arg, part=part):
            return f"extract({part} from {expression_text(arg)})"
        case Shift(arg=arg, count=count, grain=grain):
            return f"{_tight(arg)} {'-' if count < 0 else '+'} {abs(count)} {grain}{'' if abs(count) == 1 else 's'}"


def _tight(expr: Expr) -> str:
    text = expression_text(expr)
    return text if isinstance(expr, _TIGHT) else f"({text})"


def _input(item: MetricInput, *, alias: bool = True) -> str:
    text = item.alias if alias and item.alias and not item.filter else item.metric
    if item.filter:
        text = f"({text} where {expression_text(item.filter)})"
    if item.offset_window:
        text += f" {item.offset_window.count} {item.offset_window.grain}{'' if item.offset_window.count == 1 else 's'} before"
    elif item.offset_to_grain:
        text += f" at the start of the {item.offset_to_grain}"
    return text
