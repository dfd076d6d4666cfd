"""What a token of ours says."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.model.base import Node


class TokenKind(StrEnum):
    """An access token opens doors for minutes; a refresh token is good for one new pair."""

    ACCESS = "access"
    REFRESH = "refresh"


class Claims(Node, frozen=True):
    """For whom (`user_id`), of which sign-in (`family`), and for how long a token is good. Rights are never in it: they are looked up."""

    id: str
    kind: TokenKind
    user_id: str
    family: str
    issued_at: dt.datetime
    expires_at: dt.datetime
