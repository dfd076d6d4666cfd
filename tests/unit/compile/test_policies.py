"""Policies in `meta.datamind`: what is well formed is compiled, what is not denies."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.expr import FALSE, TRUE, Attribute, Binary, Column
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from tests.unit.compile.test_patterns import ODD, PORTABLE

DENIED = RowPolicy("orders.malformed", "orders", FALSE, permissive=False)
OWN = {"name": "own_country", "filter": "status = user.country"}


def orders(project: Any, datamind: Any = None, **column: Any) -> tuple[Any, list[str]]:
    """The model `orders` with that `meta.datamind`, and the codes of the problems."""
    node = project.model("orders")
    if datamind is not None:
        node["config"]["meta"] = {"datamind": datamind}
    for name, meta in column.items():
        node["columns"][name]["config"] = {"meta": {"datamind": meta}}
    compiled = project.compile()
    return compiled.layer.ontology.model("orders"), [p.code for p in compiled.problems if p.code not in ("DM2310", "DM2341", "DM2342")]


def test_a_row_filter(project: Any) -> None:
    model, codes = orders(
        project,
        {
            "version": 1,
            "row_filters": [OWN | {"roles": ["viewer", "analyst"], "exempt_roles": ["admin"], "permissive": False}],
            "access": "allow",
            "synonyms": ["sales"],
        },
    )
    predicate = Binary("=", Column("status"), Attribute("country"))
    assert codes == []
    assert model.row_policies == (
        RowPolicy("orders.access", "orders", TRUE),
        RowPolicy("orders.own_country", "orders", predicate, False, roles=("analyst", "viewer"), exempt_roles=("admin",)),
    )
    assert model.synonyms == ("sales",)
    assert model.meta == "{}"


@pytest.mark.parametrize(
    ("datamind", "policies"),
    [
        ({"access": "deny"}, [("orders.access", FALSE, True)]),
        ({"access": "allow"}, [("orders.access", TRUE, True)]),
        ({}, []),
        ({"synonyms": []}, []),
    ],
)
def test_access(project: Any, datamind: Any, policies: list[Any]) -> None:
    model, codes = orders(project, datamind)
    assert [(p.name, p.predicate, p.permissive) for p in model.row_policies] == policies
    assert codes == []


def test_access_allow_opens_nothing_that_a_filter_guards(project: Any) -> None:
    model, _ = orders(project, {"access": "allow", "row_filters": [OWN]})
    assert [p.name for p in model.row_policies] == ["orders.own_country"]


def test_access_deny_leaves_what_filters_admit(project: Any) -> None:
    model, _ = orders(project, {"access": "deny", "row_filters": [OWN]})
    assert [(p.name, p.permissive) for p in model.row_policies] == [("orders.access", True), ("orders.own_country", True)]


def test_restrictive_filters_alone_show_nothing_and_say_so(project: Any) -> None:
    model, codes = orders(project, {"row_filters": [OWN | {"permissive": False}]})
    assert codes == ["DM2506"]
    assert [p.permissive for p in model.row_policies] == [False]


@pytest.mark.parametrize(
    ("datamind", "code"),
    [
        ("deny", "DM2501"),
        ([], "DM2501"),
        ({"row_filter": [OWN]}, "DM2501"),
        ({"Row_filters": [OWN]}, "DM2501"),
        ({"row_filters": OWN}, "DM2501"),
        ({"row_filters": [{"name": "x"}]}, "DM2501"),
        ({"row_filters": [OWN | {"role": ["analyst"]}]}, "DM2501"),
        ({"row_filters": [OWN | {"roles": ["anlyst"]}]}, "DM2501"),
        ({"row_filters": [OWN | {"roles": "analyst"}]}, "DM2501"),
        ({"row_filters": [OWN | {"roles": None}]}, "DM2501"),
        ({"row_filters": [OWN | {"permissive": "no"}]}, "DM2501"),
        ({"row_filters": [OWN | {"filter": ""}]}, "DM2501"),
        ({"row_filters": [OWN | {"name": "a b"}]}, "DM2501"),
        ({"row_filters": None}, "DM2501"),
        ({"version": 2}, "DM2501"),
        ({"access": "denied"}, "DM2501"),
        ({"row_filters": [OWN | {"filter": "status ="}]}, "DM2503"),
        ({"row_filters": [OWN | {"filter": "status = (select 1)"}]}, "DM2503"),
        ({"row_filters": [OWN | {"filter": "pg_sleep(10) = 1"}]}, "DM2503"),
        ({"row_filters": [OWN | {"filter": "status like '%a\\'"}]}, "DM2503"),
        ({"row_filters": [OWN | {"filter": "status = 'a\ue001b'"}]}, "DM2503"),
        ({"row_filters": [OWN | {"filter": "statuss = user.country"}]}, "DM2504"),
        ({"row_filters": [OWN, OWN]}, "DM2505"),
        ({"row_filters": [OWN, OWN | {"name": "two", "filter": "nothing = 1"}], "access": "allow"}, "DM2504"),
    ],
)
def test_what_is_malformed_denies_the_model(project: Any, datamind: Any, code: str) -> None:
    model, codes = orders(project, datamind)
    assert model.row_policies == (DENIED,)
    assert code in codes


def test_an_empty_datamind_is_malformed(project: Any) -> None:
    project.model("orders")["config"]["meta"] = {"datamind": None}
    assert project.compile().layer.ontology.models[0].row_policies == (DENIED,)


@pytest.mark.parametrize("key", ["Datamind", "data_mind", "data-mind", "datamnid", "datamin", "DATAMIND"])
def test_a_misspelt_key_denies_the_model(project: Any, key: str) -> None:
    project.model("orders")["config"]["meta"] = {key: {"access": "deny"}}
    compiled = project.compile()
    assert compiled.layer.ontology.models[0].row_policies == (DENIED,)
    assert "DM2502" in {problem.code for problem in compiled.problems}


@pytest.mark.parametrize("key", ["owner", "data", "mind", "database", "metadata"])
def test_other_keys_of_meta_are_nobodys_business(project: Any, key: str) -> None:
    project.model("orders")["config"]["meta"] = {key: {"access": "deny"}}
    assert project.compile().layer.ontology.models[0].row_policies == ()


def test_datamind_under_config_denies(project: Any) -> None:
    node = project.model("orders")
    node["config"]["datamind"] = {"access": "deny"}
    node["columns"]["amount"]["config"] = {"datamind": {"pii": "email"}}
    compiled = project.compile()
    model = compiled.layer.ontology.models[0]
    assert model.row_policies == (DENIED,)
    assert model.column_policies == (ColumnPolicy("orders.amount.malformed", "orders", "amount"),)
    assert {p.code for p in compiled.problems} >= {"DM2502", "DM2512"}


def test_config_meta_wins_over_meta(project: Any) -> None:
    node = project.model("orders")
    node["meta"] = {"datamind": {"access": "allow"}}
    assert project.compile().layer.ontology.models[0].row_policies[0].predicate == TRUE
    node["config"]["meta"] = {"datamind": {"access": "deny"}}
    assert project.compile().layer.ontology.models[0].row_policies[0].predicate == FALSE


def test_sources_and_seeds_have_policies_too(project: Any) -> None:
    project.source("shop", "customers", columns=("id", "email"), config={"meta": {"datamind": {"access": "deny"}}})["columns"]["email"][
        "meta"
    ] = {"datamind": {"pii": "email"}}
    model = project.compile().layer.ontology.model("shop.customers")
    assert [p.name for p in model.row_policies] == ["shop.customers.access"]
    assert model.column("email").pii == "email"
    assert [p.name for p in model.column_policies] == ["shop.customers.email"]


@pytest.mark.parametrize(
    ("meta", "policy"),
    [
        ({"mask": {"kind": "bucket", "width": 10}}, ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.BUCKET, width="10"))),
        ({"mask": {"kind": "bucket", "width": 0.5}}, ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.BUCKET, width="0.5"))),
        (
            {"mask": {"kind": "truncate", "unit": "year"}},
            ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.TRUNCATE, unit="year")),
        ),
        (
            {"mask": {"kind": "redact", "classes": ["phone", "email", "email"]}},
            ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.REDACT, classes=("email", "phone"))),
        ),
        ({"deny": True}, ColumnPolicy("orders.status", "orders", "status")),
        (
            {"deny": True, "mask": {"kind": "hash"}, "roles": ["viewer"]},
            ColumnPolicy("orders.status", "orders", "status", roles=("viewer",)),
        ),
        (
            {"mask": {"kind": "hash"}, "exempt_roles": ["admin"]},
            ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.HASH), exempt_roles=("admin",)),
        ),
        (
            {"mask": {"kind": "partial", "prefix": 1, "suffix": 4, "replacement": "…"}},
            ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.PARTIAL, "…", 1, 4)),
        ),
        (
            {"mask": {"kind": "redact", "pattern": "[0-9]+"}},
            ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.REDACT, pattern="[0-9]+")),
        ),
        *(
            (
                {"mask": {"kind": "redact", "pattern": one}},
                ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.REDACT, pattern=one)),
            )
            for one in PORTABLE
        ),
        ({"pii": "email"}, ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.FIXED), exempt_roles=("admin",))),
        (
            {"pii": "email", "exempt_roles": ["analyst"]},
            ColumnPolicy("orders.status", "orders", "status", Mask(MaskKind.FIXED), exempt_roles=("analyst",)),
        ),
        ({"synonyms": ["state"]}, None),
    ],
)
def test_column_policies(project: Any, meta: Any, policy: ColumnPolicy | None) -> None:
    model, codes = orders(project, status=meta)
    assert codes == []
    assert model.column_policies == ((policy,) if policy else ())


def test_the_default_mask_of_what_is_no_text_is_null(project: Any) -> None:
    node = project.model("orders")
    node["columns"]["ordered_at"] |= {"data_type": "timestamp", "meta": {"datamind": {"pii": "date_of_birth"}}}
    assert project.compile().layer.ontology.models[0].column_policies[0].mask == Mask(MaskKind.NULL)


@pytest.mark.parametrize(
    "meta",
    [
        "email",
        None,
        {"pii": True},
        {"pii": ""},
        {"pi": "email"},
        {"mask": "hash"},
        {"mask": {"kind": "sha256"}},
        {"mask": {"kind": "partial", "sufix": 4}},
        {"mask": {"kind": "partial", "suffix": -1}},
        {"mask": {"kind": "redact"}},
        {"mask": {"kind": "null", "prefix": 1}},
        {"mask": {"kind": "fixed", "suffix": 2}},
        {"mask": {"kind": "hash", "replacement": "-"}},
        {"mask": {"kind": "partial", "pattern": "a"}},
        {"mask": {"kind": "truncate", "unit": "year", "width": 5}},
        {"mask": {"kind": "redact", "pattern": "("}},
        *({"mask": {"kind": "redact", "pattern": pattern}} for pattern, _ in ODD),
        {"deny": "yes"},
        {"roles": ["analyst"]},
        {"pii": "email", "roles": ["everyone"]},
        {"version": "1"},
    ],
)
def test_what_is_malformed_denies_the_column(project: Any, meta: Any) -> None:
    model, codes = orders(project, status=meta)
    assert codes == ["DM2511"]
    assert model.column_policies == (ColumnPolicy("orders.status.malformed", "orders", "status"),)
    assert model.row_policies == ()


def test_policies_on_a_semantic_model_deny_its_model(project: Any) -> None:
    project.model("orders")
    project.semantic_model(config={"meta": {"datamind": {"access": "deny"}}})
    compiled = project.compile()
    assert compiled.layer.ontology.models[0].row_policies == (DENIED,)
    assert compiled.problems[0].code == "DM2508"


def test_names_of_one_relation_have_the_policies_of_all(project: Any) -> None:
    model = project.model("orders")
    model["config"]["meta"] = {"datamind": {"row_filters": [OWN]}}
    model["columns"]["amount"]["meta"] = {"datamind": {"deny": True}}
    project.source("shop", "orders", schema="MARTS", columns=("id", "AMOUNT", "status"))
    compiled = project.compile()
    source = compiled.layer.ontology.model("shop.orders")
    assert [(p.name, p.model) for p in source.row_policies] == [("orders.own_country", "shop.orders")]
    assert [(p.model, p.column) for p in source.column_policies] == [("shop.orders", "AMOUNT")]
    assert "DM2204" in {p.code for p in compiled.problems}


@pytest.mark.parametrize(
    ("text", "access", "problem"),
    [
        ("name: shop\n", "allow", False),
        ("vars:\n  datamind_default_access: deny\n", "deny", False),
        ("vars:\n  datamind_default_access: allow\n", "allow", False),
        ("vars:\n  datamind_default_access: allow\n  shop:\n    datamind_default_access: deny\n", "deny", False),
        ("vars:\n  other_package:\n    datamind_default_access: deny\n", "allow", False),
        ("vars:\n  datamind_default_access: denny\n", "deny", True),
        ("vars:\n  datamind_default_access: [deny]\n", "deny", True),
        ("vars:\n  datamind_default_access: \"{{ env_var('X') }}\"\n", "deny", True),
        ("vars: {datamind_default_access: deny\n", "deny", True),
        ("vars: datamind_default_access\n", "allow", False),
    ],
)
def test_default_access(project: Any, text: str, access: str, problem: bool) -> None:
    project.model("orders")
    project.files["dbt_project.yml"] = text
    compiled = project.compile()
    assert compiled.layer.ontology.default_access == access
    assert ("DM2507" in {p.code for p in compiled.problems}) is problem


@pytest.mark.parametrize(
    ("text", "said", "problem"),
    [
        ("name: shop\n", "warn", False),
        ("vars:\n  datamind_on_failure: block\n", "block", False),
        ("vars:\n  datamind_on_failure: block\n  shop:\n    datamind_on_failure: warn\n", "warn", False),
        ("vars:\n  datamind_on_failure: blok\n", "block", True),
        ("vars:\n  datamind_on_failure: \"{{ env_var('X') }}\"\n", "block", True),
        ("vars: {datamind_on_failure: warn\n", "block", True),
    ],
)
def test_on_failure_of_the_layer(project: Any, text: str, said: str, problem: bool) -> None:
    project.model("orders")
    project.files["dbt_project.yml"] = text
    compiled = project.compile()
    assert compiled.layer.ontology.on_failure == said
    assert ("DM2509" in {p.code for p in compiled.problems}) is problem


@pytest.mark.parametrize(
    ("meta", "said", "codes"),
    [
        ({}, "", set()),
        ({"on_failure": "warn"}, "warn", set()),
        ({"on_failure": "block"}, "block", set()),
        ({"on_failure": "blok"}, "block", {"DM2501"}),
        ({"on_failur": "block"}, "block", {"DM2501"}),
    ],
)
def test_on_failure_of_a_model_and_a_source(project: Any, meta: dict[str, Any], said: str, codes: set[str]) -> None:
    project.model("orders")["config"]["meta"] = {"datamind": meta}
    project.source("shop", "raw_orders", config={"meta": {"datamind": meta}})
    compiled = project.compile()
    assert [model.on_failure for model in compiled.layer.ontology.models] == [said, said]
    assert {problem.code for problem in compiled.problems if problem.code.startswith("DM25")} == codes


def test_allow_on_one_name_does_not_open_the_filter_on_another(project: Any) -> None:
    project.model("orders")["config"]["meta"] = {"datamind": {"row_filters": [OWN]}}
    project.source("shop", "orders", schema="marts", columns=("id", "status"), config={"meta": {"datamind": {"access": "allow"}}})
    for model in project.compile().layer.ontology.models:
        assert [p.name for p in model.row_policies] == ["orders.own_country"]


def test_a_row_filter_speaks_of_its_own_model_only(project: Any) -> None:
    model, _ = orders(project, {"row_filters": [OWN | {"filter": "customers.status = user.country"}]})
    assert model.row_policies == (DENIED,)
