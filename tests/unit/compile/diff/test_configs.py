"""Config that decides which rows a node holds is compared with its code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.diff.code import code_changes, read_code
from app.compile.diff.configs import changed_configs
from app.compile.diff.report import Kind

NODE = "model.shop.orders"


def changed(old: dict[str, Any], new: dict[str, Any], **node: Any) -> Kind | None:
    nodes = [{NODE: {"resource_type": "model", "raw_code": "select 1", "config": config} | node} for config in (old, new)]
    before, after = (read_code(json.dumps({"nodes": one}).encode()) for one in nodes)
    return code_changes(before, after)[NODE]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("unique_key", "id", ["id", "day"]),
        ("incremental_strategy", "append", "merge"),
        ("on_schema_change", "ignore", "append_new_columns"),
        ("post-hook", [], [{"sql": "delete from {{ this }}", "transaction": True, "index": None}]),
        ("pre-hook", [{"sql": "a"}], [{"sql": "b"}]),
        ("check_cols", "all", ["all"]),
        ("hard_deletes", "ignore", "invalidate"),
        ("column_types", {}, {"code": "text"}),
        ("delimiter", ",", ";"),
        ("engine", "MergeTree()", "ReplacingMergeTree()"),
        ("materialized", "table", "incremental"),
    ],
)
def test_config_that_gives_other_rows_is_possibly_meaning(name: str, old: Any, new: Any) -> None:
    assert changed_configs({name: old}, {name: new}) == [name]
    assert changed({name: old}, {name: new}) is changed({name: new}, {name: old}, compiled_code="select 1") is Kind.MEANING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"unique_key": None, "post-hook": [], "on_schema_change": "ignore", "column_types": {}, "lookback": 1}),
        ({"unique_key": "id"}, {"unique_key": ["id"]}),
        ({"post-hook": [{"sql": "a", "transaction": True, "index": 1}]}, {"post-hook": ["a"]}),
        ({"materialized": "table"}, {"materialized": "view"}),
        ({"tags": ["a"], "docs": {"show": True}, "persist_docs": {}}, {"tags": ["b"]}),
    ],
)
def test_config_that_gives_the_same_rows_is_no_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert changed_configs(old, new) == changed_configs(new, old) == []
    assert changed(old, new) is None


def test_seeds_and_snapshots_have_config_too() -> None:
    assert changed({"strategy": "timestamp"}, {"strategy": "check"}, resource_type="snapshot") is Kind.MEANING
    assert changed({"column_types": {"a": "int"}}, {"column_types": {"a": "text"}}, resource_type="seed", raw_code="") is Kind.MEANING
