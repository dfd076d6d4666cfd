"""Random queries over the workshop: both engines and the oracle give the same rows."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.model.expr import And, Binary, Expr, Field, In, IsNull, Literal, Not, Or
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.types import DataType, DatePart, Dialect
from app.plan.build import build
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY
from tests.goldens.compare import ordered, same_rows
from tests.goldens.conftest import Warehouses, rendered
from tests.goldens.oracle import Oracle
from tests.goldens.test_goldens import settled

JOINS = JoinGraph.of(ONTOLOGY)
ORACLE = Oracle()
METRICS = sorted(m.name for m in ONTOLOGY.metrics if m.name not in ("stock", "visits_on_spine", "grown"))
TIMES = ("metric_time", "customer__born_on", "customer__joined_at", "order__shipped_on", "order__ordered_at")
PLAIN = (
    "customer",
    "order",
    "customer__country",
    "customer__is_business",
    "customer__home",
    "order__status",
    "order__size",
    "customer__region__region_name",
)
GRAINS = ("day", "week", "month", "quarter", "year")


def text(value: str) -> Literal:
    return Literal(value, DataType.TEXT)


ITEMS = st.one_of(
    st.sampled_from(PLAIN).map(GroupBy),
    st.builds(GroupBy, st.sampled_from(TIMES), st.sampled_from(GRAINS)),
    st.builds(lambda name, part: GroupBy(name, "", part), st.sampled_from(TIMES), st.sampled_from(list(DatePart))),
)
DAYS = st.dates(dt.date(2023, 12, 30), dt.date(2024, 4, 3))
TESTS: st.SearchStrategy[Expr] = st.one_of(
    st.builds(
        lambda v, op: Binary(op, Field("customer__country"), text(v)),
        st.sampled_from(["DE", "FR", "Österreich", "x"]),
        st.sampled_from(["=", "<>"]),
    ),
    st.builds(
        lambda v, n: In(Field("order__status"), tuple(map(text, v)), n),
        st.lists(st.sampled_from(["paid", "open"]), min_size=1),
        st.booleans(),
    ),
    st.sampled_from([Field("customer__is_business"), IsNull(Field("order__size")), IsNull(Field("customer"), negated=True)]),
    st.builds(
        lambda name, grain, day, op: Binary(op, Field(name, "time_dimension", (), grain), text(day.isoformat())),
        st.sampled_from(TIMES),
        st.sampled_from(GRAINS),
        DAYS,
        st.sampled_from(["<", "<=", "=", ">=", ">"]),
    ),
)
FILTERS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=4,
)


@st.composite
def queries(draw: st.DrawFn) -> SemanticQuery:
    metrics = tuple(draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=4, unique=True)))
    reach = set(JOINS.compatible_dimensions(metrics)) | {"metric_time"}
    items = tuple(i for i in draw(st.lists(ITEMS, max_size=3, unique=True)) if i.name in reach)
    where = draw(st.none() | FILTERS)
    start, end = draw(st.none() | DAYS), draw(st.none() | DAYS)
    having = draw(
        st.none()
        | st.builds(
            lambda m, op, n: Binary(op, Field(m), Literal(n, DataType.INTEGER)),
            st.sampled_from(metrics),
            st.sampled_from(["<", ">="]),
            st.integers(-3, 40),
        )
    )
    if "first_order_at" in metrics:
        having = None
    order = (OrderBy(draw(st.sampled_from(metrics)), draw(st.booleans())),) if draw(st.booleans()) else ()
    return SemanticQuery(metrics, items, where, TimeRange(start, end), having, order)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(query=queries())
def test_engines_and_oracle_agree(query: SemanticQuery, warehouses: Warehouses) -> None:
    try:
        plan = build(query, ONTOLOGY, JOINS)
    except UserError as error:
        if error.problem.code not in ("DM3004", "DM3005"):
            raise
        reject()  # a filter that one of the metrics can't reach
    answers = {d: warehouses.run(d, sql.text) for d, sql in rendered(query).items()}
    columns = [column.name for column in plan.columns]
    expected = ordered([[row[c] for c in columns] for row in ORACLE.answer(settled(query, plan))])
    for dialect, result in answers.items():
        assert [c.name for c in result.columns] == columns
        assert same_rows(ordered(result.rows()), expected), (dialect, rendered(query)[dialect].text, ordered(result.rows()), expected)
    assert same_rows(answers[Dialect.POSTGRES].rows(), answers[Dialect.CLICKHOUSE].rows())
