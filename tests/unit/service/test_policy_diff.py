"""Who sees more or less of two states, and tests of what is seen."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.compile.diff.report import Direction
from app.errors import Severity, UserError
from app.govern.stored import with_policies
from app.model.expr import FALSE
from app.model.ontology import Layer, Ontology
from app.model.physical import ModelColumn
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy, SizePolicy
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.model.written_policy import Bounds
from app.service.policy_diff import Compared, Difference, as_text, compare, unseen
from app.service.policy_tests import read_suite, run_suite
from app.service.serving import serving_of
from tests.unit.compile.test_mount import POSTGRES
from tests.unit.compile.test_mount import layer as mounted
from tests.unit.govern.test_stored import HASH, SHOP, table, written
from tests.unit.govern.world import LAYER, ONTOLOGY


def differences(old: Ontology, new: Ontology) -> tuple[Difference, ...]:
    return compare(old, new).differences


def told(*policies: object, before: Ontology = SHOP) -> list[str]:
    after, _ = with_policies(before, policies)
    return list(as_text(differences(before, after)))


def test_nothing_is_told_where_nothing_differs() -> None:
    assert told() == []
    assert compare(ONTOLOGY, ONTOLOGY) == Compared()


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (written(mask=HASH, columns=("people.email",)), ["everybody: less column `email` of `people`: clear -> masked by hash"]),
        (
            written(deny=True, columns=("people.phone",), roles=("viewer",)),
            ["viewers: less column `phone` of `people`: masked by fixed -> denied"],
        ),
        (
            written(rows="region = 'EU'", permissive=False, models=("stores",), groups=("temps",)),
            ["viewers of temps, analysts of temps, admins of temps: less rows of `stores`: all -> region = 'EU'"],
        ),
        (
            written(min_group_size=5, columns=("people.email",), exempt_roles=("admin",)),
            ["viewers, analysts: less column `email` of `people`: clear -> aggregated over 5"],
        ),
        (
            written(limits=Bounds(rows=10), models=("people",), users=("ann@example.com",)),
            [
                "ann@example.com as viewer, ann@example.com as analyst, ann@example.com as admin: "
                "less limits of `people`: no limits -> 10 rows"
            ],
        ),
    ],
)
def test_what_a_policy_takes(policy: object, expected: list[str]) -> None:
    assert told(policy) == expected


def test_what_its_end_gives_back() -> None:
    before, _ = with_policies(SHOP, [written(mask=HASH, columns=("people.email",), roles=("analyst",))])
    (one,) = differences(before, SHOP)
    assert (one.people, one.gains, one.before, one.after) == (("analysts",), True, "masked by hash", "clear")


NUMBER, TIME, TEXT = (
    Ontology("w", models=(table("m", ModelColumn("c", kind)),)) for kind in (DataType.INTEGER, DataType.DATE, DataType.TEXT)
)
TENS, TWENTIES, SEVENS = (Mask(MaskKind.BUCKET, width=width) for width in ("10", "20", "7"))
MONTH, YEAR = (Mask(MaskKind.TRUNCATE, unit=unit) for unit in ("month", "year"))
MAILS, BOTH = (Mask(MaskKind.REDACT, classes=classes) for classes in (("email",), ("email", "phone")))
NULL, FIXED = Mask(MaskKind.NULL), Mask(MaskKind.FIXED)


@pytest.mark.parametrize(
    ("of", "old", "new", "words"),
    [
        (NUMBER, TENS, TWENTIES, "less column `c` of `m`: masked by bucket (ranges of 10) -> masked by bucket (ranges of 20)"),
        (NUMBER, TWENTIES, TENS, "more column `c` of `m`: masked by bucket (ranges of 20) -> masked by bucket (ranges of 10)"),
        (NUMBER, TENS, SEVENS, "perhaps more column `c` of `m`: masked by bucket (ranges of 10) -> masked by bucket (ranges of 7)"),
        (TIME, YEAR, MONTH, "more column `c` of `m`: masked by truncate (to the year) -> masked by truncate (to the month)"),
        (TEXT, MAILS, BOTH, "less column `c` of `m`: masked by redact (email) -> masked by redact (email, phone)"),
        (TEXT, BOTH, MAILS, "more column `c` of `m`: masked by redact (email, phone) -> masked by redact (email)"),
        (TEXT, MAILS, Mask(MaskKind.REDACT, pattern="a+"), "perhaps more column `c` of `m`: masked by redact (email) -> masked by redact (a+)"),
        (TEXT, HASH, NULL, "less column `c` of `m`: masked by hash -> masked by null"),
        (TEXT, FIXED, HASH, "more column `c` of `m`: masked by fixed -> masked by hash"),
        (TEXT, FIXED, NULL, "the same column `c` of `m`: masked by fixed -> masked by null"),
        (TEXT, HASH, Mask(MaskKind.PARTIAL, prefix=1), "perhaps more column `c` of `m`: masked by hash -> masked by partial (1 and 0 characters seen)"),
    ],
)  # fmt: skip
def test_one_mask_for_another(of: Ontology, old: Mask, new: Mask, words: str) -> None:
    before, after = (with_policies(of, [written(mask=mask, columns=("m.c",))])[0] for mask in (old, new))
    assert list(as_text(differences(before, after))) == [f"everybody: {words}"]


def test_another_text_in_the_place_of_what_is_hidden_is_no_difference() -> None:
    before, after = (with_policies(TEXT, [written(mask=Mask(MaskKind.FIXED, text), columns=("m.c",))])[0] for text in "xy")
    assert compare(before, after) == Compared()


def test_all_groups_and_users_are_looked_at() -> None:
    """However many the policies name: the last of them sees less, and nobody else."""
    many = [written(f"g{n:02}", deny=True, columns=("people.email",), groups=(f"g{n:02}",), users=(f"u{n:02}",)) for n in range(20)]
    before, _ = with_policies(SHOP, many[:-1])
    after, _ = with_policies(SHOP, many)
    (one,) = differences(before, after)
    assert [called.partition(" but ")[0] for called in one.people] == [
        *(f"{role}s of g19" for role in Role),
        *(f"u19 as {role}" for role in Role),
    ]
    assert one.people[0] == "viewers of g19 but not g00, g01, g02, g03, g04 and 14 more"  # who sees none of it already
    assert (one.direction, one.gains) == (Direction.TIGHTENED, False)


def test_people_of_several_groups_are_looked_at() -> None:
    """Each of two policies hides the column; only who is exempt from both, being in both groups, sees it."""
    first = written("a", deny=True, columns=("people.email",), exempt_groups=("one",))
    second = written("b", deny=True, columns=("people.email",), exempt_groups=("two",))
    before, _ = with_policies(SHOP, [first, second, written("c", deny=True, columns=("people.email",))])
    after, _ = with_policies(SHOP, [first, second])
    (one,) = differences(before, after)
    assert one.people == tuple(f"{role}s of one and two" for role in Role)
    assert one.gains


def test_who_is_left_out_of_a_change_is_named_and_who_is_not_all_the_same() -> None:
    def policy(*exempt: str, **more: object) -> object:
        return written("a", deny=True, columns=("people.email",), roles=("analyst",), exempt_groups=exempt, **more)

    after, _ = with_policies(SHOP, [policy("trusted", exempt_users=("ann",))])
    (one,) = differences(SHOP, after)
    assert one.people == ("analysts but not trusted, ann",)
    masked = written("b", mask=HASH, columns=("people.email",), groups=("temps",), exempt_groups=("trusted",))
    both, _ = with_policies(SHOP, [policy("trusted"), masked])
    found = {one.after: one.people for one in differences(SHOP, both)}
    assert found["denied"] == ("analysts but not trusted",)
    assert found["masked by hash"] == ("viewers of temps but not trusted", "admins of temps but not trusted")


def test_more_sets_than_can_be_looked_at_are_told() -> None:
    many = [written(f"g{n:02}", deny=True, columns=("people.email",), groups=(f"g{n:02}",)) for n in range(12)]
    after, _ = with_policies(SHOP, many)
    found = compare(SHOP, after)
    assert len(found.differences) == 1
    assert [(one.code, one.severity, "12 groups and users" in one.message) for one in unseen(found, Severity.ERROR)] == [
        ("DM7053", Severity.ERROR, True)
    ]
    other, _ = with_policies(SHOP, [*many, written("z", mask=HASH, columns=("people.id",))])
    assert compare(after, other).left_out == ()
    same = [written(f"g{n:02}", deny=True, columns=("people.email",), groups=("all", *(f"g{m:02}" for m in range(40)))) for n in range(12)]
    assert compare(SHOP, with_policies(SHOP, same)[0]).left_out == ()


@settings(max_examples=100, deadline=None)
@given(
    sides=st.lists(
        st.lists(
            st.builds(
                lambda effect, groups, exempt, users: {**effect, "groups": groups, "exempt_groups": exempt, "users": users},
                st.sampled_from([{"deny": True}, {"mask": HASH}, {"mask": Mask(MaskKind.NULL)}, {"min_group_size": 5}]),
                *(st.lists(st.sampled_from(names), max_size=2, unique=True).map(tuple) for names in ("abc", "abc", "uv")),
            ),
            max_size=4,
        ),
        min_size=2,
        max_size=2,
    )
)
def test_nobody_whose_rights_change_is_missed(sides: list[list[dict[str, object]]]) -> None:
    """Of people of any groups, what changes is among what is told, and nothing else is."""
    before, after = (
        with_policies(SHOP, [written(f"p{n}", columns=("people.email",), **one) for n, one in enumerate(side)])[0] for side in sides
    )
    told = {one.before + one.after for one in differences(before, after)}
    real = set()
    for size in range(4):
        for groups in combinations("abc", size):
            for user in ("", "u", "v"):
                who = Principal(user, user, Role.ANALYST, "", groups)
                real |= {one.before + one.after for one in compare_for(before, after, who)}
    assert told == real


def compare_for(before: Ontology, after: Ontology, who: Principal) -> list[Difference]:
    """What a layer in which everybody is bound like that person shows otherwise."""
    alone = [
        replace(
            layer,
            models=tuple(
                replace(
                    one,
                    column_policies=tuple(ColumnPolicy(p.name, "", p.column, p.mask) for p in one.column_policies if p.binds(who)),
                    size_policies=tuple(SizePolicy(p.name, "", p.column, p.size) for p in one.size_policies if p.binds(who)),
                )
                for one in layer.models
            ),
        )
        for layer in (before, after)
    ]
    return [one for one in differences(*alone) if "analysts" in one.people or "everybody" in one.people]


def test_models_and_columns_that_come_and_go() -> None:
    new = Ontology("w", models=(*SHOP.models, table("visits", "id")))
    (one,) = differences(SHOP, new)
    assert (one.what, one.model, one.before, one.after, one.gains) == ("model", "visits", "not there", "seen", True)
    assert [again.direction for again in differences(new, SHOP)] == [Direction.TIGHTENED]
    closed = replace(SHOP, default_access="deny")
    assert {(one.before, one.is_new, one.gains) for one in differences(closed, SHOP)} == {("nothing", False, True)}
    assert {one.model for one in differences(closed, SHOP)} == {"orders", "people", "stores"}
    wider = Ontology("w", models=(*SHOP.models[:2], table("stores", "id", "region", "city", tags=("sales",))))
    (column,) = differences(SHOP, wider)
    assert (column.name, column.before, column.after, column.gains) == ("city", "not there", "clear", True)


TAKES = st.sampled_from(
    [
        {"rows": "region = 'EU'", "permissive": False, "columns": ("region",)},
        {"deny": True, "columns": ("email",)},
        {"min_group_size": 5, "columns": ("id",)},
        {"limits": Bounds(rows=3)},
        {"mask": Mask(MaskKind.NULL), "columns": ("people.email",)},
    ]
)


@settings(max_examples=60, deadline=None)
@given(effects=st.lists(TAKES, max_size=3), roles=st.sampled_from([(), ("analyst",), ("viewer", "admin")]))
def test_what_takes_is_never_told_as_a_gain(effects: list[dict[str, object]], roles: tuple[str, ...]) -> None:
    policies = [written(f"p{number}", **effect, roles=roles) for number, effect in enumerate(effects)]
    after, _ = with_policies(SHOP, policies)
    assert not [one for one in differences(SHOP, after) if one.gains]
    assert all(one.gains for one in differences(after, SHOP))


GOOD = """
policy_tests:
  - name: analysts of EU
    as: {role: analyst, attributes: {region: EU}}
    model: orders
    expect:
      readable: true
      rows: "'EU' = region"
      columns: {id: clear, note: masked, amount: {mask: ""}}
    queries:
      - {sql: "select id from orders", allowed: true}
      - {sql: "select salary from staff", refused: true}
      - {sql: "drop table orders", refused: DM4010}
  - as: {role: admin}
    model: staff
    expect: {rows: all, columns: {salary: clear}}
  - as: {role: viewer}
    model: vault
    expect: {rows: none}
