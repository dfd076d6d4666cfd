"""Tokens that somebody else made, or that were altered, copied or kept too long: each is refused, and none reaches python-jose's choice of algorithm."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from jose import jws, jwt

from app.adapters.tokens.jwt import ALGORITHM, JwtTokens
from app.errors import UserError
from app.model.token import Claims, TokenKind

SECRET = "a test secret of more than thirty-two characters"
NOW = dt.datetime(2026, 11, 21, 10, 0, 0, tzinfo=dt.UTC)
CLAIMS = Claims("acc_1", TokenKind.ACCESS, "usr_1", "fam_1", NOW, NOW + dt.timedelta(minutes=15))
REFRESH = Claims("rft_1", TokenKind.REFRESH, "usr_1", "fam_1", NOW, NOW + dt.timedelta(days=7))
HEADER = {"alg": "HS256", "typ": "at+jwt"}
PAYLOAD: dict[str, Any] = {
    "iss": "datamind",
    "aud": "datamind-api",
    "sub": "usr_1",
    "jti": "acc_1",
    "sid": "fam_1",
    "iat": int(NOW.timestamp()),
    "nbf": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 900,
}


class Insider:
    """Signs whatever it likes with the real key: only so can checks behind the signature be tested."""

    def __init__(self, tokens: JwtTokens) -> None:
        self._tokens = tokens

    def header(self, kind: TokenKind = TokenKind.ACCESS) -> str:
        return self._tokens.issue(CLAIMS if kind is TokenKind.ACCESS else REFRESH).split(".")[0]

    def sign(self, header: str, payload: bytes) -> str:
        """A token with this header segment and payload under a true signature."""
        signed = f"{header}.{encode(payload)}"
        return f"{signed}.{encode(self._tokens._key.sign(signed.encode()))}"

    def token(self, **changes: Any) -> str:
        kept = {name: value for name, value in {**PAYLOAD, **changes}.items() if value is not ...}
        return self.sign(self.header(), json.dumps(kept).encode())


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture(scope="module")
def tokens() -> JwtTokens:
    return JwtTokens(SECRET)


@pytest.fixture(scope="module")
def insider(tokens: JwtTokens) -> Insider:
    return Insider(tokens)


def refused(tokens: JwtTokens, token: str, kind: TokenKind = TokenKind.ACCESS, now: dt.datetime = NOW) -> None:
    with pytest.raises(UserError) as caught:
        tokens.read(token, kind, now)
    assert caught.value.problem.code == ("DM7002" if kind is TokenKind.ACCESS else "DM7003")
    assert len(token) < 30 or token not in str(caught.value)


@pytest.mark.parametrize("claims", [CLAIMS, REFRESH])
def test_ours_are_read_back(tokens: JwtTokens, claims: Claims) -> None:
    assert tokens.read(tokens.issue(claims), claims.kind, NOW) == claims


def test_the_insiders_unchanged_token_is_good(tokens: JwtTokens, insider: Insider) -> None:
    """Else every test with an insider would pass for the wrong reason."""
    assert tokens.read(insider.token(), TokenKind.ACCESS, NOW) == CLAIMS


def test_tokens_are_good_in_every_process_with_the_secret_and_in_no_other(tokens: JwtTokens) -> None:
    token = tokens.issue(CLAIMS)
    assert JwtTokens(SECRET).read(token, TokenKind.ACCESS, NOW) == CLAIMS
    refused(JwtTokens(SECRET + "."), token)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", ["", "AA"])
def test_no_algorithm(tokens: JwtTokens, algorithm: str, signature: str) -> None:
    header = encode(json.dumps({"alg": algorithm, "typ": "at+jwt"}).encode())
    refused(tokens, f"{header}.{encode(json.dumps(PAYLOAD).encode())}.{signature}")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "PS256", "HS384", "HS512", "A256KW", "dir"])
def test_another_algorithm_over_a_true_hmac(tokens: JwtTokens, insider: Insider, algorithm: str) -> None:
    refused(tokens, insider.sign(encode(json.dumps({"alg": algorithm, "typ": "at+jwt"}).encode()), json.dumps(PAYLOAD).encode()))


def test_a_public_key_used_as_the_secret(tokens: JwtTokens) -> None:
    """The confusion of CVE-2026-85394: RS256 tokens under a key of the attacker, HS256 tokens keyed with a public key in every encoding."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    refused(tokens, jwt.encode(PAYLOAD, private, algorithm="RS256", headers={"typ": "at+jwt"}))
    for encoding, form in (
        (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
    ):
        public = key.public_key().public_bytes(encoding, form)
        signed = f"{encode(json.dumps(HEADER).encode())}.{encode(json.dumps(PAYLOAD).encode())}"
        refused(tokens, f"{signed}.{encode(hmac.new(public, signed.encode(), hashlib.sha256).digest())}")


@pytest.mark.parametrize("secret", [SECRET, "", "secret", "null", "datamind"])
def test_hmac_with_a_guessed_key(tokens: JwtTokens, insider: Insider, secret: str) -> None:
    """The settings' secret itself is no key either: the key is derived from it for this one use."""
    signed = f"{insider.header()}.{encode(json.dumps(PAYLOAD).encode())}"
    refused(tokens, f"{signed}.{encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}")


@pytest.mark.parametrize(
    "more",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "1' UNION SELECT 'key"},
        {"kid": ""},
        {"jku": "https://attacker.example/keys"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"x5u": "https://attacker.example/cert"},
        {"crit": ["b64"], "b64": False},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"alg": ["HS256"]},
        {"alg": "hs256"},
        {"typ": "JWT"},
        {"typ": "AT+JWT"},
        {"typ": ["at+jwt"]},
        {"typ": None},
    ],
)
def test_any_other_header_even_under_a_true_signature(tokens: JwtTokens, insider: Insider, more: dict[str, Any]) -> None:
    header = json.dumps({**HEADER, **more}, separators=(",", ":"), sort_keys=True).encode()
    refused(tokens, insider.sign(encode(header), json.dumps(PAYLOAD).encode()))


