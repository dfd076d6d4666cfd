"""Signing in and out on the page, and what holds a sign-in together meanwhile."""

from __future__ import annotations

import dataclasses
import datetime as dt
import socket

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.client import Tokens
from tests.browser.conftest import HOME, PASSWORD, SECONDS, Page
from tests.gateway.conftest import Gateway, serving
from tests.support.demo import Demo


def test_a_wrong_password_says_so(page: Page, people: dict[str, str]) -> None:
    page.sign_in(people["analyst"], "not the password")
    assert [error.value for error in page.at.error] == ["That did not sign you in."]
    assert "The e-mail address or the password is wrong." in page.texts
    assert any("DM7001" in caption.value for caption in page.at.caption)
    assert page.buttons == ["Sign in"]


@pytest.mark.parametrize(("email", "password"), [("", PASSWORD), ("somebody@example.com", ""), ("  ", "x")])
def test_an_empty_field_is_asked_for(page: Page, email: str, password: str) -> None:
    page.sign_in(email, password)
    assert [error.value for error in page.at.error] == ["Enter your e-mail address and your password."]


def test_who_is_signed_in(page: Page, people: dict[str, str]) -> None:
    page.sign_in(people["analyst"])
    assert f"{people['analyst']} (analyst)" in page.texts
    assert page.buttons == ["Sign out", "Ask"]
    metrics = page.at.dataframe[0].value
    assert "Revenue" in set(metrics["Metric"])
    assert not page.at.error


def test_nothing_secret_is_on_the_page(page: Page, people: dict[str, str]) -> None:
    page.sign_in(people["admin"]).ask("revenue in 2025")
    tokens = page.at.session_state["visit"].tokens
    shown = page.sent
    assert people["admin"] in shown
    for secret in (tokens.access, tokens.refresh, PASSWORD):
        assert secret not in shown


def test_signing_out(page: Page, people: dict[str, str], gateway: Gateway) -> None:
    page.sign_in(people["analyst"]).ask("revenue in 2025")
    visit = page.at.session_state["visit"]
    page.click("Sign out")
    assert page.buttons == ["Sign in"]
    assert [info.value for info in page.at.info] == ["You are signed out."]
    assert "answer" not in page.at.session_state
    assert "visit" not in page.at.session_state
    assert gateway.client.post("/api/v1/auth/refresh", json={"refresh_token": visit.tokens.refresh}).status_code == 401
    page.at.run()
    assert not page.at.info


def test_an_access_token_that_ran_out_is_renewed(page: Page, people: dict[str, str]) -> None:
    page.sign_in(people["analyst"])
    visit = page.at.session_state["visit"]
    spent = visit.tokens.refresh
    visit.tokens = Tokens("ran.out.already", spent)
    page.ask("revenue in 2025")
    assert page.at.metric
    assert visit.tokens.access != "ran.out.already"
    assert visit.tokens.refresh != spent
    page.ask("orders in 2025")
    assert page.headline.startswith("Orders")


def test_a_short_life_of_access_tokens_goes_unnoticed(demo: Demo, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each second token is refused by the gateway itself, because its life is over."""
    ahead = dataclasses.replace(demo.deps.auth, clock=_Jumping(demo.deps.clock))
    with serving(dataclasses.replace(demo.deps, auth=ahead)) as found:
        monkeypatch.setenv("DATAMIND_GATEWAY_URL", found.url)
        page = Page(AppTest.from_file(HOME, default_timeout=SECONDS)).open().sign_in(people["analyst"])
        first = page.at.session_state["visit"].tokens
        ahead.clock.jump()  # type: ignore[attr-defined]
        page.ask("revenue in 2025")
        assert page.at.metric
        assert page.at.session_state["visit"].tokens != first


def test_a_sign_in_that_ended_asks_to_sign_in_again(page: Page, people: dict[str, str], gateway: Gateway) -> None:
    page.sign_in(people["analyst"]).ask("revenue in 2025")
    visit = page.at.session_state["visit"]
    gateway.client.post("/api/v1/auth/logout", json={"refresh_token": visit.tokens.refresh})
    visit.tokens = Tokens("ran.out.already", visit.tokens.refresh)
    page.ask("orders in 2025")
    assert page.buttons == ["Sign in"]
    assert [info.value for info in page.at.info] == ["Your sign-in has ended. Sign in again to go on."]
    assert not page.at.metric
    assert "answer" not in page.at.session_state


def test_a_gateway_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("DATAMIND_GATEWAY_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        page = Page(AppTest.from_file(HOME, default_timeout=SECONDS)).open().sign_in("a@example.com")
    assert [error.value for error in page.at.error] == ["DataMind can't be reached right now."]
    assert "The gateway does not answer." in page.texts


def test_a_gateway_that_goes_away_keeps_the_sign_in(demo: Demo, people: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(demo.deps) as found:
        monkeypatch.setenv("DATAMIND_GATEWAY_URL", found.url)
        page = Page(AppTest.from_file(HOME, default_timeout=SECONDS)).open().sign_in(people["analyst"])
    page.ask("revenue in 2025")
    assert [error.value for error in page.at.error] == ["DataMind can't be reached right now."]
    assert "Ask" in page.buttons
    page.click("Sign out")
    assert page.buttons == ["Sign in"]
    assert "could not be told" in page.at.info[0].value


class _Jumping:
    """The computer's clock, 20 minutes ahead after `jump`."""

    def __init__(self, clock: object) -> None:
        self._clock, self._jumped = clock, False

    def jump(self) -> None:
        self._jumped = True

    def now(self) -> object:
        return self._clock.now() + dt.timedelta(minutes=20 if self._jumped else 0)  # type: ignore[attr-defined]
