"""DM2304."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.compile.semantic_models import yaml_file
from app.model.semantics import DimensionType


class TimeWithoutGrain(Rule):
    """A time dimension without a granularity, which is taken by day.

    A grain that is finer than the column makes periods that are not there, a coarser one hides times that are. dbt 1.12 loses the granularity of
    `dimension: time`; where its column has one, that is `lost-granularity`. For example `dimensions: [{name: ordered_at, type: time}]`.
    """

    code = "DM2304"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A time dimension for which neither the manifest nor its column has a grain."""
        for model, node in project.semantic_models:
            columns = project.columns(node)
            kept = {dimension.name for dimension in model.dimensions}
            for dimension in node.dimensions or ():
                column = columns.get(dimension.name if dimension.expr is None else str(dimension.expr))
                told = (dimension.type_params and dimension.type_params.time_granularity) or (column and column.granularity)
                if dimension.type != DimensionType.TIME or told or dimension.name not in kept:
                    continue
                yield Finding(
                    f"time dimension `{dimension.name}` has no granularity in the manifest and is taken by day",
                    Place(f"dimension.{node.name}.{dimension.name}", yaml_file(node, project.root), "type_params"),
                    "set `type_params.time_granularity`",
                    dimension.name,
                )
