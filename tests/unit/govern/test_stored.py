"""Policies of the store among those of dbt."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.govern.access import access, model_access
from app.govern.stored import with_policies
from app.model.expr import FALSE
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.policy import Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.model.written_policy import Bounds, Effect, PolicyDefinition, WrittenPolicy
from tests.support.pace import paces
from tests.unit.compile.diff.test_protection import COLUMNS, OF_COLUMN, PEOPLE, POLICIES, OfColumn, at_most, model, seen, shown
from tests.unit.govern.world import ADMIN, ANALYST, equals

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
HASH = Mask(MaskKind.HASH)


def written(name: str = "p", **fields: object) -> WrittenPolicy:
    definition = PolicyDefinition(name=name, **fields)
    return WrittenPolicy(
        id="pol_1", project_id="default", definition=definition, created_at=NOW, created_by="usr_1", changed_at=NOW, changed_by="usr_1"
    )


def table(name: str, *columns: ModelColumn | str, **fields: object) -> Model:
    made = tuple(ModelColumn(one, DataType.TEXT) if isinstance(one, str) else one for one in columns)
    return Model(name, f"model.w.{name}", columns=made, **fields)


SHOP = Ontology(
    "w",
    models=(
        table("orders", "id", "region", "email", tags=("sales",)),
        table("people", "id", ModelColumn("email", DataType.TEXT, tags=("contact",)), ModelColumn("phone", DataType.TEXT, pii="phone")),
        table("stores", "id", "region", tags=("sales",)),
    ),
)


def bound(**fields: object) -> dict[str, list[str]]:
    """By model, which policies the store's one adds: a filter, or the column that one is of."""
    found, _ = with_policies(SHOP, [written(**fields)])
    return {
        model.name: [getattr(policy, "column", "rows") for policy in model.policies] for model in found.models if model.policies
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rows": "id = '1'"}, {"orders": ["rows"], "people": ["rows"], "stores": ["rows"]}),
        ({"rows": "id = '1'", "models": ("people",)}, {"people": ["rows"]}),
        ({"rows": "region = user.region", "columns": ("region",)}, {"orders": ["rows"], "stores": ["rows"]}),
        ({"rows": "id = '1'", "tags": ("contact",)}, {"people": ["rows"]}),
        ({"mask": HASH, "columns": ("email",)}, {"orders": ["email"], "people": ["email"]}),
        ({"mask": HASH, "columns": ("people.email",)}, {"people": ["email"]}),
        ({"mask": HASH, "columns": ("email",), "models": ("orders",)}, {"orders": ["email"]}),
        ({"mask": HASH, "columns": ("id",), "tags": ("contact",), "models": ("people",)}, {"people": ["id", "email"]}),
        ({"mask": HASH, "pii": ("phone",)}, {"people": ["phone"]}),
        ({"mask": HASH, "tags": ("sales",), "models": ("stores",)}, {"stores": ["id", "region"]}),
        ({"min_group_size": 5, "tags": ("contact",)}, {"people": ["email"]}),
        ({"deny": True, "columns": ("phone",)}, {"people": ["phone"]}),
        ({"deny": True, "tags": ("sales", "contact")}, {"orders": ["rows"], "stores": ["rows"], "people": ["email"]}),
        ({"limits": Bounds(rows=5), "tags": ("sales",)}, {"orders": ["rows"], "stores": ["rows"]}),
        ({"deny": True, "enabled": False}, {}),
    ],
)
def test_what_a_policy_selects(fields: dict[str, object], expected: dict[str, list[str]]) -> None:
    assert bound(**fields) == expected


def test_models_that_none_selects_stay_the_very_same() -> None:
    found, problems = with_policies(SHOP, [written(mask=HASH, columns=("people.email",))])
    assert found.models[0] is SHOP.models[0]
    assert (found.models[1].column_policies[0].name, found.models[1].column_policies[0].source) == ("store.p", "store")
    assert (found.default_access, problems) == (SHOP.default_access, ())
    assert with_policies(SHOP, [])[0] is SHOP


@pytest.mark.parametrize("text", ["region = ", "version() = 'x'", "region = user.region and country = 'DE'"])
@pytest.mark.parametrize("permissive", [True, False])
def test_a_filter_that_can_not_hold_closes_the_models_that_it_selects(text: str, permissive: bool) -> None:
    """To everybody, whomever it binds: nobody knows any more what it was to keep back."""
    found, problems = with_policies(SHOP, [written(rows=text, permissive=permissive, models=("orders",), exempt_roles=("admin",))])
    assert [(problem.code, problem.severity) for problem in problems] == [("DM7046", "error")]
    for who in (ADMIN, ANALYST):
        assert access(who, found).of("orders").closed
        assert access(who, found).of("people").predicate is None


