"""Columns with a least group size: no answer shows a group of fewer rows, and those that are shown are what they would be without."""

from __future__ import annotations

import dataclasses
from collections import Counter

import msgspec
import pytest

from app.errors import UserError
from app.model.expr import Binary, Case, Column, Literal
from app.model.ontology import Layer
from app.model.policy import LimitPolicy, SizePolicy
from app.model.principal import Role
from app.model.semantics import Dimension, DimensionType
from app.model.types import DataType
from app.service.request import QueryRequest
from app.service.serving import Serving
from app.service.sql import execute_sql
from tests.security.test_demo_policies import ENGINES, asking, layer_of, requests
from tests.support.demo import Demo

LEAST = 25
PROTECTED = ("fct_order_lines", "net_amount")
FEE = ("fct_orders", "shipping_fee")


def guarded(demo: Demo, least: int = LEAST, column: tuple[str, str] = PROTECTED) -> Layer:
    """The demo's layer where analysts see the column only aggregated over so many rows."""
    return with_policies(demo, column[0], size_policies=(SizePolicy("few", *column, least, roles=("analyst",)),))


def with_policies(demo: Demo, model: str, **policies: object) -> Layer:
    layer = layer_of(demo)
    models = tuple(msgspec.structs.replace(one, **policies) if one.name == model else one for one in layer.ontology.models)
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, models=models))


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_of_fewer_rows_are_left_out_and_the_others_are_as_they_were(demo: Demo, engine: str) -> None:
    request = QueryRequest(("shipping_income", "orders_placed"), ("metric_time__month", "customer__country"))
    attributes = ("region", "DACH")
    whole = list(asking(demo, layer_of(demo), attributes)(request, engine).result.rows())
    turn = asking(demo, guarded(demo, column=FEE), attributes)(request, engine)
    seen = list(turn.result.rows())
    large = [row for row in whole if row[3] >= LEAST]
    assert 0 < len(large) < len(whole)
    assert seen == large
    assert [problem.code for problem in turn.problems if problem.code == "DM4027"] == ["DM4027"]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_metric_is_refused_or_shows_only_what_it_would_without(demo: Demo, engine: str) -> None:
    """A number of a group that is shown is the same; what is hidden differs between metrics, so that it is a subset is what holds for all."""
    attributes = ("region", "DACH")
    plain, sized = asking(demo, layer_of(demo), attributes), asking(demo, guarded(demo), attributes)
    outcomes: Counter[str] = Counter()
    for request in requests(demo):
        try:
            whole = plain(request, engine)
        except UserError:
            continue
        reads = "fct_order_lines" in (whole.plan.models if whole.plan else ())
        try:
            turn = sized(request, engine)
        except UserError as error:
            outcomes[error.problem.code] += 1
            continue
        rows, all_rows = list(turn.result.rows()), list(whole.result.rows())
        assert not Counter(map(str, rows)) - Counter(map(str, all_rows)), request
        outcomes["less" if len(rows) < len(all_rows) else "same" if reads else "untouched"] += 1
    print(engine, outcomes)
    assert outcomes["less"] > 20
    assert set(outcomes) == {"less", "same", "untouched", "DM4026"}
    assert outcomes["less"] > 2 * outcomes["DM4026"]


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_by_a_joined_model_count_its_keys(demo: Demo, engine: str) -> None:
    """A customer of a thousand orders is one customer."""
    layer = guarded(demo, 4, ("dim_customers", "customer_segment"))
    attributes = ("region", "DACH")
    request = QueryRequest(("orders",), ("customer__country", "customer__customer_segment"))
    (place,) = (place for place in layer.placements if place.engine == engine)
    where = {name: f"{place.relation(name).schema}.{place.relation(name).name}" for name in ("fct_orders", "dim_customers")}
    counted = (
        f"select c.country, c.customer_segment, count(distinct c.customer_id) from {where['fct_orders']} o "
        f"left join {where['dim_customers']} c on c.customer_id = o.customer_id where o.region = 'DACH' and c.region = 'DACH' group by 1, 2"
    )
    sizes = {tuple(row[:2]): row[2] for row in rows_of(demo, engine, counted)}
    seen = {tuple(row[:2]) for row in asking(demo, layer, attributes)(request, engine).result.rows()}
    assert any(size < 4 for size in sizes.values())
    assert {key for key in seen if key[1] is not None} == {key for key, size in sizes.items() if size >= 4}


def few(demo: Demo) -> Case:
    """The fee of the tenth of the orders that cost most: of the others it is NULL."""
    (place,) = (place for place in layer_of(demo).placements if place.engine == "postgres")
    orders = place.relation("fct_orders")
    assert orders is not None
    ((amount,),) = rows_of(
        demo, "postgres", f"select percentile_disc(0.9) within group (order by order_amount)::int from {orders.schema}.{orders.name}"
    )
    return Case(((Binary(">", Column("order_amount"), Literal(int(str(amount)), DataType.INTEGER)), Column("shipping_fee")),))


