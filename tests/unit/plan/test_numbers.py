"""What is made of a metric as of a number is refused of times and texts: one engine would fail, the other count seconds since 1970."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import UserError
from app.plan.build import build
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY
from tests.goldens.notation import A, cumulative, given, measure, ratio, simple

MODELS = tuple(
    msgspec.structs.replace(model, measures=(*model.measures, measure("first_status", A.MIN, "status")))
    if model.name == "orders"
    else model
    for model in ONTOLOGY.semantic_models
)
METRICS = (
    simple("first_status", "orders", "first_status"),
    ratio("time_ratio", given("first_order_at"), given("orders")),
    ratio("text_ratio", given("orders"), given("first_status")),
    simple("time_filled", "orders", "first_order", fill=0, spine=True),
    cumulative("time_averaged", "orders", "first_order", stands="average"),
    cumulative("text_averaged", "orders", "first_status", "7 day", stands="average"),
    simple("customer", "orders", "buyers"),
)
WIDER = msgspec.structs.replace(
    ONTOLOGY, semantic_models=MODELS, metrics=tuple(sorted((*ONTOLOGY.metrics, *METRICS), key=lambda metric: metric.name))
)
JOINS = JoinGraph.of(WIDER)


def ask(metric: str, by: str) -> None:
    build(semantic_query(QueryRequest((metric,), (by,)), WIDER, JOINS), WIDER, JOINS)


@pytest.mark.parametrize("metric", ["time_ratio", "text_ratio", "time_filled", "time_averaged", "text_averaged"])
def test_it_is_refused(metric: str) -> None:
    with pytest.raises(UserError, match="DM3108"):
        ask(metric, "metric_time__month")


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(UserError, match="DM3025"):
        ask("customer", "customer")
    ask("customer", "metric_time__month")
