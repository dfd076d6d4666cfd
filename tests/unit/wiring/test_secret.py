"""The secret is made once, kept private, and never lost."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import UserError
from app.settings import load_settings
from app.wiring.secret import mask_key, secret_key


def test_it_is_made_at_first_and_stays(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", secret_key=None)
    first = secret_key(settings)
    assert len(first) >= 48
    assert secret_key(settings) == first
    path = tmp_path / "data" / "secret.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(path.parent.iterdir()) == [path.with_name(".gitignore"), path]
    assert secret_key(load_settings(data_dir=tmp_path / "other", secret_key=None)) != first


def test_a_named_secret_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    assert secret_key(load_settings(data_dir=tmp_path / "data", secret_key="k" * 32)) == "k" * 32
    assert not (tmp_path / "data").exists()


def test_it_is_private_whatever_the_umask(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.umask(0); from app.settings import load_settings; from app.wiring.secret import secret_key;"
        "secret_key(load_settings(data_dir=sys.argv[1], secret_key=None))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_all_who_start_at_once_agree(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, secret_key=None)
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: secret_key(settings), range(64)))
    assert len(found) == 1
    assert sorted(os.listdir(tmp_path)) == [".gitignore", "secret.key"]


def test_where_it_cannot_be_kept_nothing_is_signed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as raised:
        secret_key(load_settings(data_dir=tmp_path / "file", secret_key=None))
    assert raised.value.problem.code == "DM1060"
    assert "DATAMIND_SECRET_KEY" in raised.value.problem.hint


def test_the_mask_key_tells_nothing_of_the_secret() -> None:
    assert mask_key("a" * 32) == mask_key("a" * 32)
    assert mask_key("a" * 32) != mask_key("b" * 32)
    assert "a" * 32 not in mask_key("a" * 32)
    assert len(mask_key("a" * 32)) == 64
