"""Whatever a model says becomes a query over what the caller sees, or Problems with places; the same as the grounded interpreter makes, where it means the same."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.language.build import Builder
from app.language.drafting.decode import Decoded, decode
from app.language.drafting.form import LONGEST
from app.language.drafting.literals import Values
from app.language.drafting.same import same
from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.model.answer import Outcome
from app.model.expr import Literal
from app.model.types import DataType
from app.plan.build import build
from app.sql.expressions.walk import fields
from app.sql.joins import JoinGraph
from tests.unit.language.conftest import MOMENT
from tests.unit.language.layers import shop

LAYER = shop()
JOINS = JoinGraph.of(LAYER)
LEXICON = Lexicon.of(LAYER, {"customer__country": ("Germany", "France", "Côte d'Ivoire")})
COUNTRY, CHANNEL, MONTHLY = {"name": "customer__country"}, {"name": "order__sales_channel"}, {"name": "metric_time", "grain": "month"}
BACK = {"count": 1, "grain": "year"}


def read(said: Any, question: str = "", kept: tuple[Literal, ...] = ()) -> Decoded:
    text = said if isinstance(said, str) else json.dumps(said)
    return decode(text, Builder(LEXICON, JOINS, MOMENT.today), Values(question, LEXICON, MOMENT, kept), LAYER)


def query(**parts: Any) -> dict[str, Any]:
    return {"query": parts}


@pytest.mark.parametrize(
    ("question", "draft"),
    [
        ("revenue", {"metrics": ["revenue"]}),
        ("revenue last month", {"metrics": ["revenue"], "period": {"phrase": "last month", "start": "", "end": ""}}),
        ("revenue in June 2026", {"metrics": ["revenue"], "period": {"phrase": "", "start": "2026-06-01", "end": "2026-06-30"}}),
        ("revenue and orders by country", {"metrics": ["orders", "revenue"], "group_by": [COUNTRY]}),
        ("revenue by month", {"metrics": ["revenue"], "group_by": [MONTHLY]}),
        ("revenue by customer", {"metrics": ["revenue"], "group_by": [{"name": "customer"}]}),
        ("revenue in Germany", {"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "=", "values": ["germany"]}]}),
        (
            "revenue in Germany and France",
            {"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "=", "values": ["France", "Germany"]}]},
        ),
        (
            "revenue excluding web",
            {"metrics": ["revenue"], "filters": [{"name": "order__sales_channel", "op": "!=", "values": ["web"]}]},
        ),
        (
            "revenue by channel on weekends",
            {"metrics": ["revenue"], "group_by": [CHANNEL], "filters": [{"name": "metric_time", "op": "on_days", "values": ["weekend"]}]},
        ),
        ("orders from food orders", {"metrics": ["orders"], "filters": [{"name": "order__is_food_order", "op": "=", "values": ["true"]}]}),
        ("top 3 countries by revenue", {"metrics": ["revenue"], "group_by": [COUNTRY], "top": {"count": 3, "by": "revenue"}}),
        (
            "countries with more than 100 orders",
            {"metrics": [], "group_by": [COUNTRY], "having": [{"metric": "orders", "op": ">", "value": 100}]},
        ),
        (
            "top 2 countries by revenue for each channel",
            {"metrics": ["revenue"], "group_by": [COUNTRY, CHANNEL], "top": {"count": 2, "by": "revenue", "per": ["order__sales_channel"]}},
        ),
        (
            "share of revenue by channel",
            {"metrics": ["revenue"], "group_by": [CHANNEL], "calculations": [{"kind": "share", "metric": "revenue"}]},
        ),
        (
            "revenue this year compared with last year",
            {
                "metrics": ["revenue"],
                "period": {"phrase": "this year"},
                "calculations": [{"kind": "percent_change", "metric": "revenue", "back": BACK}],
            },
        ),
        (
            "revenue by month with running total",
            {"metrics": ["revenue"], "group_by": [MONTHLY], "calculations": [{"kind": "running_total", "metric": "revenue", "back": None}]},
        ),
    ],
)
def test_a_draft_that_means_the_same_is_the_same_query(question: str, draft: dict[str, Any]) -> None:
    grounded = interpret(question, LEXICON, LAYER, JOINS, MOMENT)
    assert grounded.outcome is Outcome.ANSWER, grounded.problems
    found = read(query(**draft), question)
    assert found.problems == ()
    assert found.query is not None
    assert grounded.query is not None
    assert same(grounded.query, found.query, LAYER, JOINS), (grounded.query, found.query)


@pytest.mark.parametrize(
    ("question", "draft"),
    [
        ("revenue", {"metrics": ["orders"]}),
        ("revenue last month", {"metrics": ["revenue"]}),
        ("revenue last month", {"metrics": ["revenue"], "period": {"phrase": "this month"}}),
        ("revenue by country", {"metrics": ["revenue"]}),
        ("revenue in Germany", {"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "!=", "values": ["Germany"]}]}),
        (
            "top 3 countries by revenue",
            {"metrics": ["revenue"], "group_by": [COUNTRY], "top": {"count": 3, "by": "revenue", "least": True}},
        ),
        (
            "share of revenue by channel",
            {"metrics": ["revenue"], "group_by": [CHANNEL], "calculations": [{"kind": "rank", "metric": "revenue"}]},
        ),
        ("revenue by month", {"metrics": ["revenue"], "group_by": [MONTHLY], "totals": "grand"}),
    ],
)
def test_a_draft_that_means_something_else_is_another_query(question: str, draft: dict[str, Any]) -> None:
    grounded = interpret(question, LEXICON, LAYER, JOINS, MOMENT).query
    found = read(query(**draft), question)
    assert found.query is not None, found.problems
    assert grounded is not None
    assert not same(grounded, found.query, LAYER, JOINS)


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        ({"metrics": ["no_such"]}, "metrics[0]"),
        ({"metrics": ["revenue", "fct_orders"]}, "metrics[1]"),
        ({"metrics": ["revenue"], "group_by": [{"name": "supplier__name"}]}, "group_by[0].name"),
        ({"metrics": ["customers"], "group_by": [{"name": "product__product_name"}]}, "group_by[0].name"),
        ({"metrics": ["revenue"], "group_by": [{"name": "metric_time", "grain": "fortnight"}]}, "group_by[0].grain"),
        ({"metrics": ["revenue"], "group_by": [{"name": "customer__country", "grain": "day"}]}, "group_by[0].grain"),
        ({"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "=", "values": ["Atlantis"]}]}, "filters[0].values"),
        ({"metrics": ["revenue"], "filters": [{"name": "customer__city", "op": "=", "values": ["Berlin"]}]}, "filters[0].values"),
        ({"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "=", "values": ["@1"]}]}, "filters[0].values"),
        ({"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "=", "values": []}]}, "filters[0].values"),
        ({"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "in_period", "values": ["x"]}]}, "filters[0].op"),
        ({"metrics": ["revenue"], "filters": [{"name": "order__ordered_at", "op": ">", "values": ["yesterday"]}]}, "filters[0].values"),
        ({"metrics": ["revenue"], "filters": [{"name": "metric_time", "op": ">", "values": ["2026-01-01"]}]}, "filters[0]"),
        ({"metrics": ["revenue"], "period": {"phrase": "when it suits"}}, "period"),
        ({"metrics": ["revenue"], "period": {"start": "2026-13-01"}}, "period"),
        ({"metrics": ["revenue"], "period": {"start": "2026-03-01", "end": "2026-02-01"}}, "period"),
        ({"metrics": ["revenue"], "segments": ["vip"]}, "segments[0]"),
        ({"metrics": ["revenue"], "having": [{"metric": "orders", "op": ">", "value": 77}], "group_by": [COUNTRY]}, "having[0].value"),
        ({"metrics": ["revenue"], "top": {"count": 3, "by": "revenue"}}, "top"),
        ({"metrics": ["revenue"], "group_by": [COUNTRY], "top": {"count": 0, "by": "revenue"}}, "top.count"),
        ({"metrics": ["revenue"], "group_by": [COUNTRY], "top": {"count": 3, "by": "revenue", "of": "share"}}, "top.of"),
        ({"metrics": ["revenue"], "group_by": [COUNTRY], "order": [{"by": "units_sold"}]}, "order[0].by"),
        ({"metrics": ["revenue"], "calculations": [{"kind": "moving_average", "metric": "revenue"}]}, "calculations[0].periods"),
        (
            {"metrics": ["revenue"], "calculations": [{"kind": "change", "metric": "revenue", "back": {"count": 0, "grain": "day"}}]},
            "calculations[0].back.count",
        ),
        ({"metrics": [], "group_by": []}, "metrics"),
        ({"metrics": [], "group_by": [{"name": "customer__customer_name"}]}, "group_by"),
        ({"metrics": ["revenue"] * 60}, "metrics"),
        ({"metrics": ["revenue"], "sql": "drop table x"}, "query"),
        ({"metrics": "revenue"}, "query.metrics"),
        ({"metrics": ["revenue"], "filters": [{"name": "customer__country", "op": "matches", "values": ["x"]}]}, "query.filters[0].op"),
    ],
)
def test_what_is_wrong_has_a_place_and_repeats_nothing(draft: dict[str, Any], path: str) -> None:
    found = read(query(**draft), "revenue of more than 100")
    assert found.query is None
    assert path in [problem.where.path for problem in found.problems if problem.where is not None]
    told = " ".join(problem.message + problem.hint for problem in found.problems)
    for word in ("no_such", "Atlantis", "Berlin", "supplier", "fortnight", "vip", "suits", "Germany", "France"):
        assert word not in told


def test_a_value_is_the_indexs_own_or_a_word_of_the_question() -> None:
    draft = query(metrics=["revenue"], filters=[{"name": "customer__city", "op": "=", "values": ["berlin"]}])
    found = read(draft, "revenue of the city of Berlin").query
    assert found is not None
    assert [part.right.value for part in [found.where]] == ["Berlin"]  # type: ignore[union-attr]
    assert read(draft, "revenue of Berlington").query is None


def test_a_value_of_the_query_before_comes_back_by_its_number() -> None:
    draft = query(metrics=["revenue"], filters=[{"name": "customer__city", "op": "=", "values": ["@2"]}])
    kept = (Literal("Rome", DataType.TEXT), Literal("Berlin", DataType.TEXT))
    found = read(draft, "and by month?", kept).query
    assert found is not None
    assert found.where.right == kept[1]  # type: ignore[union-attr]


@pytest.mark.parametrize("said", [{"cannot_answer": "no such thing"}, {"query": None, "cannot_answer": "no", "ask": None}])
def test_a_model_may_say_no(said: object) -> None:
    assert read(said) == Decoded(declined=True)


def test_a_model_may_ask() -> None:
    assert read({"ask": "net or gross?"}) == Decoded(asks=True)


@pytest.mark.parametrize(
    "said", ["", "{", "[]", "null", "7", '"x"', "{}", '{"query": 3}', "[" * 5000, '{"query": {"metrics": ["\\ud800"]}}']
)
def test_what_is_no_draft_is_a_problem(said: str) -> None:
    assert read(said).problems


def test_a_draft_that_is_too_long_is_not_read() -> None:
    assert read(json.dumps({"ask": "x" * LONGEST})).problems


NAMES = st.sampled_from(
    [
        *(metric.name for metric in LAYER.metrics),
        *(model.dunder(one.name) for model in LAYER.semantic_models if model.primary for one in model.dimensions),
        "customer", "metric_time", "order__customer__country", "secret_margin", "@1", "", "\x00", "ssn",
    ]
)  # fmt: skip
TEXTS = st.one_of(NAMES, st.text(max_size=8), st.sampled_from(["last month", "2026-01-01", "true", "-1", "1e999", "Germany", "weekend"]))
NUMBERS = st.one_of(st.integers(-3, 12), st.floats(), st.integers(10**15, 10**40))
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


def part(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=keys) | ANY


GRAINS = st.sampled_from(["", "day", "month", "fortnight", "day_of_week", "quarter_of_year"])
OPS = st.sampled_from(["=", "!=", ">", "<=", "is_empty", "is_not_empty", "in_period", "on_days", "like"])
KINDS = st.sampled_from(["previous", "change", "percent_change", "share", "running_total", "moving_average", "rank", "median"])
OF = st.sampled_from(["value", "change", "percent_change", "share"])
DRAFTS = part(
    metrics=st.lists(NAMES, max_size=3),
    group_by=st.lists(part(name=NAMES, grain=GRAINS), max_size=3),
    filters=st.lists(part(name=NAMES, op=OPS, values=st.lists(TEXTS, max_size=3)), max_size=3),
    segments=st.lists(TEXTS, max_size=1),
    having=st.lists(part(metric=NAMES, op=OPS, value=NUMBERS, of=OF, percent=st.booleans()), max_size=2),
    period=part(phrase=TEXTS, start=TEXTS, end=TEXTS),
    calculations=st.lists(
        part(kind=KINDS, metric=NAMES, back=part(count=NUMBERS, grain=GRAINS), within=st.lists(NAMES, max_size=2), periods=NUMBERS),
        max_size=2,
    ),
    top=part(count=NUMBERS, by=NAMES, of=OF, per=st.lists(NAMES, max_size=2), least=st.booleans(), other=st.booleans()),
    order=st.lists(part(by=NAMES, descending=st.booleans()), max_size=2),
    totals=st.sampled_from(["none", "grand", "all", "some"]),
)
SAID = st.one_of(ANY, st.fixed_dictionaries({"query": DRAFTS}), part(query=DRAFTS, cannot_answer=TEXTS, ask=TEXTS))


@settings(max_examples=400, deadline=None)
@given(SAID)
def test_no_json_raises_and_no_query_names_what_is_not_seen(said: Any) -> None:
    found = decode(
        json.dumps(said), Builder(LEXICON, JOINS, MOMENT.today), Values("revenue in Germany over 2 days", LEXICON, MOMENT), LAYER
    )
    assert (found.query is not None) + found.declined + found.asks + bool(found.problems) == 1
    if found.query is None:
        return
    assert set(found.query.asked_metrics) <= set(LEXICON.metrics)
    reached = set(JOINS.compatible_dimensions(found.query.asked_metrics))
    for name in [*(item.name for item in found.query.group_by), *(field.name for field in fields(found.query.where))]:
        assert (
            name in reached
            or name == "metric_time"
            or name.rpartition("__")[2] in {d.name for m in LAYER.semantic_models for d in m.dimensions}
        )
        assert name != "secret_margin"
    with suppress(UserError):  # what can't be planned is refused as it is for everybody, and in no other way
        build(found.query, LAYER, JOINS)
    assert same(found.query, found.query, LAYER, JOINS)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises(said: str) -> None:
    assert decode(said, Builder(LEXICON, JOINS, MOMENT.today), Values(said, LEXICON, MOMENT), LAYER) is not None