def test_the_same_header_in_other_bytes(tokens: JwtTokens, insider: Insider) -> None:
    for spelled in (b'{"typ":"at+jwt","alg":"HS256"}', b'{ "alg":"HS256","typ":"at+jwt"}', b'{"alg":"none","alg":"HS256","typ":"at+jwt"}'):
        refused(tokens, insider.sign(encode(spelled), json.dumps(PAYLOAD).encode()))


@pytest.mark.parametrize("name", list(PAYLOAD))
def test_every_claim_is_required(tokens: JwtTokens, insider: Insider, name: str) -> None:
    refused(tokens, insider.token(**{name: ...}))


@pytest.mark.parametrize("name", list(PAYLOAD))
@pytest.mark.parametrize("shape", ["list", "dict", "null", "bool", "other"])
def test_every_claim_has_one_type(tokens: JwtTokens, insider: Insider, name: str, shape: str) -> None:
    value = PAYLOAD[name]
    other = str(value) if isinstance(value, int) else 1
    made = {"list": [value], "dict": {"a": value}, "null": None, "bool": True, "other": other}[shape]
    refused(tokens, insider.token(**{name: made}))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "elsewhere"},
        {"iss": "datamind "},
        {"aud": "datamind-refresh"},
        {"aud": "another"},
        {"role": "admin"},
        {"exp": 10**30},
        {"exp": -(10**18)},
        {"exp": 1e18},
        {"exp": PAYLOAD["exp"] + 0.5},
        {"iat": 10**15},
        {"exp": int(NOW.timestamp())},
        {"exp": int(NOW.timestamp()) - 1},
        {"nbf": int(NOW.timestamp()) + 31},
    ],
)
def test_claims_that_are_wrong(tokens: JwtTokens, insider: Insider, changes: dict[str, Any]) -> None:
    refused(tokens, insider.token(**changes))


def test_a_life_has_an_end_and_a_beginning(tokens: JwtTokens) -> None:
    token = tokens.issue(CLAIMS)
    assert tokens.read(token, TokenKind.ACCESS, CLAIMS.expires_at - dt.timedelta(microseconds=1)) == CLAIMS
    refused(tokens, token, now=CLAIMS.expires_at)
    assert tokens.read(token, TokenKind.ACCESS, NOW - dt.timedelta(seconds=30)) == CLAIMS
    refused(tokens, token, now=NOW - dt.timedelta(seconds=31))


