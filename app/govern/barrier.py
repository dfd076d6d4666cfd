"""What stands in place of a table: a subquery of the allowed and masked columns that the statement needs, under the row filter, behind a fence.

The fence keeps every predicate of the query around from being evaluated on rows that the filter hides. PostgreSQL neither pulls up nor pushes conditions into a
subquery with OFFSET, also OFFSET 0 (is_simple_subquery and subquery_is_pushdown_safe of its planner); ClickHouse moves no filter below a LIMIT. Tests hold both
to it with predicates that raise.

PostgreSQL's planner also tries conditions on the statistics of a table, which hold values of hidden rows: a pattern that only a hidden value makes it refuse would
tell of that value. It looks for no statistics behind a set operation (examine_simple_variable of its selectivity functions), so the fence has one: a branch
without rows, which the planner drops.

Where no row is hidden, and no value seen only aggregated, there is no fence, and the planner is as free as without governance.

How a rule's columns and filter are spelled is remembered: it depends on the rule and the engine alone, and the bound values are named for each statement.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from app.errors import UserError
from app.govern.access import ModelAccess
from app.govern.names import TableUse
from app.govern.same import Same
from app.govern.spelling import TABLE, name_parameters, quote_name, spell_mask, spell_predicate, unspellable
from app.model.types import DataType, Dialect

_NOTHING = '1 AS "dm_one"'


def fence(dialect: Dialect, columns: int) -> str:
    """The end of a barrier of so many columns that hides rows or single values."""
    if dialect is Dialect.CLICKHOUSE:
        return " LIMIT 18446744073709551615"
    return f" UNION ALL SELECT {', '.join(['NULL'] * columns)} WHERE FALSE OFFSET 0"


def barrier(use: TableUse, dialect: Dialect, rename: Callable[[str], str]) -> str:
    """The subquery as text, without brackets and alias. `rename` gives the name in this statement of a bound value, and of the mask key (`KEY`); it is asked
    in the order in which they stand."""
    rule = Same(use.rule)
    parts = [_column(rule, column, dialect) for column in use.rule.columns if use.whole or column in use.needed]
    table = f"{quote_name(use.relation.schema)}.{quote_name(use.relation.name)} AS {TABLE}"
    if use.final:
        table += " FINAL"
    if use.sample:
        table += f" SAMPLE {use.sample}"
    # A statement that needs no column, as count(*) does, still needs one to select.
    columns = parts or [_NOTHING]
    text = f"SELECT {', '.join(columns)} FROM {table}"
    if use.rule.predicate is not None or use.rule.sizes:
        text += _filter(rule, dialect) + fence(dialect, len(columns))
    return name_parameters(text, rename)


@lru_cache(maxsize=8192)
def _column(rule: Same[ModelAccess], column: str, dialect: Dialect) -> str:
    """A column under its own name, masked where the rule says so."""
    mask = rule.it.masks.get(column)
    quoted = quote_name(column)
    value = f"{TABLE}.{quoted}" if mask is None else spell_mask(mask, column, rule.it.types.get(column, DataType.OTHER), dialect)
    return f"{value} AS {quoted}"


@lru_cache(maxsize=2048)
def _filter(rule: Same[ModelAccess], dialect: Dialect) -> str:
    """The row filter; "" where every row is seen.

    Raises InternalError DM4091 where it can't be spelled: its text is not for those whom it filters.
    """
    if rule.it.predicate is None:
        return ""
    try:
        spelled = spell_predicate(rule.it.predicate, dialect, rule.it.types)
    except UserError:
        raise unspellable("a row filter") from None
    return f" WHERE {spelled}"
