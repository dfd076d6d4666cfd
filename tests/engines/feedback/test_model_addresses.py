"""The same provider and model at another address is another model to the gate."""

from __future__ import annotations

import dataclasses
from typing import Any

import psycopg
from pydantic import SecretStr

from app.adapters.llm.fallback import Watched
from app.model.model_gates import ANY_ADDRESS, GateState
from app.service.deps import Deps
from app.service.model_gate import shut_out
from app.service.model_replay import ask_for_models
from app.service.model_usage import ModelDeps
from app.settings import LlmFallback
from app.wiring.models import model_of
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_models import approved, as_admin, gate_of, unapproved
from tests.support.demo import Demo

__all__ = ["unapproved"]
ONE, TWO = "http://me:hidden@127.0.0.1:9/v1", "http://127.0.0.1:9/team/v1"


def at(demo: Demo, url: str, *others: str) -> Deps:
    """The demo with a model at that address; nothing listens there."""
    named: dict[str, Any] = {"provider": "compatible", "model": "same-name", "key": SecretStr("sk-hidden")}
    more = tuple(LlmFallback(**named, url=SecretStr(other)) for other in others)
    first = {f"llm_{key}": value for key, value in named.items()}
    settings = demo.settings.model_copy(update={**first, "llm_url": SecretStr(url), "llm_fallbacks": more, "llm_tries": 1})
    model = model_of(settings, None, demo.deps.clock)
    assert model is not None
    return dataclasses.replace(demo.deps, model=model, models=ModelDeps(demo.deps.models.usage, model))  # type: ignore[union-attr]


def shut(deps: Deps) -> list[bool]:
    model: Any = deps.model
    watched: Watched = model
    assert deps.gates is not None
    deps.gates.held.expire()
    return [shut_out(deps, (one.provider, one.model, one.address)) is not None for one in watched.each()]


def test_another_address_is_another_model(demo: Demo, asker: Person, admin: Person) -> None:
    deps = at(demo, ONE)
    ask_for_models(deps)
    assert gate_of(deps, "same-name").state is GateState.PASSED, "nothing was approved yet"
    approved(demo, asker, admin, "the moved board")
    assert shut(deps) == [False]
    both = at(demo, TWO, ONE)
    assert shut(both) == [True, False], "the one that moved waits, the other drafts"
    ask_for_models(both)
    with as_admin(both) as (one,):
        listed = [item for item in one.call("GET", "/models").json()["items"] if item["model"] == "same-name"]
        assert [(item["order"], item["state"]) for item in listed] == [(1, "pending"), (2, "passed")]
        assert len({item["address"] for item in listed}) == len({item["id"] for item in listed}) == 2
        assert one.call("POST", f"/models/{listed[1]['id']}/reject", {"reason": "not there"}).status_code == 200
    assert shut(both) == [True, True]
    with psycopg.connect(demo.servers.store) as connection:
        kept = str(connection.execute("SELECT * FROM feedback.model_gates").fetchall())
    assert "hidden" not in kept


def test_what_was_kept_without_an_address_goes_to_the_first_that_is_asked(demo: Demo, asker: Person, admin: Person) -> None:
    approved(demo, asker, admin, "the old board")
    deps = at(demo, ONE)
    ask_for_models(deps)
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute("UPDATE feedback.model_gates SET address = %s, state = 'rejected'", [ANY_ADDRESS])
    assert shut(deps) == [True]
    ask_for_models(deps)
    gate = gate_of(deps, "same-name")
    assert (gate.state, gate.address) == (GateState.REJECTED, deps.model.address)  # type: ignore[union-attr]
    assert shut(at(demo, ONE)) == [True]
    ask_for_models(at(demo, TWO))
    assert deps.gates is not None
    assert sorted(one.state for one in deps.gates.store.all(deps.project_id)) == [GateState.PENDING, GateState.REJECTED]
