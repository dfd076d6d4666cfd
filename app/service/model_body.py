"""Language models before a project as every door writes them in JSON."""

from __future__ import annotations

from typing import Any

from app.redaction.redact import redact
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.known_values import told
from app.service.model_deciding import Standing
from app.service.model_replay import pause, sums
from app.service.present import fields


def model_body(deps: Deps, caller: Caller, one: Standing) -> dict[str, Any]:
    """A model, with its questions counted and its differences written out as the caller may see them. Raises what having a view raises."""
    gate = one.gate
    again = gate.tried_at + pause(gate.tries) if gate.tried_at is not None and gate.tries else None
    return {
        **fields(gate, "project_id", "heard", "approved", "tries"),
        "reason": redact(gate.reason),  # earlier versions kept it as it was said
        "order": one.order,
        "drafts": one.drafts,
        "questions": sums(gate),
        "next_try_at": again,
        "differences": [fields(difference) for difference in told(deps, caller, one.differences)],
    }
