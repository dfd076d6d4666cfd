"""Each engine's spelling of dbt's aggregations, a file an engine."""

from collections.abc import Callable

from sqlglot import exp

from app.model.plan import Aggregated
from app.model.types import Dialect
from app.plan.aggregates.clickhouse import aggregate as clickhouse
from app.plan.aggregates.postgres import aggregate as postgres
from app.sql.expressions.spell import Speller

Spell = Callable[[Aggregated, Speller, bool], exp.Expr]

AGGREGATES: dict[Dialect, Spell] = {Dialect.POSTGRES: postgres, Dialect.CLICKHOUSE: clickhouse}
"""By dialect: the aggregation of a value; the flag says that there are no keys, so that there may be no rows."""