def test_what_is_gone_binds_nothing_and_is_told() -> None:
    gone = written(mask=HASH, models=("orders", "invoices"), columns=("email", "iban", "people.region"), tags=("vip",), pii=("card",))
    found, problems = with_policies(SHOP, [gone])
    assert [policy.column for policy in found.models[0].column_policies] == ["email"]
    assert {problem.code for problem in problems} == {"DM7045"}
    assert [problem.message.split("`")[3] for problem in problems] == ["invoices", "iban", "people.region", "vip", "card"]
    only = written(mask=HASH, models=("invoices",))
    assert with_policies(SHOP, [only])[0] is SHOP


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"columns": ("phone",)}, ["phone"]),
        ({"columns": ("people.email", "email")}, ["people.email"]),
        ({"tags": ("contact", "sales")}, ["contact"]),
        ({"pii": ("phone",)}, ["phone"]),
        ({"columns": ("email", "region"), "tags": ("sales",)}, []),
    ],
)
def test_a_name_that_selects_nothing_within_the_models_is_told(fields: dict[str, object], named: list[str]) -> None:
    """There is one such column elsewhere: here it binds nothing."""
    _, problems = with_policies(SHOP, [written(mask=HASH, models=("orders",), **fields)])
    assert [(problem.code, problem.message.split("`")[3]) for problem in problems] == [("DM7045", name) for name in named]


def test_a_record_without_one_effect_shows_least() -> None:
    for one in (written(), written(mask=HASH, min_group_size=5)):
        assert one.definition.effect is Effect.DENY
        found, _ = with_policies(SHOP, [one])
        assert access(ANALYST, found).of("orders").closed


def test_a_restriction_takes_from_what_is_seen_without_it() -> None:
    """Of a model without other policies everybody else goes on seeing all, as the default says; where the default denies it opens nothing."""
    one = written(rows="region = 'EU'", permissive=False, models=("orders",), roles=("analyst",))
    found, _ = with_policies(SHOP, [one])
    assert access(ANALYST, found).of("orders").predicate is not None
    assert access(ADMIN, found).of("orders").predicate is None
    for closing in (one, written(mask=HASH, models=("orders",)), written(min_group_size=5, models=("orders",)), written(deny=True)):
        shut, _ = with_policies(Ontology("w", models=SHOP.models, default_access="deny"), [closing])
        assert not access(ANALYST, shut).of("orders").readable
    opened, _ = with_policies(Ontology("w", models=SHOP.models, default_access="deny"), [written(rows="region = 'EU'", models=("orders",))])
    assert access(ANALYST, opened).of("orders").readable


def test_a_permissive_filter_widens_what_the_models_own_permissive_ones_admit() -> None:
    own = RowPolicy("own", "orders", equals("region", "EU"))
    ontology = Ontology("w", models=(table("orders", "id", "region", row_policies=(own,)),))
    wider, _ = with_policies(ontology, [written(rows="region = 'US'", roles=("analyst",))])
    assert "US" in str(access(ANALYST, wider).of("orders").predicate)
    fenced = Ontology("w", models=(table("orders", "id", "region", row_policies=(own, RowPolicy("f", "orders", FALSE, False))),))
    still, _ = with_policies(fenced, [written(rows="region = 'US'", roles=("analyst",))])
    assert access(ANALYST, still).of("orders").closed


def test_an_exemption_of_the_store_exempts_from_its_own_policy_alone() -> None:
    people = Ontology("w", models=(table("people", ModelColumn("phone", DataType.TEXT, pii="phone")),))
    before = access(ANALYST, people).of("people").masks
    after, _ = with_policies(people, [written(mask=Mask(MaskKind.PARTIAL, prefix=99), pii=("phone",), exempt_roles=("analyst",))])
    assert access(ANALYST, after).of("people").masks == before
    weak, _ = with_policies(people, [written(mask=Mask(MaskKind.REDACT, pattern="x"), pii=("phone",))])
    assert access(ANALYST, weak).of("people").masks == before


