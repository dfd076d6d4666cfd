"""Calculations over aggregations, as other tools write their metrics: `SUM(x) / NULLIF(COUNT(*), 0)`.

What is aggregated becomes a record, and a column in the table `AGGREGATE` stands for it in what remains; arguments and the rest are our own expressions.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from app.model.expr import Case, Column, Expr, Literal
from app.model.types import Aggregation, DataType
from app.sql.expressions.calls import convert_call
from app.sql.expressions.convert import Converter, Known
from app.sql.expressions.parse import parse_with

AGGREGATE = "\0aggregate"
"""The table of the columns that stand for aggregations; no text can write it."""
ONE = Literal(1, DataType.INTEGER)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregation over rows. `rows` says that it counts rows (`COUNT(*)`); `approximate`, that the source asked for an estimate."""

    agg: Aggregation
    expr: Expr
    percentile: float | None = None
    discrete: bool = False
    approximate: bool = False
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Calculation:
    """An expression and the aggregations that its columns `AGGREGATE.0`, `AGGREGATE.1` … stand for."""

    expr: Expr
    aggregates: tuple[Aggregate, ...]


def parse_calculation(text: str, dialect: str) -> Calculation:
    """A metric's SQL. Raises as `parse_expression`, DM3102 too for aggregations within one another or of a kind that measures do not have."""
    found: list[Aggregate] = []
    expr = parse_with(text, dialect, lambda shown, reader, known: _Aggregating(shown, reader, known, found))
    return Calculation(expr, tuple(found))


_SIMPLE: dict[type[exp.Expr], Aggregation] = {
    exp.Sum: Aggregation.SUM,
    exp.Avg: Aggregation.AVERAGE,
    exp.Min: Aggregation.MIN,
    exp.Max: Aggregation.MAX,
    exp.Count: Aggregation.COUNT,
}
_NAMED = {
    "sum": Aggregation.SUM,
    "avg": Aggregation.AVERAGE,
    "min": Aggregation.MIN,
    "max": Aggregation.MAX,
    "count": Aggregation.COUNT,
    "uniqexact": Aggregation.COUNT_DISTINCT,
    "countdistinct": Aggregation.COUNT_DISTINCT,
}
_PERCENTILES = {"quantileexactinclusive": False, "quantileexactlow": True}
"""ClickHouse's exact percentiles that measures have; whether they are discrete."""


