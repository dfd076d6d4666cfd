"""Which schemas are served: those of models that somebody sees something of."""

from __future__ import annotations

import pytest

from app.govern.served import served_schemas
from app.model.expr import FALSE, TRUE, And
from app.model.ontology import Ontology
from app.model.physical import Model, Placement, Relation
from app.model.policy import ColumnPolicy, RowPolicy


def served(*policies: RowPolicy, default: str = "allow", columns: tuple[ColumnPolicy, ...] = ()) -> bool:
    model = Model("m", "model.p.m", row_policies=policies, column_policies=columns)
    placement = Placement("postgres", (("m", Relation("secret", "m")), ("unknown", Relation("elsewhere", "u"))))
    return served_schemas(Ontology("p", models=(model,), default_access=default), placement) == {"secret"}


CLOSED = RowPolicy("m.access", "m", FALSE)
OPEN = RowPolicy("m.open", "m", TRUE)


@pytest.mark.parametrize(
    ("policies", "default", "expected"),
    [
        ((), "allow", True),
        ((), "deny", False),
        ((OPEN,), "deny", True),
        ((CLOSED,), "allow", False),
        ((CLOSED, OPEN), "allow", True),
        ((CLOSED, RowPolicy("m.store", "m", TRUE, source="store", roles=("analyst",))), "allow", True),
        ((RowPolicy("m.access", "m", FALSE, exempt_roles=("admin",)),), "allow", True),
        ((OPEN, RowPolicy("m.malformed", "m", FALSE, permissive=False)), "allow", False),
        ((OPEN, RowPolicy("m.narrow", "m", FALSE, permissive=False, roles=("viewer",))), "allow", True),
        ((OPEN, RowPolicy("m.narrow", "m", FALSE, permissive=False, exempt_users=("usr_1",))), "allow", True),
        ((OPEN, RowPolicy("m.narrow", "m", And((TRUE, FALSE)), permissive=False)), "allow", False),
        ((RowPolicy("m.narrow", "m", TRUE, permissive=False),), "allow", True),
    ],
)
def test_a_schema_is_served_where_somebody_sees_something(policies: tuple[RowPolicy, ...], default: str, expected: bool) -> None:
    assert served(*policies, default=default) is expected


def test_rules_of_columns_close_no_model() -> None:
    assert served(default="deny", columns=(ColumnPolicy("m.c", "m", "c"),))


def test_an_engine_without_the_layer_serves_nothing() -> None:
    assert served_schemas(Ontology("p"), None) == frozenset()
