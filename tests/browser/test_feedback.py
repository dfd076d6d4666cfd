"""The page over a real gateway: a thumb under an answer, an admin who corrects it, and one who lets a language model draft."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import ScriptedModel
from app.model.corrections import Difference
from app.model.ids import new_id
from app.model.model_gates import GateState, Heard, ModelGate, ReadAs
from tests.engines.feedback.conftest import ROOT, replayed
from tests.gateway.conftest import PASSWORD, Gateway, serving
from tests.support.demo import Demo, forget_corrections

PAGE = str(ROOT / "app" / "ui" / "home.py")
QUESTION = "handover by channel"


@pytest.fixture(autouse=True)
def uncorrected(demo: Demo) -> Iterator[None]:
    """Nothing that is approved here answers elsewhere."""
    yield
    forget_corrections(demo)


@pytest.fixture
def visitor(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("DATAMIND_GATEWAY_URL", gateway.url)
    return AppTest.from_file(PAGE, default_timeout=60)


def sign_in(page: AppTest, email: str) -> None:
    page.run()
    page.text_input(key="email").input(email)
    page.text_input(key="password").input(PASSWORD)
    page.button[0].click().run()
    assert not page.exception


def test_a_thumb_down_is_flagged_and_an_admin_corrects_it(demo: Demo, gateway: Gateway, visitor: AppTest) -> None:
    sign_in(visitor, gateway.person("analyst", attributes=(("region", "DACH"),))[1])
    visitor.text_input(key="question").input(QUESTION)
    next(one for one in visitor.button if one.label == "Ask").click().run()
    visitor.text_input(key="comment").input("that is gross profit").run()
    visitor.button(key="thumb-down").click().run()
    assert not visitor.exception
    assert "thank you\\: an admin will look at it" in [one.value for one in visitor.caption]

    admin = AppTest.from_file(PAGE, default_timeout=60)
    sign_in(admin, gateway.person("admin", attributes=(("region", "DACH"),))[1])
    admin.toggle(key="reviewing").set_value(True).run()
    assert "that is gross profit" in [one.value for one in admin.text]
    entry = demo.deps.feedback.page("default", "flagged_for_review", "", 1)[0]
    admin.text_area(key=f"query-{entry.id}").input('{"metrics": ["gross_profit"], "group_by": ["order__sales_channel"]}')
    admin.button(key=f"approve-{entry.id}").click().run()
    assert not admin.exception
    made = demo.deps.corrections.store.of_entry(entry.id, "default")
    assert made is not None, [one.value for one in admin.error]
    replayed(demo, made.id)
    kept = demo.deps.corrections.store.get(made.id, "default")
    assert kept is not None
    assert kept.state == "served", kept.diff

    demo.deps.corrections.held.expire()
    visitor.text_input(key="question").input(QUESTION)
    next(one for one in visitor.button if one.label == "Ask").click().run()
    assert not visitor.exception
    assert "Read as an admin approved\\." in [one.value for one in visitor.caption]


def test_an_admin_lets_a_held_model_draft(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gates, layer = demo.deps.gates, demo.deps.serving.layer()
    assert gates is not None
    differs = Difference("apr_1", "the board", "Revenue", "Orders")
    heard = msgspec.json.encode([Heard("apr_1", layer.version, ReadAs.OTHER, differs)]).decode()
    held = ModelGate(
        new_id("mdl"), "default", "scripted", "held-here", demo.deps.clock.now(), GateState.HELD, heard, 1, layer_version=layer.version
    )
    gates.store.add(held)
    model = Drafter(ScriptedModel(tmp_path / "rules.json", model="held-here"))
    with serving(dataclasses.replace(demo.deps, model=model)) as gateway:
        monkeypatch.setenv("DATAMIND_GATEWAY_URL", gateway.url)
        admin = AppTest.from_file(PAGE, default_timeout=60)
        sign_in(admin, gateway.person("admin", attributes=(("region", "DACH"),))[1])
        admin.toggle(key="reviewing").set_value(True).run()
        assert "the board\napproved: Revenue\nnow: Orders" in [one.value for one in admin.text]
        admin.text_input(key=f"reason-{held.id}").input("it reads the old names")
        admin.button(key=f"accept-{held.id}").click().run()
        assert not admin.exception
    decided = gates.store.get(held.id, "default")
    assert decided is not None
    assert (decided.state, decided.reason) == (GateState.ACCEPTED, "it reads the old names")
