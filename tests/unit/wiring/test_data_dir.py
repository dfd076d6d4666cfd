"""The data directory keeps itself out of git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.errors import UserError
from app.wiring.data_dir import made


def test_git_never_sees_what_lies_in_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    folder = made(tmp_path / ".datamind")
    (folder / "secret.key").write_text("secret")
    said = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said == ""


def test_what_somebody_wrote_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine")
    assert made(tmp_path) == tmp_path
    assert (tmp_path / ".gitignore").read_text() == "mine"


def test_where_it_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as caught:
        made(tmp_path / "file" / "below")
    assert caught.value.problem.code == "DM1060"
