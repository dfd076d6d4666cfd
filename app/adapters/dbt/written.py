"""Writes YAML of a project back, as it was but for the edits."""

from __future__ import annotations

import codecs
from pathlib import Path

from app.adapters.whole_files import write_whole

_CRLF, _LF = b"\r\n", b"\n"


def write_yaml(path: Path, old: str, new: str) -> bool:
    """Whether the file still held `old` (line ends as `\\n`), and holds `new` now. Byte order mark and line ends stay as they are; where lines end
    in more than one way nothing is written. Raises OSError."""
    before = path.read_bytes()
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    body = before.removeprefix(mark)
    windows = body.count(_CRLF)
    if body.count(b"\r") != windows or windows not in (0, body.count(_LF)) or body.replace(_CRLF, _LF) != old.encode():
        return False
    write_whole(path, mark + (new.encode().replace(_LF, _CRLF) if windows else new.encode()))
    return True
