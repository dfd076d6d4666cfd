"""The table of docs/security.md that says which role gets through which door of the gateway, and its place in the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ROLES = ("nobody", "viewer", "analyst", "admin")
_BEGIN, _END = "<!-- doors: written by tests/gateway/test_doors.py -->\n", "<!-- end of doors -->\n"


def table(found: Mapping[str, Mapping[str, str]]) -> str:
    """Door → role → `yes`, `401` or `403`, as Markdown."""
    head = f"| door | {' | '.join(ROLES)} |\n| --- | {' | '.join('---' for _ in ROLES)} |\n"
    return head + "".join(f"| `{door}` | {' | '.join(found[door][role] for role in ROLES)} |\n" for door in sorted(found, key=_order))


def written() -> str:
    """The table as the page has it."""
    return PAGE.read_text(encoding="utf-8").partition(_BEGIN)[2].partition(_END)[0]


def write(text: str) -> None:
    """Put the table into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    PAGE.write_text(f"{before}{_BEGIN}{text}{_END}{rest.partition(_END)[2]}", encoding="utf-8")


def _order(door: str) -> tuple[str, str]:
    method, _, path = door.partition(" ")
    return path, method
