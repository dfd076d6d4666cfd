from __future__ import annotations

from app.govern.access import access
from app.govern.explain import explain_policies, policies_applied
from app.model.ontology import Ontology
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from tests.unit.govern.world import ADMIN, ANALYST, ONTOLOGY, equals, model


def test_users_are_told_that_a_policy_applied_and_never_which() -> None:
    rights = access(ANALYST, ONTOLOGY)
    assert policies_applied(["orders", "shops"], rights)
    assert not policies_applied(["shops", "staff"], rights)
    assert explain_policies(["orders"], rights) == ()


def test_admins_are_told_in_words() -> None:
    one = model(
        "m",
        *("id", "x", "y"),
        row_policies=(RowPolicy("eu", "m", equals("id", "1")),),
        column_policies=(ColumnPolicy("hide", "m", "x", Mask(MaskKind.NULL)), ColumnPolicy("drop", "m", "y", None)),
    )
    rights = access(ADMIN, Ontology("o", models=(one, model("free", "id"))))
    assert explain_policies(["m", "free", "m"], rights) == (
        "m: rows are filtered",
        "m.x: masked (null)",
        "m.y: denied",
        "m: by eu, hide, drop",
    )
