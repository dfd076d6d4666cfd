"""This product as CI systems get it: a copy of what is tracked, installed for real. What it needs is taken from where the tests run, so that no network is."""

from __future__ import annotations

import shutil
import site
import subprocess
from pathlib import Path

from tests.support.console import ROOT
from tests.support.pull_request import Clone

OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # to pip that means none
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PYTHONPATH": site.getsitepackages()[0],
}


def copied(folder: Path) -> Path:
    """The files that make an installation, in a repository of their own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if name.split("/")[0] in ("app", "celery_worker", "alembic") or "/" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    product = Clone(folder)
    product.git("init", "--quiet")
    product.commit("The product")
    return folder
