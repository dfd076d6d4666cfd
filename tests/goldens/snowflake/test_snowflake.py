"""Joins of docs/joins.md as SQL: what a person read and accepted on each engine, with the rows that walking the tables gives."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from app.adapters.embedded.stack import Part, Stack
from app.model.expr import Call, Column
from app.model.physical import Placement, Relation
from app.model.semantics import Entity, EntityType, SemanticModel
from app.model.sql import Sql
from app.model.types import Aggregation, Dialect
from app.plan.build import build
from app.plan.render import render
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.goldens.compare import ordered, same_rows
from tests.goldens.conftest import Warehouses, load_clickhouse, load_postgres
from tests.goldens.documents import BOOKS, compilation, tables

FILE = Path(__file__).with_name("joins.yaml")
SCHEMA = "snowflake"
BOOK = next(book for book in BOOKS if book.name == "joins")
ONTOLOGY = compilation(BOOK).layer.ontology
GRAPH = JoinGraph.of(ONTOLOGY)
Row = dict[str, Any]
ROWS: dict[str, list[Row]] = {
    name: [dict(zip([column for column, _ in columns], row, strict=True)) for row in rows] for name, (columns, rows) in tables(BOOK).items()
}


def cases() -> list[dict[str, Any]]:
    return YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))


CASES = [pytest.param(number, id=case["title"]) for number, case in enumerate(cases())]


@pytest.fixture(scope="session")
def engines(stack: Stack, warehouses: Warehouses) -> Warehouses:
    """Both, with the tables in them."""
    load_postgres(stack.owner_urls[Part.POSTGRES], SCHEMA, tables(BOOK))
    load_clickhouse(stack.owner_urls[Part.CLICKHOUSE], SCHEMA, tables(BOOK))
    return warehouses


def rendered(query: dict[str, Any], dialect: Dialect) -> Sql:
    request = QueryRequest(tuple(query["metrics"]), tuple(query.get("group_by", ())), tuple(query.get("where", ())))
    plan = build(semantic_query(request, ONTOLOGY, GRAPH), ONTOLOGY, GRAPH)
    return render(plan, dialect, Placement(dialect.value, tuple((n, Relation(SCHEMA, n)) for n in sorted(ROWS))), limit=None)


@pytest.mark.parametrize("number", CASES)
def test_golden(number: int, engines: Warehouses, request: pytest.FixtureRequest) -> None:
    case = cases()[number]
    sql = {dialect: rendered(case["query"], dialect).text for dialect in Dialect}
    results = {dialect: engines.run(dialect, text) for dialect, text in sql.items()}
    if request.config.getoption("--update-goldens", default=False):
        update(number, sql, results[Dialect.POSTGRES])
        case = cases()[number]
    for dialect in Dialect:
        assert sql[dialect] == case[dialect.value].rstrip("\n")
        assert [column.name for column in results[dialect].columns] == case["columns"]
        assert same_rows(results[dialect].rows(), case["rows"]), list(results[dialect].rows())


@pytest.mark.parametrize("number", CASES)
def test_the_rows_are_what_walking_the_tables_gives(number: int) -> None:
    """`means` are the whole names of the items where a metric stands further away from them."""
    case = cases()[number]
    items = case["columns"][: len(case["query"].get("group_by", ()))]
    answers: dict[tuple[Any, ...], list[int | None]] = defaultdict(lambda: [None] * len(case["query"]["metrics"]))
    for position, metric in enumerate(case["query"]["metrics"]):
        start, measure = home(metric)
        means = case.get("means", {}).get(metric, items)
        for row in ROWS[start.model]:
            key = tuple(value(start, row, item, row[start.agg_time_dimension]) for item in means)
            added = row[measure.name] if measure.agg is Aggregation.SUM else 1
            answers[key][position] = (answers[key][position] or 0) + added
    assert same_rows(ordered(case["rows"]), ordered([*key, *found] for key, found in answers.items()))


def home(metric: str) -> tuple[SemanticModel, Any]:
    """The semantic model and measure of a metric, which bears the measure's name."""
    return next((s, m) for s in ONTOLOGY.semantic_models for m in s.measures if m.name == metric)


def value(start: SemanticModel, row: Row, name: str, at: Any) -> Any:
    """What a whole name is for a row: entity by entity, to the one row that has the key and holds at the time."""
    *links, element = name.split("__")
    known: tuple[SemanticModel, Row] | None = (start, row)
    for position, link in enumerate(links):
        if known is None:
            return None
        if position == 0 and len(links) == 1 and any(d.name == element for d in start.dimensions):
            break
        known = step(*known, link, links[position + 1] if position + 1 < len(links) else element, at)
    return None if known is None else known[1][element]


def step(model: SemanticModel, row: Row, link: str, then: str, at: Any) -> tuple[SemanticModel, Row] | None:
    """The row to which an entity leads, in the semantic model that has what follows."""
    key = parts(next(e for e in model.entities if e.name == link), row)
    for other in ONTOLOGY.semantic_models:
        entity = next((e for e in other.entities if e.name == link and e.type is not EntityType.FOREIGN), None)
        if entity is None or other is model or then not in {x.name for x in (*other.entities, *other.dimensions)}:
            continue
        for found in ROWS[other.model]:
            dated = entity.type is EntityType.NATURAL
            holds = not dated or (found["valid_from"] <= at and (found["valid_to"] is None or at < found["valid_to"]))
            if None not in key and parts(entity, found) == key and holds:
                return other, found
    return None


def parts(entity: Entity, row: Row) -> list[Any]:
    """The values of a key."""
    columns = entity.expr.args if isinstance(entity.expr, Call) else (entity.expr,)
    return [row[column.name] for column in columns if isinstance(column, Column)]


def update(number: int, sql: dict[Dialect, str], result: Any) -> None:
    """Write what is now; a person reads the difference."""
    yaml = YAML(typ="rt")
    yaml.width, yaml.default_flow_style = 160, None
    document = yaml.load(FILE.read_text(encoding="utf-8"))
    for dialect, text in sql.items():
        document[number][dialect.value] = LiteralScalarString(text + "\n")
    document[number]["columns"] = [column.name for column in result.columns]
    document[number]["rows"] = [list(row) for row in result.rows()]
    out = io.StringIO()
    yaml.dump(document, out)
    FILE.write_text(out.getvalue(), encoding="utf-8")
