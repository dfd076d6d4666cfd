"""What the parts of a shaped query name: its group-by items, its metrics and calculations, any other metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.errors import Problem, UserError, did_you_mean
from app.model.expr import Column, Expr, Field
from app.model.query import GroupBy, SemanticQuery
from app.model.shapes import Calculation, MetricValue, Shape
from app.model.types import DatePart
from app.plan.problems import at
from app.sql.expressions.fields import split_name
from app.sql.expressions.parts import resolved
from app.sql.joins import JoinGraph


class Names:
    """Of one query. `asked` are its group-by items by the names under which they were asked for; `values` grows by the metrics that filters and orders name."""

    def __init__(self, query: SemanticQuery, asked: Mapping[str, GroupBy], calculations: Iterable[Calculation], graph: JoinGraph) -> None:
        self._graph = graph
        self.keys = {key.column: key for key in asked.values()}
        for name, key in asked.items():
            self.keys.setdefault(name, key)
            self.keys.setdefault("__".join((*key.path, key.name)), key)
        self.values: dict[str, Shape] = {name: MetricValue(name) for name in query.metrics}
        for calculation in calculations:
            if calculation.name in self.values or calculation.name in self.keys:
                raise UserError(
                    Problem("DM3025", f"two columns of the result would be named `{calculation.name}`", hint="give one a name: `other = …`")
                )
            self.values[calculation.name] = calculation.shape
        self.shown = tuple(self.values)

    def key(self, name: str, path: str) -> GroupBy:
        """The group-by item of a name. Raises UserError DM3131."""
        found = self.keys.get(name)
        if found is None:
            hint = did_you_mean(name, self.keys) or (f"the items are {', '.join(sorted(self.keys))}" if self.keys else "")
            with at(path):
                raise UserError(Problem("DM3131", f"`{name}` is none of the query's group-by items", hint=hint))
        return found

    def value(self, name: str, path: str) -> str:
        """The name of a value: a metric's that is not asked for is added. Raises UserError DM3015."""
        if name not in self.values:
            if name not in self._graph.metrics:
                known = [*self.values, *self.keys]
                with at(path):
                    raise UserError(
                        Problem(
                            "DM3015", f"`{name}` is neither a metric, a calculation nor a group-by item", hint=did_you_mean(name, known)
                        )
                    )
            self.values[name] = MetricValue(name)
        return name

    def condition(self, having: Expr | None) -> Expr | None:
        """A filter of rows over columns named by values and items."""

        def placed(leaf: Expr) -> Expr:
            match leaf:
                case Field(kind="metric", name=name):
                    return Column(self.value(name, "having"))
                case Field(name=name, path=path, grain=grain, date_part=part):
                    return self._plain(GroupBy(name, grain, part, path).column)
                case Column(name=name, table=table):
                    stem, grain, part_name = split_name("__".join(p for p in (table, name) if p))
                    whole = GroupBy(stem, grain, DatePart(part_name) if part_name else None).column
                    return self._plain(name if name in self.values and not table else whole)
            return leaf

        return None if having is None else resolved(having, placed)

    def _plain(self, name: str) -> Column:
        return Column(self.keys[name].column) if name in self.keys else Column(self.value(name, "having"))
