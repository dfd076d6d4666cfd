"""Whatever is done to a manifest, a compile gives a layer or a UserError; the order of its nodes means nothing."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.project import Compilation, compile_project
from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.errors import UserError
from app.model.ontology import Layer
from tests.support.dbt_versions import FIXTURES
from tests.support.dbt_versions import project as texts_of

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
            parent[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(LEAVES)))  # the next step may change it
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


@cache
def written(file: str, sections: tuple[str, ...]) -> tuple[str, tuple[tuple[Any, ...], ...]]:
    """A fixture that dbt wrote, with the places in the sections that hold meaning."""
    text = (FIXTURES / file).read_text(encoding="utf-8")
    places = [p for p in spots(json.loads(text)) if len(p) > 1 and p[0] in sections]
    return text, tuple(places)


def semantic(data: bytes) -> Compilation | None:
    try:
        return ontology_from_semantic_manifest(data)
    except UserError:
        return None


def new_yaml(data: bytes) -> Compilation | None:
    texts = {path: text for path, text in texts_of("1.12-new").items() if path.endswith(".yml")}
    try:
        return compile_project([TargetArtifacts("postgres", data)], ProjectSources(texts))
    except UserError:
        return None


SECTIONS = ("semantic_models", "metrics", "saved_queries", "project_configuration", "groups", "exposures", "sources", "nodes")
SHORT = [
    "7 days",
    "x days",
    {"where_sql_template": "{{ Dimension('a__b') }}"},
    ["x", {"where_sql_template": "1 = 1"}],
    {"count": -1, "granularity": "days"},
]


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("1.6/postgres.json", attempt),
        ("1.12/postgres.json", attempt),
        ("1.12-new/postgres.json", new_yaml),
        ("1.6/semantic.json", semantic),
        ("1.12/semantic.json", semantic),
        ("1.12/semantic.transformed.json", semantic),
        ("1.12-new/semantic.json", semantic),
    ],
)
@settings(SETTINGS, max_examples=60)
@given(data=st.data())
def test_what_dbt_wrote_and_somebody_changed(file: str, read: Callable[[bytes], Compilation | None], data: st.DataObject) -> None:
    """Nothing is raised but our own Problems; what is read can be written and read back, and no error is without its reason."""
    text, places = written(file, SECTIONS)
    document = json.loads(text)
    for _ in range(data.draw(st.integers(1, 4))):
        *path, last = data.draw(st.sampled_from(places))
        parent = document
        try:
            for key in path:
                parent = parent[key]
            if data.draw(st.integers(0, 3)):
                parent[last] = copy.deepcopy(data.draw(st.sampled_from(LEAVES + SHORT)))
            else:
                del parent[last]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    compiled = read(json.dumps(document).encode())
    if compiled is not None:
        assert Layer.from_json(compiled.layer.canonical()) == compiled.layer
        assert all(problem.message and problem.code.startswith("DM") for problem in compiled.problems)


@settings(SETTINGS, max_examples=60)
@given(seed=st.integers(0, 10**6), file=st.sampled_from(["1.12/semantic.json", "1.12/semantic.transformed.json", "1.12-new/semantic.json"]))
def test_the_order_of_a_semantic_manifest_means_nothing(seed: int, file: str) -> None:
    document = json.loads(written(file, SECTIONS)[0])
    before = semantic(json.dumps(document).encode())
    shuffle = random.Random(seed).shuffle
    for section in ("semantic_models", "metrics", "saved_queries"):
        shuffle(document[section])
    for node in document["semantic_models"]:
        for part in ("entities", "dimensions", "measures"):
            shuffle(node[part])
    after = semantic(json.dumps(document).encode())
    assert before is not None
    assert after == before


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
