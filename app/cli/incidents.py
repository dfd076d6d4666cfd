"""Where the traceback of an internal error is kept, so that a person is not shown it but an engineer can read it."""

from __future__ import annotations

import os
import traceback
from pathlib import Path


def keep(incident: str, error: Exception) -> Path | None:
    """Write the traceback to `DATA_DIR/incidents/ID.txt` (mode 0600); None where nothing can be written."""
    folder = Path(os.environ.get("DATAMIND_DATA_DIR", ".datamind")) / "incidents"
    from app.redaction.redact import redact

    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{incident}.txt"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(redact("".join(traceback.format_exception(error))))
    except OSError:
        return None
    return path
