"""The lineage of a project's models: through names of relations, ephemeral models, snapshots and what can't be read; each place says why."""

from __future__ import annotations

import pytest

from app.model.base import Node
from app.model.lineage import ModelLineage, Reason
from tests.support.lineage_project import artifacts, node, project, source, told

RAW = source("orders", "id", "amount", "status")
RAW_ID = "source.shop.raw.orders"
STAGED = node("stg", 'select id, amount * 2 as amount, status from "db"."raw"."orders" where status <> \'x\'', RAW_ID)


def test_models_are_followed_by_their_relations() -> None:
    mart = node("mart", "select sum(amount) as total from main.stg group by status", "model.shop.stg")
    _, lineage = project(artifacts(RAW, STAGED, mart))
    assert told(lineage.of("mart")) == {"total": ["value stg.amount"], "": ["group stg.status", "rows stg"]}
    assert told(lineage.of("stg"))["amount"] == ["value raw.orders.amount"]
    assert lineage.of("raw.orders") is None


def test_a_relation_is_found_by_alias_schema_and_database() -> None:
    other = node("stg_other", "select 1 as id", alias="stg", schema="other")
    mart = node(
        "mart", 'select a.id, b.id as id2 from "db"."main"."stg" as a cross join other.stg as b', "model.shop.stg", "model.shop.stg_other"
    )
    _, lineage = project(artifacts(RAW, STAGED, other, mart))
    assert told(lineage.of("mart"))["id2"] == ["value stg_other.id"]


@pytest.mark.parametrize("text", ["select id from elsewhere.orders", "select id from db2.raw.orders"])
def test_a_relation_of_elsewhere_is_unknown(text: str) -> None:
    _, lineage = project(artifacts(RAW, node("mart", text)))
    assert told(lineage.of("mart")) == {"id": ["value  ? relation"], "": ["rows  ? relation"]}


def test_ephemeral_models_are_models() -> None:
    early = node("early", "select id, amount from raw.orders where status = 'x'", RAW_ID, config={"materialized": "ephemeral"})
    text = "with __dbt__cte__early as (\nselect id, amount from raw.orders where status = 'x'\n) select amount as a from __dbt__cte__early"
    _, lineage = project(artifacts(RAW, early, node("mart", text, "model.shop.early")))
    assert told(lineage.of("mart")) == {"a": ["value early.amount"], "": ["rows early"]}
    assert told(lineage.of("early"))[""] == ["filter raw.orders.status", "rows raw.orders"]


def test_an_incremental_model_that_reads_itself() -> None:
    text = "select id, amount from raw.orders where id > (select max(id) from main.facts)"
    _, lineage = project(artifacts(RAW, node("facts", text, RAW_ID, config={"materialized": "incremental"})))
    assert told(lineage.of("facts"))[""] == ["filter facts", "filter facts.id", "filter raw.orders.id", "rows raw.orders"]


def test_snapshots_say_that_they_keep_what_was() -> None:
    config = {"strategy": "timestamp", "updated_at": "status", "unique_key": "id"}
    _, lineage = project(artifacts(RAW, node("versions", "select * from raw.orders", RAW_ID, kind="snapshot", config=config)))
    found = told(lineage.of("versions"))
    assert found["dbt_valid_from"] == ["value raw.orders.status"]
    assert found["dbt_scd_id"] == ["value raw.orders.id", "value raw.orders.status"]
    assert "rows  ? snapshot" in found[""]


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (node("m", None, "model.shop.stg"), Reason.NO_SQL),
        (node("m", "  ", "model.shop.stg"), Reason.NO_SQL),
        (node("m", "def model(dbt, session): ...", "model.shop.stg", language="python"), Reason.PYTHON),
        (node("m", "select from where )(", "model.shop.stg"), Reason.UNREADABLE),
        (node("m", "select a from b; select c from d", "model.shop.stg"), Reason.UNREADABLE),
    ],
)
def test_what_cannot_be_seen_says_why_and_of_what_it_is_built(part: dict[str, object], reason: Reason) -> None:
    _, lineage = project(artifacts(RAW, STAGED, part))
    found = lineage.of("m")
    assert found is not None
    assert found.reason is reason
    assert [(edge.model, edge.column, edge.reason) for edge in found.rows] == [("stg", "*", reason)]
    assert found.edges("anything") == found.rows


def test_an_adapter_without_a_known_dialect() -> None:
    _, lineage = project(artifacts(RAW, STAGED, adapter="quantumdb"))
    found = lineage.of("stg")
    assert found is not None
    assert found.reason is Reason.DIALECT


