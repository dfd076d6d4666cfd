"""By whom a question was read, as a line."""

from __future__ import annotations

import pytest

from app.model.answer import Verdict
from app.model.read_by import read_by


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.UNAVAILABLE])
def test_a_model_that_had_a_part_is_named(verdict: Verdict) -> None:
    assert "ollama qwen3" in read_by((), "ollama qwen3", verdict)
    assert "a language model" in read_by((), "", verdict)


@pytest.mark.parametrize("verdict", ["", Verdict.UNAVAILABLE, "of a newer version"])
def test_one_that_had_none_is_not(verdict: str) -> None:
    assert read_by(("DM6091",), "ollama qwen3", verdict) == ""


def test_what_was_approved_is_said_before_all_else() -> None:
    assert read_by(("DM6070",), "ollama qwen3", Verdict.AGREED) == "read as an admin approved"
    assert read_by(("DM6070", "DM6079")).startswith("read as an admin approved, by SQL")
