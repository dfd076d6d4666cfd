"""What is derived from personal data is personal, until somebody says otherwise with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.artifacts import ProjectSources
from app.compile.project import Compilation, compile_project
from app.govern.access import access
from app.model.policy import Mask, MaskKind
from app.model.principal import Principal, Role
from tests.support.lineage_project import artifacts, node, source

PEOPLE = "source.shop.raw.people"
COLUMNS = ("id", "email", "phone", "city", "born")
STAGED = "select id, email, phone, city, born from raw.people"


def people(**classes: Any) -> dict[str, Any]:
    """The source, with `meta.datamind` by column; a text is its `pii`."""
    found = source("people", *COLUMNS)
    for name, meta in (classes or {"email": "email", "phone": "phone"}).items():
        found["columns"][name]["meta"] = {"datamind": {"pii": meta} if isinstance(meta, str) else meta}
    return found


def tagged(part: dict[str, Any], **metas: Any) -> dict[str, Any]:
    """A model of which columns say something."""
    for name, meta in metas.items():
        part["columns"].setdefault(name, {"name": name})["meta"] = {"datamind": meta}
    return part


def compiled(*parts: dict[str, Any], **more: Any) -> Compilation:
    return compile_project([artifacts(*parts, **more)], ProjectSources())


def classes(found: Compilation, model: str) -> dict[str, str]:
    held = found.layer.ontology.model(model)
    assert held is not None
    return {column.name: column.pii for column in held.columns if column.pii}


def codes(found: Compilation) -> list[str]:
    return [problem.code for problem in found.problems if problem.code.startswith("DM25")]


def derived(expression: str, **classes_: Any) -> str:
    """The class of a column that is computed so."""
    mart = node("mart", f"select {expression} as x from raw.people", PEOPLE, columns=("x",))
    return classes(compiled(people(**classes_), mart), "mart").get("x", "")


@pytest.mark.parametrize(
    "expression",
    [
        "email",
        "upper(email)",
        "email || ' '",
        "concat(city, email)",
        "md5(email)",
        "split_part(email, '@', 2)",
        "coalesce(email, 'none')",
        "case when city = 'x' then email end",
        "email like '%@x'",
        "min(email)",
        "max(lower(email))",
        "string_agg(email, ',')",
        "array_agg(email)",
        "lag(email) over (order by id)",
        "(select p.email from raw.people as p limit 1)",
        "cast(email as varchar(9))",
    ],
)
def test_what_carries_a_value_carries_its_class(expression: str) -> None:
    assert derived(expression) == "email"


@pytest.mark.parametrize(
    "expression",
    [
        "city",
        "count(email)",
        "count(distinct email)",
        "email is null",
        "case when email is not null then 1 else 0 end",
        "row_number() over (partition by email order by phone)",
        "count(*) filter (where email like 'a%')",
        "exists (select 1 from raw.people as p where p.email = 'x')",
        "(select count(*) from raw.people as p where p.email = 'x')",
    ],
)
def test_what_only_counts_does_not(expression: str) -> None:
    assert derived(expression) == ""


def test_several_classes_are_all_there() -> None:
    found = compiled(people(), node("mart", "select email || phone as x from raw.people", PEOPLE, columns=("x",)))
    model = found.layer.ontology.model("mart")
    assert model is not None
    assert model.columns[0].pii_classes == ("email", "phone")
    assert derived("email || phone", email="contact", phone="contact") == "contact"


def test_classes_go_down_the_whole_dag_under_other_names() -> None:
    found = compiled(
        people(),
        node("stg", STAGED, PEOPLE, columns=COLUMNS),
        node("mid", "select id, email as contact from main.stg", "model.shop.stg", columns=("id", "contact")),
        node(
            "mart", "with c as (select * from main.mid) select lower(c.contact) as who, id from c", "model.shop.mid", columns=("who", "id")
        ),
    )
    assert classes(found, "stg") == {"email": "email", "phone": "phone"}
    assert classes(found, "mart") == {"who": "email"}
    assert codes(found) == []


def test_classes_go_through_columns_that_nobody_lists() -> None:
    found = compiled(
        people(),
        node("stg", "select * from raw.people", PEOPLE),
        node("mid", "select *, email as e2 from main.stg", "model.shop.stg"),
        node("mart", "select e2, email, phone, city from main.mid", "model.shop.mid", columns=("e2", "email", "phone", "city")),
    )
    assert classes(found, "mart") == {"e2": "email", "email": "email", "phone": "phone"}


def test_an_inherited_class_masks_as_a_written_one() -> None:
    written = compiled(tagged(node("mart", "select 1 as email", columns=("email",)), email={"pii": "email"}))
    inherited = compiled(people(), node("mart", "select email from raw.people", PEOPLE, columns=("email",)))
    seen = {}
    for role in Role:
        rules = [access(Principal("u", "", role, "p"), one.layer.ontology).of("mart").masks for one in (written, inherited)]
        assert rules[0] == rules[1]
        seen[role] = dict(rules[1])
    assert seen == {Role.ADMIN: {}, Role.ANALYST: {"email": Mask(MaskKind.FIXED)}, Role.VIEWER: {"email": Mask(MaskKind.FIXED)}}


def test_an_inherited_class_of_a_number_is_masked_by_null() -> None:
    mart = node("mart", "select born from raw.people", PEOPLE, columns=("born",))
    mart["columns"]["born"]["data_type"] = "integer"
    found = compiled(people(born="birth_year"), mart)
    assert access(Principal("u", "", Role.ANALYST, "p"), found.layer.ontology).of("mart").masks == {"born": Mask(MaskKind.NULL)}


def test_a_policy_of_the_column_stands_over_the_inherited_mask() -> None:
    mart = tagged(node("mart", "select email from raw.people", PEOPLE), email={"mask": {"kind": "hash"}, "exempt_roles": ["analyst"]})
    found = compiled(people(), mart)
    model = found.layer.ontology.model("mart")
    assert model is not None
    assert classes(found, "mart") == {"email": "email"}
    assert [(policy.mask, policy.exempt_roles) for policy in model.column_policies] == [(Mask(MaskKind.HASH), ("analyst",))]


def test_an_inherited_mask_opens_no_model_that_the_default_closes() -> None:
    parts = (people(), node("mart", "select email, city from raw.people", PEOPLE, columns=("email", "city")))
    files = {"dbt_project.yml": "name: shop\nvars:\n  datamind_default_access: deny\n"}
    found = compile_project([artifacts(*parts)], ProjectSources(files))
    assert classes(found, "mart") == {"email": "email"}
    assert not access(Principal("u", "", Role.ANALYST, "p"), found.layer.ontology).of("mart").readable


def test_declassified_with_a_reason_ends_it() -> None:
    stg = tagged(
        node("stg", "select md5(email) as email, phone from raw.people", PEOPLE, columns=("email", "phone")),
        email={"pii": "none", "declassified": "a digest with a secret salt"},
    )
    found = compiled(people(), stg, node("mart", "select email, phone from main.stg", "model.shop.stg", columns=("email", "phone")))
    assert classes(found, "stg") == {"phone": "phone"}
    assert classes(found, "mart") == {"phone": "phone"}
    held = found.layer.ontology.model("stg")
    assert held is not None
    assert held.columns[0].declassified == "a digest with a secret salt"
    assert held.column_policies[0].column == "phone"


@pytest.mark.parametrize(
    "meta", [{"pii": "none"}, {"pii": "None", "declassified": " "}, {"declassified": "why"}, {"pii": "email", "declassified": "x"}]
)
def test_without_a_reason_it_is_a_problem_and_nobody_sees_the_column(meta: dict[str, str]) -> None:
    found = compiled(people(), tagged(node("stg", STAGED, PEOPLE, columns=COLUMNS), email=meta))
    assert codes(found) == ["DM2511"]
    assert access(Principal("u", "", Role.ADMIN, "p"), found.layer.ontology).of("stg").denied == {"email"}


def test_a_class_of_its_own_is_kept_and_given_on() -> None:
    stg = tagged(node("stg", "select email || phone as email from raw.people", PEOPLE), email={"pii": "contact"})
    found = compiled(people(), stg, node("mart", "select email from main.stg", "model.shop.stg", columns=("email",)))
    assert classes(found, "mart") == {"email": "contact"}


def test_without_compiled_sql_names_decide_and_it_is_said() -> None:
    found = compiled(
        people(),
        node("stg", None, PEOPLE, columns=("id", "EMAIL", "tel")),
        node("mid", None, "model.shop.stg"),
        node("mart", None, "model.shop.mid", columns=("email", "phone", "city")),
    )
    assert classes(found, "stg") == {"EMAIL": "email"}
    assert classes(found, "mart") == {"email": "email", "phone": "phone"}
    (note,) = [problem for problem in found.problems if problem.code == "DM2514"]
    assert "3 models" in note.message
    assert note.where is not None
    assert note.where.file == "manifest.json"


def test_names_decide_no_further_than_a_column_that_was_declassified() -> None:
    stg = tagged(node("stg", None, PEOPLE, columns=("email",)), email={"pii": "none", "declassified": "test data"})
    assert classes(compiled(people(), stg, node("mart", None, "model.shop.stg", columns=("email",))), "mart") == {}


@pytest.mark.parametrize(
    "part",
    [
        node("m", "def model(dbt, session): ...", PEOPLE, columns=("email", "city"), language="python"),
        node("m", "select from where )(", PEOPLE, columns=("email", "city")),
        node("m", "select email, city from elsewhere.copied", PEOPLE, columns=("email", "city")),
        node("m", "select * from unknown_function('x') as f", PEOPLE, columns=("email", "city")),
    ],
)
def test_what_cannot_be_read_is_inherited_by_name_and_said_at_its_place(part: dict[str, Any]) -> None:
    found = compiled(people(), part)
    assert classes(found, "m") == {"email": "email"}
    (note,) = [problem for problem in found.problems if problem.code == "DM2515"]
    assert note.where is not None
    assert note.where.file == "models/m.sql"


def test_names_of_one_relation_share_their_classes() -> None:
    seed = node("people", None, columns=COLUMNS, kind="seed", schema="raw")
    found = compiled(people(), seed, node("mart", "select email as e from raw.people", "seed.shop.people", columns=("e",)))
    assert classes(found, "people") == {"email": "email", "phone": "phone"}
    assert classes(found, "mart") == {"e": "email"}


def test_an_incremental_model_and_a_snapshot() -> None:
    text = "select email as mail, id from raw.people union all select mail, id from main.facts"
    kept = {"strategy": "check", "check_cols": "all", "unique_key": "id"}
    found = compiled(
        people(),
        node("facts", text, PEOPLE, columns=("mail", "id"), config={"materialized": "incremental"}),
        node("versions", "select * from raw.people", PEOPLE, columns=("email", "id"), kind="snapshot", config=kept),
    )
    assert classes(found, "facts") == {"mail": "email"}
    assert classes(found, "versions") == {"email": "email"}


def test_dimensions_have_the_class_of_the_column_and_tell_no_values(project: Any) -> None:
    raw = project.source("raw", "people", ("id", "status"))
    raw["columns"]["status"]["meta"] = {"datamind": {"pii": "health"}}
    project.orders()
    orders = project.manifest["nodes"]["model.shop.orders"]
    orders |= {
        "compiled_code": "select id, status, amount, ordered_at from raw.people",
        "language": "sql",
        "depends_on": {"nodes": [raw["unique_id"]]},
    }
    project.generic_test("accepted_values", "orders", "status", values=["ill", "well"])
    found = project.compile()
    (status,) = [one for one in found.layer.ontology.semantic_models[0].dimensions if one.name == "status"]
    assert (status.pii, status.values) == ("health", ())


def test_without_personal_data_no_sql_is_read() -> None:
    found = compiled(source("people", *COLUMNS), node("stg", "select from where )(", PEOPLE, columns=COLUMNS))
    assert codes(found) == []
    assert found.layer.ontology.model("stg") is not None
    assert found.lineage._found == {}


def test_a_rule_of_a_class_follows_it_to_the_columns_that_inherit_it() -> None:
    mart = node("mart", "select email as mail, email || phone as both, city from raw.people", PEOPLE, columns=("mail", "both", "city"))
    rule = {"name": "contacts", "pii": ["email"], "mask": {"kind": "hash"}, "exempt_groups": ["support"], "roles": ["viewer"]}
    mart["config"]["meta"] = {"datamind": {"column_rules": [rule]}}
    ontology = compiled(people(), mart).layer.ontology

    def seen(role: Role, *groups: str) -> dict[str, MaskKind]:
        rights = access(Principal("u", "u@example.com", role, "p", groups), ontology).of("mart")
        return {name: mask.kind for name, mask in rights.masks.items()}

    assert seen(Role.VIEWER) == {"mail": MaskKind.HASH, "both": MaskKind.HASH}
    assert seen(Role.VIEWER, "support") == {}
    assert seen(Role.ANALYST) == {"mail": MaskKind.FIXED, "both": MaskKind.FIXED}
    assert seen(Role.ADMIN) == {}


def test_a_rule_whose_mask_does_not_fit_a_column_that_inherits_denies_the_model() -> None:
    mart = node("mart", "select email as mail, city from raw.people", PEOPLE, columns=("mail", "city"))
    mart["columns"]["mail"]["data_type"] = "text"
    rule = {"name": "contacts", "pii": ["email"], "mask": {"kind": "bucket", "width": 5}}
    mart["config"]["meta"] = {"datamind": {"column_rules": [rule]}}
    found = compiled(people(), mart)
    assert codes(found) == ["DM2510"]
    assert access(Principal("u", "u@example.com", Role.ADMIN, "p"), found.layer.ontology).of("mart").closed
