"""A conversation on the page: following up, beginning anew, coming back, choosing once, and sharing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.model.ids import new_id
from app.model.principal import Role
from app.service.users import NewUser, create_user, operator
from tests.browser.conftest import HOME, PASSWORD, SECONDS, Page
from tests.gateway.conftest import Gateway
from tests.support.demo import Demo


def someone(demo: Demo, role: Role = Role.ANALYST) -> str:
    """The address of somebody who has asked nothing."""
    email = f"{new_id('mail')}@example.com"
    create_user(demo.deps.people, operator(), NewUser(email, role, demo.settings.project_id, PASSWORD, attributes=(("region", "DACH"),)))
    return email


@pytest.fixture
def analyst(page: Page, demo: Demo) -> Page:
    return page.sign_in(someone(demo))


def test_a_follow_up_goes_on_and_what_was_asked_stands_above(analyst: Page) -> None:
    analyst.ask("revenue by country in 2025").ask("only Germany")
    assert not analyst.at.error
    assert "Germany" in analyst.headline
    assert analyst.texts.index("revenue by country in 2025") < len(analyst.texts)
    captions = [caption.value.replace("\\", "") for caption in analyst.at.caption]
    assert any(told.startswith("Revenue by country") for told in captions)
    assert analyst.at.session_state["answer"]["turn"] == 2
    assert analyst.conversations == ["New conversation", "revenue by country in 2025"]


def test_a_new_conversation_goes_on_from_nothing(analyst: Page) -> None:
    analyst.ask("revenue by country in 2025").click("New conversation")
    assert "revenue by country in 2025" not in analyst.texts
    assert "answer" not in analyst.at.session_state
    assert analyst.at.text_input(key="question").value == ""
    analyst.ask("only Germany")
    assert analyst.at.session_state["answer"]["turn"] == 1
    assert analyst.at.session_state["answer"]["query"] != {"metrics": ["revenue"]}
    assert analyst.conversations == ["New conversation", "only Germany", "revenue by country in 2025"]


def test_an_earlier_conversation_is_asked_again_and_gone_on_with(analyst: Page) -> None:
    analyst.ask("revenue by country in 2025")
    before = analyst.at.session_state["answer"]
    analyst.click("New conversation").ask("orders in 2025").click("revenue by country in 2025")
    again = analyst.at.session_state["answer"]
    assert again["results"] == before["results"]
    assert again["query_id"] != before["query_id"]
    assert analyst.headline == before["restated"]
    analyst.ask("only Germany")
    assert (analyst.at.session_state["answer"]["turn"], "Germany" in analyst.headline) == (2, True)


def test_what_was_asked_back_is_chosen_once(analyst: Page) -> None:
    analyst.ask("country").click("Active customers by country").click("New conversation").ask("country")
    assert analyst.headline == "Active customers by country"
    assert any("you chose “Active customers by country” before" in text for text in analyst.texts)
    analyst.click("Ask me again")
    assert [info.value for info in analyst.at.info] == ["Which one do you mean?"]


def test_a_shared_answer_is_opened_by_its_link(analyst: Page, demo: Demo, gateway: Gateway) -> None:
    analyst.ask("revenue by country in 2025").click("Share")
    link = next(code for code in analyst.codes if code.startswith("?shared="))
    opened = Page(AppTest.from_file(HOME, default_timeout=SECONDS))
    opened.at.query_params["shared"] = link.removeprefix("?shared=")
    opened.open().sign_in(someone(demo, Role.VIEWER))
    assert not opened.at.error
    assert opened.headline == analyst.headline
    assert opened.conversations == []
    opened.at.query_params["shared"] = "shr_" + "0" * 32
    opened.at.run()
    assert "There is no shared answer of that id." in opened.texts


def test_a_conversation_that_was_forgotten_elsewhere(analyst: Page, demo: Demo) -> None:
    analyst.ask("revenue in 2025")
    person = analyst.at.session_state["visit"].me
    demo.deps.talk.conversations.delete_of(demo.settings.project_id, person["id"])
    analyst.ask("only Germany")
    assert "You have no conversation of that id." in analyst.texts
    analyst.ask("revenue in 2025")
    assert analyst.at.session_state["answer"]["turn"] == 1
