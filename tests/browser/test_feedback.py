"""The page over a real gateway: a thumb under an answer, and an admin who corrects it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.engines.feedback.conftest import ROOT, replayed
from tests.gateway.conftest import PASSWORD, Gateway
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
