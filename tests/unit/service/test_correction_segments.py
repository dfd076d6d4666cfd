"""What a correction of a filter becomes: a segment of the words that nothing explains, and only where the question is then read as was approved."""

from __future__ import annotations

import msgspec
import pytest

from app.language.corrections import Approved
from app.model.expr import Binary, Field, Literal
from app.model.ontology import Layer, Segment
from app.model.physical import Model, ModelColumn
from app.model.principal import Principal, Role
from app.model.query import SemanticQuery
from app.model.types import DataType
from app.pipeline.turn import ServedLayer
from app.service.correction_segments import explaining, is_personal, where_texts
from app.service.request import QueryRequest, semantic_query
from app.service.serving import serving_of
from app.sql.expressions.parse import parse_where
from tests.unit.language.conftest import MOMENT
from tests.unit.language.layers import shop

WHO = Principal("usr_1", "", Role.ADMIN, "default")
CONSUMERS = "customer__segment = 'consumer'"
SPAIN = "customer__country in ('Spain', 'Portugal')"
WEB = "order__sales_channel = 'web'"


def view(*segments: Segment) -> ServedLayer:
    return serving_of(Layer(msgspec.structs.replace(shop(), segments=segments))).view(WHO)


SHOP = view()


def approved(question: str, *where: str, served: ServedLayer = SHOP, **more: object) -> Approved:
    request = QueryRequest(("orders",), ("customer__city",), where=where, **more)  # type: ignore[arg-type]
    return Approved("apr_1", question, semantic_query(request, served.visible, served.joins), MOMENT.today)


def found(pair: Approved, served: ServedLayer = SHOP) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(one.name, one.label, one.semantic_model, where_texts(one)) for one in explaining(pair, served, MOMENT)]


@pytest.mark.parametrize(
    ("question", "where", "segment"),
    [
        ("VIP orders by city", (CONSUMERS,), ("vip", "VIP", "customers", (CONSUMERS,))),
        ("orders by city of Blue Chip customers", (CONSUMERS,), ("blue_chip_customers", "Blue Chip customers", "customers", (CONSUMERS,))),
        ("orders by city for blue chips", (SPAIN, CONSUMERS), ("blue_chips", "Blue chips", "customers", (SPAIN, CONSUMERS))),
        ("VIP web orders by city", (WEB, CONSUMERS), ("vip", "VIP", "customers", (CONSUMERS,))),
        ("VIP web orders by city", (f"{CONSUMERS} and {WEB}",), ("vip", "VIP", "customers", (CONSUMERS,))),
        ("whale orders by city", (WEB,), ("whale", "Whale", "orders", (WEB,))),
        ("the VIP segment's orders by city", (CONSUMERS,), ("vip", "VIP", "customers", (CONSUMERS,))),
        ("Élite orders by city", (CONSUMERS,), ("elite", "Élite", "customers", (CONSUMERS,))),
    ],
)
def test_what_the_words_say(question: str, where: tuple[str, ...], segment: tuple[str, ...]) -> None:
    assert found(approved(question, *where)) == [segment]


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("VIP orders by city", ()),
        ("VIP orders by city", (CONSUMERS, WEB)),
        ("VIP orders by city", (f"{CONSUMERS} or {WEB}",)),
        ("VIP orders by city for whales", (CONSUMERS,)),
        ("orders by city not for VIP", (CONSUMERS,)),
        ("orders by city", (CONSUMERS,)),
        ("5000 orders by city", (CONSUMERS,)),
        ("вип orders by city", (CONSUMERS,)),
    ],
)
def test_what_no_segment_says(question: str, where: tuple[str, ...]) -> None:
    assert found(approved(question, *where)) == []


def test_what_else_differs_is_no_segment() -> None:
    assert found(approved("VIP orders by city", CONSUMERS, limit=3)) == []
    assert found(approved("VIP orders by city", CONSUMERS, start_time="2026-06-01", end_time="2026-06-30")) == []
    may = approved("VIP orders by city in May 2026", CONSUMERS, start_time="2026-05-01", end_time="2026-05-31")
    assert found(may) == [("vip", "VIP", "customers", (CONSUMERS,))]


def test_a_name_that_is_taken_is_not_given_twice() -> None:
    taken = view(Segment("vip", "orders", Binary("=", Field("order__status"), Literal("completed", DataType.TEXT)), label="Done"))
    assert found(approved("vip orders by city", CONSUMERS, served=taken), taken) == []
    assert found(approved("VIPs' orders by city", CONSUMERS, served=taken), taken) == []  # the same words would name both


def test_a_layer_that_lost_what_was_approved_has_none() -> None:
    pair = Approved("apr_1", "VIP orders by city", SemanticQuery(("orders",), segments=("gone",)), MOMENT.today)
    assert found(pair) == []


def test_personal_values_are_told() -> None:
    guarded = Model("dim_customers", "model.shop.dim_customers", columns=(ModelColumn("city", DataType.TEXT, pii="address"),))
    shown = shop()
    models = tuple(guarded if one.name == guarded.name else one for one in shown.models)
    served = serving_of(Layer(msgspec.structs.replace(shown, models=models))).view(WHO)

    def about(where: str) -> Segment:
        return Segment("vip", "customers", parse_where(where))

    assert is_personal(about("customer__customer_name = 'Ada'"), SHOP)
    assert is_personal(about(f"{CONSUMERS} and customer__city = 'Bonn'"), served)
    assert not is_personal(about(f"{CONSUMERS} and customer__city = 'Bonn'"), SHOP)
    assert is_personal(about("customer__nothing = 1"), SHOP)


@pytest.mark.parametrize(
    ("where", "texts"),
    [
        ("customer__country = 'Côte d''Ivoire'", ("customer__country = 'Côte d''Ivoire'",)),
        ("customer__signed_up_at__year >= '2026-01-01'", ("customer__signed_up_at__year >= '2026-01-01'",)),
        ("customer__country is not null and not customer__city = 'x'", ("customer__country is not null", "not (customer__city = 'x')")),
        ("customer__country = 'a\nb'", ()),
        ("customer__country like 'a\\%'", ("customer__country like 'a\\%'",)),
    ],
)
def test_conditions_are_written_as_the_compiler_reads_them(where: str, texts: tuple[str, ...]) -> None:
    assert where_texts(Segment("vip", "customers", parse_where(where))) == texts


@pytest.mark.parametrize("value", ["{{ env_var('x') }}", "{% if x %}", "{# x #}", "\x1b[2J"])
def test_what_dbt_would_run_is_written_nowhere(value: str) -> None:
    where = Binary("=", Field("customer__country"), Literal(value, DataType.TEXT))
    assert where_texts(Segment("vip", "customers", where)) == ()
