"""Signed tokens (`app.ports.Tokens`): JWS compact form, HS256 alone, one key.

python-jose 3.5 chooses by the token's header what it does with a key (CVE-2026-85394). Here nothing of the header is believed: a token's header
must be, byte for byte, the one that this file writes, and the key is made once as an HMAC key object, which has no other use. So `none`, RS256,
`kid`, `jku`, `crit` and the like never reach the library. Claims are read strictly by type, all of them required, none further allowed.
"""

from __future__ import annotations

import datetime as dt
import re

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jose import jwk, jws
from jose.exceptions import JWSError

from app.errors import Problem, UserError
from app.model.token import Claims, TokenKind

ALGORITHM = "HS256"
ISSUER = "datamind"
LEAST_SECRET = 32
"""Characters that the secret must have at least (RFC 8725, 3.5: no human-memorable keys)."""
MOST_CHARACTERS = 2048
"""A token of ours has about 450; longer input is refused before it is decoded."""
LEEWAY = dt.timedelta(seconds=30)
"""By how much another instance's clock may be ahead of ours; nothing is added to the end of a token's life."""

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""Three segments of base64url, the last of 32 bytes with its unused bits zero: a token has one spelling (decoders skip what they do not know)."""

_TYPES = {TokenKind.ACCESS: "at+jwt", TokenKind.REFRESH: "rt+jwt"}
_AUDIENCES = {TokenKind.ACCESS: "datamind-api", TokenKind.REFRESH: "datamind-refresh"}


class _Payload(msgspec.Struct, forbid_unknown_fields=True):
    """The claims as they travel (RFC 7519, 4.1); times are whole seconds since 1970."""

    iss: str
    aud: str
    sub: str
    jti: str
    sid: str
    iat: int
    nbf: int
    exp: int


class JwtTokens:
    """Makes and reads tokens with a key derived from `secret`. Raises UserError DM7020 where the secret is too short."""

    def __init__(self, secret: str) -> None:
        if len(secret) < LEAST_SECRET:
            raise UserError(
                Problem(
                    "DM7020",
                    f"the signing secret has fewer than {LEAST_SECRET} characters",
                    hint="set DATAMIND_SECRET_KEY to a long random text",
                )
            )
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"datamind token signature HS256").derive(secret.encode())
        self._key = jwk.construct(derived, ALGORITHM)
        self._headers = {kind: self._sign(kind, {}).split(".")[0] for kind in TokenKind}

    def issue(self, claims: Claims) -> str:
        """The signed token. Its life begins at `issued_at`."""
        issued = int(claims.issued_at.timestamp())
        payload = _Payload(
            iss=ISSUER,
            aud=_AUDIENCES[claims.kind],
            sub=claims.user_id,
            jti=claims.id,
            sid=claims.family,
            iat=issued,
            nbf=issued,
            exp=int(claims.expires_at.timestamp()),
        )
        return self._sign(claims.kind, msgspec.structs.asdict(payload))

    def read(self, token: str, kind: TokenKind, now: dt.datetime) -> Claims:
        """What the token says. Raises UserError DM7002 (access) or DM7003 (refresh); which check failed is not told."""
        if len(token) > MOST_CHARACTERS or not _SHAPE.fullmatch(token) or token.split(".", maxsplit=1)[0] != self._headers[kind]:
            raise refused(kind)
        try:
            payload = msgspec.json.decode(jws.verify(token, self._key, algorithms=[ALGORITHM]), type=_Payload)
            claims = _claims(payload, kind)
        except (JWSError, msgspec.DecodeError, ValueError, OverflowError, OSError):
            raise refused(kind) from None
        ours = payload.iss == ISSUER and payload.aud == _AUDIENCES[kind]
        if not (ours and payload.nbf <= (now + LEEWAY).timestamp() and now < claims.expires_at):
            raise refused(kind)
        return claims

    def _sign(self, kind: TokenKind, payload: dict[str, str | int]) -> str:
        return str(jws.sign(payload, self._key, headers={"typ": _TYPES[kind]}, algorithm=ALGORITHM))


def refused(kind: TokenKind) -> UserError:
    """DM7002 or DM7003: the token is not good."""
    if kind is TokenKind.ACCESS:
        return UserError(Problem("DM7002", "the access token is missing, not valid, or has expired", hint="refresh it, or sign in again"))
    return UserError(Problem("DM7003", "the refresh token is not valid, was used before, or has expired", hint="sign in again"))


def _claims(payload: _Payload, kind: TokenKind) -> Claims:
    """Raises ValueError, OverflowError or OSError for times that no calendar has."""
    issued, expires = (dt.datetime.fromtimestamp(seconds, dt.UTC) for seconds in (payload.iat, payload.exp))
    return Claims(payload.jti, kind, payload.sub, payload.sid, issued, expires)
