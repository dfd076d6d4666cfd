"""Selections over a small graph: what they find, what they say, and how they compare with an earlier state beyond dbt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.selection.evaluate import Selected, evaluate
from app.compile.selection.nodes import Nodes, read_nodes
from app.compile.selection.parse import parse
from app.errors import UserError

METRIC = {"type": "simple", "type_params": {"measure": {"name": "net"}, "input_measures": [1]}, "filter": None, "label": "Revenue"}


def node(unique_id: str, *parents: str, **more: Any) -> dict[str, Any]:
    kind, package, *rest = unique_id.split(".")
    return {
        "unique_id": unique_id,
        "name": rest[-1],
        "resource_type": kind,
        "package_name": package,
        "fqn": [package, *rest],
        "original_file_path": f"models/{rest[-1]}.yml",
        "depends_on": {"nodes": list(parents)},
        "config": {},
    } | more


def manifest(*, metric: dict[str, Any] | None = None, more: tuple[dict[str, Any], ...] = (), **models: Any) -> Nodes:
    nodes = [
        node("model.shop.orders", "source.shop.raw.orders", **({"raw_code": "select 1"} | models)),
        node("model.shop.reports", "model.shop.orders", "gone", raw_code="select 2"),
        node("test.shop.not_null", "model.shop.orders", test_metadata={"name": "not_null"}),
        *more,
    ]
    data = {
        "metadata": {"project_name": "shop"},
        "nodes": {one["unique_id"]: one for one in nodes},
        "sources": {"source.shop.raw.orders": node("source.shop.raw.orders", source_name="raw")},
        "semantic_models": {"semantic_model.shop.orders": node("semantic_model.shop.orders", "model.shop.orders")},
        "metrics": {
            "metric.shop.revenue": node("metric.shop.revenue", "semantic_model.shop.orders", **(METRIC if metric is None else metric))
        },
    }
    return read_nodes(json.dumps(data).encode())


def select(text: str, nodes: Nodes | None = None, before: Nodes | None = None) -> Selected:
    return evaluate(parse([text]), nodes or manifest(), before)


def test_names_and_files_of_what_is_found() -> None:
    found = select("+metric:revenue")
    assert found.names("metric") == {"revenue"}
    assert found.names("model", "source", "semantic_model") == {"orders", "raw.orders"}
    assert found.files == {"models/orders.yml", "models/revenue.yml"}
    assert found.problems == ()


def test_tests_are_walked_over_and_never_found() -> None:
    assert select("test_type:generic").ids == frozenset()
    assert select("1+test_type:generic").ids == {"model.shop.orders"}


def test_a_name_that_finds_nothing_is_told_with_one_that_is_near() -> None:
    found = select("metric:revenu+,tag:x orders")
    (problem,) = found.problems
    assert (problem.code, problem.hint) == ("DM2624", "did you mean `revenue`?")
    assert "`metric:revenu+,tag:x`" in problem.message
    assert found.names("model", "semantic_model") == {"orders"}


def test_everything_is_found_where_nothing_is_selected() -> None:
    nodes = manifest()
    assert evaluate(parse([]), nodes).ids == nodes.known(nodes.by_id)
    assert evaluate(parse([], ["resource_type:model"]), nodes).names("model") == frozenset()


@pytest.mark.parametrize(
    "change",
    [
        {"type_params": {"measure": {"name": "gross"}}},
        {"filter": {"where_filters": []}},
        {"type": "ratio"},
        {"label": "Turnover"},
        {"time_granularity": "month"},
    ],
)
def test_a_metric_is_modified_with_whatever_it_means(change: dict[str, Any]) -> None:
    assert select("state:modified", manifest(metric=METRIC | change), manifest()).ids == {"metric.shop.revenue"}


def test_what_dbt_derives_is_no_change() -> None:
    same = METRIC | {"type_params": METRIC["type_params"] | {"input_measures": []}, "created_at": 7}
    assert select("state:modified", manifest(metric=same), manifest()).ids == frozenset()


def test_what_was_not_there_is_modified_whatever_it_is() -> None:
    before = read_nodes(b'{"metadata": {"project_name": "shop"}}')
    assert select("state:modified", before=before).ids == select("state:new", before=before).ids
    assert "metric.shop.revenue" in select("state:modified", before=before).ids
    assert select("state:modified.body", before=before).names("metric") == frozenset()
    assert select("state:unmodified", before=before).ids == frozenset()


def test_a_part_of_a_model_can_be_compared() -> None:
    after, before = manifest(raw_code="select 3"), manifest()
    assert select("state:modified.body", after, before).names("model") == {"orders"}
    assert select("state:modified.configs", after, before).ids == frozenset()
    assert select("state:modified+", after, before).names("metric") == {"revenue"}


@pytest.mark.parametrize("value", ["modified.colour", "newer", ""])
def test_a_state_that_dbt_does_not_know(value: str) -> None:
    with pytest.raises(UserError) as raised:
        select(f"state:{value}", before=manifest())
    assert raised.value.problem.code == "DM2620"


def test_a_state_needs_something_to_compare_with() -> None:
    with pytest.raises(UserError) as raised:
        select("state:new")
    assert raised.value.problem.code == "DM2623"


@pytest.mark.parametrize(
    ("versions", "kind"), [((None, None), "none"), ((1, 2), "old"), ((3, 2), "prerelease"), ((2, 2), "latest"), (("a", 2), "prerelease")]
)
def test_versions_are_ordered_as_numbers_where_they_are_some(versions: tuple[Any, Any], kind: str) -> None:
    versioned = node("model.shop.prices.v", fqn=["shop", "prices", "v"], version=versions[0], latest_version=versions[1])
    nodes = manifest(more=(versioned,))
    assert "model.shop.prices.v" in select(f"version:{kind}", nodes).ids
