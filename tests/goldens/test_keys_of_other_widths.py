"""Facts meet on a key whatever width, sign or scale its numbers have in each table; a number and a text do not meet."""

from __future__ import annotations

from collections.abc import Iterator

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.errors import UserError
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import SemanticModel
from app.model.types import DataType, Dialect
from app.plan.build import build
from app.plan.render import render
from app.sql.joins import JoinGraph
from tests.goldens.conftest import Warehouses
from tests.goldens.notation import FOREIGN, INT, PRIMARY, A, entity, measure, simple

WIDTHS = {
    "unsigned": (DataType.INTEGER, "bigint", "UInt64", DataType.INTEGER, "bigint", "Int64"),
    "unsigned_and_nullable": (DataType.INTEGER, "bigint", "UInt64", DataType.INTEGER, "integer", "Nullable(Int32)"),
    "scales": (DataType.DECIMAL, "numeric(10,2)", "Decimal(10,2)", DataType.DECIMAL, "numeric(10,4)", "Decimal(10,4)"),
    "decimal_and_float": (DataType.DECIMAL, "numeric(10,2)", "Decimal(10,2)", DataType.FLOAT, "double precision", "Float64"),
}


def ontology(first: DataType, second: DataType) -> Ontology:
    """Two facts with a row each per customer."""
    facts = (("fa", first), ("fb", second))
    models = tuple(Model(n, f"model.x.{n}", columns=(ModelColumn("id", INT), ModelColumn("customer_id", kind))) for n, kind in facts)
    semantic = tuple(
        SemanticModel(n, n, (entity(f"{n}_row", PRIMARY, "id"), entity("customer", FOREIGN)), (), (measure(f"{n}_rows", A.COUNT, "id"),))
        for n, _ in facts
    )
    return Ontology("x", "postgres", models, semantic, (simple("a", "fa", "fa_rows"), simple("b", "fb", "fb_rows")))


def sql(layer: Ontology, dialect: Dialect, schema: str) -> str:
    plan = build(SemanticQuery(("a", "b"), (GroupBy("customer"),)), layer, JoinGraph.of(layer))
    return render(
        plan, dialect, Placement(dialect.value, (("fa", Relation(schema, "fa")), ("fb", Relation(schema, "fb")))), limit=None
    ).text


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest, stack: Stack) -> Iterator[str]:
    """The tables on both engines, gone afterwards."""
    _, pa, ca, _, pb, cb = WIDTHS[request.param]
    schema = f"keys_{request.param}"
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as owner:
        owner.execute(f"create schema {schema}; grant usage on schema {schema} to public")
        client.command(f"create database {schema}")
        for name, kind, other in (("fa", pa, ca), ("fb", pb, cb)):
            owner.execute(f"create table {schema}.{name} (id int, customer_id {kind}); grant select on {schema}.{name} to public")
            owner.execute(f"insert into {schema}.{name} values (1, '1'), (2, '2')")
            client.command(f"create table {schema}.{name} (id Int32, customer_id {other}) engine = MergeTree order by tuple()")
            client.command(f"insert into {schema}.{name} values (1, '1'), (2, '2')")
        yield request.param
        owner.execute(f"drop schema {schema} cascade")
        client.command(f"drop database {schema}")
    client.close()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_numbers_meet(width: str, dialect: Dialect, warehouses: Warehouses) -> None:
    first, _, _, second, _, _ = WIDTHS[width]
    rows = warehouses.run(dialect, sql(ontology(first, second), dialect, f"keys_{width}")).rows()
    assert [(int(key), a, b) for key, a, b in rows] == [(1, 1, 1), (2, 1, 1)]


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_number_and_a_text_do_not(dialect: Dialect) -> None:
    with pytest.raises(UserError, match="DM3108"):
        sql(ontology(DataType.INTEGER, DataType.TEXT), dialect, "keys")
