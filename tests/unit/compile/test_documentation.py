"""Every code that the compile room uses is documented, and only those."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "problems" / "DM2xxx.md"


def test_every_code_has_its_section() -> None:
    used = {
        code for path in (ROOT / "app" / "compile").rglob("*.py") for code in re.findall(r'"(DM\d{4})"', path.read_text(encoding="utf-8"))
    }
    documented = re.findall(r"^## (DM\d{4}) \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert {code for code in used if code.startswith("DM2")} <= set(documented)
    others = {code for code in used if not code.startswith("DM2")}  # read of other rooms, or said at other doors
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGE.parent.glob("DM*.md"))
    assert others <= set(re.findall(r"^## (DM\d{4}) \S", pages, re.MULTILINE))
    anywhere = {code for path in (ROOT / "app").rglob("*.py") for code in re.findall(r"DM2\d{3}", path.read_text(encoding="utf-8"))}
    assert set(documented) <= anywhere
