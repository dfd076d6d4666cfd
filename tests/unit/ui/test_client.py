"""The page's HTTP client: what it sends and how it reads what comes."""

from __future__ import annotations

from decimal import Decimal

import httpx2
import pytest

from app.ui.client import Gateway, GatewayError, Tokens

TOKENS = Tokens("access", "refresh")


def answering(status: int, content: bytes, seen: list[httpx2.Request] | None = None) -> Gateway:
    """A client of a gateway that always answers so."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if seen is not None:
            seen.append(request)
        return httpx2.Response(status, content=content)

    return Gateway("http://gateway", transport=httpx2.MockTransport(answer))


def test_every_digit_is_kept_in_and_out() -> None:
    digits = "12345678901234567890.12345678901234567890"
    seen: list[httpx2.Request] = []
    gateway = answering(200, b'{"value": %s}' % digits.encode(), seen)
    found = gateway.query(TOKENS, {"semantic_query": {"value": Decimal(digits)}})
    assert found == {"value": Decimal(digits)}
    assert digits.encode() in seen[0].content
    assert seen[0].headers["authorization"] == "Bearer access"
    assert seen[0].headers["content-type"] == "application/json"


def test_a_problem_document() -> None:
    body = b'{"title": "Forbidden", "detail": "no", "hint": "ask", "code": "DM7010", "correlation_id": "cor_1"}'
    with pytest.raises(GatewayError) as caught:
        answering(403, body).chat(TOKENS, {"question": "revenue"})
    error = caught.value
    assert (error.status, error.title, error.hint, error.code, error.correlation_id) == (403, "no", "ask", "DM7010", "cor_1")


@pytest.mark.parametrize(
    ("status", "content"), [(502, b"<html>bad gateway</html>"), (200, b"<html>a proxy's page</html>"), (500, b"\xff"), (200, b"[1]")]
)
def test_what_is_no_answer_of_the_gateway(status: int, content: bytes) -> None:
    with pytest.raises(GatewayError) as caught:
        answering(status, content).chat(TOKENS, {"question": "revenue"})
    assert caught.value.status == status
    assert caught.value.title == "the gateway did not answer as expected"


def test_nothing_sent_back() -> None:
    answering(204, b"").logout(TOKENS)


@pytest.mark.parametrize("given", ["../users/me/data", "shr_1/../../query/qry_1", "?x", "", "shr_" + "0" * 31, "shr_" + "0" * 32 + "\n"])
def test_what_is_no_link_is_not_asked_for(given: str) -> None:
    """Whoever writes the address of a page would else choose what the visitor's tokens read."""
    seen: list[httpx2.Request] = []
    with pytest.raises(GatewayError) as caught:
        answering(200, b"{}", seen).open_shared(TOKENS, given)
    assert caught.value.status == 404
    assert seen == []


def test_a_link_is_opened_at_its_own_path() -> None:
    seen: list[httpx2.Request] = []
    answering(200, b"{}", seen).open_shared(TOKENS, "shr_" + "0" * 32)
    assert [request.url.path for request in seen] == ["/api/v1/shared/shr_" + "0" * 32]


def test_a_file_comes_as_it_is_sent() -> None:
    seen: list[httpx2.Request] = []
    assert answering(200, b"PK\x03\xff", seen).export(TOKENS, "qry_1", "xlsx") == b"PK\x03\xff"
    assert str(seen[0].url) == "http://gateway/api/v1/query/qry_1/export?format=xlsx&bom=true"
    with pytest.raises(GatewayError) as caught:
        answering(422, b'{"detail": "this answer has no chart", "code": "DM6082"}').export(TOKENS, "qry_1", "png")
    assert (caught.value.status, caught.value.code) == (422, "DM6082")
