"""What is said of a change of policies holds for every person and every row: held against what governance does with the policies."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compile.diff.implication import implies
from app.compile.diff.normalise import normalised
from app.compile.diff.protection import column, limits, rows
from app.compile.diff.report import Direction
from app.govern.access import model_access
from app.model.expr import FALSE, TRUE, And, Attribute, Between, Binary, Column, Expr, In, IsNull, Literal, Not, Or, Parameter
from app.model.physical import Model, ModelColumn
from app.model.policy import ColumnPolicy, LimitPolicy, Mask, MaskKind, RowPolicy, SizePolicy
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.sql.expressions.parse import parse_expression

VALUES: tuple[Any, ...] = (None, 1, 2, 3)
PEOPLE = [
    Principal(user, "x@example.com", role, "default", groups, attributes)
    for role in Role
    for groups, user in (((), "usr_1"), (("g",), "usr_1"), (("g", "h"), "ann"), (("h",), "ann"), ((), "ann"))
    for attributes in ((), (("region", "1"),), (("region", "2"), ("level", "3")), (("region", "words"),))
]


def true(expr: Expr, row: dict[str, Any], values: dict[str, Any]) -> bool | None:
    """The value of a condition for a row, in three-valued logic: a second way, of no engine's."""
    match expr:
        case And(args=args):
            found = [true(arg, row, values) for arg in args]
            return False if False in found else None if None in found else True
        case Or(args=args):
            found = [true(arg, row, values) for arg in args]
            return True if True in found else None if None in found else False
        case Not(arg=arg):
            one = true(arg, row, values)
            return None if one is None else not one
        case IsNull(arg=arg, negated=negated):
            return (value(arg, row, values) is None) is not negated
        case In(arg=arg, options=options, negated=negated):
            found = [true(Binary("=", arg, option), row, values) for option in options]
            one = True if True in found else None if None in found else False
            return one if one is None or not negated else not one
        case Between(arg=arg, low=low, high=high):
            return true(And((Binary("<=", low, arg), Binary("<=", arg, high))), row, values)
        case Binary(op=op, left=left, right=right):
            one, other = value(left, row, values), value(right, row, values)
            if one is None or other is None:
                return None
            return {"=": one == other, "<>": one != other, "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op]
    raise AssertionError(expr)


def value(expr: Expr, row: dict[str, Any], values: dict[str, Any]) -> Any:
    match expr:
        case Column(name=name):
            return row[name]
        case Literal(value=found):
            return found
        case Parameter(name=name):
            return values[name]
    raise AssertionError(expr)


OPERANDS = st.sampled_from(
    [Column("a"), Column("b"), *(Literal(n, DataType.INTEGER) for n in (1, 2, 3)), Attribute("region"), Attribute("level")]
)
COMPARED = st.builds(Binary, st.sampled_from(["=", "<>", "<", ">="]), st.sampled_from([Column("a"), Column("b")]), OPERANDS)
LISTED = st.builds(
    lambda name, options: In(Column(name), tuple(Literal(n, DataType.INTEGER) for n in options)),
    st.sampled_from(["a", "b"]),
    st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=3),
)
CONDITIONS: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(COMPARED, LISTED, st.just(IsNull(Column("a")))),
    lambda inner: st.one_of(
        st.builds(lambda x: And(tuple(x)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda x: Or(tuple(x)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=4,
)
ROLES = st.lists(st.sampled_from([role.value for role in Role]), unique=True, max_size=2).map(tuple)
GROUPS = st.sampled_from([(), (), ("g",), ("g", "h")])
USERS = st.sampled_from([(), (), (), ("ann",)])
BOUND = {
    "roles": ROLES, "exempt_roles": ROLES, "groups": GROUPS, "exempt_groups": GROUPS, "users": USERS, "exempt_users": USERS,
    "source": st.sampled_from(["dbt", "dbt", "store"]),
}  # fmt: skip
POLICIES = st.builds(
    RowPolicy, st.sampled_from("pqr"), st.just("m"), st.one_of(CONDITIONS, st.sampled_from([TRUE, FALSE])), st.booleans(), **BOUND
)
COLUMNS = (ModelColumn("a", DataType.INTEGER), ModelColumn("b", DataType.INTEGER))


def model(
    policies: list[RowPolicy],
    columns: tuple[ModelColumn, ...] = COLUMNS,
    masks: tuple[ColumnPolicy, ...] = (),
    sizes: tuple[SizePolicy, ...] = (),
    limits: tuple[LimitPolicy, ...] = (),
) -> Model:
    return Model(
        "m",
        "model.shop.m",
        columns=columns,
        row_policies=tuple(policies),
        column_policies=masks,
        size_policies=sizes,
        limit_policies=limits,
    )


def seen(found: Model, person: Principal, default: str) -> set[tuple[Any, Any]]:
    """The rows that governance lets a person see."""
    rule = model_access(found, person, default)
    if not rule.readable:
        return set()
    values = {bound.name: bound.value for bound in rule.values}
    table = [(a, b) for a in VALUES for b in VALUES]
    return {row for row in table if rule.predicate is None or true(rule.predicate, dict(zip("ab", row, strict=True)), values) is True}


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_rows(data: st.DataObject) -> None:
    old = data.draw(st.lists(POLICIES, max_size=3))
    kept = data.draw(st.lists(st.sampled_from(old), unique_by=id) if old else st.just([]))
    widened = [data.draw(st.sampled_from([policy, bent(policy, data)])) for policy in kept]
    new = [*widened, *data.draw(st.lists(POLICIES, max_size=1))]
    defaults = data.draw(st.tuples(st.sampled_from(["allow", "deny"]), st.sampled_from(["allow", "deny"])))
    direction = rows(model(old), model(new), *defaults)
    for person in PEOPLE:
        before, after = seen(model(old), person, defaults[0]), seen(model(new), person, defaults[1])
        if direction is Direction.SAME:
            assert before == after, (person, old, new)
        if direction is Direction.LOOSENED:
            assert before <= after, (person, old, new)
        if direction is Direction.TIGHTENED:
            assert after <= before, (person, old, new)


def bent(policy: RowPolicy, data: st.DataObject) -> RowPolicy:
    more = data.draw(CONDITIONS)
    predicate = data.draw(st.sampled_from([Or((policy.predicate, more)), And((policy.predicate, more)), policy.predicate]))
    return msgspec.structs.replace(policy, predicate=predicate)


MASKS = st.sampled_from([None, Mask(MaskKind.HASH), Mask(MaskKind.NULL), Mask(MaskKind.FIXED, "x")])
COLUMN_POLICIES = st.builds(ColumnPolicy, st.sampled_from("pq"), st.just("m"), st.just("a"), MASKS, **BOUND)
SIZES = st.builds(SizePolicy, st.sampled_from("st"), st.just("m"), st.just("a"), st.sampled_from([5, 9]), **BOUND)
PII = st.sampled_from(["", "email", "phone"])
OF_COLUMN = (st.lists(COLUMN_POLICIES, max_size=2), st.lists(SIZES, max_size=1), PII)
OfColumn = tuple[list[ColumnPolicy], list[SizePolicy], str]


def shown(found: Model, person: Principal) -> tuple[bool, bool, int]:
    """How much is kept back of the column: all of it (which leaves nothing to be masked), its values as they are, groups below a size."""
    rule = model_access(found, person, "allow")
    denied = "a" in rule.denied
    return denied, denied or "a" in rule.masks, 99 if denied else rule.sizes.get("a", 0)


def at_most(one: tuple[bool, bool, int], other: tuple[bool, bool, int]) -> bool:
    return all(less <= more for less, more in zip(one, other, strict=True))


@settings(max_examples=200, deadline=None)
@given(old=st.tuples(*OF_COLUMN), new=st.tuples(*OF_COLUMN))
def test_columns(old: OfColumn, new: OfColumn) -> None:
    before, after = (
        model([], (ModelColumn("a", DataType.INTEGER, pii=pii), COLUMNS[1]), tuple(policies), tuple(sizes))
        for policies, sizes, pii in (old, new)
    )
    direction = column(before, after, "a", "a")
    for person in PEOPLE:
        levels = shown(before, person), shown(after, person)
        if direction is Direction.SAME:
            assert model_access(before, person, "allow").masks == model_access(after, person, "allow").masks
            assert levels[0] == levels[1]
        if direction is Direction.LOOSENED:
            assert at_most(levels[1], levels[0])
        if direction is Direction.TIGHTENED:
            assert at_most(levels[0], levels[1])


LIMITS = st.builds(
    LimitPolicy,
    st.sampled_from("lm"),
    st.just("m"),
    st.sampled_from([0, 10, 20]),
    st.sampled_from([0.0, 1.5]),
    st.sampled_from([0, 7]),
    **BOUND,
)


@settings(max_examples=200, deadline=None)
@given(old=st.lists(LIMITS, max_size=2), new=st.lists(LIMITS, max_size=2))
def test_limits(old: list[LimitPolicy], new: list[LimitPolicy]) -> None:
    before, after = (model([], limits=tuple(policies)) for policies in (old, new))
    direction = limits(before, after)
    for person in PEOPLE:
        of = [model_access(found, person, "allow").limits for found in (before, after)]
        pairs = [[getattr(one, name) or float("inf") for one in of] for name in ("rows", "seconds", "scanned_rows")]
        if direction is Direction.SAME:
            assert all(one == other for one, other in pairs)
        if direction is Direction.LOOSENED:
            assert all(one <= other for one, other in pairs)
        if direction is Direction.TIGHTENED:
            assert all(one >= other for one, other in pairs)


def test_what_has_too_many_kinds_of_people_is_not_told() -> None:
    groups = tuple(f"g{number}" for number in range(9))
    before, after = ([RowPolicy("p", "m", predicate, groups=groups)] for predicate in (FALSE, TRUE))
    assert rows(model(before), model(after), "allow", "allow") is Direction.UNCLEAR
    assert rows(model(before), model(before), "allow", "allow") is Direction.SAME


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("a = 1", "a = 1 or b = 2"),
        ("a = 1 and b = 2", "b = 2"),
        ("a = 1", "a in (1, 2)"),
        ("a in (1, 2)", "a in (2, 3, 1)"),
        ("a = 1 and b = 2 and a < 5", "(b = 2 and a = 1) or b = 3"),
        ("a = 1 or a = 2", "a = 2 or a = 1 or a = 3"),
    ],
)
def test_wider(less: str, more: str) -> None:
    one, other = (normalised(parse_expression(text, "postgres")) for text in (less, more))
    assert implies(one, other)
    assert not implies(other, one)
