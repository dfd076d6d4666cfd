"""DM2710."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.model.expr import Column
from app.model.semantics import DimensionType, Measure, SemanticModel
from app.model.types import Aggregation

_STOCK = re.compile(r"(?:^|_)(?:balances?|inventory|on_hand|in_stock|stock_level|headcount|outstanding)$")
_SNAPSHOT = re.compile(r"(?:^|_)(?:snapshots?|as_of|eod|eom|month_end|day_end|balance_date|daily_balances?)(?:_|$)")


class SummedStock(Rule):
    """A stock that is summed over time.

    A balance, an inventory or a headcount is there at each moment: rows of several days hold the same money, and their sum counts it once a day. It is
    found where the measure's name says that it is a stock, and the model's key or name says that its rows are of moments. For example
    `{name: account_balance, agg: sum}` over a model with one row per account and day.
    """

    code = "DM2710"

    def check(self, project: Linted) -> Iterator[Finding]:
        """A sum of a stock without `non_additive_dimension`, over rows that are a moment each."""
        for model, _ in project.semantic_models:
            for measure in model.measures if is_own(model.file) else ():
                if measure.agg is not Aggregation.SUM or measure.non_additive is not None or not _is_stock(measure):
                    continue
                why = _moments(project, model)
                if why:
                    time = model.time_of(measure)
                    yield Finding(
                        f"measure `{measure.name}` sums a stock over time: {why}",
                        project.measure(model, measure),
                        f"set `non_additive_dimension: {{name: {time or 'the time'}, window_choice: max}}`",
                        measure.name,
                    )


def _is_stock(measure: Measure) -> bool:
    names = [measure.name, *([measure.expr.name] if isinstance(measure.expr, Column) else [])]
    return any(_STOCK.search(name.lower()) for name in names)


def _moments(project: Linted, model: SemanticModel) -> str:
    """What says that each row of the model is of a moment; "" where nothing does."""
    below = project.ontology.model(model.model)
    times = [d for d in model.dimensions if d.type is DimensionType.TIME and isinstance(d.expr, Column)]
    key = {name.lower() for name in below.primary_key} if below else set()
    for time in times:
        if len(key) > 1 and isinstance(time.expr, Column) and time.expr.name.lower() in key:
            return f"`{time.name}` is a part of the key of `{model.model}`"
    named = next((name for name in (model.model, model.agg_time_dimension) if _SNAPSHOT.search(name.lower())), "")
    return f"`{named}` is of snapshots by its name" if named else ""
