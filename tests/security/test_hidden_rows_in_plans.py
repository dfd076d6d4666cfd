"""No expression of a plan is evaluated on a row that a filter hides: not in a join of a time spine, a window, a conversion or a metric filter.

The hidden rows hold texts that no number, key or day can be made of, so that one evaluation on one of them fails the statement.
"""

from __future__ import annotations

from collections.abc import Iterator

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.govern import barrier as barrier_module
from app.govern.access import access
from app.govern.govern import govern
from app.model.expr import Binary, Cast, Column, Field, In, Literal
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Simple, Window
from app.model.ontology import Layer, Ontology, TimeSpine
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import RowPolicy
from app.model.principal import Principal, Role
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.sql import Limits
from app.model.types import Aggregation, DataType, Dialect, Grain
from app.plan.build import build
from app.plan.render import render
from app.ports import Cancel, Engine
from app.sql.expressions.parse import parse_where
from app.sql.joins import JoinGraph

ENGINES = ("postgres", "clickhouse")
NUMBER, DAY, KEY = Cast(Column("label"), DataType.INTEGER), Cast(Column("stamp"), DataType.DATE), Cast(Column("who"), DataType.INTEGER)
COLUMNS = {
    "id": DataType.INTEGER,
    "region": DataType.TEXT,
    "who": DataType.TEXT,
    "stamp": DataType.TEXT,
    "label": DataType.TEXT,
    "kind": DataType.TEXT,
}
SEEN = ("EU", "UK", "CH", "NO", "IS", "LI", "AD", "MC")
EVENTS = SemanticModel(
    "events",
    "events",
    entities=(Entity("event", EntityType.PRIMARY, Column("id")), Entity("person", EntityType.FOREIGN, KEY)),
    dimensions=(
        Dimension("day", DimensionType.TIME, DAY, Grain.DAY),
        Dimension("number", DimensionType.CATEGORICAL, NUMBER),
        Dimension("kind", DimensionType.CATEGORICAL, Column("kind")),
    ),
    measures=(
        Measure("total", Aggregation.SUM, NUMBER),
        Measure("people", Aggregation.COUNT_DISTINCT, KEY),
        Measure("balance", Aggregation.SUM, NUMBER, non_additive=NonAdditive("day", "max", ("person",))),
    ),
    agg_time_dimension="day",
)


def of(measure: str, **options: object) -> MeasureInput:
    return MeasureInput("events", measure, **options)  # type: ignore[arg-type]


KIND = {kind: Binary("=", Field("event__kind"), Literal(kind, DataType.TEXT)) for kind in ("look", "buy")}
POSITIVE = Binary(">=", Field("event__number"), Literal(0, DataType.INTEGER))
METRICS = (
    Metric(
        "bought", Conversion(of("people", filter=KIND["look"]), of("people", filter=KIND["buy"]), "person", "conversions", Window(3, "day"))
    ),
    Metric(
        "bought_alike",
        Conversion(of("people", filter=POSITIVE), of("people", filter=POSITIVE), "person", constant_properties=(("number", "number"),)),
    ),
    Metric(
        "change",
        Derived(
            Binary("-", Column("total"), Column("before")),
            (MetricInput("total"), MetricInput("total", "before", offset_window=Window(2, "day"))),
        ),
    ),
    Metric("filled", Simple(of("total", fill_nulls_with=0, join_to_timespine=True))),
    Metric("held", Simple(of("balance"))),
    Metric("last_days", Cumulative(of("total"), Window(3, "day"))),
    Metric("month_to_date", Cumulative(of("total"), grain_to_date="month", period_agg="last")),
    Metric("of_all_time", Cumulative(of("people"))),
    Metric("people", Simple(of("people"))),
    Metric(
        "since_month",
        Derived(
            Binary("-", Column("total"), Column("first")), (MetricInput("total"), MetricInput("total", "first", offset_to_grain="month"))
        ),
    ),
    Metric("total", Simple(of("total")), filter=POSITIVE),
)
BY = [(GroupBy("metric_time", grain), *more) for grain in ("day", "month") for more in ((), (GroupBy("event__number"),))]
LARGE = parse_where("{{ Metric('total', group_by=['person']) }} > 10")
QUERIES = [
    *(SemanticQuery((metric.name,), by) for metric in METRICS for by in BY),
    *(SemanticQuery((metric.name,), BY[0], LARGE) for metric in METRICS),
    SemanticQuery(("total", "of_all_time", "held", "bought"), (GroupBy("event__kind"),), POSITIVE),
    SemanticQuery(group_by=(GroupBy("event__number"), GroupBy("person"))),
    SemanticQuery(group_by=(GroupBy("event__day", "month"), GroupBy("event__number")), min_max_only=True),
]


