"""What admins write as reasons: of personal data as little is kept as of a comment, in the store, in the trail and in what is shown."""

from __future__ import annotations

from typing import Any

import psycopg
from msgspec.structs import replace

from app.model.corrections import CorrectionState
from app.model.model_gates import GateState
from app.service.replay_job import ask_for_what_lacks
from tests.engines.feedback.conftest import Person, flagged
from tests.engines.feedback.test_models import AS_APPROVED, approved, as_admin, gate_of, script, unapproved, with_model
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]
NAMED = "as mia.keller@example.com and 4111 1111 1111 1111 said"


def kept(demo: Demo) -> str:
    """All that the store has of it."""
    with psycopg.connect(demo.servers.store) as connection:
        tables = ("feedback.feedback", "feedback.corrections", "feedback.model_gates", "audit.audit_log")
        return "\n".join(str(connection.execute(f"SELECT * FROM {table}").fetchall()) for table in tables)  # type: ignore[arg-type]


def clean(told: Any) -> bool:
    """Whether the answer went well, and shows what was kept and nothing that was not."""
    assert told.status_code in (200, 202), told.text
    return str(told.json()["reason"]).startswith("as ") and "mia" not in told.text and "4111" not in told.text


def test_reasons_of_feedback_and_corrections(demo: Demo, asker: Person, admin: Person) -> None:
    body = {"flagged_entry_id": flagged(asker, "orders by month"), "reason": NAMED}
    assert clean(admin.call("POST", "/admin/training-data/reject", body))
    made = approved(demo, asker, admin, "the named board")
    pair = demo.deps.corrections.store.get(made, demo.deps.project_id)
    assert pair is not None
    assert demo.deps.corrections.store.settle(replace(pair, state=CorrectionState.HELD), before=CorrectionState.SERVED)
    assert clean(admin.call("POST", f"/admin/training-data/corrections/{made}/accept", {"reason": NAMED}))
    assert clean(admin.call("POST", f"/admin/training-data/corrections/{made}/withdraw", {"reason": NAMED}))
    assert "mia.keller" not in kept(demo)
    assert "4111 1111" not in kept(demo)


def test_reasons_of_models(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the named board")
    deps = with_model(demo, script.says(AS_APPROVED), "named")
    ask_for_what_lacks(deps)
    gate = gate_of(deps, "named")
    assert deps.gates is not None
    held = replace(gate, state=GateState.HELD, layer_version=deps.serving.layer().version)
    pairs = demo.deps.corrections.store.in_state(deps.project_id, CorrectionState.SERVED)
    heard = "[" + ",".join(f'{{"correction_id":"{one.id}","layer_version":"{held.layer_version}","read_as":"none"}}' for one in pairs) + "]"
    assert deps.gates.store.change(replace(held, heard=heard), before=gate)
    with as_admin(deps) as (one,):
        assert clean(one.call("POST", f"/models/{gate.id}/accept", {"reason": NAMED}))
        assert clean(one.call("POST", f"/models/{gate.id}/reject", {"reason": NAMED}))
    assert "mia.keller" not in kept(demo)