class _Aggregating(Converter):
    """Converts a calculation; what is within an aggregation is a plain expression."""

    __slots__ = ("found", "within")

    def __init__(self, text: str, dialect: str, known: Known, found: list[Aggregate]) -> None:
        super().__init__(text, dialect, known, convert_call)
        self.found, self.within = found, False

    def expr(self, node: exp.Expr | None) -> Expr:
        """The node as an Expr, where an aggregation gives the column that stands for it."""
        made = self._aggregate(node) if isinstance(node, exp.AggFunc | exp.Filter | exp.WithinGroup | exp.Anonymous) else None
        if made is None:
            return super().expr(node)
        if made not in self.found:
            self.found.append(made)
        return Column(str(self.found.index(made)), AGGREGATE)

    def _aggregate(self, node: exp.Expr) -> Aggregate | None:
        """The aggregation that the node is, None where it is none. Raises UserError DM3102 for one that measures do not have."""
        if self.within and isinstance(node, exp.AggFunc | exp.Filter | exp.WithinGroup):
            raise self.refused(node, "DM3102", "an aggregation can't stand within another")
        self.within = True
        try:
            return self._read(node)
        finally:
            self.within = False

    def _read(self, node: exp.Expr) -> Aggregate | None:
        match node:
            case exp.Filter(this=inner, expression=exp.Where(this=condition)):
                aggregate = self._read(inner)
                return None if aggregate is None else only_where(self.expr(condition), aggregate)
            case exp.WithinGroup(
                this=exp.PercentileCont() | exp.PercentileDisc() as kind, expression=exp.Order(expressions=[exp.Ordered() as by])
            ):
                return self._percentile(node, by.this, kind.this, isinstance(kind, exp.PercentileDisc), bool(by.args.get("desc")))
            case exp.Median(this=inner):
                return Aggregate(Aggregation.MEDIAN, self.expr(inner))
            case exp.Quantile() | exp.ApproxQuantile():
                self.check_parts(node, frozenset({"this", "quantile"}))
                return self._percentile(node, node.this, node.args["quantile"], discrete=False, descending=False, approximate=True)
            case exp.ParameterizedAgg(this=name, expressions=[share]) if (
                str(name).lower() in _PERCENTILES and len(node.args["params"]) == 1
            ):
                return self._percentile(node, node.args["params"][0], share, _PERCENTILES[str(name).lower()], descending=False)
            case exp.ParameterizedAgg(this=name):
                raise self._unknown(node, str(name))
            case exp.ApproxDistinct(this=inner):
                self.check_parts(node, frozenset({"this"}))
                return Aggregate(Aggregation.COUNT_DISTINCT, self.expr(inner), approximate=True)
            case exp.CountIf(this=condition):
                return only_where(self.expr(condition), Aggregate(Aggregation.COUNT, ONE, rows=True))
            case exp.CombinedAggFunc() | exp.AnonymousAggFunc() | exp.Anonymous():
                return self._named(node)
            case _ if type(node) in _SIMPLE:
                return self._simple(node, _SIMPLE[type(node)])
            case exp.AggFunc() | exp.WithinGroup():
                raise self._unknown(node, node.sql_name().lower() if isinstance(node, exp.Func) else type(node).__name__)
            case _:
                return None

    def _simple(self, node: exp.Expr, agg: Aggregation) -> Aggregate:
        """SUM, AVG, MIN, MAX, COUNT, with DISTINCT where that changes nothing or is a measure's own."""
        inner = node.this
        self.check_parts(node, frozenset({"this"}))
        if agg is Aggregation.COUNT and (inner is None or isinstance(inner, exp.Star)):
            return Aggregate(agg, ONE, rows=True)
        if isinstance(inner, exp.Distinct):
            if len(inner.expressions) != 1 or agg in (Aggregation.SUM, Aggregation.AVERAGE):
                what = "several columns" if len(inner.expressions) != 1 else "distinct values"
                raise self.refused(node, "DM3102", f"a measure can't be the {agg} of {what}")
            agg = Aggregation.COUNT_DISTINCT if agg is Aggregation.COUNT else agg
            return Aggregate(agg, self.expr(inner.expressions[0]))
        arg = self.expr(inner)
        return Aggregate(agg, arg, rows=agg is Aggregation.COUNT and isinstance(arg, Literal) and arg.value is not None)

    def _named(self, node: exp.Expr) -> Aggregate | None:
        """ClickHouse's `uniqExact(x)`, `sumIf(x, condition)`; of other names None where they may be plain functions."""
        name, args = str(node.name or node.this).lower(), list(node.expressions)
        conditional = name.endswith("if") and name.removesuffix("if") in _NAMED
        agg = _NAMED.get(name.removesuffix("if") if conditional else name)
        if agg is None:
            if isinstance(node, exp.Anonymous):
                return None
            raise self._unknown(node, name)
        condition = self.expr(args.pop()) if conditional and args else None
        if not args and agg is Aggregation.COUNT:
            made = Aggregate(agg, ONE, rows=True)
        elif len(args) == 1:
            made = Aggregate(agg, self.expr(args[0]))
        else:
            raise self.refused(node, "DM3104", f"`{name}` does not take {len(node.expressions)} arguments here")
        return made if condition is None else only_where(condition, made)

    def _percentile(
        self, node: exp.Expr, inner: exp.Expr, share: exp.Expr, discrete: bool, descending: bool, approximate: bool = False
    ) -> Aggregate:
        """A percentile from 0 to 1; of descending values, the one from the other end, where that is the same (it is for continuous ones)."""
        value = self.expr(share)
        at = float(value.value) if isinstance(value, Literal) and value.type.is_numeric and value.value is not None else -1.0
        if not 0 <= at <= 1 or (descending and discrete):
            raise self.refused(node, "DM3102", "a percentile is a number from 0 to 1, of ascending values")
        at = round(1 - at, 12) if descending else at
        if at == 0.5 and not discrete and not approximate:
            return Aggregate(Aggregation.MEDIAN, self.expr(inner))
        return Aggregate(Aggregation.PERCENTILE, self.expr(inner), at, discrete, approximate)

    def _unknown(self, node: exp.Expr, name: str) -> Exception:
        kinds = ", ".join(Aggregation)
        return self.refused(node, "DM3102", f"the aggregation `{name}` is none that a measure can have", f"measures have {kinds}")


def only_where(condition: Expr, aggregate: Aggregate) -> Aggregate:
    """The aggregation of the rows for which the condition holds, in the groups that all rows give: `CASE WHEN condition THEN x END`."""
    expr = Case(((condition, aggregate.expr),))
    return Aggregate(aggregate.agg, expr, aggregate.percentile, aggregate.discrete, aggregate.approximate)
