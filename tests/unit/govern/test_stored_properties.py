"""Whatever the layer's own policies are, and those of the store beside it: one more of the store takes away, unless it is a filter that admits."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.govern.access import Access, access
from app.govern.masks import suited
from app.govern.stored import with_policies
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.policy import INHERITED, ColumnPolicy, LimitPolicy, Mask, MaskKind, SizePolicy, class_mask
from app.model.principal import Principal
from app.model.strictness import strictest
from app.model.types import DataType
from app.model.written_policy import Bounds, WrittenPolicy
from tests.unit.compile.diff.test_protection import BOUND, GROUPS, PEOPLE, POLICIES, ROLES, USERS, VALUES, true
from tests.unit.govern.test_stored import written

KINDS = {"a": DataType.INTEGER, "b": DataType.INTEGER, "t": DataType.TEXT, "d": DataType.DATE}
CLEAR: dict[DataType, tuple[Any, ...]] = {
    DataType.INTEGER: (None, -7, 0, 3, 9, 10, 14, 21, 69, 70),
    DataType.TEXT: (None, "", "a", "ab", "abc", "abd", "abcd", "xbcd", "ann@example.com", "bob@example.com", "abcdef", "xyz 12"),
    DataType.DATE: (None, *(dt.date(2025 + n // 12, n % 12 + 1, 5) for n in range(20))),
}
EVERY_MASK = (
    *(Mask(kind) for kind in (MaskKind.HASH, MaskKind.NULL, MaskKind.FIXED)),
    Mask(MaskKind.FIXED, "x"),
    *(Mask(MaskKind.PARTIAL, prefix=prefix, suffix=suffix) for prefix, suffix in ((0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (2, 2))),
    *(Mask(MaskKind.BUCKET, width=width) for width in ("7", "10", "20", "70")),
    *(Mask(MaskKind.TRUNCATE, unit=unit) for unit in ("month", "quarter", "year")),
    *(Mask(MaskKind.REDACT, pattern=pattern) for pattern in ("[a-c]", "@.*")),
    *(Mask(MaskKind.REDACT, classes=classes) for classes in (("email",), ("phone",), ("email", "phone"))),
)
MASKS = st.sampled_from(EVERY_MASK)
BINDING = {"roles": ROLES, "exempt_roles": ROLES, "groups": GROUPS, "exempt_groups": GROUPS, "users": USERS, "exempt_users": USERS}
OWN = {**BOUND, "source": st.just("dbt")}
TARGETS: list[dict[str, tuple[str, ...]]] = [
    {}, {"models": ("m",)}, {"columns": ("a",)}, {"columns": ("t", "m.d")}, {"columns": ("n.t",)}, {"pii": ("email",)}, {"pii": ("phone",), "models": ("m",)},
    {"tags": ("whole",)}, {"tags": ("pay",)}, {"tags": ("pay",), "columns": ("b",), "models": ("n",)},
]  # fmt: skip
TAKES = st.one_of(
    st.fixed_dictionaries({"mask": MASKS}),
    st.sampled_from(
        [
            {"deny": True},
            {"min_group_size": 7},
            {"min_group_size": 3},
            {"limits": Bounds(rows=3)},
            {"limits": Bounds(rows=15, seconds=2.0, scanned_rows=9)},
            {"rows": "a = 1", "permissive": False},
            {"rows": "b < user.level or a = user.region", "permissive": False},
            {"rows": "a in (1, 2) and b is not null", "permissive": False},
            {"rows": "c = 1"},  # a column that is not there
            {"rows": "a ="},
        ]
    ),
)
ADMITS = st.sampled_from([{"rows": "a > 1"}, {"rows": "b = user.level"}, {"rows": "a = a"}])


@st.composite
def models(draw: st.DrawFn, name: str) -> Model:
    """With policies of its own for rows, columns, sizes and limits, with classes, and masks that columns inherited."""
    columns = tuple(
        ModelColumn(one, kind, pii=draw(st.sampled_from(["", "", "email", "email+phone"])), tags=draw(st.sampled_from([(), ("pay",)])))
        for one, kind in KINDS.items()
    )
    of_columns: list[ColumnPolicy] = []
    for column in columns:
        if column.pii and draw(st.booleans()):
            of_columns.append(ColumnPolicy("i", name, column.name, class_mask(column.type), exempt_roles=("admin",), source=INHERITED))
        rules = st.builds(ColumnPolicy, st.just("c"), st.just(name), st.just(column.name), st.one_of(st.none(), MASKS), **OWN)
        of_columns += draw(st.lists(rules, max_size=2))
    sizes = st.builds(SizePolicy, st.just("s"), st.just(name), st.sampled_from(sorted(KINDS)), st.sampled_from([5, 9]), **OWN)
    limits = st.builds(LimitPolicy, st.just("l"), st.just(name), st.sampled_from([0, 10]), st.sampled_from([0.0, 1.5]), st.just(0), **OWN)
    return Model(
        name,
        f"model.shop.{name}",
        columns=columns,
        tags=draw(st.sampled_from([(), ("whole",)])),
        row_policies=tuple(replace(one, source="dbt") for one in draw(st.lists(POLICIES, max_size=2))),
        column_policies=tuple(of_columns),
        size_policies=tuple(draw(st.lists(sizes, max_size=1))),
        limit_policies=tuple(draw(st.lists(limits, max_size=1))),
    )


ONTOLOGIES = st.builds(
    lambda one, other, default: Ontology("shop", models=(one, other), default_access=default),
    models("m"), models("n"), st.sampled_from(["allow", "deny"]),
)  # fmt: skip


@st.composite
def policies(draw: st.DrawFn, effects: st.SearchStrategy[dict[str, object]]) -> WrittenPolicy:
    name = draw(st.text("abcxyz", min_size=1, max_size=3))  # it says where among the others the policy stands
    return written(name, **draw(effects), **draw(st.sampled_from(TARGETS)), **draw(st.fixed_dictionaries(BINDING)))


def view(mask: Mask | None, value: Any) -> Any:
    """What is seen of a value: a second way, of no engine's."""
    if mask is None:
        return value
    if mask.kind in (MaskKind.NULL, MaskKind.FIXED):
        return None
    if value is None:
        return "NULL"
    match mask.kind:
        case MaskKind.HASH:
            return ("hash of", value)
        case MaskKind.BUCKET:
            return value // int(mask.width)
        case MaskKind.TRUNCATE:
            return (value.year, {"month": value.month, "quarter": (value.month - 1) // 3, "year": 0}[mask.unit])
        case MaskKind.PARTIAL:
            text = str(value)
            return (text[: mask.prefix], text[len(text) - mask.suffix :]) if len(text) > mask.hides_whole else ("", "")
    pattern = mask.pattern or "|".join({"email": r"\S+@\S+", "phone": r"\d+"}[one] for one in mask.classes)
    return re.sub(pattern, "#", str(value))


def tells_no_more(old: Mask | None, new: Mask | None, kind: DataType) -> bool:
    """Whether whoever sees the new view could have made it of the old one, for values of the type; who saw a digest alone sees no characters now."""
    if old is None:
        return True
    if new is None or (old.kind is MaskKind.HASH and new.kind not in (MaskKind.HASH, MaskKind.FIXED, MaskKind.NULL)):
        return False
    if old.kind is new.kind is MaskKind.PARTIAL:  # that a text is short enough to be hidden whole tells no character of it
        pairs = [(view(old, value), view(new, value)) for value in CLEAR[kind] if value is not None]
        return all(len(now) <= len(then) for was, shown in pairs for then, now in zip(was, shown, strict=True))
    made: dict[Any, Any] = {}
    return all(made.setdefault(view(old, value), view(new, value)) == view(new, value) for value in CLEAR[kind])


def rows(rights: Access, model: str) -> set[tuple[Any, Any]]:
    rule = rights.of(model)
    values = {bound.name: bound.value for bound in rule.values}
    table = [(a, b) for a in VALUES for b in VALUES]
    seen = {row for row in table if rule.predicate is None or true(rule.predicate, dict(zip("ab", row, strict=True)), values) is True}
    return seen if rule.readable else set()


def assert_no_more(before: Access, after: Access) -> None:
    for name, old in before.models.items():
        new = after.of(name)
        assert old.readable or not new.readable
        assert rows(after, name) <= rows(before, name)
        assert set(new.columns) <= set(old.columns)
        assert set(after.of_sql().of(name).columns) <= set(before.of_sql().of(name).columns)
        for column in new.columns:
            assert tells_no_more(old.masks.get(column), new.masks.get(column), KINDS[column]), (column, old.masks, new.masks)
            assert new.sizes.get(column, 0) >= old.sizes.get(column, 0)
        if new.readable:
            bounds = [[getattr(one.limits, bound) or float("inf") for one in (new, old)] for bound in ("rows", "seconds", "scanned_rows")]
            assert all(now <= then for now, then in bounds)


@pytest.mark.parametrize("kind", list(CLEAR))
def test_one_more_mask_tells_no_more(kind: DataType) -> None:
    """Of any two masks and a third, wherever it stands among them."""
    fitting = list(dict.fromkeys(suited(mask, kind) for mask in EVERY_MASK))
    for some in combinations_with_replacement(fitting, 2):
        before = suited(strictest(some), kind)
        for one in fitting:
            for after in (strictest(several) for several in ((one, *some), (some[0], one, some[1]), (*some, one))):
                assert tells_no_more(before, suited(after, kind), kind), (some, one)


@settings(max_examples=150, deadline=None)
@given(ontology=ONTOLOGIES, others=st.lists(policies(st.one_of(TAKES, ADMITS)), max_size=4), one=policies(TAKES), data=st.data())
def test_one_more_policy_that_takes_shows_nobody_more(
    ontology: Ontology, others: list[WrittenPolicy], one: WrittenPolicy, data: st.DataObject
) -> None:
    """And one less shows nobody less, nor does one that is switched off change anything."""
    without, _ = with_policies(ontology, others)
    place = data.draw(st.integers(0, len(others)))
    beside, _ = with_policies(ontology, [*others[:place], one, *others[place:]])
    off, _ = with_policies(ontology, [*others, replace(one, definition=replace(one.definition, enabled=False))])
    for person in data.draw(st.lists(st.sampled_from(PEOPLE), min_size=3, max_size=3)):
        before, after = access(person, without), access(person, beside)
        assert_no_more(before, after)
        assert access(person, off).fingerprint == before.fingerprint


@settings(max_examples=60, deadline=None)
@given(ontology=ONTOLOGIES, others=st.lists(policies(TAKES), max_size=3), one=policies(ADMITS), person=st.sampled_from(PEOPLE))
def test_a_filter_that_admits_shows_no_column_more(
    ontology: Ontology, others: list[WrittenPolicy], one: WrittenPolicy, person: Principal
) -> None:
    """It adds rows of models, and opens those that the default closes; it takes off no mask, size, limit or denial of a model that is seen."""
    assume(ontology.default_access == "allow")
    before, after = (access(person, with_policies(ontology, some)[0]) for some in (others, [*others, one]))
    for name, old in before.models.items():
        new = after.of(name)
        assert (new.columns, new.masks, new.sizes, new.limits) == (old.columns, old.masks, old.sizes, old.limits)


@settings(max_examples=60, deadline=None)
@given(
    ontology=ONTOLOGIES,
    some=st.lists(policies(st.one_of(TAKES, ADMITS)), max_size=4, unique_by=lambda one: one.definition.name),
    data=st.data(),
)
def test_the_order_in_which_policies_come_makes_no_difference(ontology: Ontology, some: list[WrittenPolicy], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(some))
    assert with_policies(ontology, some)[0] == with_policies(ontology, shuffled)[0]
