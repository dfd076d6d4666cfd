"""Each engine's spelling of expressions: functions are written by us, never transpiled."""

from app.model.types import Dialect
from app.sql.expressions.infer import Types
from app.sql.expressions.spell.clickhouse import ClickHouseSpeller
from app.sql.expressions.spell.postgres import PostgresSpeller
from app.sql.expressions.spell.speller import Leaf, Speller

_SPELLERS: dict[Dialect, type[Speller]] = {Dialect.POSTGRES: PostgresSpeller, Dialect.CLICKHOUSE: ClickHouseSpeller}

__all__ = ["Leaf", "Speller", "speller"]


def speller(dialect: Dialect, leaf: Leaf, types: Types) -> Speller:
    """The speller of an engine's dialect."""
    return _SPELLERS[dialect](leaf, types)
