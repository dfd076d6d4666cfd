"""DM2711."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.model.expr import Column
from app.model.types import Aggregation

_RATE = re.compile(r"(?:_(?:rate|ratio|pct|percent|percentage|avg|average)$)|^(?:avg|average|pct|percent)_")
_AMOUNT = re.compile(r"(?:^|_)flat_rate$")


class SummedRate(Rule):
    """A sum over a column of rates.

    Rates, percentages and averages of rows add up to no rate of all rows: the numerators and denominators have to be summed, or the rate weighted.
    The column's name is the evidence. For example `{name: discount, agg: sum, expr: discount_rate}`.
    """

    code = "DM2711"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A measure that sums a bare column with the name of a rate."""
        for model, _ in project.semantic_models:
            for measure in model.measures if is_own(model.file) else ():
                name = measure.expr.name if isinstance(measure.expr, Column) else ""
                if measure.agg is Aggregation.SUM and _RATE.search(name.lower()) and not _AMOUNT.search(name.lower()):
                    yield Finding(
                        f"measure `{measure.name}` sums `{name}`, a rate by its name: rates of rows add up to nothing",
                        project.measure(model, measure),
                        "sum numerator and denominator and make a ratio metric of them, or take the average",
                        measure.name,
                    )
