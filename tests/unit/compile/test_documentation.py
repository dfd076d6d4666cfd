"""Every code that the compile room uses is documented, and only those."""

from __future__ import annotations

import re
from pathlib import Path

JOINS = {"DM3002", "DM3004", "DM3005"}
"""What the join graph says of a filter that leads nowhere: read here, and reported under a code of this room."""

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "problems" / "DM2xxx.md"


def test_every_code_has_its_section() -> None:
    used = {
        code for path in (ROOT / "app" / "compile").rglob("*.py") for code in re.findall(r'"(DM\d{4})"', path.read_text(encoding="utf-8"))
    }
    documented = re.findall(r"^## (DM\d{4}) \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert {code for code in used if code.startswith("DM2")} <= set(documented)
    assert used - JOINS <= {code for code in used if code.startswith("DM2")}
    anywhere = {code for path in (ROOT / "app").rglob("*.py") for code in re.findall(r"DM2\d{3}", path.read_text(encoding="utf-8"))}
    assert set(documented) <= anywhere
