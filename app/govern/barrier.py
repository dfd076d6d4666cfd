"""What stands in place of a table: a subquery of the allowed and masked columns that the statement needs, under the row filter, behind a fence.

The fence keeps every predicate of the query around from being evaluated on rows that the filter hides. PostgreSQL neither pulls up nor pushes conditions into a
subquery with OFFSET, also OFFSET 0 (is_simple_subquery and subquery_is_pushdown_safe of its planner); ClickHouse moves no filter below a LIMIT. Tests hold both
to it with predicates that raise. Where no row is hidden there is no fence, and the planner is as free as without governance.
"""

from __future__ import annotations

from collections.abc import Callable

from app.govern.names import TableUse
from app.govern.spelling import TABLE, quote_name, spell_mask, spell_predicate
from app.model.types import Dialect

_NOTHING = '1 AS "dm_one"'
_FENCE = {Dialect.POSTGRES: "OFFSET 0", Dialect.CLICKHOUSE: "LIMIT 18446744073709551615"}


def barrier(use: TableUse, dialect: Dialect, rename: Callable[[str], str], key: Callable[[], str]) -> str:
    """The subquery as text, without brackets and alias. `rename` gives a bound value's name in this statement, `key` the mark of the mask key."""
    rule = use.rule
    columns = [column for column in rule.columns if use.whole or column in use.needed]
    parts = []
    for column in columns:
        mask = rule.masks.get(column)
        quoted = quote_name(column)
        value = f"{TABLE}.{quoted}" if mask is None else spell_mask(mask, column, dialect, key)
        parts.append(f"{value} AS {quoted}")
    table = f"{quote_name(use.relation.schema)}.{quote_name(use.relation.name)} AS {TABLE}"
    if use.final:
        table += " FINAL"
    if use.sample:
        table += f" SAMPLE {use.sample}"
    # A statement that needs no column, as count(*) does, still needs one to select.
    text = f"SELECT {', '.join(parts) or _NOTHING} FROM {table}"
    if rule.predicate is not None:
        text += f" WHERE {spell_predicate(rule.predicate, dialect, rename, rule.types)} {_FENCE[dialect]}"
    return text