"""


def wrong(text: str) -> list[tuple[str, ...]]:
    return [one.wrong for one in run_suite(serving_of(LAYER), read_suite(text, "t.yml"), "t.yml")]


def test_a_suite_that_holds() -> None:
    found = run_suite(serving_of(LAYER), read_suite(GOOD, "t.yml"), "t.yml")
    assert [one.wrong for one in found] == [(), (), ()]
    assert [one.name for one in found] == ["analysts of EU", "admin staff", "viewer vault"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("readable: true", "readable: false"), "`orders` is readable"),
        (("'EU' = region", "region = 'US'"), "rows are `region = 'EU'`, not `region = 'US'`"),
        (("'EU' = region", "all"), "not all"),
        (("id: clear", "id: denied"), "`id` is clear, not denied"),
        (("note: masked", "note: {mask: hash}"), "`note` is masked by redact, not masked by hash"),
        (("note: masked", "nota: masked"), "there is no column `nota`"),
        (("note: masked", "note: {min_group_size: 5}"), "aggregated over no number of rows, not 5"),
        (("model: orders", "model: order"), "the layer has no model `order`"),
        (("region: EU", "region: US"), "rows are `region = 'US'`"),
        (("allowed: true", "refused: true"), "`select id from orders` is allowed"),
        (('select salary from staff", refused: true', 'select salary from staff", allowed: true'), "is refused with DM"),
        (("refused: DM4010", "refused: DM4999"), "not DM4999"),
        (("    queries:", "    metrics: {revenue: visible}\n    queries:"), "there is no metric `revenue`"),
    ],
)
def test_what_does_not_hold_is_told(change: tuple[str, str], words: str) -> None:
    assert words in "; ".join(wrong(GOOD.replace(*change))[0])


@pytest.mark.parametrize(
    "text", ["", "a: b", "policy_tests: []", "policy_tests: [{as: {role: boss}}]", "policy_tests: [{as: {}, exspect: {}}]", "a: [", "- x"]
)
def test_files_that_are_none(text: str) -> None:
    with pytest.raises(UserError) as raised:
        read_suite(text, "t.yml")
    assert raised.value.problem.code == "DM7050"
    assert raised.value.problem.where.file == "t.yml"


def test_policies_of_the_store_are_tested_too() -> None:
    base, _ = with_policies(LAYER.ontology, [written(deny=True, columns=("orders.note",))])
    assert "denied" in wrong_of(Layer(base, LAYER.placements))


def test_a_query_is_refused_by_the_pipeline_that_all_doors_enter() -> None:
    """Stage 3 asks, of each model below a metric, whether it may be queried; nothing that a test composes by itself could forget to."""
    made = mounted(POSTGRES, row_filters={}, masked_columns={}, denied_columns={})
    closed = tuple(replace(one, row_policies=(RowPolicy("closed", one.name, FALSE),)) for one in made.ontology.models)
    text = "policy_tests: [{as: {role: admin}, queries: [{query: {metrics: [users_count]}, %s}]}]"
    for layer, expected in ((made, "allowed: true"), (replace(made, ontology=replace(made.ontology, models=closed)), "refused: DM4020")):
        assert [one.wrong for one in run_suite(serving_of(layer), read_suite(text % expected, "t.yml"), "t.yml")] == [()]


def wrong_of(layer: Layer) -> str:
    return str(run_suite(serving_of(layer), read_suite(GOOD, "t.yml"), "t.yml")[0].wrong)
