"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data beside the repository; absent, its tests skip, or fail where DATAMIND_REQUIRE_SHARED is 1."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        if os.environ.get("DATAMIND_REQUIRE_SHARED") == "1":
            pytest.fail("../shared is absent and DATAMIND_REQUIRE_SHARED=1")
        pytest.skip("../shared is absent")
    return folder
