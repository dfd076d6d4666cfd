from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.govern.access import Access, ModelAccess, access, model_access
from app.model.expr import FALSE, And, Attribute, Between, Binary, Column, Expr, Like, Literal, Not, Or, Parameter
from app.model.ontology import Ontology
from app.model.physical import ModelColumn
from app.model.policy import ColumnPolicy, LimitPolicy, Mask, MaskKind, RowPolicy, SizePolicy
from app.model.principal import Principal, Role
from app.model.sql import BoundValue, Limits
from app.model.types import DataType
from tests.unit.govern.world import ADMIN, ANALYST, equals, model, own_region

EU, US, BIG = equals("region", "EU"), equals("region", "US"), equals("size", "big")


def rows(*policies: RowPolicy, who: Principal = ANALYST):
    return model_access(model("m", "id", "region", row_policies=policies), who, "allow").predicate


def row(predicate, *roles: str, exempt: tuple[str, ...] = (), permissive: bool = True) -> RowPolicy:
    return RowPolicy("p", "m", predicate, permissive, roles=roles, exempt_roles=exempt)


def test_a_model_without_policy_follows_the_default() -> None:
    one = model("m", "id")
    assert model_access(one, ANALYST, "allow").readable
    denied = model_access(one, ADMIN, "deny")
    assert (denied.readable, denied.denied) == (False, {"id"})


def test_a_model_with_a_policy_does_not_follow_the_default() -> None:
    assert model_access(model("m", "id", row_policies=(row(EU),)), ANALYST, "deny").readable


def test_permissive_predicates_are_or_ed_and_restrictive_ones_and_ed_to_that() -> None:
    assert rows(row(EU)) == EU
    assert rows(row(EU), row(US)) == Or((EU, US))
    assert rows(row(EU), row(US), row(BIG, permissive=False)) == And((Or((EU, US)), BIG))


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ((row(EU, "viewer"),), FALSE),
        ((row(EU, "viewer"), row(US, "analyst")), US),
        ((row(EU, exempt=("analyst",)),), None),
        ((row(EU, exempt=("analyst",)), row(US)), US),
        ((row(EU, exempt=("analyst",)), row(US, "viewer")), FALSE),
        ((row(EU, permissive=False),), FALSE),
        ((row(EU, exempt=("analyst",)), row(BIG, permissive=False)), And((BIG,))),
        ((row(EU, exempt=("analyst",)), row(BIG, "viewer", permissive=False)), FALSE),
        ((row(EU, exempt=("analyst",)), row(BIG, exempt=("analyst",), permissive=False)), None),
    ],
)
def test_who_is_bound_exempt_or_forgotten(policies: tuple[RowPolicy, ...], expected: object) -> None:
    assert rows(*policies) == expected


def test_an_admin_is_bound_like_anybody_where_no_policy_exempts_the_role() -> None:
    assert rows(row(EU), who=ADMIN) == EU


def test_an_attribute_becomes_a_parameter_and_its_value_travels_beside() -> None:
    rule = model_access(model("m", "id", "region", row_policies=(row(own_region()),)), ANALYST, "allow")
    assert rule.predicate == Binary("=", Column("region"), Parameter("dm_u_text_region", DataType.TEXT))
    assert rule.values == (BoundValue("dm_u_text_region", "EU", DataType.TEXT),)


def test_a_policy_that_reads_an_attribute_which_the_user_lacks_admits_nobody() -> None:
    assert rows(row(own_region()), who=ADMIN) == FALSE
    assert rows(row(own_region()), row(EU), who=ADMIN) == Or((FALSE, EU))
    assert rows(row(EU), row(own_region(), permissive=False), who=ADMIN) == And((EU, FALSE))