def test_one_kind_is_not_the_other(tokens: JwtTokens, insider: Insider) -> None:
    refused(tokens, tokens.issue(CLAIMS), TokenKind.REFRESH)
    refused(tokens, tokens.issue(REFRESH), TokenKind.ACCESS)
    payload = json.dumps(PAYLOAD).encode()
    refused(tokens, insider.sign(insider.header(TokenKind.REFRESH), payload), TokenKind.REFRESH)
    refused(tokens, insider.sign(insider.header(TokenKind.REFRESH), payload), TokenKind.ACCESS)


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{}", b'"text"', b"{", b"\xff\xfe", b"1", b"[" * 1000])
def test_payloads_that_are_no_claims(tokens: JwtTokens, insider: Insider, payload: bytes) -> None:
    refused(tokens, insider.sign(insider.header(), payload))


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b.c", "Bearer x", "\x00", "é.é.é", "{}", "a" * 2048, "\ud800"])
def test_what_is_no_token(tokens: JwtTokens, token: str) -> None:
    refused(tokens, token)


@pytest.mark.parametrize(
    "mend",
    [
        lambda token: token + ".",
        lambda token: token + ".x",
        lambda token: token.rsplit(".", 1)[0],
        lambda token: token.rsplit(".", 1)[0] + ".",
        lambda token: token.split(".")[0],
        lambda token: token.split(".")[0] + "..",
        lambda token: token.split(".")[0] + ".!!!.!!!",
        lambda token: token.split(".")[0] + ".é.é",
        lambda token: token.split(".")[0] + ".\ud800.x",
    ],
)
def test_a_good_token_with_parts_missing_or_added(tokens: JwtTokens, mend: Callable[[str], str]) -> None:
    refused(tokens, mend(tokens.issue(CLAIMS)))


def test_a_token_that_is_too_long_is_not_looked_at(tokens: JwtTokens, insider: Insider) -> None:
    refused(tokens, insider.token(sub="u" * 3000))


@given(place=st.integers(min_value=0), letter=st.sampled_from("ABCabc019-_=. \n"))
def test_any_changed_character_is_noticed(place: int, letter: str) -> None:
    tokens = JwtTokens(SECRET)
    token = tokens.issue(CLAIMS)
    at = place % len(token)
    altered = token[:at] + letter + token[at + 1 :]
    if altered != token:
        refused(tokens, altered)


@given(place=st.integers(min_value=0), junk=st.sampled_from(["!", "\n", " ", "=", ".", "\x00", "+", "/"]))
def test_any_added_character_is_noticed(place: int, junk: str) -> None:
    tokens = JwtTokens(SECRET)
    token = tokens.issue(CLAIMS)
    at = place % (len(token) + 1)
    refused(tokens, token[:at] + junk + token[at:])


@given(token=st.text(max_size=200))
def test_any_text_is_refused_with_a_problem(token: str) -> None:
    refused(JwtTokens(SECRET), token)


@pytest.mark.parametrize("junk", ["!!!!", "\n\n\n\n", "    ", "++++", "===="])
def test_a_signature_has_one_spelling(tokens: JwtTokens, junk: str) -> None:
    """Decoders skip characters that they do not know, and the last character carries two bits that mean nothing."""
    token = tokens.issue(CLAIMS)
    refused(tokens, token[:-5] + junk + token[-5:])
    refused(tokens, token + junk)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    refused(tokens, token[:-1] + letters[letters.index(token[-1]) + 1])


def test_a_token_that_jose_would_accept_with_the_key_is_not_enough(tokens: JwtTokens) -> None:
    """python-jose's own default header, signed with the real key: the library says yes, we do not."""
    token = jws.sign(PAYLOAD, tokens._key, algorithm=ALGORITHM)
    assert jws.verify(token, tokens._key, [ALGORITHM])
    refused(tokens, token)


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_short_secret_is_refused(secret: str) -> None:
    with pytest.raises(UserError) as caught:
        JwtTokens(secret)
    assert caught.value.problem.code == "DM7020"


def test_the_secret_is_not_told(tokens: JwtTokens) -> None:
    assert SECRET not in repr(tokens)
    assert SECRET not in repr(vars(tokens))
