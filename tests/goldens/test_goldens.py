"""Every golden: the SQL is what a person read and accepted, both engines give the rows written there, and so does the oracle."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from app.model.expr import Field
from app.model.plan import Combine, LogicalPlan
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.shapes import Top, Totals
from app.model.types import Dialect
from app.plan.build import build
from app.plan.ranges import widened
from app.plan.saved import expanded
from app.sql.calculations import parse_calculation
from app.sql.expressions.parse import parse_where
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY, UNTYPED
from tests.goldens.compare import ordered, same_rows
from tests.goldens.conftest import GOLDENS, Warehouses, rendered
from tests.goldens.lists import Lists
from tests.goldens.oracle import Oracle

SHAPES = "shapes"
"""What the oracle does not know: the laws of tests/support/queries/shape_laws.py hold them to plain queries, which it does."""
FILES = sorted(GOLDENS.glob("*.yaml"))
JOINS = JoinGraph.of(ONTOLOGY)
ORACLE = Oracle()


def yaml() -> YAML:
    made = YAML(typ="rt")
    made.width = 160
    made.default_flow_style = None
    return made


def read(path: Path) -> list[dict[str, Any]]:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


CASES = [pytest.param(path, number, id=f"{path.stem}: {golden['title']}") for path in FILES for number, golden in enumerate(read(path))]


def query_of(golden: dict[str, Any]) -> SemanticQuery:
    given = golden["query"]
    start, end = given.get("time", (None, None))
    clocks = [bound.time() if isinstance(bound, dt.datetime) else None for bound in (start, end)]
    start, end = (bound.date() if isinstance(bound, dt.datetime) else bound for bound in (start, end))
    return SemanticQuery(
        tuple(given.get("metrics", ())),
        tuple(JOINS.group_by(item) for item in given.get("group_by", ())),
        parse_where(given["where"]) if "where" in given else None,
        TimeRange(start, end, "", *clocks) if "time" in given else None,
        parse_where(given["having"]) if "having" in given else None,
        tuple(OrderBy(item.removeprefix("-"), item.startswith("-")) for item in given.get("order_by", ())),
        given.get("limit"),
        given.get("saved_query", ""),
        given.get("min_max_only", False),
        given.get("apply_group_by", True),
        calculations=tuple(parse_calculation(text) for text in given.get("calculations", ())),
        top=msgspec.convert(given["top"], Top) if "top" in given else None,
        totals=Totals(given.get("totals", "")),
        to_date=given.get("to_date", ""),
        as_of=given.get("as_of"),
    )


@pytest.mark.parametrize(("path", "number"), CASES)
def test_golden(path: Path, number: int, warehouses: Warehouses, request: pytest.FixtureRequest) -> None:
    golden = read(path)[number]
    query = query_of(golden)
    sql = rendered(query)
    results = {dialect: warehouses.run(dialect, text.text) for dialect, text in sql.items()}
    if request.config.getoption("--update-goldens", default=False):
        update(path, number, {d: s.text for d, s in sql.items()}, results[Dialect.POSTGRES])
        golden = read(path)[number]
    for dialect in Dialect:
        assert sql[dialect].text == golden[dialect.value].rstrip("\n")
        assert [column.name for column in results[dialect].columns] == golden["columns"]
        assert same_rows(results[dialect].rows(), golden["rows"]), list(results[dialect].rows())


@pytest.mark.parametrize(("path", "number"), CASES)
def test_without_column_types_the_rows_are_the_same(path: Path, number: int, warehouses: Warehouses) -> None:
    golden = read(path)[number]
    if golden.get("needs_types"):
        pytest.skip("PostgreSQL has no least and greatest of truth values: the planner must know that they are")
    for dialect, sql in rendered(query_of(golden), UNTYPED).items():
        result = warehouses.run(dialect, sql.text)
        assert same_rows(result.rows(), golden["rows"]), (sql.text, list(result.rows()))


@pytest.mark.parametrize(("path", "number"), [case for case in CASES if case.values[0].stem != SHAPES])
def test_the_oracle_agrees(path: Path, number: int) -> None:
    golden = read(path)[number]
    query = query_of(golden)
    rows = right_rows(query, build(query, ONTOLOGY, JOINS), golden["columns"])
    if query.limit is None and not query.saved_query:
        assert same_rows(ordered(rows), ordered(golden["rows"])), ordered(rows)
    else:
        limit = expanded(query, ONTOLOGY.saved_queries, JOINS).limit
        assert len(golden["rows"]) == (len(rows) if limit is None else min(limit, len(rows)))
        assert all(any(same_rows([row], [other]) for other in rows) for row in golden["rows"])


def right_rows(query: SemanticQuery, plan: LogicalPlan, columns: Sequence[str]) -> list[Sequence[Any]]:
    """The oracle's rows in no order, before a limit."""
    settled_query = settled(query, plan)
    if query.metrics or query.saved_query:
        return [[row[column] for column in columns] for row in ORACLE.answer(settled_query)]
    (step,) = (step for step in plan.steps if step.name == plan.parts[0])
    assert not isinstance(step, Combine)
    base = next((m for m in ONTOLOGY.semantic_models if m.model == step.rows.base.model), None)
    return list(Lists(ORACLE, settled_query, base).answer())


def settled(query: SemanticQuery, plan: LogicalPlan) -> SemanticQuery:
    """The query with the names and grains that the plan settled on, its saved query written out, and its range in whole periods."""
    query = expanded(query, ONTOLOGY.saved_queries, JOINS)
    keys = plan.keys or tuple(item.column for item in query.group_by)
    items = (JOINS.group_by(name) for name in keys)
    return msgspec.structs.replace(
        query,
        metrics=query.metrics + hidden(query),
        group_by=tuple(GroupBy(item.name, item.grain, item.date_part) for item in items),
        time=widened(query.time, query.metrics, JOINS),
    )


def hidden(query: SemanticQuery) -> tuple[str, ...]:
    """Metrics that only `having` names."""
    from app.sql.expressions.walk import fields

    return tuple(f.name for f in fields(query.having) if isinstance(f, Field) and f.name in JOINS.metrics and f.name not in query.metrics)


def update(path: Path, number: int, sql: dict[Dialect, str], result: Any) -> None:
    """Write what is now; a person reads the difference."""
    document = yaml().load(path.read_text(encoding="utf-8"))
    for dialect, text in sql.items():
        document[number][dialect.value] = LiteralScalarString(text + "\n")
    document[number]["columns"] = [column.name for column in result.columns]
    document[number]["rows"] = [[plain(value) for value in row] for row in result.rows()]
    out = io.StringIO()
    yaml().dump(document, out)
    path.write_text(out.getvalue(), encoding="utf-8")


def plain(value: Any) -> Any:
    """A decimal as YAML writes numbers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