def test_policies_that_read_one_attribute_for_columns_of_two_types_do_not_change_each_other() -> None:
    """A number stays a number beside a policy that compares the same attribute with a text."""
    who = Principal("u", "e", Role.ANALYST, "p", attributes=(("tenant", "12"),))
    number, text = Binary("=", Column("id"), Attribute("tenant")), Binary("=", Column("region"), Attribute("tenant"))
    rule = model_access(model("m", "id", "region", row_policies=(row(number), row(text, permissive=False))), who, "allow")
    assert [(value.name, value.value) for value in rule.values] == [("dm_u_integer_tenant", 12), ("dm_u_text_tenant", "12")]
    assert isinstance(rule.predicate, And)
    assert rule.predicate.args[0] == Binary("=", Column("id"), Parameter("dm_u_integer_tenant", DataType.INTEGER))


def test_a_policy_that_models_share_is_read_by_the_types_of_each() -> None:
    who = Principal("u", "e", Role.ANALYST, "p", attributes=(("tenant", "a"),))
    shared = (row(Binary("=", Column("x"), Attribute("tenant"))),)
    kinds = {"numbers": DataType.INTEGER, "texts": DataType.TEXT, "also_texts": DataType.TEXT}
    models = tuple(replace(model(name), columns=(ModelColumn("x", kind),), row_policies=shared) for name, kind in kinds.items())
    beside = replace(models[1], name="beside", row_policies=(*shared, row(EU, permissive=False)))
    rights = access(who, Ontology("w", models=(*models, beside)))
    assert rights.of("beside").predicate == And((rights.of("texts").predicate, EU))
    assert rights.of("numbers").predicate == FALSE
    assert rights.of("texts").predicate == Binary("=", Column("x"), Parameter("dm_u_text_tenant", DataType.TEXT))
    assert rights.of("also_texts").predicate is rights.of("texts").predicate


@pytest.mark.parametrize(
    ("predicate", "closed"),
    [
        (None, False),
        (EU, False),
        (FALSE, True),
        (And((EU, FALSE)), True),
        (And((EU, US)), False),
        (Or((FALSE, FALSE)), True),
        (Or((FALSE, EU)), False),
        (And((Or((FALSE, FALSE)), EU)), True),
        (Or((And((EU, FALSE)), FALSE)), True),
    ],
)
def test_a_model_is_closed_where_its_filter_admits_no_row_whatever_they_are(predicate: Expr | None, closed: bool) -> None:
    assert ModelAccess("m", readable=True, predicate=predicate).closed is closed
    assert ModelAccess("m", readable=False, predicate=predicate).closed


def test_an_attribute_that_is_no_value_of_the_columns_type_admits_nobody() -> None:
    predicate = Binary("=", Column("id"), Attribute("tenant"))
    good = Principal("u", "e", Role.ANALYST, "p", attributes=(("tenant", "12"),))
    bad = Principal("u", "e", Role.ANALYST, "p", attributes=(("tenant", "12 OR 1=1"),))
    assert rows(row(predicate), who=good) == Binary("=", Column("id"), Parameter("dm_u_integer_tenant", DataType.INTEGER))
    assert rows(row(predicate), who=bad) == FALSE


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (DataType.DECIMAL, "1.50", "1.50"),
        (DataType.DECIMAL, "NaN", None),
        (DataType.BOOLEAN, "TRUE", True),
        (DataType.BOOLEAN, "yes", None),
        (DataType.DATE, "2025-01-31", "2025-01-31"),
        (DataType.DATE, "soon", None),
        (DataType.TIMESTAMP, "2025-01-31T10:00:00+00:00", "2025-01-31 10:00:00"),
        (DataType.TEXT, "a\x00b", None),
        (DataType.OTHER, "x", "x"),
        (DataType.INTEGER, "٣", None),
    ],
)
def test_attributes_are_values_of_the_type_they_are_compared_with(kind: DataType, text: str, value: object) -> None:
    one = model("m", "x", row_policies=(row(Between(Attribute("a"), Column("x"), Column("x"))),))
    one = type(one)(one.name, one.unique_id, columns=(ModelColumn("x", kind),), row_policies=one.row_policies)
    rule = model_access(one, Principal("u", "e", Role.ANALYST, "p", attributes=(("a", text),)), "allow")
    assert [given.value for given in rule.values] == ([] if value is None else [value])
    assert (rule.predicate == FALSE) is (value is None)


