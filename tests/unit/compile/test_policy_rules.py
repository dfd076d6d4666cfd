"""Rules for several columns, limits, groups and users, and masks that cannot work: what `meta.datamind` says and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.policy import ColumnPolicy, LimitPolicy, Mask, MaskKind, SizePolicy
from tests.unit.compile.test_policies import DENIED, OWN, orders


def test_groups_and_users_are_bound(project: Any) -> None:
    people = {"groups": ["hr", "finance"], "users": ["ann@example.com"], "exempt_groups": ["it"], "exempt_users": ["bob@example.com"]}
    model, codes = orders(project, {"row_filters": [OWN | people]}, status={"deny": True, **people}, amount={"min_group_size": 5, **people})
    assert codes == []
    for policy in model.policies:
        assert (policy.groups, policy.users) == (("finance", "hr"), ("ann@example.com",))
        assert (policy.exempt_groups, policy.exempt_users) == (("it",), ("bob@example.com",))
    assert [(policy.column, policy.size) for policy in model.size_policies] == [("amount", 5)]


def test_a_rule_is_for_columns_by_name_tag_and_class(project: Any) -> None:
    rules = [
        {"name": "contacts", "pii": ["phone"], "columns": ["ordered_at"], "mask": {"kind": "hash"}, "exempt_groups": ["support"]},
        {"name": "pay", "tags": ["pay", "other"], "min_group_size": 7},
        {"name": "shut", "columns": ["ordered_at"], "deny": True, "mask": {"kind": "null"}, "roles": ["viewer"]},
    ]
    node = project.model("orders")
    node["config"]["meta"] = {"datamind": {"column_rules": rules}}
    node["columns"]["amount"]["tags"] = ["pay"]
    node["columns"]["status"]["meta"] = {"datamind": {"pii": "phone"}}
    model = project.compile().layer.ontology.model("orders")
    masked = Mask(MaskKind.HASH)
    assert set(model.column_policies) == {
        ColumnPolicy("orders.contacts.status", "orders", "status", masked, exempt_groups=("support",)),
        ColumnPolicy("orders.contacts.ordered_at", "orders", "ordered_at", masked, exempt_groups=("support",)),
        ColumnPolicy("orders.shut.ordered_at", "orders", "ordered_at", None, roles=("viewer",)),
    }
    assert model.size_policies == (SizePolicy("orders.pay.amount.min_group_size", "orders", "amount", 7),)


def test_limits(project: Any) -> None:
    limits = [{"name": "few", "rows": 10, "seconds": 2.5, "roles": ["viewer"]}, {"name": "all", "scanned_rows": 1000}]
    model, codes = orders(project, {"limits": limits})
    assert codes == []
    assert model.limit_policies == (
        LimitPolicy("orders.all", "orders", scanned_rows=1000),
        LimitPolicy("orders.few", "orders", 10, 2.5, roles=("viewer",)),
    )
    assert not model.is_governed


@pytest.mark.parametrize(
    "rule",
    [
        {"name": "x", "columns": ["status"]},
        {"name": "x", "deny": True},
        {"name": "x", "columns": ["statsu"], "deny": True},
        {"name": "x", "tags": ["t"], "mask": {"kind": "redact", "pattern": "("}},
    ],
)
def test_a_malformed_rule_denies_the_model(project: Any, rule: Any) -> None:
    model, codes = orders(project, {"column_rules": [rule]})
    assert codes == ["DM2510"]
    assert model.row_policies == (DENIED,)


@pytest.mark.parametrize(
    "datamind",
    [
        {"column_rules": [{"name": "x", "columns": ["status"], "min_group_size": 1}]},
        {"column_rules": [{"columns": ["status"], "deny": True}]},
        {"limits": [{"name": "x", "rows": 0}]},
        {"limits": [{"name": "x", "row": 5}]},
        {"row_filters": [OWN | {"group": ["hr"]}]},
    ],
)
def test_a_rule_of_another_shape_denies_the_model(project: Any, datamind: Any) -> None:
    model, codes = orders(project, datamind)
    assert codes == ["DM2501"]
    assert model.row_policies == (DENIED,)


@pytest.mark.parametrize(
    ("mask", "said", "native"),
    [
        ({"kind": "bucket"}, "needs a `width`", ""),
        ({"kind": "bucket", "width": 0}, ">= 1", ""),
        ({"kind": "bucket", "width": 1e-12}, "at most 9 digits", ""),
        ({"kind": "bucket", "width": 5, "unit": "month"}, "has no `unit`", ""),
        ({"kind": "truncate"}, "needs a `unit`", ""),
        ({"kind": "truncate", "unit": "week"}, "Invalid enum value", ""),
        ({"kind": "truncate", "unit": "year"}, "does not fit a column of type text", "text"),
        ({"kind": "bucket", "width": 5}, "does not fit a column of type date", "date"),
        ({"kind": "redact"}, "needs a `pattern`, or `classes`", ""),
        ({"kind": "redact", "pattern": "a", "classes": ["email"]}, "needs a `pattern`, or `classes`", ""),
        ({"kind": "redact", "classes": ["name"]}, "Invalid enum value", ""),
        ({"kind": "hash", "classes": ["email"]}, "has no `classes`", ""),
        ({"kind": "partial", "width": 3}, "has no `width`", ""),
    ],
)
def test_a_mask_that_cannot_work_denies_the_column(project: Any, mask: dict[str, Any], said: str, native: str) -> None:
    node = project.model("orders")
    node["columns"]["status"] |= {"config": {"meta": {"datamind": {"mask": mask}}}, "data_type": native or None}
    compiled = project.compile()
    (problem,) = [one for one in compiled.problems if one.code == "DM2511"]
    assert said in problem.message
    (policy,) = compiled.layer.ontology.model("orders").column_policies
    assert policy.mask is None
