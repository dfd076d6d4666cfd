"""The small dbt project from which the manifests in `tests/fixtures/dbt` were made: its files as each dbt version can read them."""

from __future__ import annotations

import re
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "dbt"
VERSIONS = ("1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12")
STYLES = (*VERSIONS, "1.12-new")
"""A folder of fixtures each: the old semantic YAML in every version, and 1.12's, which stands inside models."""

_MARK = re.compile(r"^\s*#\?\s*(?P<word>since|until|old|new|end)\s*(?P<version>[\d.]*)\s*$")


def render(text: str, version: str, style: str = "old") -> str:
    """The lines that hold for a dbt version and a YAML style.

    A line `#? since 1.9`, `#? until 1.8`, `#? old` or `#? new` opens a block that holds for these only, `#? end` closes it; blocks nest.
    """
    kept: list[str] = []
    holds = [True]
    for line in text.splitlines():
        mark = _MARK.match(line)
        if mark is None:
            if all(holds):
                kept.append(line)
        elif mark["word"] == "end":
            holds.pop()
        elif mark["word"] in ("old", "new"):
            holds.append(style == mark["word"])
        else:
            order = (_number(version) > _number(mark["version"])) - (_number(version) < _number(mark["version"]))
            holds.append(order >= 0 if mark["word"] == "since" else order <= 0)
    if len(holds) != 1:
        raise ValueError("a block is not closed")
    return "\n".join(kept) + "\n"


def project(folder: str) -> dict[str, str]:
    """The project's files by path, as the fixtures of `folder` (`1.6` … `1.12`, `1.12-new`) were made from them."""
    version, _, style = folder.partition("-")
    root = FIXTURES / "project"
    return {
        path.relative_to(root).as_posix(): render(path.read_text(encoding="utf-8"), version, style or "old")
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