@pytest.mark.parametrize(
    ("text", "value"), [("a%", "a%"), ("a\\%", "a\\%"), ("a\\b", "ab"), ("a\\\\", "a\\\\"), ("a\\", None), ("a\x00", None)]
)
def test_a_pattern_that_no_engine_would_take_admits_nobody(text: str, value: str | None) -> None:
    predicate = Not(Or((Like(Column("region"), Attribute("a")), Binary("=", Column("region"), Attribute("b")))))
    who = Principal("u", "e", Role.ANALYST, "p", attributes=(("a", text), ("b", "x")))
    rule = model_access(model("m", "region", row_policies=(row(predicate),)), who, "allow")
    given = [("dm_u_pattern_a", value), ("dm_u_text_b", "x")]
    assert [(one.name, one.value) for one in rule.values] == ([] if value is None else given)
    assert (rule.predicate == FALSE) is (value is None)


def test_an_attribute_that_is_a_pattern_is_compared_as_it_is() -> None:
    predicate = Or((Like(Column("region"), Attribute("a")), Binary("=", Column("region"), Attribute("a"))))
    who = Principal("u", "e", Role.ANALYST, "p", attributes=(("a", "x\\y"),))
    rule = model_access(model("m", "region", row_policies=(row(predicate),)), who, "allow")
    assert [(one.name, one.value) for one in rule.values] == [("dm_u_pattern_a", "xy"), ("dm_u_text_a", "x\\y")]


def test_an_attribute_that_is_compared_with_different_types_is_text() -> None:
    predicate = And((Binary("=", Attribute("a"), Literal(1, DataType.INTEGER)), Binary("=", Attribute("a"), Literal("x", DataType.TEXT))))
    rule = model_access(
        model("m", "x", row_policies=(row(predicate),)), Principal("u", "e", Role.ANALYST, "p", attributes=(("a", "7"),)), "allow"
    )
    assert [value.type for value in rule.values] == [DataType.TEXT]


def columns(*policies: ColumnPolicy, who: Principal = ANALYST, pii: str = ""):
    one = model("m", "id", column_policies=policies)
    one = type(one)(one.name, one.unique_id, columns=(ModelColumn("id"), ModelColumn("x", pii=pii)), column_policies=policies)
    return model_access(one, who, "allow")


def rule(mask: Mask | None, *roles: str, exempt: tuple[str, ...] = ()) -> ColumnPolicy:
    return ColumnPolicy("c", "m", "x", mask, roles=roles, exempt_roles=exempt)


FIXED, NULL = Mask(MaskKind.FIXED), Mask(MaskKind.NULL)


def test_deny_wins_over_a_mask_and_the_stricter_mask_over_the_other() -> None:
    assert columns(rule(FIXED), rule(None)).denied == {"x"}
    assert columns(rule(FIXED), rule(None)).columns == ("id",)
    assert columns(rule(FIXED), rule(NULL)).masks == {"x": NULL}
    assert columns(rule(None, "viewer")).denied == set()
    assert columns(rule(None, exempt=("admin",)), who=ADMIN).denied == set()


def test_a_pii_column_without_a_policy_of_its_own_is_masked_for_all_but_admins() -> None:
    assert columns(pii="email").masks["x"].kind is MaskKind.FIXED
    assert columns(rule(FIXED, "viewer"), pii="unheard_of").masks["x"].kind is MaskKind.FIXED
    assert columns(pii="email").policies == ("pii:m.x",)
    assert columns(pii="email", who=ADMIN).masks == {}
    assert columns(rule(NULL), pii="email").masks == {"x": NULL}
    assert columns(rule(NULL, "viewer", exempt=("analyst",)), pii="email").masks == {}


def test_restricted_says_whether_an_answer_can_be_less_than_whole() -> None:
    assert columns(rule(FIXED)).restricted
    assert not columns(rule(None)).restricted
    assert model_access(model("m", "id", row_policies=(row(EU),)), ANALYST, "allow").restricted


