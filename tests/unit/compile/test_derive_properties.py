"""Whatever the models, their columns and tests: what is derived has one meaning for every name, and no join repeats a row."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.expr import Column
from app.model.semantics import EntityType
from app.sql.joins import JoinGraph
from tests.unit.compile.conftest import Project

MODELS = ("orders", "dim_orders", "stg_orders", "customer", "customers", "a__b", "Order", "day")
COLUMNS = ("id", "order_id", "customer_id", "customer", "order", "status", "month", "metric_time", "ID", "x", "buyer_id", "created_at")
TYPES = ("", "text", "integer", "date", "timestamp", "numeric", "jsonb")
COLUMN = st.tuples(st.sampled_from(COLUMNS), st.sampled_from(TYPES), st.booleans(), st.booleans())
REFERENCE = st.tuples(*(st.integers(0, 7) for _ in range(4)))
PROJECTS = st.tuples(
    st.dictionaries(st.sampled_from(MODELS), st.lists(COLUMN, min_size=1, max_size=6, unique_by=lambda c: c[0]), min_size=1, max_size=6),
    st.lists(REFERENCE, max_size=8),
)


def built(models: dict[str, list[tuple[str, str, bool, bool]]], references: list[tuple[int, int, int, int]]) -> Project:
    project = Project()
    for name, columns in models.items():
        node = project.model(name, columns=tuple(column for column, *_ in columns))
        for column, kind, unique, not_null in columns:
            node["columns"][column]["data_type"] = kind or None
            for test in ["unique"] * unique + ["not_null"] * not_null:
                project.generic_test(test, name, column)
    names = list(models)
    for a, b, c, d in references:
        model, to = names[a % len(names)], names[c % len(names)]
        column, field = models[model][b % len(models[model])][0], models[to][d % len(models[to])][0]
        project.generic_test("relationships", model, column, depends=[f"model.shop.{to}"], to=f"ref('{to}')", field=field)
    return project


@settings(max_examples=80, deadline=None)
@given(PROJECTS)
def test_every_name_means_one_thing(found: Any) -> None:
    models, references = found
    compiled = built(models, references).compile()
    ontology = compiled.layer.ontology
    assert {problem.code for problem in compiled.problems} <= {"DM2341", "DM2342"}
    assert len(ontology.metrics) == len(ontology.semantic_models) == len(models)
    providers: dict[str, set[str]] = defaultdict(set)
    for semantic_model in ontology.semantic_models:
        held = [e.name for e in semantic_model.entities] + [d.name for d in semantic_model.dimensions]
        assert len(held) == len(set(held))
        assert all("__" not in name and name for name in held)
        for entity in semantic_model.entities:
            if entity.type is not EntityType.FOREIGN:
                providers[entity.name].add(semantic_model.name)
    assert all(len(owners) == 1 for owners in providers.values()), providers
    graph = JoinGraph.of(ontology)
    for semantic_model in ontology.semantic_models:
        model = ontology.model(semantic_model.model)
        for name in graph.items(semantic_model.name):
            reached = graph.resolve(semantic_model.name, name)
            for hop in reached.hops:
                target = ontology.semantic_model(hop.semantic_model)
                assert target is not None
                (key,) = (e.expr for e in target.entities if e.name == hop.entity)
                assert isinstance(key, Column)
                column = next(c for c in ontology.model(target.model).columns if c.name == key.name)  # type: ignore[union-attr]
                assert column.unique
        assert model is not None
