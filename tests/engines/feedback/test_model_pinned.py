"""The gate before a language model and a turn that goes on with the layer that it began with. Real store."""

from __future__ import annotations

import dataclasses

from app.model.model_gates import GateState
from app.model.ontology import Layer
from app.model.principal import Principal
from app.pipeline.turn import ServedLayer
from app.service.model_gate import shut_out
from app.service.serving import Serving
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_model_layers import serving, told_otherwise
from tests.engines.feedback.test_models import AS_APPROVED, approved, drafts, gone_through, script, unapproved, with_model
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]


def test_a_turn_asks_the_gate_about_the_layer_that_it_pinned(demo: Demo, script: Script, asker: Person, admin: Person) -> None:
    """A layer that is published between the two: what is known of a model over it is nothing over the one that the turn goes on with."""
    approved(demo, asker, admin, "the pinned board")
    deps = with_model(demo, script.says(AS_APPROVED), "pinned")
    assert gone_through(deps, "pinned").state is GateState.PASSED
    old = deps.serving.layer()
    key = ("scripted", "pinned", "")
    assert shut_out(deps, key, old.version) is None
    new = serving(deps, told_otherwise(old, "from now on"))
    assert shut_out(new, key, old.version) is None
    assert shut_out(new, key) is not None

    class Published(Serving):
        """Where a layer is published as soon as a turn has its view."""

        def __init__(self) -> None: ...

        def view(self, principal: Principal) -> ServedLayer:
            return new.serving.view(principal)

        def layer(self) -> Layer:
            return old

    assert not drafts(dataclasses.replace(deps, serving=Published()), demo)
