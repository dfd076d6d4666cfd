"""What is sealed: the text, its parameters, its limits, and that nothing but barriers reads a table."""

from __future__ import annotations

import pytest
from sqlglot import exp

from app.errors import InternalError, UserError
from app.govern import govern as govern_module
from app.model.expr import Attribute, Binary, Case, Column, IsNull, Like, Literal, Not, Parameter
from app.model.ontology import Ontology
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy, SizePolicy
from app.model.principal import Principal, Role
from app.model.sql import BoundValue, Limits, Sql
from app.model.types import DataType, Dialect
from app.sql.parse import parse_statement
from tests.unit.govern.world import ADMIN, ANALYST, LAYER, governed, layer, model

BARRIER = (
    'SELECT "amount" FROM (SELECT "dm_t"."amount" AS "amount" FROM "public"."orders" AS "dm_t"'
    ' WHERE "dm_t"."region" = CAST(%(dm_p1)s AS text) UNION ALL SELECT NULL WHERE FALSE OFFSET 0) AS "orders" LIMIT 10001'
)


def test_a_table_becomes_a_fenced_subquery_of_the_columns_that_are_needed() -> None:
    made = governed("SELECT amount FROM orders")
    assert made.text == BARRIER
    assert made.parameters == (BoundValue("dm_p1", "EU", DataType.TEXT),)
    assert made.models == ("orders",)
    assert made.policies == ("no_mail", "own_region")
    assert made.limits == Limits()


def test_on_clickhouse_the_parameter_is_typed_and_the_fence_is_a_limit() -> None:
    made = governed("SELECT amount FROM orders", "clickhouse")
    assert made.text == (
        'SELECT "amount" FROM (SELECT "dm_t"."amount" AS "amount" FROM "app"."orders" AS "dm_t"'
        ' WHERE "dm_t"."region" = {dm_p1:String} LIMIT 18446744073709551615) AS "orders" LIMIT 10001'
    )


def test_where_no_row_is_hidden_there_is_no_fence() -> None:
    assert (
        governed("SELECT id FROM shops").text
        == 'SELECT "id" FROM (SELECT "dm_t"."id" AS "id" FROM "public"."shops" AS "dm_t") AS "shops" LIMIT 10001'
    )
    assert "OFFSET" not in governed("SELECT note FROM orders", who=ADMIN).text


def test_a_count_needs_no_column() -> None:
    assert '(SELECT 1 AS "dm_one" FROM "public"."shops" AS "dm_t") AS "shops"' in governed("SELECT count(*) FROM shops").text


def test_the_same_value_is_bound_once_and_the_key_travels_beside() -> None:
    one = model(
        "m",
        "id",
        "x",
        row_policies=(RowPolicy("p", "m", Binary("=", Column("x"), Attribute("region"))),),
        column_policies=(ColumnPolicy("h", "m", "x", Mask(MaskKind.HASH)),),
    )
    of = layer(Ontology("o", models=(one,)))
    for engine in ("postgres", "clickhouse"):
        made = governed("SELECT a.x FROM m AS a JOIN m AS b ON a.x = b.x", engine, of=of, key="secret")
        assert [value.value for value in made.parameters] == ["secret", "EU"]
        assert "secret" not in made.text
        assert "secret" not in made.fingerprint
    with pytest.raises(InternalError, match="DM4040"):
        governed("SELECT x FROM m", of=of)
    assert governed("SELECT id FROM m", of=of).parameters


def test_percent_signs_are_doubled_for_psycopg_and_left_on_clickhouse() -> None:
    assert "'100%%'" in governed("SELECT '100%' FROM orders").text
    assert '"id" %% 2' in governed("SELECT id % 2 FROM shops").text
    assert "'100%'" in governed("SELECT '100%' FROM orders", "clickhouse").text


def test_ctes_bear_names_that_no_table_has() -> None:
    made = governed("WITH orders AS (SELECT id FROM orders) SELECT orders.id FROM orders JOIN orders AS o(k) ON o.k = orders.id")
    assert made.text.startswith('WITH "dm_c1" AS (SELECT "id" FROM (SELECT')
    assert '"dm_c1" AS "orders" JOIN "dm_c1" AS "o"("k")' in made.text
    assert made.text.count('"public"."orders"') == 1


