"""Patches that git takes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.compile.unified import is_of_plain_lines, unified


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\n", "a\nx\nb\n"),
        ("a\nb", "a\nx\nb"),
        ("a\nb", "x\na\nb"),
        ("a\nb", "a\nb\nx\n"),
        ("a\nb\n", "a\nb\nx"),
    ],
)
def test_it_applies(before: str, after: str, tmp_path: Path) -> None:
    """Also where the last line has no end."""
    file = tmp_path / "models" / "x.yml"
    file.parent.mkdir()
    file.write_bytes(before.encode())
    patch = unified("models/x.yml", before, after).encode()
    done = subprocess.run(["git", "apply", "-p1", "-"], input=patch, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert file.read_bytes() == after.encode()


def test_nothing_is_no_patch() -> None:
    assert unified("x.yml", "a\n", "a\n") == ""


@pytest.mark.parametrize(("text", "plain"), [("", True), ("a", True), ("a\nb\n", True), ("a\x0cb\n", False), ("a\u2028b", False)])
def test_lines_that_some_readers_count_otherwise_are_not_plain(text: str, *, plain: bool) -> None:
    assert is_of_plain_lines(text) is plain
