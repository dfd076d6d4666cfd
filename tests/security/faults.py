"""What no answer may be, whatever was sent: a fault of ours, late, or telling of the inside."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Protocol

MOST_SECONDS = 6.0
TRIES = 3
WORK = {"POST /api/v1/compiler/compile": 60.0}
"""Operations that answer when their work is done, and how long that may take."""
INSIDES = re.compile(
    r"Traceback \(most recent|File \\?\"[^\"]+\\?\", line \d|site-packages|/app/\w+/|\w\.py:\d|psycopg|clickhouse_connect|sqlalchemy"
    r"|Code: \d+\. DB::|DB::Exception|SQLSTATE|LINE \d+:|pydantic|msgspec|audit\.audit_log|pg_catalog|password_hash|argon2"
)
"""What tells of the code, of a driver, or of the words of a database."""


class Answered(Protocol):
    """An answer of any client."""

    status_code: int
    text: str

    @property
    def headers(self) -> Any: ...


def fault(answer: Answered, sent: str = "") -> str:
    """Why an answer may not be; "" where it may. What the request itself held is no telling."""
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:300]}"
    told = INSIDES.search(answer.text)
    return f"tells {told[0]!r}" if told and told[0] not in sent else ""


def late(ask: Callable[[], object], most: float = MOST_SECONDS) -> str:
    """Why an answer came too late: it did so again and again when it was asked for alone. A machine that is busy for a moment is no fault."""
    taken = []
    for _ in range(TRIES):
        began = time.monotonic()
        ask()
        taken.append(time.monotonic() - began)
        if taken[-1] <= most:
            return ""
    return f"late: {min(taken):.1f} s"
