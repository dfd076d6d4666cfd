"""What is published is told to the gate before language models at once, by whatever way it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.model.model_gates import GateState
from app.service.model_replay import ask_for_models
from app.service.publishing import Doer
from app.service.sync import sync
from app.service.versions import rollback
from tests.engines.service.place import Place
from tests.support.scripted import Script


def test_a_model_stands_for_the_new_layer_without_waiting_for_a_minute(place: Place, tmp_path: Path) -> None:
    deps = replace(place.deps, model=Script(tmp_path).says({"cannot_answer": "no"}).model)
    assert deps.gates is not None

    def standing() -> list[tuple[GateState, str]]:
        assert deps.gates is not None
        return [(one.state, one.layer_version) for one in deps.gates.store.all(deps.project_id)]

    first = sync(deps).layer_version
    assert standing() == [(GateState.PASSED, first)]
    place.change()
    second = sync(deps).layer_version
    assert second != first
    assert standing() == [(GateState.PASSED, second)]
    rollback(deps, Doer("usr_ana", reason="back"))
    assert standing() == [(GateState.PASSED, first)]
    assert ask_for_models(deps) == 0