def test_equal_rights_have_equal_fingerprints_and_others_do_not() -> None:
    ontology = Ontology("o", models=(model("m", "id", "region", row_policies=(row(own_region()),)),))

    def of(region: str, role: Role = Role.ANALYST) -> str:
        return access(Principal("u" + region, "e", role, "p", attributes=(("other", "1"), ("region", region))), ontology).fingerprint

    assert of("EU") == access(ANALYST, ontology).fingerprint
    assert len({of("EU"), of("US"), of("EU", Role.ADMIN)}) == 3


def test_a_model_that_the_layer_does_not_hold_is_not_readable() -> None:
    assert not Access({}, False, "").of("x").readable


ANN = Principal("usr_9", "Ann@Example.org", Role.ANALYST, "prj_1", groups=("finance", "hr"))


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ({"groups": ("hr",)}, True),
        ({"groups": ("it",)}, False),
        ({"roles": ("viewer",), "groups": ("hr",)}, True),
        ({"users": ("ann@example.org",)}, True),
        ({"users": ("usr_9",)}, True),
        ({"users": ("bob@example.org",)}, False),
        ({"exempt_groups": ("hr",)}, False),
        ({"roles": ("analyst",), "exempt_users": ("ANN@example.org",)}, False),
        ({"groups": ("hr",), "exempt_roles": ("analyst",)}, False),
        ({}, True),
    ],
)
def test_policies_bind_roles_groups_and_users(people: dict[str, tuple[str, ...]], expected: bool) -> None:
    assert RowPolicy("p", "m", EU, **people).binds(ANN) is expected
    found = model_access(model("m", "id", column_policies=(ColumnPolicy("c", "m", "id", **people),)), ANN, "allow")
    assert ("id" in found.denied) is expected


def test_the_largest_group_size_holds_beside_a_mask_and_not_where_the_column_is_denied() -> None:
    sizes = tuple(SizePolicy(f"s{n}", "m", column, n, roles=roles) for n, column, roles in SIZES)
    masks = (ColumnPolicy("d", "m", "denied"), ColumnPolicy("h", "m", "masked", Mask(MaskKind.HASH)))
    whole = Ontology(
        "w", models=(model("m", "id", "pay", "denied", "masked", size_policies=sizes, column_policies=masks), model("n", "id"))
    )
    rights = access(ANALYST, whole)
    assert dict(rights.of("m").sizes) == {"pay": 9, "masked": 5}
    assert rights.of("m").columns == ("id", "pay", "masked")
    written = rights.of_sql()
    assert (written.of("m").columns, written.of("m").denied) == (("id",), {"denied", "pay", "masked"})
    assert written.of("n") is rights.of("n")
    assert access(ADMIN, Ontology("w", models=(model("n", "id"),))).of_sql().of("n").columns == ("id",)
    other = access(ANALYST, Ontology("w", models=(model("m", "id", "pay", size_policies=sizes[:1]), model("n", "id"))))
    assert other.of("m").fingerprint != rights.of("m").fingerprint


SIZES = [(5, "pay", ()), (9, "pay", ("analyst",)), (99, "pay", ("viewer",)), (5, "denied", ()), (5, "masked", ())]


def test_of_each_limit_the_smallest_holds_and_limits_alone_open_nothing() -> None:
    limits = (
        LimitPolicy("a", "m", rows=100, seconds=9.0),
        LimitPolicy("b", "m", rows=50, scanned_rows=1000, roles=("analyst",)),
        LimitPolicy("c", "m", rows=1, roles=("viewer",)),
    )
    one = model("m", "id", limit_policies=limits)
    assert model_access(one, ANALYST, "allow").limits == Limits(50, 9.0, 0, 1000)
    assert not model_access(one, ANALYST, "deny").readable
    assert Limits(10, 30.0, 7).within(Limits(0, 5.0, 9, 3)) == Limits(10, 5.0, 7, 3)
