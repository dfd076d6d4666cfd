"""A hidden metric is in no list, and is answered wherever it is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from app.cli.list.metrics import metric_rows
from app.compile.emit.documents import glossary_records, metric_records
from app.compile.emit.training import training_items
from app.errors import UserError
from app.language.lexicon import Lexicon
from app.language.outcomes import Speaker
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.ontology import Layer, Ontology
from app.model.physical import ModelColumn
from app.model.policy import ColumnPolicy
from app.model.principal import Principal, Role
from app.plan.build import build
from app.service import catalogue
from app.service.request import QueryRequest, semantic_query
from app.service.serving import Serving
from app.sql.joins import JoinGraph
from tests.unit.language.layers import shop

NAME = "inner_takings"
ANALYST = Principal("usr_2", "", Role.ANALYST, "default")


def layer() -> Ontology:
    """The shop, with a metric that is not listed and has a label and synonyms of its own."""
    base = shop()
    inner = Metric(
        NAME, Simple(MeasureInput("orders", "revenue")), "what came in", "Inner takings", synonyms=("inner turnover",), hidden=True
    )
    return replace(base, metrics=tuple(sorted((*base.metrics, inner), key=lambda m: m.name)))


LISTS: dict[str, Callable[[Ontology], object]] = {
    "the metrics of the API, the UI and what is made of them": catalogue.metrics,
    "the glossary": catalogue.glossary,
    "the glossary that is reviewed": glossary_records,
    "datamind list": metric_rows,
    "what questions are read with": lambda ontology: (Lexicon.of(ontology).phrases, Lexicon.of(ontology).metrics),
    "what is suggested when a question is not understood": lambda ontology: Speaker(ontology, Lexicon.of(ontology)).some_metrics(
        ["inner takings"]
    ),
    "training items": lambda ontology: training_items(Layer(ontology), ()),
}


@pytest.mark.parametrize("name", LISTS)
def test_it_is_in_no_list(name: str) -> None:
    ontology = layer()
    shown = str(LISTS[name](ontology)).lower()
    assert "inner" not in shown
    listed = replace(ontology, metrics=tuple(replace(m, hidden=False) for m in ontology.metrics))
    assert "inner" in str(LISTS[name](listed)).lower()


@pytest.mark.parametrize("ask", [catalogue.metric, lambda o, j, n: catalogue.dimensions(o, j, (n,))])
def test_no_slip_of_the_pen_leads_to_it(ask: Callable[..., object]) -> None:
    ontology = layer()
    with pytest.raises(UserError) as caught:
        ask(ontology, JoinGraph.of(ontology), "inner_taking")
    assert (caught.value.problem.code, caught.value.problem.hint) == ("DM3001", "")


def test_it_is_shown_and_answered_where_it_is_named() -> None:
    ontology = layer()
    joins = JoinGraph.of(ontology)
    card = catalogue.metric(ontology, joins, NAME)
    assert (card.label, card.description) == ("Inner takings", "what came in")
    assert card.dimensions == catalogue.metric(ontology, joins, "revenue").dimensions
    assert catalogue.dimensions(ontology, joins, (NAME,)) == catalogue.dimensions(ontology, joins, ("revenue",))
    for request in (
        QueryRequest((NAME,), ("metric_time__month",)),
        QueryRequest(("revenue",), where=(f"{{{{ Metric('{NAME}', ['customer']) }}}} > 5",)),
    ):
        assert build(semantic_query(request, ontology, joins), ontology, joins).steps


def test_whoever_reviews_a_layer_sees_it() -> None:
    assert [record.name for record in metric_records(layer()) if record.hidden] == [NAME]


def test_policy_holds_for_it() -> None:
    """Nobody is answered by it what the listed metrics do not tell."""
    ontology = layer()
    pay = ColumnPolicy("no", "fct_orders", "net_amount", None, exempt_roles=("admin",))
    models = tuple(
        replace(model, columns=(ModelColumn("net_amount"),), column_policies=(pay,)) if model.name == "fct_orders" else model
        for model in ontology.models
    )
    closed = replace(ontology, models=models)
    served = Serving(lambda _held: ("k", Layer(closed)), poll_seconds=3600).view(ANALYST)
    assert served.visible.metric("revenue") is None
    with pytest.raises(UserError) as caught:
        catalogue.metric(served.visible, served.joins, NAME)
    assert caught.value.problem.code == "DM3001"
