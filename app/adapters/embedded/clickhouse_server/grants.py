"""Which databases a reader may not read: the owner's `REVOKE SELECT ON db.* FROM reader` and `GRANT SELECT ON db.* TO reader`, which chDB has no users for."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from app.adapters.embedded.clickhouse_server.failure import Failure
from app.adapters.embedded.clickhouse_server.statement import Statement
from app.adapters.embedded.credentials import write_private


class Grants:
    """The databases that each reader was taken, kept in a file of JSON (in memory alone without one). A reader may read any other."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._closed: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8")) if path is not None and path.exists() else {}

    def closed(self, reader: str) -> frozenset[str]:
        """The databases that this reader may not read."""
        return frozenset(self._closed.get(reader, ()))

    def change(self, statement: Statement) -> None:
        """Obey a GRANT or REVOKE. Raises Failure 48 for any but SELECT on a whole database, to or from one reader."""
        words = [word.text if word.kind == "word" else word.text[1:-1] if word.kind == "name" else word.folded for word in statement.words]
        to = "to" if statement.verb == "grant" else "from"
        form = [word.lower() for word in (*words[1:3], *words[4:7])]
        if len(words) != 8 or form != ["select", "on", ".", "*", to] or "symbol" in (statement.words[3].kind, statement.words[7].kind):
            raise Failure(48, "Of GRANT and REVOKE only SELECT ON database.* of one reader is known here")
        database, reader = words[3], words[7]
        with self._lock:
            kept = set(self._closed.get(reader, ())) - {database}
            self._closed = {**self._closed, reader: sorted(kept if to == "to" else kept | {database})}
            if self._path is not None:
                write_private(self._path, json.dumps(self._closed, indent=1) + "\n")
