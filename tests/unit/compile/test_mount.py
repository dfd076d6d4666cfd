"""Schema and policy files as a layer: what is read of DDL, who sees what, and what is wrong with a policy that would protect nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.compile.mount.layer import EngineTables, mounted_layer
from app.compile.mount.policy_file import PolicyFile, read_policy_file
from app.compile.mount.tables import Table, read_tables
from app.errors import Severity, UserError
from app.govern.access import Access, access
from app.model.ontology import Layer
from app.model.physical import ColumnReference
from app.model.policy import Mask, MaskKind
from app.model.principal import Principal, Role
from app.model.types import Dialect
from app.sql.statements import dialect_in, statements
from tests.unit.compile.test_patterns import ODD

POSTGRES = """
SET search_path = '';
\\restrict abc
CREATE TABLE public.users (id int NOT NULL, "Name" text, region text, note text DEFAULT 'a;b');
CREATE TABLE Orders (id int PRIMARY KEY, user_id int REFERENCES users, at date, amount numeric(12,2));
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN; RETURN 1; END $$;
CREATE TABLE parts (id int) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE VIEW v AS SELECT * FROM users;
CREATE TABLE secrets (id int); -- the end
"""
CLICKHOUSE = "CREATE TABLE users (id Int32, `Name` String, extra Array(String)) ENGINE=MergeTree PRIMARY KEY id ORDER BY id"
POLICY: dict[str, Any] = {
    "role": "analyst",
    "modelled_tables": ["users", "orders"],
    "row_filters": {"users": "region = user.region"},
    "masked_columns": {"users": {"Name": {"mask": "partial", "prefix": 1, "then": "*"}, "note": {"mask": "fixed", "value": "-"}}},
    "denied_columns": {"orders": ["amount"]},
    "limits": {"statement_timeout_ms": 1500, "max_rows": 7},
}


def tables(script: str, dialect: Dialect) -> dict[tuple[str, str], Table]:
    return dict(read_tables(statements(script, dialect), dialect, "public"))


def engine(script: str) -> EngineTables:
    dialect = dialect_in(script)
    return EngineTables(dialect.value, dialect, "public", tables(script, dialect))


def layer(*scripts: str, **changes: Any) -> Layer:
    policy, _ = read_policy_file(json.dumps(POLICY | changes), "policy.json")
    return mounted_layer([engine(script) for script in scripts], policy, "policy.json")


def seen(of: Layer, role: Role, **attributes: str) -> Access:
    return access(Principal("usr_1", "a@example.com", role, "prj_1", attributes=tuple(attributes.items())), of.ontology)


def codes(error: pytest.ExceptionInfo[UserError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_tables_are_read_with_the_keys_that_the_database_holds() -> None:
    found = tables(POSTGRES, Dialect.POSTGRES)
    assert sorted(found) == [("public", "orders"), ("public", "parts"), ("public", "secrets"), ("public", "users")]
    assert found["public", "users"].primary_key == ("id",)
    assert [(c.name, c.native, c.not_null) for c in found["public", "users"].columns][:2] == [("id", "INT", True), ("Name", "TEXT", False)]
    assert found["public", "orders"].columns[1].key == ("public", "users", "")
    assert tables(CLICKHOUSE, Dialect.CLICKHOUSE)["public", "users"].primary_key == ()


@pytest.mark.parametrize(
    ("script", "dialect"),
    [
        (POSTGRES, Dialect.POSTGRES),
        (CLICKHOUSE, Dialect.CLICKHOUSE),
        ("UPDATE users SET note = 'ENGINE=`x`' -- Array(String)", Dialect.POSTGRES),
        ("ALTER TABLE app.users UPDATE note = '' WHERE 1", Dialect.CLICKHOUSE),
    ],
)
def test_a_script_tells_its_dialect(script: str, dialect: Dialect) -> None:
    assert dialect_in(script) is dialect


def test_the_layer_holds_what_the_policy_names_and_nothing_else() -> None:
    made = layer(POSTGRES)
    assert [model.name for model in made.ontology.models] == ["orders", "users"]
    assert [metric.name for metric in made.ontology.metrics] == ["orders_count", "users_count"]
    user_id = made.ontology.models[0].column("user_id")
    assert user_id is not None
    assert user_id.references == ColumnReference("users", "id")
    assert {entity.name for model in made.ontology.semantic_models for entity in model.entities} == {"order", "user"}


def test_the_role_is_bound_admins_are_exempt_and_others_see_nothing() -> None:
    made = layer(POSTGRES)
    analyst, admin, viewer = (seen(made, role, region="EU") for role in (Role.ANALYST, Role.ADMIN, Role.VIEWER))
    assert analyst.of("users").masks == {"Name": Mask(MaskKind.PARTIAL, "*", 1), "note": Mask(MaskKind.FIXED, "-")}
    assert analyst.of("users").predicate is not None
    assert not analyst.of("users").closed
    assert analyst.of("orders").denied == {"amount"}
    assert (analyst.of("orders").limits.rows, analyst.of("orders").limits.seconds) == (7, 1.5)
    assert analyst.of("orders").predicate is None
    assert not admin.of("users").restricted
    assert not admin.of("orders").denied
    assert viewer.of("users").closed
    assert viewer.of("orders").closed
    assert not analyst.of("secrets").readable


def test_a_table_without_a_rule_follows_the_default() -> None:
    plain = {"row_filters": {}, "masked_columns": {}, "denied_columns": {}}
    said = "a modelled table without a rule is readable by analyst; everything else is denied"
    assert not seen(layer(POSTGRES, **plain, no_policy_default=said), Role.ANALYST).of("users").closed
    closed = layer(POSTGRES, **plain, no_policy_default="denied; only rules open a table")
    assert seen(closed, Role.ANALYST).of("users").closed
    assert not seen(closed, Role.ADMIN).of("users").closed
    assert not seen(layer(POSTGRES, no_policy_default="deny"), Role.ANALYST, region="EU").of("users").closed


def test_two_engines_make_one_layer_whose_keys_both_must_hold() -> None:
    made = layer(POSTGRES, CLICKHOUSE, row_filters={})
    users = made.ontology.model("users")
    assert users is not None
    assert [column.name for column in users.columns] == ["id", "Name", "region", "note", "extra"]
    assert users.primary_key == ()
    assert [placement.engine for placement in made.placements] == ["clickhouse", "postgres"]
    asked = next(model for model in made.ontology.semantic_models if model.model == "users")
    assert {dimension.name for dimension in asked.dimensions} == {"id", "name"}


def test_what_would_protect_nothing_is_told_all_at_once() -> None:
    with pytest.raises(UserError) as error:
        layer(
            POSTGRES,
            row_filters={"users": "regoin = 'EU'", "secrets": "id = 1"},
            denied_columns={"orders": ["amont"]},
            masked_columns={"orders": {"x": {"mask": "null"}}},
        )
    assert codes(error) == ["DM1403"] * 4


def test_a_modelled_table_that_no_schema_has_is_told_and_one_that_may_be_a_slip_refused() -> None:
    (problem,) = layer(POSTGRES, modelled_tables=["users", "orders", "sales"], row_filters={"sales": "region = 'EU'"}).problems
    assert (problem.code, problem.severity) == ("DM1403", Severity.WARNING)
    with pytest.raises(UserError) as error:
        layer(POSTGRES, modelled_tables=["users", "orders", "secret"])
    assert codes(error) == ["DM1403"]
    assert error.value.problem.hint == "did you mean `secrets`?"
    twins = layer(POSTGRES, modelled_tables=["users", "orders", "order"]).problems  # what it may be a slip for is modelled already
    assert [one.severity for one in twins] == [Severity.WARNING]


def test_ranges_periods_and_classes_are_masks_too() -> None:
    masked = {
        "orders": {"id": {"mask": "bucket", "width": 0.5}, "at": {"mask": "truncate", "unit": "quarter"}},
        "users": {"note": {"mask": "redact", "classes": ["phone", "email"]}},
    }
    analyst = seen(layer(POSTGRES, masked_columns=masked), Role.ANALYST, region="EU")
    assert analyst.of("orders").masks == {"id": Mask(MaskKind.BUCKET, width="0.5"), "at": Mask(MaskKind.TRUNCATE, unit="quarter")}
    assert analyst.of("users").masks == {"note": Mask(MaskKind.REDACT, classes=("email", "phone"))}


def test_a_mask_that_does_not_fit_the_columns_type_is_told() -> None:
    """It would show nothing at all, which nobody who writes it means."""
    unfit = {"users": {"note": {"mask": "bucket", "width": 10}}, "orders": {"id": {"mask": "truncate", "unit": "year"}}}
    with pytest.raises(UserError) as error:
        layer(POSTGRES, masked_columns=unfit)
    assert codes(error) == ["DM1403"] * 2
    assert "`users.note`: a `bucket` mask does not fit" in str(error.value)


def test_a_filter_must_hold_on_every_engine() -> None:
    with pytest.raises(UserError, match="every engine"):
        layer(POSTGRES, CLICKHOUSE)


def test_a_name_in_several_schemas_is_none() -> None:
    script = 'CREATE TABLE a.users (id int, region text, "Name" text, note text); CREATE TABLE b.users (id int);'
    with pytest.raises(UserError, match="several schemas"):
        layer(script, modelled_tables=["users"], denied_columns={})
    assert (
        layer(script, modelled_tables=["a.users"], row_filters={}, masked_columns={}, denied_columns={})
        .placements[0]
        .relations[0][1]
        .schema
        == "a"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"row_filter": {}},
        {"Denied_Columns": {}},
        {"role": "admin"},
        {"role": "boss"},
        {"no_policy_default": "perhaps"},
        {"masked_columns": {"users": {"note": {"mask": "redact"}}}},
        {"masked_columns": {"users": {"note": {"mask": "redact", "pattern": "("}}}},
        *({"masked_columns": {"users": {"note": {"mask": "redact", "pattern": pattern}}}} for pattern, _ in ODD),
        {"masked_columns": {"users": {"note": {"mask": "partial", "sufix": 1}}}},
        {"masked_columns": {"orders": {"id": {"mask": "bucket"}}}},
        {"masked_columns": {"orders": {"id": {"mask": "bucket", "width": -1}}}},
        {"masked_columns": {"orders": {"at": {"mask": "truncate", "unit": "week"}}}},
        {"masked_columns": {"users": {"note": {"mask": "fixed", "classes": ["email"]}}}},
        {"masked_columns": {"users": {"note": {"mask": "redact", "classes": ["email"], "pattern": "a"}}}},
        {"masked_columns": {"users": {"note": {"mask": "null", "prefix": 1}}}},
        {"masked_columns": {"users": {"note": {"mask": "hash", "then": "*"}}}},
        {"masked_columns": {"users": {"note": {"mask": "fixed", "pattern": "a"}}}},
        {"masked_columns": {"users": {"note": {"mask": "fixed", "then": "*"}}}},
        {"masked_columns": {"users": {"note": {"mask": "partial", "value": "*"}}}},
        {"masked_columns": {"users": {"note": {"mask": "bucket", "width": 5, "with": "*"}}}},
        {"modelled_tables": []},
        {"limits": {"max_row": 1}},
        {"users": [{"email": "a@b.c", "role": "analyst"}, {"email": "A@b.c", "role": "admin"}]},
        {"row_filters": {"users": "region = (SELECT 1)"}},
    ],
)
def test_a_policy_file_that_is_wrong_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UserError) as error:
        layer(POSTGRES, **changes)
    assert codes(error)[0] == "DM1402"


@pytest.mark.parametrize(
    ("written", "odd"), [("{mask: fixed, then: x}", "then"), ("{mask: 'null', suffix: 2}", "suffix"), ("{mask: hash, with: x}", "with")]
)
def test_an_argument_of_another_kind_of_mask_is_told_at_its_line(written: str, odd: str) -> None:
    text = f"role: analyst\nmodelled_tables: [users]\nmasked_columns:\n  users:\n    note: {written}\n"
    with pytest.raises(UserError) as error:
        read_policy_file(text, "policy.yaml")
    problem = error.value.problem
    assert problem.message.startswith("the policy file is wrong: the mask of `users.note`: a ")
    assert problem.message.endswith(f" mask has no `{odd}`")
    assert str(problem.where) == "policy.yaml:5:11"


@pytest.mark.parametrize("text", ["{", "[]", "role: [", "role: analyst"])
def test_a_text_that_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(UserError) as error:
        read_policy_file(text, "policy.yaml")
    assert codes(error) == ["DM1402"]


def test_keys_for_other_readers_are_named_in_a_note() -> None:
    policy, notes = read_policy_file(json.dumps(POLICY | {"verdict_rules": {}, "canary_regex": {}, "rate_limits": "none"}), "p.json")
    assert policy.rate_limits == "none"
    assert [(note.code, note.message) for note in notes] == [("DM1406", "canary_regex, verdict_rules of the policy file mean nothing here")]


PAGE = (Path(__file__).resolve().parents[3] / "docs" / "mounting.md").read_text(encoding="utf-8")


def test_the_policy_of_the_page_is_one() -> None:
    """It is read without a note, and mounts over tables that have its columns; the page's table has each key."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    policy, notes = read_policy_file(text, "policy.yml")
    assert notes == ()
    script = (
        "CREATE TABLE users (id int, region text, email text, ssn text, age int, password_hash text);"
        "CREATE TABLE orders (id int, region text, note text, ordered_at date); CREATE TABLE regions (id int);"
    )
    made = mounted_layer([engine(script)], policy, "policy.yml")
    assert [problem.message for problem in made.problems] == []
    masks = seen(made, Role.ANALYST, region="EU").of("users").masks
    assert {name: str(mask.kind) for name, mask in masks.items()} == {"email": "partial", "ssn": "fixed", "age": "bucket"}
    assert [key for key in PolicyFile.__struct_fields__ if f"| `{key}` |" not in PAGE] == []


def test_the_policy_of_the_attacks_is_one(shared: Path) -> None:
    """Its pattern of addresses is one that both engines read alike."""
    policy, notes = read_policy_file((shared / "attacks" / "policy.json").read_text(encoding="utf-8"), "policy.json")
    assert policy.masked_columns["orders"]["note"].said().mask() == Mask(MaskKind.REDACT, "***", pattern="[^ ]+@[^ ]+")
    assert {note.code for note in notes} == {"DM1406"}
