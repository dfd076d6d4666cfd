"""Every Problem code that the code can raise is documented once, and nothing else is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"DM\d{4}")


def raised() -> set[str]:
    """The codes that stand alone in a string literal of the product's code."""
    found: set[str] = set()
    for folder in ("app", "celery_worker"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    found.add(node.value)
    return found


def documented() -> Counter[str]:
    """How often each code heads a section of docs/problems."""
    lines = [line for path in (ROOT / "docs" / "problems").glob("*.md") for line in path.read_text(encoding="utf-8").splitlines()]
    return Counter(match.group() for line in lines if line.startswith("## ") and (match := CODE.search(line)))


def test_every_code_is_documented() -> None:
    assert sorted(raised() - set(documented())) == []


def test_every_documented_code_is_raised() -> None:
    assert sorted(set(documented()) - raised()) == []


def test_a_code_has_one_section() -> None:
    assert [code for code, count in documented().items() if count > 1] == []


def test_a_section_says_what_to_do() -> None:
    for path in (ROOT / "docs" / "problems").glob("DM*.md"):
        for section in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            head, _, body = section.partition("\n")
            assert CODE.match(head), head
            assert len(body.split()) >= 12, head
