"""Files that are replaced whole: whoever reads one meanwhile, or finds it after this process was killed, has the old or the new one."""

from __future__ import annotations

import shutil
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write the file, and the folders above it. A file that is there keeps its mode, and a link leads where it led. Raises OSError."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.new")
    draft.write_bytes(content)
    if target.exists():
        shutil.copymode(target, draft)
    draft.replace(target)
