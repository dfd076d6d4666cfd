"""Edits of a text: all of them, or none."""

from __future__ import annotations

import pytest

from app.compile.lint.edit import Edit, edited, line_end

TEXT = "a: one two\nb: three\n"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], TEXT),
        ([Edit("f", 1, 4, "one", "1")], "a: 1 two\nb: three\n"),
        ([Edit("f", 1, 4, "one", "1"), Edit("f", 1, 8, "two", "2")], "a: 1 2\nb: three\n"),
        ([Edit("f", 1, 4, "one", "1"), Edit("f", 1, 4, "one", "1")], "a: 1 two\nb: three\n"),
        ([Edit("f", 1, 1, "a: one two\n", "")], "b: three\n"),
        ([Edit("f", 1, 4, "two", "2")], None),
        ([Edit("f", 9, 1, "x", "y")], None),
        ([Edit("f", 1, 4, "one two", "1"), Edit("f", 1, 8, "two", "2")], None),
        ([Edit("f", 1, 4, "one", "[")], None),
    ],
    ids=["none", "one", "two on a line", "twice", "a whole line", "not there", "no such line", "overlapping", "no YAML any more"],
)
def test_edited(edits: list[Edit], expected: str | None) -> None:
    assert edited(TEXT, edits) == expected


def test_line_ends() -> None:
    assert (line_end(["a\r\n", "b\n"]), line_end(["a\n"]), line_end(["a"])) == ("\r\n", "\n", "\n")
