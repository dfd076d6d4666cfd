"""Whatever is done to a manifest, a compile gives a layer or a UserError; the order of its nodes means nothing."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.compile.artifacts import TargetArtifacts
from app.compile.project import Compilation, compile_project
from app.errors import UserError

LEAVES: list[Any] = [
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "x",
    "a" * 300,
    "{{ x }}",
    "((((",
    "datamind",
    [],
    {},
    [1],
    {"name": 1},
    ["x"],
    {"datamind": {"access": "deny"}},
]
SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rich(project: Any) -> Any:
    project.orders().metric(
        "aov", "ratio", numerator={"name": "revenue"}, denominator={"name": "orders"}, filter="{{ Dimension('order__status') }} = 'paid'"
    )
    project.metric("next", "derived", expr="aov * 2", metrics=[{"name": "aov"}])
    project.metric("run", "cumulative", measure={"name": "amount"}, cumulative_type_params={"window": {"count": 2, "granularity": "day"}})
    project.model("orders", package="other")
    project.source("shop", "orders", schema="marts")
    node = project.model("days", columns=("day",), time_spine={"standard_granularity_column": "day"})
    node["columns"]["day"]["granularity"] = "day"
    node["config"]["meta"] = {"datamind": {"row_filters": [{"name": "f", "filter": "day = user.day", "roles": ["analyst"]}]}}
    node["columns"]["day"]["meta"] = {"datamind": {"pii": "x", "mask": {"kind": "hash"}}}
    project.generic_test("accepted_values", "orders", "status", values=["a"])
    project.generic_test("relationships", "orders", "id", to="ref('days')", field="day", depends=["model.shop.days"])
    project.manifest["saved_queries"]["q"] = {"name": "q", "query_params": {"metrics": ["revenue"]}}
    project.manifest["exposures"]["e"] = {"unique_id": "e", "name": "e"}
    project.manifest["groups"]["g"] = {"name": "g", "owner": {"name": "Ann"}}
    return project


def attempt(data: bytes) -> Compilation | None:
    try:
        return compile_project([TargetArtifacts("postgres", data)])
    except UserError:
        return None


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        found += spots(entry, (*path, key))
    return found


@SETTINGS
@given(data=st.data())
def test_a_mutated_manifest(project: Any, data: st.DataObject) -> None:
    project.__init__()
    manifest = json.loads(rich(project).data())
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from([p for p in spots(manifest) if p]))
        parent = manifest
        for key in path[:-1]:
            parent = parent[key]
        if data.draw(st.booleans()):
            parent[path[-1]] = data.draw(st.sampled_from(LEAVES))
        else:
            del parent[path[-1]]
    attempt(json.dumps(manifest).encode())


@SETTINGS
@given(data=st.data())
def test_a_truncated_or_garbled_manifest(project: Any, data: st.DataObject) -> None:
    project.__init__()
    text = rich(project).data()
    cut = data.draw(st.integers(0, len(text) - 1))
    assert attempt(text[:cut]) is None
    attempt(text[:cut] + data.draw(st.binary(max_size=6)) + text[cut + 1 :])


@SETTINGS
@given(seed=st.integers(0, 10**6))
def test_the_order_of_nodes_means_nothing(project: Any, seed: int) -> None:
    project.__init__()
    before = rich(project).compile()
    for section, nodes in project.manifest.items():
        if section != "metadata":
            pairs = list(nodes.items())
            random.Random(seed).shuffle(pairs)
            project.manifest[section] = dict(pairs)
    after = project.compile()
    assert after.layer.ontology.canonical() == before.layer.ontology.canonical()
    assert after == before


def test_a_policy_never_goes_missing_unsaid(project: Any) -> None:
    """Each single mutation below a model's `datamind` leaves a policy on the model, or gives an error."""
    manifest = json.loads(rich(project).data())
    base = ("nodes", "model.shop.days", "config", "meta", "datamind")
    inside = manifest
    for key in base:
        inside = inside[key]
    for path in spots(inside):
        for leaf in LEAVES:
            changed = json.loads(json.dumps(manifest))
            parent = changed
            for key in (*base, *path)[:-1]:
                parent = parent[key]
            parent[(*base, *path)[-1]] = leaf
            compiled = attempt(json.dumps(changed).encode())
            if compiled is not None:
                model = compiled.layer.ontology.model("days")
                explicit = leaf in ([], {}) and path in ((), ("row_filters",))
                assert model.row_policies or explicit


def test_deep_texts_and_values(project: Any) -> None:
    """Nesting of any depth, in JSON and in expressions, ends in a Problem."""
    for depth in (100, 480, 900, 990, 20_000):
        project.__init__()
        project.orders().metric("deep", "derived", expr="(" * depth + "revenue" + ")" * depth, metrics=[{"name": "revenue"}])
        project.metric("filtered", measure={"name": "amount"}, filter="NOT " * depth + "({{ Dimension('order__status') }} = 'x')")
        attempt(project.data())
        nested = b'{"x":' * depth + b"1" + b"}" * depth
        attempt(project.data().replace(b'"meta": {}', b'"meta": ' + nested, 1))
        project.manifest["nodes"]["model.shop.orders"]["config"]["meta"] = {
            "datamind": {"row_filters": [{"name": "f", "filter": "NOT (" * depth + "status = 'x'" + ")" * depth}]}
        }
        attempt(project.data())