@pytest.mark.parametrize(
    ("sql", "end"),
    [
        ("SELECT id FROM shops LIMIT 5", 'AS "shops" LIMIT 5'),
        ("SELECT id FROM shops LIMIT ALL", 'AS "shops" LIMIT 11'),
        ("SELECT id FROM shops LIMIT 50", 'AS "shops" LIMIT 11'),
        ("SELECT id FROM shops FETCH FIRST 99 ROWS ONLY", 'AS "shops" LIMIT 11'),
        ("SELECT id FROM shops FETCH FIRST 9 ROWS ONLY", "FETCH FIRST 9 ROWS ONLY"),
        ("SELECT id FROM shops ORDER BY id FETCH FIRST 9 ROWS WITH TIES", 'FETCH FIRST 9 ROWS WITH TIES) AS "dm_q" LIMIT 11'),
        ("SELECT 1 UNION SELECT 2", "SELECT 2 LIMIT 11"),
        ("VALUES (1)", '(VALUES (1)) AS "dm_q" LIMIT 11'),
    ],
)
def test_the_outermost_limit_is_at_most_one_more_than_allowed(sql: str, end: str) -> None:
    assert governed(sql, limits=Limits(rows=10)).text.endswith(end)


def test_limit_by_bounds_groups_not_rows() -> None:
    assert governed("SELECT id FROM shops LIMIT 1 BY name", "clickhouse").text.endswith('LIMIT 1 BY "name") AS "dm_q" LIMIT 10001')


def test_final_and_sample_move_inside() -> None:
    made = governed("SELECT id FROM orders FINAL SAMPLE 0.1 WHERE amount > 1", "clickhouse")
    assert 'FROM "app"."orders" AS "dm_t" FINAL SAMPLE 0.1 WHERE "dm_t"."region"' in made.text
    assert made.text.count("SAMPLE") == made.text.count("FINAL") == 1


def test_the_given_tree_is_left_as_it_is() -> None:
    tree = parse_statement("WITH x AS (SELECT note FROM orders) SELECT * FROM x", Dialect.POSTGRES)
    before = tree.sql("postgres")
    from app.govern.access import access

    govern_module.govern(Sql(Dialect.POSTGRES, tree, before), LAYER, "postgres", access(ANALYST, LAYER.ontology), Limits())
    assert tree.sql("postgres") == before


def test_the_fingerprint_is_of_the_policies_and_attributes_that_the_statement_meets() -> None:
    def of(region: str, sql: str = "SELECT id FROM orders", role: Role = Role.ANALYST) -> str:
        return governed(sql, who=Principal("u", "e", role, "p", attributes=(("region", region),))).fingerprint

    assert of("EU") != of("US")
    assert of("EU") == of("EU", "SELECT count(*) FROM orders")
    assert of("EU") != of("EU", role=Role.ADMIN)
    assert of("EU", "SELECT 1 FROM shops") == of("US", "SELECT 1 FROM shops")


@pytest.mark.parametrize("engine", ["postgres", "clickhouse"])
def test_every_kind_of_mask_is_spelled(engine: str) -> None:
    masks = {
        "a": Mask(MaskKind.REDACT, "b'c", pattern="\\d+"),
        "b": Mask(MaskKind.PARTIAL, "..", 1, 2),
        "c": Mask(MaskKind.PARTIAL, ".."),
        "d": Mask(MaskKind.FIXED, "x"),
        "e": Mask(MaskKind.NULL),
        "f": Mask(MaskKind.HASH),
    }
    one = model("m", "id", *masks, column_policies=tuple(ColumnPolicy(name, "m", name, mask) for name, mask in masks.items()))
    made = governed("SELECT * FROM m", engine, of=layer(Ontology("o", models=(one,))), key="k")
    assert "OFFSET 0" not in made.text
    assert "LIMIT 1844" not in made.text
    for name in masks:
        assert f'AS "{name}"' in made.text


def test_predicates_are_spelled_for_each_engine() -> None:
    predicate = Case(((Binary("=", Column("x"), Attribute("region")), Column("id")),), Column("x"))
    one = model("m", "id", "x", row_policies=(RowPolicy("p", "m", Not(IsNull(predicate))),))
    of = layer(Ontology("o", models=(one,)))
    assert 'CASE WHEN "dm_t"."x" = CAST(%(dm_p1)s AS text)' in governed("SELECT id FROM m", of=of).text
    assert 'CASE WHEN "dm_t"."x" = {dm_p1:String}' in governed("SELECT id FROM m", "clickhouse", of=of).text


def test_a_policy_that_cannot_be_written_stops_the_statement() -> None:
    for mask in (Mask(MaskKind.FIXED, "\x00"), Mask(MaskKind.FIXED, "\ue000"), Mask(MaskKind.REDACT, "\\1", pattern="a")):
        one = model("m", "id", column_policies=(ColumnPolicy("c", "m", "id", mask),))
        with pytest.raises(InternalError, match="DM4091"):
            governed("SELECT id FROM m", of=layer(Ontology("o", models=(one,))))
    with pytest.raises(InternalError, match="DM4091"):
        governed("SELECT * FROM m", of=layer(Ontology("o", models=(model("m", 'a"b'),))))


