"""Random queries over the manifests of the cases, with their data, through the service: both engines give the same rows, and rows that obey the laws."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.model.expr import Column
from app.model.ontology import Ontology
from app.model.semantics import Dimension, SemanticModel
from app.model.types import Dialect
from app.service.request import QueryRequest
from app.sql.joins import JoinGraph
from app.sql.joins.reached import ONE_ROW
from tests.conformance.cases import folder
from tests.conformance.conftest import Conformance
from tests.conformance.tables import read
from tests.support.queries import laws
from tests.support.queries.agree import agreed
from tests.support.queries.budget import examples
from tests.support.queries.draw import requests
from tests.support.queries.ground import Ground, Table

MANIFESTS = sorted(path.stem for path in (folder() / "manifests").glob("*.json"))

Grounds = Callable[[str], Ground]


@pytest.fixture(scope="session")
def grounds(conformance: Conformance) -> Grounds:
    """A manifest's layer, asked as the gateway would."""

    @cache
    def ground(manifest: str) -> Ground:
        def ask(engine: str, request: QueryRequest) -> Table:
            turn = conformance.ask(manifest, engine, request)
            assert turn.result is not None
            assert turn.sql is not None
            return Table(tuple(column.name for column in turn.result.columns), list(turn.result.rows()), turn.sql.text)

        data = (conformance.folder / "manifests" / f"{manifest}.json").read_bytes()
        ontology = ontology_from_semantic_manifest(data, "postgres", Dialect.POSTGRES).layer.ontology
        return Ground.of(ontology, ask, (dt.date(2019, 12, 15), dt.date(2020, 4, 5)), texts(ontology, conformance.folder))

    return ground


@examples(40)
@given(manifest=st.sampled_from(["simple_manifest", "simple_manifest", *MANIFESTS]), data=st.data())
def test_engines_agree(manifest: str, data: st.DataObject, grounds: Grounds) -> None:
    ground = grounds(manifest)
    agreed(ground.ask, data.draw(requests(ground)))


@pytest.mark.parametrize("law", laws.ALL, ids=lambda law: law.__name__)
@examples(8)
@given(manifest=st.sampled_from(["simple_manifest", "simple_manifest", *MANIFESTS]), data=st.data())
def test_law(law: laws.Law, manifest: str, data: st.DataObject, grounds: Grounds, conformance: Conformance) -> None:
    ground = grounds(manifest)
    law(dataclasses.replace(ground, without=ground.without | repeating(ground, conformance.folder)), data)


def texts(ontology: Ontology, folder: Path) -> list[str]:
    """Times that the tables keep as text, which a warehouse would not, and the metrics that stand on them."""
    kinds = {table.name: dict(table.columns) for table in read(folder)}
    joins = JoinGraph.of(ontology)

    def is_text(model: SemanticModel, time: Dimension | None) -> bool:
        return time is not None and isinstance(time.expr, Column) and kinds[model.model].get(time.expr.name) == "STRING"

    ways = (way for start in joins.semantic_models for way in joins.items(start).items())
    inputs = ((metric.name, given) for metric in ontology.metrics for given in joins.inputs(metric.name))
    return [
        *(name for name, found in ways if is_text(found.owner, found.time)),
        *(
            name
            for name, given in inputs
            if is_text(joins.semantic_models[given.semantic_model], joins.agg_time(given.semantic_model, given.measure))
        ),
    ]


@cache
def repeating(ground: Ground, folder: Path) -> frozenset[str]:
    """The items that are joined by a key which is declared to be unique and of which the data has some values twice: no law holds of them."""
    rows = {table.name: ({name: n for n, (name, _) in enumerate(table.columns)}, table.rows) for table in read(folder)}
    broken = set()
    for model in ground.ontology.semantic_models:
        columns, held = rows[model.model]
        for entity in model.entities:
            if entity.type in ONE_ROW and isinstance(entity.expr, Column):
                values = [row[columns[entity.expr.name]] for row in held]
                broken |= {(entity.name, model.name)} if len(set(values)) < len(values) else set()
    ways = (way for start in ground.joins.semantic_models for way in ground.joins.items(start).items())
    return frozenset(name for name, found in ways if any((hop.entity, hop.semantic_model) in broken for hop in found.hops))
