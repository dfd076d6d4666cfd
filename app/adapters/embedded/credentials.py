"""The generated passwords of a data directory: made once, kept in `credentials.json` (mode 0600) beside the data that they open."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from app.adapters.embedded import problems
from app.adapters.embedded.parts import Part

_FILE = "credentials.json"
_ACCOUNTS: Mapping[Part, tuple[str, ...]] = {
    Part.STORE: ("postgres", "datamind"),
    Part.POSTGRES: ("postgres", "dbt", "reader"),
    Part.CLICKHOUSE: ("dbt", "reader"),
    Part.REDIS: ("default",),
}
_PASSWORD_BYTES = 24


def load(directory: Path) -> Mapping[Part, Mapping[str, str]]:
    """Part → account → password for every part, generated and written where missing. Raises UserError DM1103, and DM1106 when data is there without them."""
    path = directory / _FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise problems.directory_unusable(directory, f"{_FILE} is not readable ({type(error).__name__})") from error
    whole = {part: {account: _known(kept, part, account) for account in accounts} for part, accounts in _ACCOUNTS.items()}
    for part, passwords in whole.items():
        # Valkey's and ClickHouse's passwords live in no data, PostgreSQL's do
        if part in (Part.STORE, Part.POSTGRES) and not all(passwords.values()) and (directory / part / "data").exists():
            raise problems.credentials_lost(directory, part.label)
    complete = {
        part: {account: password or secrets.token_urlsafe(_PASSWORD_BYTES) for account, password in passwords.items()}
        for part, passwords in whole.items()
    }
    if complete != whole:
        write_private(path, json.dumps(complete, indent=1) + "\n")
    return complete


def _known(kept: object, part: Part, account: str) -> str:
    accounts = kept.get(part) if isinstance(kept, dict) else None
    password = accounts.get(account) if isinstance(accounts, dict) else None
    return password if isinstance(password, str) else ""


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
