"""Every metric of the demo business, asked by an analyst of one region: the rows are those over tables that hold that region alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import clickhouse_connect
import msgspec
import psycopg
import pytest

from app.errors import UserError
from app.model.ontology import Layer
from app.model.physical import Model, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind
from app.model.principal import Principal, Role
from app.pipeline.turn import Turn
from app.service.audit import Caller
from app.service.query import query
from app.service.request import QueryRequest
from app.service.serving import Serving
from tests.conformance.comparison import differences
from tests.support.demo import Demo

ENGINES = ("postgres", "clickhouse")
REGION = "DACH"
CUTS = ("customer__country", "product__product_category", "customer__email")


def layer_of(demo: Demo) -> Layer:
    return demo.deps.serving.layer()


def asking(demo: Demo, layer: Layer, *given: tuple[str, str]) -> Callable[[QueryRequest, str], Turn]:
    """An analyst with these attributes, who asks the layer."""
    caller = Caller(Principal("usr_1", "", Role.ANALYST, demo.settings.project_id, attributes=given), "test")

    def current(held: str) -> tuple[str, Layer] | None:
        return None if held else ("1", layer)

    deps = dataclasses.replace(demo.deps, serving=Serving(current, poll_seconds=3600))
    return lambda asked, engine: query(deps, caller, asked, source=engine)


@pytest.fixture(scope="module")
def regional(demo: Demo) -> Iterator[Layer]:
    """The layer without row filters, over copies of its tables that hold one region."""
    layer = layer_of(demo)
    read = {one.model for one in layer.ontology.semantic_models}
    filtered = {model.name for model in layer.ontology.models if model.row_policies and model.name in read}
    assert filtered >= {"fct_orders", "fct_order_lines", "fct_web_sessions", "dim_customers"}
    places = []
    for place in layer.placements:
        run = runner(demo, place.engine)
        run("create database seen" if place.engine == "clickhouse" else "create schema seen")
        relations = []
        for name, relation in place.relations:
            if name in filtered:
                kind = "table seen." + relation.name + (" engine = MergeTree order by tuple()" if place.engine == "clickhouse" else "")
                run(f"create {kind} as select * from {relation.schema}.{relation.name} where region = '{REGION}'")
                if place.engine == "postgres":
                    run("grant usage on schema seen to public; grant select on all tables in schema seen to public")
            relations.append((name, Relation("seen", relation.name) if name in filtered else relation))
        places.append(Placement(place.engine, tuple(relations)))
    models = tuple(msgspec.structs.replace(model, row_policies=()) for model in layer.ontology.models)
    yield msgspec.structs.replace(
        layer, ontology=msgspec.structs.replace(layer.ontology, models=models, default_access="allow"), placements=tuple(places)
    )
    for engine in ENGINES:
        runner(demo, engine)("drop database seen" if engine == "clickhouse" else "drop schema seen cascade")


def runner(demo: Demo, engine: str) -> Callable[[str], Any]:
    """Runs a statement as the owner of the data."""
    url = demo.servers.owners[engine]
    if engine == "clickhouse":
        return clickhouse_connect.get_client(dsn=url.replace("clickhouse://", "http://")).command

    def run(statement: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())

    return run


def requests(demo: Demo) -> Iterator[QueryRequest]:
    """Each metric by month, and by month with each dimension that it has; values of dimensions; the saved queries."""
    served = demo.deps.serving.view(demo.caller().principal)
    for metric in served.visible.metrics:
        yield QueryRequest((metric.name,), ("metric_time__month",))
        for name in set(CUTS) & set(served.joins.compatible_dimensions((metric.name,))):
            yield QueryRequest((metric.name,), ("metric_time__quarter", name))
    for saved in served.visible.saved_queries:
        yield QueryRequest(saved_query=saved.name)
    for name in CUTS:
        yield QueryRequest(group_by=(name,))
        yield QueryRequest(group_by=(name, "metric_time__year"), min_max_only=True)
    spenders = "{{ Metric('revenue', group_by=['customer']) }} > 500"
    for metric in ("orders", "revenue_all_time", "visit_to_order_rate", "mrr", "revenue_growth_month_over_month"):
        yield QueryRequest((metric,), ("metric_time__month",), where=(spenders,))


@pytest.mark.parametrize("engine", ENGINES)
def test_each_answer_is_that_of_the_region(demo: Demo, regional: Layer, engine: str) -> None:
    governed, plain, everything = (
        asking(demo, layer_of(demo), ("region", REGION)),
        asking(demo, regional),
        asking(demo, msgspec.structs.replace(regional, placements=layer_of(demo).placements)),
    )
    wrong, touched, compared = [], 0, 0
    for request in requests(demo):
        mine, wanted = governed(request, engine).result, plain(request, engine).result
        assert mine is not None
        assert wanted is not None
        names = [column.name for column in wanted.columns]
        found = differences([column.name for column in mine.columns], [*mine.rows()], names, [*wanted.rows()])
        wrong += [f"{request.metrics} {request.group_by}: {line}" for line in found]
        if request.group_by == ("metric_time__month",) and not request.where:
            whole = everything(request, engine).result
            assert whole is not None
            compared += 1
            touched += [*whole.rows()] != [*mine.rows()]
    assert not wrong, "\n".join(wrong)
    assert touched > 0.8 * compared > 40


@pytest.mark.parametrize("engine", ENGINES)
def test_who_has_no_region_sees_no_rows(demo: Demo, engine: str) -> None:
    ask = asking(demo, layer_of(demo))
    for name in ("revenue", "orders", "visit_to_order_conversions", "revenue_last_28_days", "revenue_growth_year_over_year"):
        turn = ask(QueryRequest((name,), ("metric_time__month",)), engine)
        assert turn.result is not None
        assert [row for row in turn.result.rows() if row[1] is not None] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_filters_stand_under_each_reference_of_a_table(demo: Demo, engine: str) -> None:
    """As many filters as there are references to tables with one: in each CTE its own."""
    asked = asking(demo, layer_of(demo), ("region", REGION))
    names = ("revenue", "revenue_last_28_days", "visit_to_order_rate", "revenue_growth_year_over_year", "orders")
    turn = asked(QueryRequest(names, ("metric_time__month", "customer__country")), engine)
    assert turn.sql is not None
    assert turn.governed is not None
    tables = ("fct_order_lines", "fct_orders", "fct_web_sessions", "dim_customers")
    used = sum(turn.sql.text.count(f".{table} AS") for table in tables)
    assert used >= 10
    fence = "OFFSET 0" if engine == "postgres" else "LIMIT 18446744073709551615"
    assert turn.governed.text.count(fence) == used


def test_metrics_of_data_that_may_not_be_read_are_not_there(demo: Demo) -> None:
    """Neither as a metric, nor in a filter, nor by an order: each is told as one that does not exist."""
    layer = layer_of(demo)
    closed = msgspec.structs.replace(
        layer,
        ontology=msgspec.structs.replace(
            layer.ontology, models=tuple(_denied(m) if m.name == "fct_order_lines" else m for m in layer.ontology.models)
        ),
    )
    ask = asking(demo, closed, ("region", REGION))
    hidden = "{{ Metric('revenue', group_by=['customer']) }} > 500"
    for request in (
        QueryRequest(("revenue_all_time",)),
        QueryRequest(("orders",), where=(hidden,)),
        QueryRequest(("orders",), ("customer__country",), order=("revenue",)),
        QueryRequest(("orders",), ("customer__country",), having="revenue > 1"),
        QueryRequest(group_by=("customer__country",), where=(hidden,)),
    ):
        with pytest.raises(UserError) as caught:
            ask(request, "postgres")
        assert caught.value.problem.code in ("DM3001", "DM3002", "DM3015"), request
        assert "order_lines" not in str(caught.value.problem)


KEYS = ("dim_customers", "fct_orders", "fct_order_lines", "fct_web_sessions")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", list(MaskKind))
def test_masked_keys_neither_multiply_a_number_nor_change_it(demo: Demo, engine: str, kind: MaskKind) -> None:
    """Rows joined by keys that a mask has made equal were counted once for each of their partners: the revenue of a country some hundred times."""
    layer = layer_of(demo)
    open_ = tuple(msgspec.structs.replace(m, row_policies=()) for m in layer.ontology.models)
    mask = Mask(kind, "0", prefix=1, pattern="[0-9]")
    masked = tuple(
        msgspec.structs.replace(m, column_policies=(ColumnPolicy("key", m.name, "customer_id", mask),)) if m.name in KEYS else m
        for m in open_
    )
    asked = QueryRequest(("revenue", "orders"), ("customer__country",)), QueryRequest(("active_customers", "visit_to_order_rate"))
    spenders = QueryRequest(("orders",), where=("{{ Metric('revenue', group_by=['customer']) }} > 500",))
    plain, governed = (
        asking(
            demo, msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, models=models, default_access="allow"))
        )
        for models in (open_, masked)
    )
    for request in (*asked, spenders):
        if kind is MaskKind.HASH:
            mine, wanted = governed(request, engine).result, plain(request, engine).result
            assert mine is not None
            assert wanted is not None
            assert sorted(mine.rows(), key=repr) == sorted(wanted.rows(), key=repr)
            continue
        with pytest.raises(UserError) as refused:
            governed(request, engine)
        assert refused.value.problem.code == "DM4025"
    both = [ask(QueryRequest(("revenue",), ("product__product_category",)), engine).result for ask in (governed, plain)]
    assert both[0] is not None
    assert both[1] is not None
    assert sorted(both[0].rows()) == sorted(both[1].rows())


def _denied(model: Model) -> Model:
    """The model with every column denied."""
    return msgspec.structs.replace(
        model, column_policies=tuple(ColumnPolicy(f"no_{column.name}", model.name, column.name) for column in model.columns)
    )
