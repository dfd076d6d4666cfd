"""The config of a node that decides which rows it holds, its code aside: the one table, by the names of dbt and its adapters.

Its source are dbt's pages on incremental models, snapshots, seeds and hooks, and those of dbt-clickhouse on engines that merge rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ROWS: Mapping[str, Any] = {
    # incremental models
    "unique_key": None,
    "incremental_strategy": None,
    "incremental_predicates": None,
    "predicates": None,
    "merge_update_columns": None,
    "merge_exclude_columns": None,
    "on_schema_change": "ignore",
    "full_refresh": None,
    "inserts_only": None,
    "partition_by": None,
    # microbatches
    "event_time": None,
    "begin": None,
    "batch_size": None,
    "lookback": 1,
    # snapshots
    "strategy": None,
    "updated_at": None,
    "check_cols": None,
    "hard_deletes": "ignore",
    "invalidate_hard_deletes": False,
    "dbt_valid_to_current": None,
    "snapshot_meta_column_names": None,
    # seeds
    "column_types": None,
    "delimiter": ",",
    "quote_columns": None,
    # what else runs
    "pre-hook": None,
    "post-hook": None,
    "sql_header": None,
    # tables of ClickHouse that merge or drop rows
    "engine": None,
    "order_by": None,
    "ttl": None,
}
"""Each with what it is where nobody sets it."""
_KEEPING = frozenset(("incremental", "snapshot", "materialized_view", "dictionary", "distributed_incremental"))
_NOTHING: tuple[Any, ...] = (None, [], {}, "")


def changed_configs(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The names of what is set otherwise and may give other rows, sorted.

    Another materialization does where rows are kept from run to run or are as old as the last refresh; a view and a table hold the same.
    """
    found = [name for name, usual in _ROWS.items() if _value(old, name, usual) != _value(new, name, usual)]
    kinds = (old.get("materialized"), new.get("materialized"))
    if kinds[0] != kinds[1] and any(kind in _KEEPING for kind in kinds):
        found.append("materialized")
    return sorted(found)


def _value(config: Mapping[str, Any], name: str, usual: Any) -> Any:
    value = config.get(name)
    if name == "unique_key" and isinstance(value, str):
        return [value]
    if name.endswith("-hook") and isinstance(value, list):
        value = [_hook(hook) for hook in value]
    return usual if value in _NOTHING else value


def _hook(hook: Any) -> Any:
    """A hook's statement, and whether it runs within the transaction; `index` says only where it was written."""
    return (hook.get("sql"), hook.get("transaction", True)) if isinstance(hook, dict) else (hook, True)
