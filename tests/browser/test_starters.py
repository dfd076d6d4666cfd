"""Questions that the page offers: a click asks them, and what was refused is completed."""

from __future__ import annotations

import pytest

from app.model.principal import Principal, Role
from app.service.ask import ask
from app.service.audit import Caller
from tests.browser.conftest import Page
from tests.support.demo import Demo


@pytest.fixture
def admin(page: Page, people: dict[str, str]) -> Page:
    return page.sign_in(people["admin"])


def test_a_click_on_a_starter_asks_it(admin: Page) -> None:
    assert len(admin.pills) >= 5
    admin.pick(admin.pills[1])
    assert not admin.at.exception
    assert admin.at.session_state["answer"]["outcome"] == "answer"


def test_what_others_ask_a_lot_is_offered_in_our_words(admin: Page, demo: Demo) -> None:
    for number in range(20):  # more people than any other test of this store has, for only the first few are offered
        ask(
            demo.deps,
            Caller(Principal(f"usr_many{number}", "", Role.ADMIN, demo.settings.project_id), "test"),
            "pls revenue per category in q1 2026",
        )
    admin.at.run()
    asked = "Revenue by product category, 1 Jan 2026 to 31 Mar 2026"
    assert asked in admin.pills
    assert not any("pls" in one for one in admin.pills)
    admin.pick(asked)
    assert admin.headline == asked


def test_a_question_that_was_refused_is_completed(admin: Page) -> None:
    admin.ask("revenue by astro")
    assert admin.at.session_state["answer"]["outcome"] == "refuse"
    assert not admin.at.exception
    admin.ask("revenue by pro")
    assert "revenue by product category" in admin.pills
    admin.pick("revenue by product category")
    assert admin.headline == "Revenue by product category"


def test_a_viewer_is_offered_nothing(page: Page, people: dict[str, str]) -> None:
    page.sign_in(people["viewer"])
    assert page.pills == []
    assert not page.at.error
