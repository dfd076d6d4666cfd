"""What is known of a language model over one layer, and what of that is known over the next: drafts alone, with what an admin accepted of them. Real store."""

from __future__ import annotations

import msgspec
import pytest

from app.model.model_gates import GateState, Heard, ModelGate, ReadAs
from app.service.deps import Deps
from app.service.model_replay import heard_of, run_model_replay
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_model_layers import gone_through_again, serving, untold
from tests.engines.feedback.test_models import AS_APPROVED, approved, gate_of, gone_through, script, unapproved, with_model
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]
NOTHING = {"query": None, "cannot_answer": "no", "ask": None}


def rewritten(deps: Deps, gate: ModelGate, **fields: object) -> None:
    """Every entry of a gate as if that had been heard."""
    assert deps.gates is not None
    heard = [msgspec.structs.replace(one, **fields) for one in msgspec.json.decode(gate.heard, type=list[Heard])]
    assert deps.gates.store.change(msgspec.structs.replace(gate, heard=msgspec.json.encode(heard).decode()), before=gate)


@pytest.mark.parametrize("way", [ReadAs.SKIPPED, ReadAs.UNASKED])
def test_what_was_not_asked_over_one_layer_is_asked_over_the_next(
    demo: Demo, script: Script, asker: Person, admin: Person, way: ReadAs
) -> None:
    approved(demo, asker, admin, "the passed board")
    deps = with_model(demo, script.says(AS_APPROVED), f"not-{way}")
    assert gone_through(deps, f"not-{way}").state is GateState.PASSED
    rewritten(deps, gate_of(deps, f"not-{way}"), read_as=way)
    calls = len(script.log)
    gone_through_again(serving(deps, untold(demo.deps.serving.layer(), f"after {way}")), f"not-{way}")
    assert [one.read_as for one in heard_of(gate_of(deps, f"not-{way}"))] == [ReadAs.SAME]
    assert len(script.log) == calls + 1


def test_what_came_to_nothing_over_one_layer_is_asked_over_the_next(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    """What a draft is checked against is the layer's, in which no prompt need tell the difference."""
    approved(demo, asker, admin, "the empty board")
    deps = with_model(demo, script.says(NOTHING), "empty")
    assert gone_through(deps, "empty").state is GateState.PASSED
    script.rules.insert(0, {"match": "", "reply": AS_APPROVED})
    script.says(AS_APPROVED)
    calls = len(script.log)
    new = serving(deps, untold(demo.deps.serving.layer(), "and mended"))
    gone_through_again(new, "empty")
    assert [one.read_as for one in heard_of(gate_of(deps, "empty"))] == [ReadAs.SAME]
    assert len(script.log) == calls + 1
    run_model_replay(new, gate_of(deps, "empty").id, lambda _kind, _data: None)
    assert len(script.log) == calls + 1, "once for each layer"
