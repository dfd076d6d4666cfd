"""What an engine says when it cannot answer: DM5xxx, in our own words. A database's text may hold row values: of it the log alone has what holds none."""

from __future__ import annotations

from typing import NoReturn

import structlog

from app.errors import InternalError, Problem, UserError
from app.model.ids import new_id
from app.model.sql import Limits
from app.redaction.values import without_values

_log = structlog.get_logger("datamind.engines")


def down(engine: str, reason: str) -> UserError:
    """DM5001: nothing answers at the engine's address. `reason` is a few words of ours, never the driver's."""
    return UserError(
        Problem(
            "DM5001",
            f"The engine {engine} does not answer: {reason}.",
            hint="Start it or mend its URL, then try again; nothing else is needed.",
        )
    )


def too_slow(engine: str, limits: Limits, what: str = "ran longer") -> UserError:
    """DM5002: the statement, or its wait for a lock, passed the time limit and was stopped."""
    return UserError(
        Problem(
            "DM5002",
            f"The statement {what} than its limit of {limits.seconds:g} s on {engine} and was stopped.",
            hint="Ask for a shorter period or fewer groups.",
        )
    )


def cancelled(engine: str, by: str = "on request") -> UserError:
    """DM5003: somebody stopped the statement."""
    return UserError(Problem("DM5003", f"The statement was cancelled on {engine} {by}."))


def too_big(engine: str, what: str) -> UserError:
    """DM5004: the engine's memory or size limits were passed. `what` is a few words of ours."""
    return UserError(Problem("DM5004", f"The statement was stopped on {engine}: {what}.", hint="Ask for a shorter period or fewer groups."))


def failed(engine: str, cause: BaseException, *, code: str, hint: str = "") -> UserError:
    """DM5005: the engine refused or broke off the statement. Its code and cause are logged under an id that the message names, without the values that the
    database quotes; the caller is shown the message and the hint, which hold nothing of the database's text."""
    incident = new_id("err")
    _log.error("statement_failed", engine=engine, incident=incident, engine_code=code, cause=without_values(str(cause)))
    return UserError(Problem("DM5005", f"The statement failed on {engine} (incident {incident}).", hint=hint))


def refused(engine: str, cause: BaseException, *, code: str) -> InternalError:
    """DM5006: the engine answers but does not let us in: wrong password, unknown database, no right to connect."""
    _log.error("sign_in_refused", engine=engine, engine_code=code, cause=without_values(str(cause)))
    return InternalError(
        Problem(
            "DM5006",
            f"The engine {engine} refuses the sign-in (error {code or 'unknown'}).",
            hint="Check user, password and database in its URL.",
        )
    )


def unsuitable(engine: str, what: str, hint: str = "Change the settings profile of the reading user.") -> InternalError:
    """DM5007: the engine's settings or its release would give wrong numbers and cannot be changed by us."""
    return InternalError(Problem("DM5007", f"The engine {engine} cannot be used: {what}.", hint=hint))


def busy(engine: str) -> UserError:
    """DM5008: every connection is in use, ours or the server's."""
    return UserError(Problem("DM5008", f"The engine {engine} is busy: no connection became free in time.", hint="Try again in a moment."))


def not_ours(engine: str, what: str) -> NoReturn:
    """DM5009: something other than a sealed GovernedSql of the engine's dialect came in: a fault of the program. Raises InternalError."""
    raise InternalError(Problem("DM5009", f"The engine {engine} executes governed SQL of its own dialect only: {what}."))


def not_shown(engine: str) -> UserError:
    """DM5012: the engine answered with values that nothing shows, as the states of aggregate functions are."""
    return UserError(
        Problem(
            "DM5012",
            f"A column of the result on {engine} is of a type that can't be shown.",
            hint="A state of an aggregate function becomes a value by finalizeAggregation() or a function with Merge.",
        )
    )


def bad_url(engine: str, what: str) -> UserError:
    """DM5010: the engine's URL cannot be read. Never shows the URL, which holds a password."""
    return UserError(Problem("DM5010", f"The URL of the engine {engine} cannot be used: {what}."))
