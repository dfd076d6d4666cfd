"""Renewing tokens: when, how often, and what ends a sign-in."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from app.ui.client import Gateway, GatewayError, Tokens
from app.ui.visit import SignInEnded, Visit

OLD, NEW = Tokens("old", "first"), Tokens("new", "second")
RENEWED = (200, {"access_token": "new", "refresh_token": "second"})
NO = (401, {"detail": "no"})
AWAY = (503, {"detail": "away"})


def visit(*answers: tuple[int, dict[str, str]]) -> tuple[Visit, list[httpx2.Request]]:
    """A visit whose gateway answers so, in that order, and the requests that it got."""
    seen: list[httpx2.Request] = []
    rest: Iterator[tuple[int, dict[str, str]]] = iter(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        status, body = next(rest)
        return httpx2.Response(status, json=body)

    return Visit(Gateway("http://gateway", transport=httpx2.MockTransport(answer)), OLD, {}), seen


def test_a_good_token_is_not_renewed() -> None:
    found, seen = visit((200, {"text": "yes"}))
    assert found.ask("revenue") == {"text": "yes"}
    assert (len(seen), found.tokens) == (1, OLD)


def test_a_spent_token_is_renewed_once() -> None:
    found, seen = visit(NO, RENEWED, (200, {"text": "yes"}))
    assert found.ask("revenue") == {"text": "yes"}
    assert [request.headers.get("authorization") for request in seen] == ["Bearer old", None, "Bearer new"]
    assert found.tokens == NEW


@pytest.mark.parametrize("answers", [(NO, NO), (NO, RENEWED, NO)])
def test_a_sign_in_that_ended(answers: tuple[tuple[int, dict[str, str]], ...]) -> None:
    found, _ = visit(*answers)
    with pytest.raises(SignInEnded):
        found.ask("revenue")


@pytest.mark.parametrize("answers", [(AWAY,), (NO, AWAY), (NO, RENEWED, AWAY)])
def test_an_outage_ends_nothing(answers: tuple[tuple[int, dict[str, str]], ...]) -> None:
    found, _ = visit(*answers)
    with pytest.raises(GatewayError) as caught:
        found.ask("revenue")
    assert caught.value.status == 503
    assert found.tokens == (NEW if RENEWED in answers else OLD)


def test_tokens_are_not_told() -> None:
    found, _ = visit()
    assert "first" not in repr(found)
    assert "old" not in repr(found)