def test_columns_of_stars_come_from_sql_then_the_catalog_then_yaml() -> None:
    mart = node("mart", "select * from main.stg", "model.shop.stg")
    raw = node("copy", "select * from raw.orders", RAW_ID)
    _, lineage = project(artifacts(RAW, STAGED, mart, raw))
    assert list(told(lineage.of("mart"))) == ["id", "amount", "status", ""]
    copy = lineage.of("copy")
    assert copy is not None
    assert copy.open == ("raw.orders",)
    assert [edge.column for edge in copy.edges("unheard_of")] == ["unheard_of"]
    _, lineage = project(artifacts(RAW, STAGED, raw, catalog={RAW_ID: ("id", "amount", "status", "more")}))
    copy = lineage.of("copy")
    assert copy is not None
    assert (copy.open, [column.name for column in copy.columns]) == ((), ["id", "amount", "status", "more"])
    assert [edge.reason for edge in copy.edges("unheard_of")] == [Reason.COLUMN]


def test_names_are_spelled_as_models_spell_them() -> None:
    raw = source("orders", "Id", "AMOUNT")
    staged = node("stg", 'select "Id", amount as Total from raw.orders', RAW_ID, columns=("ID", "total"))
    _, lineage = project(artifacts(raw, staged))
    assert told(lineage.of("stg")) == {"ID": ["value raw.orders.Id"], "total": ["value raw.orders.AMOUNT"], "": ["rows raw.orders"]}


def test_the_first_target_with_sql_gives_it() -> None:
    bare = node("stg", None, RAW_ID)
    text = node("stg", "select toDate(status) as day from raw.orders", RAW_ID, database="")
    clickhouse = artifacts({**RAW, "database": ""}, text, adapter="clickhouse")
    _, lineage = project(artifacts(RAW, bare), type(clickhouse)("clickhouse", clickhouse.manifest))
    assert told(lineage.of("stg"))["day"] == ["value raw.orders.status"]


def test_the_files_that_dbt_wrote_stand_in_for_the_manifest() -> None:
    _, lineage = project(artifacts(RAW, node("stg", None, RAW_ID), compiled={"shop/models/stg.sql": "select id from raw.orders"}))
    assert told(lineage.of("stg"))["id"] == ["value raw.orders.id"]


def chain(count: int) -> list[dict[str, object]]:
    first = node("m0", "select id, amount from raw.orders", RAW_ID)
    return [first, *(node(f"m{n}", f"select * from main.m{n - 1}", f"model.shop.m{n - 1}") for n in range(1, count))]


def test_long_chains_of_models_are_read() -> None:
    _, lineage = project(artifacts(RAW, *chain(2_000)))
    assert told(lineage.of("m1999")) == {"id": ["value m1998.id"], "amount": ["value m1998.amount"], "": ["rows m1998"]}


def test_models_that_read_each_other_end() -> None:
    one = node("one", "select a from main.two", "model.shop.two")
    two = node("two", "select a from main.one", "model.shop.one")
    _, lineage = project(artifacts(one, two))
    assert told(lineage.of("one"))["a"] == ["value two.a"]


def test_readings_of_before_stand_where_nothing_changed() -> None:
    parts = chain(5)
    _, before = project(artifacts(RAW, *parts))
    held = before.all()
    _, again = project(artifacts(RAW, *parts), held=held)
    assert all(one is other for one, other in zip(again.all(), held, strict=True))
    parts[2] = node("m2", "select id, amount + 1 as amount from main.m1", "model.shop.m1")
    _, changed = project(artifacts(RAW, *parts), held=held)
    same = {one.model for one in changed.all() if one in held and any(one is other for other in held)}
    assert same == {"m0", "m1", "m3", "m4"}, "the columns of m2 are those of before"
    parts[2] = node("m2", "select id from main.m1", "model.shop.m1")
    _, fewer = project(artifacts(RAW, *parts), held=held)
    assert told(fewer.of("m4")) == {"id": ["value m3.id"], "": ["rows m3"]}


def test_a_reading_of_before_does_not_stand_where_a_name_may_mean_something_else_now() -> None:
    mart = node("mart", "select id from later.orders")
    _, before = project(artifacts(mart))
    _, after = project(artifacts(mart, node("orders", "select 1 as id", schema="later")), held=before.all())
    assert told(after.of("mart"))["id"] == ["value orders.id"]


def test_lineage_reads_back_from_its_json() -> None:
    _, lineage = project(artifacts(RAW, STAGED, node("m", None, "model.shop.stg")))
    for one in lineage.all():
        assert isinstance(one, Node)
        assert ModelLineage.from_json(one.canonical()) == one