@pytest.mark.parametrize("engine", ["postgres", "clickhouse"])
def test_a_filter_that_cannot_be_written_stops_the_statement_and_is_not_shown(engine: str) -> None:
    one = model("m", "id", "x", row_policies=(RowPolicy("p", "m", Like(Column("x"), Literal("secret\\", DataType.TEXT))),))
    with pytest.raises(InternalError, match="DM4091") as raised:
        governed("SELECT id FROM m", engine, of=layer(Ontology("o", models=(one,))))
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("mark", ["\x00", "\ue000", "\ue001"])
def test_no_planned_text_holds_a_mark(mark: str) -> None:
    from app.govern.access import access

    tree = parse_statement("SELECT 'x' AS a FROM shops", Dialect.POSTGRES)
    next(tree.find_all(exp.Literal)).args["this"] = f"a{mark}b"
    with pytest.raises(UserError, match="DM4002"):
        govern_module.govern(Sql(Dialect.POSTGRES, tree, ""), LAYER, "postgres", access(ANALYST, LAYER.ontology), Limits())


def test_a_mark_that_govern_did_not_set_stops_the_statement() -> None:
    tree = parse_statement("SELECT id FROM shops", Dialect.POSTGRES)
    tree.args["expressions"].append(exp.Alias(this=exp.Literal.string("x"), alias=exp.Identifier(this="y", quoted=True)))
    tree.expressions[-1].this.args["this"] = "\ue000dm_p1\ue001"
    from app.govern.access import access

    with pytest.raises(UserError, match="DM4002"):
        govern_module.govern(Sql(Dialect.POSTGRES, tree, ""), LAYER, "postgres", access(ANALYST, LAYER.ontology), Limits())


def test_a_planners_text_with_marks_in_a_word_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.govern.access import access

    monkeypatch.setattr(govern_module, "render_sql", lambda *_, **__: "SELECT '\ue000'")
    tree = parse_statement("SELECT id FROM shops", Dialect.POSTGRES)
    with pytest.raises(InternalError, match="DM4090"):
        govern_module.govern(Sql(Dialect.POSTGRES, tree, ""), LAYER, "postgres", access(ANALYST, LAYER.ontology), Limits())


@pytest.mark.parametrize(("engine", "end"), [("postgres", "UNION ALL SELECT NULL WHERE FALSE OFFSET 0"), ("clickhouse", "LIMIT 1844")])
def test_values_that_are_seen_only_aggregated_are_behind_a_fence_too(engine: str, end: str) -> None:
    sized = layer(Ontology("w", models=(model("m", "pay", size_policies=(SizePolicy("few", "m", "pay", 5),)),)))
    assert end in governed("SELECT max(pay) FROM m", engine, of=sized, written=False).text


def test_what_is_remembered_of_one_rule_is_never_another_rules() -> None:
    """Barriers are spelled once for each rule and engine: people, layers and engines that differ are never given each other's."""
    north = Principal("usr_3", "c@example.org", Role.ANALYST, "prj_1", attributes=(("region", "NORTH"),))
    nobody = Principal("usr_4", "d@example.org", Role.ANALYST, "prj_1")
    other = layer(Ontology("w", models=(model("orders", "amount", row_policies=(RowPolicy("p", "orders", IsNull(Column("amount"))),)),)))
    text = "SELECT amount FROM orders"
    for _ in range(2):
        assert governed(text).text == governed(text, who=north).text == BARRIER
        assert [governed(text, who=who).parameters[0].value for who in (ANALYST, north)] == ["EU", "NORTH"]
        assert "FALSE" in governed(text, who=nobody).text
        assert "WHERE" not in governed(text, who=ADMIN).text
        assert "IS NULL UNION ALL SELECT NULL" in governed(text, of=other).text
        assert "{dm_p1:String} LIMIT" in governed(text, "clickhouse").text


def test_values_are_numbered_in_the_order_in_which_they_stand() -> None:
    both = (
        model(
            "m",
            *("id", "x", "y"),
            row_policies=(RowPolicy("p", "m", Binary("=", Column("y"), Attribute("region")), exempt_roles=("admin",)),),
            column_policies=(ColumnPolicy("h", "m", "x", Mask(MaskKind.HASH)),),
        ),
    )
    made = governed("SELECT x FROM m AS a UNION ALL SELECT x FROM m AS b", of=layer(Ontology("w", models=both)), key="secret")
    assert [value.value for value in made.parameters] == ["secret", "EU"]
    assert made.text.count("%(dm_p1)s") == 2 * made.text.count("%(dm_p2)s") == 4
    assert "\ue000" not in made.text


def test_a_mark_in_a_rule_that_no_value_stands_for_is_refused() -> None:
    """A rule could only hold one by a fault of ours: it is not sent, and takes nobody else's value."""
    forged = Binary("=", Column("x"), Parameter("dm_u_text_other", DataType.TEXT))
    one = layer(Ontology("w", models=(model("m", "x", row_policies=(RowPolicy("p", "m", forged),)),)))
    with pytest.raises(InternalError, match="DM4090"):
        governed("SELECT x FROM m", of=one)