NAMES = st.lists(st.sampled_from(["viewer", "analyst", "admin"]), unique=True, max_size=2).map(tuple)
EFFECTS = st.sampled_from(
    [
        {"rows": "a = 1", "permissive": False},
        {"rows": "b < user.level", "permissive": False},
        {"rows": "c = 1", "permissive": True},
        {"mask": HASH},
        {"mask": Mask(MaskKind.NULL)},
        {"deny": True},
        {"min_group_size": 7},
        {"limits": Bounds(rows=3)},
    ]
)
TARGETS = st.sampled_from([{}, {"models": ("m",)}, {"columns": ("a",)}, {"columns": ("m.b",)}, {"pii": ("email",)}, {"tags": ("x",)}])


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(POLICIES, max_size=2),
    of_column=st.tuples(*OF_COLUMN),
    default=st.sampled_from(["allow", "deny"]),
    effect=EFFECTS,
    target=TARGETS,
    roles=NAMES,
    exempt=NAMES,
)
def test_what_takes_never_shows_anybody_more(
    rows: list[RowPolicy],
    of_column: OfColumn,
    default: str,
    effect: dict[str, object],
    target: dict[str, object],
    roles: tuple[str, ...],
    exempt: tuple[str, ...],
) -> None:
    """Whatever a model's policies are: a mask, a denial, a size, a limit, a restriction, or a filter that can't hold."""
    masks, sizes, pii = of_column
    own = model(rows, (ModelColumn("a", DataType.INTEGER, pii=pii, tags=("x",)), COLUMNS[1]), tuple(masks), tuple(sizes))
    added, _ = with_policies(
        Ontology("w", models=(own,), default_access=default), [written(**effect, **target, roles=roles, exempt_roles=exempt)]
    )
    new = added.models[0]
    for person in PEOPLE:
        before, after = model_access(own, person, default), model_access(new, person, default)
        assert before.readable or not after.readable
        assert seen(new, person, default) <= seen(own, person, default)
        assert at_most(shown(own, person), shown(new, person))
        assert set(after.columns) <= set(before.columns)


def test_many_policies_over_many_models() -> None:
    kinds = [ModelColumn(f"c{n}", DataType.TEXT, tags=(f"t{n}",), pii="email" if n == 3 else "") for n in range(20)]
    big = Ontology("w", models=tuple(table(f"m{n}", *kinds, tags=(f"g{n % 50}",)) for n in range(3000)))
    some = [written(f"a{n}", mask=HASH, columns=(f"m{n}.c1",)) for n in range(100)]
    some += [written(f"b{n}", rows="c2 = user.region", tags=(f"g{n % 50}",), roles=("analyst",)) for n in range(98)]
    some += [written("c", mask=HASH, pii=("email",)), written("d", limits=Bounds(rows=9))]
    found, problems = with_policies(big, some)
    assert problems == ()
    assert sum(len(one.policies) for one in found.models) == 100 + 98 * 60 + 3000 + 3000


def test_models_that_get_the_same_share_it() -> None:
    found, _ = with_policies(SHOP, [written(rows="id = '1'"), written("q", mask=HASH, columns=("email",))])
    orders, people, stores = found.models
    assert orders.row_policies is people.row_policies
    assert orders.row_policies[0] is stores.row_policies[0]
    assert orders.column_policies[0] is people.column_policies[0]
    assert stores.column_policies == ()


def test_many_policies_that_each_hold_for_every_model_cost_little() -> None:
    """A few microseconds for each that a model gets: whoever signs in first after a change waits for it."""
    kinds = [ModelColumn(f"c{n}", DataType.TEXT) for n in range(10)]
    big = Ontology("w", models=tuple(table(f"m{n}", *kinds) for n in range(500)))
    many = [written(f"p{n:03}", rows="c2 = user.region or c3 = 'x'", permissive=bool(n % 2)) for n in range(200)]
    assert paces(lambda: access(ANALYST, with_policies(big, many)[0]), 150) <= 150


def test_people_are_bound_by_group_and_user() -> None:
    one = written(deny=True, models=("orders",), groups=("contractors",), users=("ann@example.com",))
    found, _ = with_policies(SHOP, [one])
    contractor = Principal("usr_9", "x@example.com", Role.ADMIN, "default", groups=("contractors",))
    ann = Principal("usr_8", "Ann@example.com", Role.VIEWER, "default")
    assert [access(who, found).of("orders").closed for who in (contractor, ann, ANALYST)] == [True, True, False]
