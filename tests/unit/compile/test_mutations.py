"""One wrong value anywhere in the semantic layer: no traceback, what goes is named, and what stays can be planned."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.compile.project import Compilation
from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.errors import Severity, UserError
from app.model.ontology import Ontology
from app.plan.build import build
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph

Path_ = list[str | int]
TEXTS = (
    "nonexistent",
    "(select 1)",
    "sum(x) over (",
    "1; drop table x",
    "pg_sleep(10)",
    "{{ Dimension('nope__x') }} = 1",
    "{{ Metric('nope', ['x']) }} > 1",
    "{{ TimeDimension('metric_time', 'eon') }} > '2020'",
    "{{ x",
    "hour",
    "",
    "\x00",
    "x" * 3000,
)
OTHERS: tuple[Any, ...] = (None, 1, 0.5, -1, True, [], {}, ["x"], {"x": 1}, 10**30)
SECTIONS = ("semantic_models", "metrics", "saved_queries", "project_configuration")
UNREAD = {"metadata", "input_measures"}
EACH = 100


def compiled(document: dict[str, Any]) -> Compilation:
    return ontology_from_semantic_manifest(json.dumps(document).encode())


def attempt(document: dict[str, Any]) -> tuple[Compilation | None, str]:
    """The compilation, or the code and path for which the manifest was refused."""
    try:
        return compiled(document), ""
    except UserError as error:
        where = error.problem.where
        return None, f"{error.problem.code} {where.path if where else ''}"


def places(node: Any, path: Path_) -> Iterator[Path_]:
    yield path
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        if key not in UNREAD:
            yield from places(value, [*path, key])


def planned(ontology: Ontology) -> set[str]:
    """The metrics that can be planned, by time or without."""
    joins = JoinGraph.of(ontology)
    return {metric.name for metric in ontology.metrics if any(_plans(metric.name, by, ontology, joins) for by in (("metric_time",), ()))}


def _plans(metric: str, by: tuple[str, ...], ontology: Ontology, joins: JoinGraph) -> bool:
    try:
        build(semantic_query(QueryRequest((metric,), by), ontology, joins), ontology, joins)
    except UserError:
        return False
    return True


@pytest.fixture(scope="module")
def document(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "conformance" / "manifests" / "simple_manifest.json").read_bytes())


@pytest.mark.parametrize("part", range(4))
def test_one_wrong_value(document: dict[str, Any], part: int) -> None:
    before = compiled(document).layer.ontology
    names, queries = {m.name for m in before.metrics}, {q.name for q in before.saved_queries}
    every = [path for section in SECTIONS for path in places(document[section], [section]) if len(path) > 2]
    chance = random.Random(part)
    for _ in range(EACH):
        path, value = chance.choice(every), chance.choice(chance.choice((TEXTS, OTHERS)))
        bent = {**document, path[0]: copy.deepcopy(document[str(path[0])])}
        parent: Any = bent
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = value
        result, refusal = attempt(bent)
        if result is None:
            assert refusal.startswith("DM2005 $."), (path, value)
            continue
        ontology, said = result.layer.ontology, " ".join(str(p) for p in result.problems)
        gone = (names - {m.name for m in ontology.metrics}) | (queries - {q.name for q in ontology.saved_queries})
        if path[-1] != "name":
            assert [name for name in gone if f"`{name}`" not in said] == [], (path, value)
        assert not gone or any(p.severity is not Severity.WARNING for p in result.problems) or path[-1] == "name"
        assert all(p.where is not None and p.where.file for p in result.problems if p.severity is Severity.ERROR), (path, value)
        assert "\x00" not in said
        if chance.random() < 0.1:
            assert {m.name for m in ontology.metrics} - planned(ontology) == set(), (path, value)
