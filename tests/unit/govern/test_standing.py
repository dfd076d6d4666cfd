"""On what an answer stands, which failure blocks it, and what of it a person is told."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from app.govern.access import access
from app.govern.standing import Doubt, doubts
from app.govern.told import MOST, Sight, refused, told
from app.govern.visible import visible_ontology
from app.model.expr import FALSE, Binary, Column, Literal
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.quality import NodeResult, Quality, ResultKind, ResultStatus
from app.model.types import DataType

AT = dt.datetime(2026, 6, 30, 2, 10, tzinfo=dt.UTC)


def model(name: str, *parents: str, says: str = "", **fields: object) -> Model:
    columns = (ModelColumn("id"), ModelColumn("email"))
    return Model(
        name, f"model.shop.{name}", columns=columns, depends_on=tuple(f"model.shop.{one}" for one in parents), on_failure=says, **fields
    )


def failed(name: str, on: str, status: ResultStatus = ResultStatus.FAIL, generic: str = "not_null", **fields: object) -> NodeResult:
    ids = (f"model.shop.{on}",)
    return replace(NodeResult(f"test.{name}", ResultKind.TEST, name, status, AT, ids, ids, generic=generic), **fields)


def found(
    models: tuple[Model, ...], asked: str, *results: NodeResult, says: str = "warn", placement: Placement | None = None
) -> dict[str, bool]:
    doubtful = Quality.of({"postgres": results}).doubtful["postgres"]
    ontology = Ontology("shop", models=models, on_failure=says)
    return {doubt.result.name: doubt.blocks for doubt in doubts(ontology, [asked], placement, doubtful)}


def test_only_what_lies_below_counts() -> None:
    models = (model("raw"), model("stg", "raw"), model("mart", "stg"), model("report", "mart"), model("other", "raw"))
    results = [failed(f"of_{name}", name) for name in ("raw", "stg", "report", "other")]
    assert found(models, "mart", *results) == {"of_raw": False, "of_stg": False}
    assert found(models, "mart", failed("passes", "stg", ResultStatus.PASS)) == {}


@pytest.mark.parametrize(
    ("raw", "stg", "mart", "other", "layer", "blocks"),
    [
        ("", "", "", "", "warn", False),
        ("block", "", "", "", "warn", True),
        ("", "block", "", "", "warn", True),
        ("", "", "block", "", "warn", True),
        ("", "", "", "block", "warn", False),
        ("", "", "", "", "block", True),
        ("warn", "warn", "warn", "", "block", False),
        ("warn", "warn", "", "", "block", True),
    ],
)
def test_any_model_on_the_way_may_block(raw: str, stg: str, mart: str, other: str, layer: str, blocks: bool) -> None:
    models = (model("raw", says=raw), model("stg", "raw", says=stg), model("mart", "stg", says=mart), model("other", "raw", says=other))
    assert found(models, "mart", failed("t", "raw"), says=layer) == {"t": blocks}


def test_one_of_several_ways_is_enough() -> None:
    models = (model("raw"), model("easy", "raw"), model("strict", "raw", says="block"), model("mart", "easy", "strict"))
    assert found(models, "mart", failed("t", "raw"), failed("e", "easy")) == {"t": True, "e": False}


def test_what_warns_blocks_nothing() -> None:
    assert found((model("mart", says="block"),), "mart", failed("t", "mart", ResultStatus.WARN)) == {"t": False}
    assert found((model("mart", says="block"),), "mart", failed("t", "mart", ResultStatus.ERROR)) == {"t": True}


def test_two_names_of_one_relation_are_one_table() -> None:
    models = (model("mart"), model("twin", says="block"))
    one = Placement("postgres", (("mart", Relation("Marts", "orders")), ("twin", Relation("marts", "ORDERS"))))
    assert found(models, "mart", failed("t", "twin"), placement=one) == {"t": True}
    assert found(models, "mart", failed("t", "twin")) == {}


def test_a_circle_of_names_ends() -> None:
    assert found((model("a", "b"), model("b", "a")), "a", failed("t", "b")) == {"t": False}


def sight(ontology: Ontology, role: Role = Role.ANALYST) -> Sight:
    rights = access(Principal("usr_1", "a@example.com", role, "default"), ontology)
    return Sight(ontology, visible_ontology(ontology, rights), rights)


def words(ontology: Ontology, *results: NodeResult, role: Role = Role.ANALYST) -> list[str]:
    return [problem.message for problem in told([Doubt(one, blocks=False) for one in results], sight(ontology, role))]


EMAIL = ColumnPolicy("mart.email", "mart", "email", Mask(MaskKind.FIXED), exempt_roles=(Role.ADMIN,))
OWN = RowPolicy("mart.own", "mart", Binary("=", Column("id"), Literal("7", DataType.INTEGER)), exempt_roles=(Role.ADMIN,))
CLOSED = RowPolicy("mart.access", "mart", FALSE)


@pytest.mark.parametrize(
    ("ontology", "result", "said"),
    [
        (Ontology("shop", models=(model("mart"),)), failed("not_null_mart_id", "mart"), "test `not_null_mart_id` on `mart` failed at 2026-06-30 02:10 UTC"),
        (Ontology("shop", models=(model("mart"),)), failed("x", "mart", ResultStatus.ERROR), "test `x` on `mart` could not be run at 2026-06-30 02:10 UTC"),
        (Ontology("shop", models=(model("mart"),), default_access="deny"), failed("x", "mart"), "a test on a table that this stands on failed at 2026-06-30 02:10 UTC"),
        (
            Ontology("shop", models=(model("mart"), model("hidden"))),
            failed("relationships_mart_id__id__ref_gone_", "mart", generic="relationships", reads=("model.shop.mart", "model.shop.gone")),
            "a test on `mart` failed at 2026-06-30 02:10 UTC",
        ),
        (Ontology("shop", models=(model("mart", column_policies=(EMAIL,)),)), failed("not_null_mart_email", "mart"), "a test on `mart` failed at 2026-06-30 02:10 UTC"),
        (
            Ontology("shop", models=(model("mart", column_policies=(EMAIL,)),)),
            failed("not_null_mart_id", "mart"),
            "test `not_null_mart_id` on `mart` failed at 2026-06-30 02:10 UTC",
        ),
        (
            Ontology("shop", models=(model("mart", row_policies=(OWN,)),)),
            failed("accepted_values_mart_id__acme__bolt", "mart", generic="accepted_values"),
            "a test on `mart` failed at 2026-06-30 02:10 UTC",
        ),
        (
            Ontology("shop", models=(model("mart", row_policies=(CLOSED,)),)),
            failed("not_null_mart_id", "mart"),
            "a test on a table that this stands on failed at 2026-06-30 02:10 UTC",
        ),
        (Ontology("shop", models=(model("mart", row_policies=(OWN,)),)), failed("acme_pays", "mart", generic=""), "a test on `mart` failed at 2026-06-30 02:10 UTC"),
    ],
)  # fmt: skip
def test_nothing_is_named_that_the_person_may_not_know(ontology: Ontology, result: NodeResult, said: str) -> None:
    assert words(ontology, result) == [said]
    assert f"`{result.name}` on `mart`" in words(ontology, result, role=Role.ADMIN)[0]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ResultStatus.ERROR, "how fresh {} is could not be found out at 2026-06-30 02:10 UTC"),
        (ResultStatus.FAIL, "{} is stale, checked at 2026-06-30 02:10 UTC"),
        (ResultStatus.WARN, "{} is growing stale, checked at 2026-06-30 02:10 UTC"),
    ],
)
def test_of_a_source_it_is_told_how_fresh_it_is_or_that_nobody_knows(status: ResultStatus, said: str) -> None:
    ids = ("source.shop.raw.orders",)
    result = NodeResult(ids[0], ResultKind.SOURCE, "raw.orders", status, AT, ids, ids)
    orders = Model("raw_orders", ids[0], columns=(ModelColumn("id"),))
    assert words(Ontology("shop", models=(orders,)), result) == [said.format("the source `raw_orders`")]
    assert words(Ontology("shop", models=(orders,), default_access="deny"), result) == [said.format("a source that this stands on")]


def test_the_newest_row_of_a_source_is_told_to_who_sees_all_its_rows() -> None:
    ids = ("source.shop.raw.orders",)
    result = NodeResult(ids[0], ResultKind.SOURCE, "raw.orders", ResultStatus.FAIL, AT, ids, ids, loaded_at=AT - dt.timedelta(days=2))
    newest = "the source `raw_orders` is stale: its newest row is of 2026-06-28 02:10 UTC, checked at 2026-06-30 02:10 UTC"

    def said(*policies: RowPolicy, role: Role = Role.ANALYST) -> str:
        return words(Ontology("shop", models=(Model("raw_orders", ids[0], row_policies=policies),)), result, role=role)[0]

    assert said() == said(OWN, role=Role.ADMIN) == newest
    assert said(OWN) == "the source `raw_orders` is stale, checked at 2026-06-30 02:10 UTC"


def test_of_a_table_that_was_not_built_it_is_told_that_it_is_old() -> None:
    result = NodeResult("model.shop.mart", ResultKind.MODEL, "mart", ResultStatus.ERROR, AT, ("model.shop.mart",))
    said = "{} could not be built at 2026-06-30 02:10 UTC: what is in it is from an earlier run"
    assert words(Ontology("shop", models=(model("mart"),)), result) == [said.format("`mart`")]
    assert words(Ontology("shop", models=(model("mart"),), default_access="deny"), result) == [said.format("a table that this stands on")]


def test_of_many_doubts_the_rest_is_counted() -> None:
    ontology = Ontology("shop", models=(model("mart"),))
    said = words(ontology, *(failed(f"t{number}", "mart") for number in range(MOST + 3)))
    assert len(said) == MOST + 1
    assert said[-1] == "3 more tests, builds or sources that this stands on did not pass"


def test_a_refusal_names_what_blocks_and_who_can_be_asked() -> None:
    ontology = Ontology("shop", models=(model("mart"),))
    given = [Doubt(failed("a", "mart"), blocks=False), Doubt(failed("b", "mart"), blocks=True), Doubt(failed("c", "mart"), blocks=True)]
    problem = refused(given, "postgres", ("clickhouse",), sight(ontology)).problem
    assert problem.code == "DM3098"
    assert problem.message == "this is not answered on postgres: test `b` on `mart` failed at 2026-06-30 02:10 UTC (and 1 more)"
    assert problem.hint == "clickhouse can be asked: --source clickhouse"


def test_a_model_that_the_layer_does_not_hold_stands_on_nothing() -> None:
    assert found((model("raw"),), "nowhere", failed("of_raw", "raw")) == {}