def layer(engine: str, schema: str) -> Layer:
    """Schema `hide` has all rows and a policy, `show` those that are seen and none."""
    days = Model("days", "model.x.days", columns=(ModelColumn("day", DataType.DATE),))
    admits = In(Column("region"), tuple(Literal(one, DataType.TEXT) for one in SEEN))
    # A list costs PostgreSQL's planner more than a cast does, so it would evaluate casts first.
    policies = (RowPolicy("eu", "events", admits),)
    events = Model(
        "events",
        "model.x.events",
        columns=tuple(ModelColumn(*column) for column in COLUMNS.items()),
        row_policies=policies if schema == "hide" else (),
    )
    ontology = Ontology(
        "x", models=(days, events), semantic_models=(EVENTS,), metrics=METRICS, time_spines=(TimeSpine("days", "day", Grain.DAY),)
    )
    return Layer(ontology, (Placement(engine, (("days", Relation(schema, "days")), ("events", Relation(schema, "events")))),))


@pytest.fixture(scope="module")
def events(stack: Stack) -> Iterator[None]:
    """600 events on 60 days of 7 people; every third is hidden."""
    region = "CASE WHEN {i} % 3 = 0 THEN 'US' ELSE 'EU' END"
    cells = [
        "{i}",
        region,
        *(f"CASE WHEN {{i}} % 3 = 0 THEN '{{hidden}}' ELSE {{text_of}}({value}) END" for value in ("{i} % 7", "{day}", "{i} % 11 + 1")),
        "CASE WHEN {i} % 2 = 0 THEN 'look' ELSE 'buy' END",
    ]
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        for schema in ("hide", "show"):
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
            connection.execute(f"CREATE SCHEMA {schema}".encode())
            connection.execute(f"CREATE TABLE {schema}.days AS SELECT DATE '2026-01-01' + i AS day FROM generate_series(0, 59) i".encode())
            row = ", ".join(cells).format(i="i", hidden="hidden", text_of="text", day="DATE '2026-01-01' + i % 60")
            names = ", ".join(f"{name} {'int' if name == 'id' else 'text'}" for name in COLUMNS)
            connection.execute(f"CREATE TABLE {schema}.events ({names})".encode())
            seen = "" if schema == "hide" else " WHERE i % 3 <> 0"
            connection.execute(f"INSERT INTO {schema}.events SELECT {row} FROM generate_series(1, 600) i{seen}".encode())
        connection.execute("ANALYZE")
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    for schema in ("hide", "show"):
        client.command(f"DROP DATABASE IF EXISTS {schema} SYNC")
        client.command(f"CREATE DATABASE {schema}")
        client.command(
            f"CREATE TABLE {schema}.days ENGINE = MergeTree ORDER BY day AS SELECT toDate32('2026-01-01') + number AS day FROM numbers(60)"
        )
        row = ", ".join(cells).format(i="i", hidden="hidden", text_of="toString", day="toDate32('2026-01-01') + i % 60")
        names = ", ".join(f"{name} {'Int32' if name == 'id' else 'String'}" for name in COLUMNS)
        client.command(f"CREATE TABLE {schema}.events ({names}) ENGINE = MergeTree ORDER BY region")
        seen = "" if schema == "hide" else " WHERE i % 3 <> 0"
        client.command(f"INSERT INTO {schema}.events SELECT {row} FROM (SELECT number + 1 AS i FROM numbers(600)){seen}")
    client.close()
    return


def rows(query: SemanticQuery, engine: str, server: Engine, schema: str) -> list[str]:
    """The answer of an analyst, in no order."""
    made = layer(engine, schema)
    rights = access(Principal("usr_1", "", Role.ANALYST, "prj_1"), made.ontology)
    plan = build(query, made.ontology, JoinGraph.of(made.ontology))
    sql = render(plan, Dialect(engine), made.placements[0], limit=10_000)
    result = server.execute(govern(sql, made, engine, rights, Limits(rows=10_000, seconds=10.0)), Cancel())
    return sorted(map(repr, result.rows()))


@pytest.mark.parametrize("engine", ENGINES)
def test_an_answer_is_as_if_the_hidden_rows_were_not_there(events: None, servers: dict[str, Engine], engine: str) -> None:
    for query in QUERIES:
        found = rows(query, engine, servers[engine], "hide")
        assert found == rows(query, engine, servers[engine], "show"), query
        assert found, query


@pytest.mark.parametrize("engine", ENGINES)
def test_without_the_fence_the_hidden_rows_are_looked_at(
    events: None, servers: dict[str, Engine], engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would show nothing."""
    monkeypatch.setattr(barrier_module, "fence", lambda _dialect, _columns: "")
    failed = 0
    for query in QUERIES:
        try:
            rows(query, engine, servers[engine], "hide")
        except Exception:
            failed += 1
    assert failed > 3