def measured(demo: Demo, layer: Layer, measure: str) -> Layer:
    """The layer where that measure of orders is over the few."""
    made_of = few(demo)
    models = tuple(
        msgspec.structs.replace(
            model, measures=tuple(msgspec.structs.replace(one, expr=made_of) if one.name == measure else one for one in model.measures)
        )
        for model in layer.ontology.semantic_models
    )
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, semantic_models=models))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_group_of_few_values_is_left_out_however_many_rows_it_has(demo: Demo, engine: str) -> None:
    """A sum over a thousand rows of which one has a value is that value. Groups without any show nothing of it, and stay."""
    attributes, least = ("region", "DACH"), 4
    by = ("metric_time__month", "customer__country")

    def told(layer: Layer, metric: str) -> dict[tuple[object, ...], object]:
        rows = asking(demo, layer, attributes)(QueryRequest((metric,), by), engine).result.rows()
        return {tuple(row[: len(by)]): row[len(by)] for row in rows}

    size, values = told(layer_of(demo), "orders_placed"), told(measured(demo, layer_of(demo), "order_count"), "orders_placed")
    whole = told(measured(demo, layer_of(demo), "shipping_fees"), "shipping_income")
    seen = told(measured(demo, guarded(demo, least, FEE), "shipping_fees"), "shipping_income")
    large = {key for key in whole if size[key] >= least}
    assert any(0 < (values[key] or 0) < least for key in large)
    assert seen == {key: whole[key] for key in large if not 0 < (values[key] or 0) < least}
    assert seen


def rows_of(demo: Demo, engine: str, statement: str) -> list[tuple[object, ...]]:
    if engine == "clickhouse":
        import clickhouse_connect

        url = demo.servers.owners[engine].replace("clickhouse://", "http://")
        return [tuple(row) for row in clickhouse_connect.get_client(dsn=url).query(statement).result_rows]
    import psycopg

    with psycopg.connect(demo.servers.owners[engine]) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_the_column_is_denied_at_the_sql_door(demo: Demo) -> None:
    layer = guarded(demo)

    def current(held: str) -> tuple[str, Layer] | None:
        return None if held else ("1", layer)

    deps = dataclasses.replace(demo.deps, serving=Serving(current, poll_seconds=3600))
    caller = demo.caller(Role.ANALYST, region="DACH")
    for text in ("select net_amount from fct_order_lines", "select avg(net_amount) from fct_order_lines", "select * from fct_order_lines"):
        with pytest.raises(UserError) as raised:
            execute_sql(deps, caller, text, "postgres")
        assert raised.value.problem.code in ("DM4022", "DM4023")
    assert execute_sql(deps, caller, "select count(*) from fct_order_lines", "postgres").result.row_count == 1


def with_fee(layer: Layer) -> Layer:
    """The layer where orders have their fee as a dimension."""
    fee = Dimension("fee", DimensionType.CATEGORICAL, Column("shipping_fee"))
    models = tuple(
        msgspec.structs.replace(model, dimensions=(*model.dimensions, fee)) if model.name == "orders" else model
        for model in layer.ontology.semantic_models
    )
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, semantic_models=models))


@pytest.mark.parametrize("engine", ENGINES)
def test_no_error_of_a_filter_tells_of_a_single_row(demo: Demo, engine: str) -> None:
    """Whether the engine fails says whether a row of that value is there: such filters are refused before it is asked."""
    ask = asking(demo, with_fee(guarded(demo, column=FEE)), ("region", "DACH"))
    for where in ("1 / (order__fee - 4.9) > 0", "order__fee = 4.9 and cast(order__sales_channel as integer) > 0"):
        with pytest.raises(UserError) as raised:
            ask(QueryRequest(("orders",), (), where=(where,)), engine)
        assert raised.value.problem.code == "DM4026"
    assert ask(QueryRequest(("orders",), (), where=("order__fee > 0",)), engine).result.row_count == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_limits_of_a_model_bound_what_reads_it(demo: Demo, engine: str) -> None:
    layer = with_policies(demo, "fct_orders", limit_policies=(LimitPolicy("few", "fct_orders", rows=3, roles=("analyst",)),))
    ask = asking(demo, layer, ("region", "DACH"))
    turn = ask(QueryRequest(("orders",), ("metric_time__month",)), engine)
    assert (turn.result.row_count, turn.result.truncated) == (3, True)
    assert ask(QueryRequest(("sessions",), ("metric_time__month",)), engine).result.row_count > 3
