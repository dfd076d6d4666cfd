"""The options of shapes that need another one."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from app.cli.shapes import top_of
from app.model.shapes import Top

NOTHING: dict[str, Any] = {"by": "", "of": (), "per": (), "other": False}


@pytest.mark.parametrize(
    ("given", "option"), [({"by": "revenue"}, "--by"), ({"of": ("a",)}, "--of"), ({"per": ("a",)}, "--per"), ({"other": True}, "--other")]
)
def test_what_tells_of_first_groups_needs_their_number(given: dict[str, Any], option: str) -> None:
    with pytest.raises(typer.BadParameter, match="--top or --bottom") as raised:
        top_of(None, None, **NOTHING | given)
    assert raised.value.param_hint == option


def test_the_choice_of_groups() -> None:
    assert top_of(None, None, **NOTHING) is None
    assert top_of(3, None, **NOTHING | {"by": "revenue"}) == Top(3, "revenue")
    least = top_of(None, 2, **NOTHING)
    assert least is not None
    assert (least.count, least.by) == (2, "")
    assert least != top_of(2, None, **NOTHING)
    with pytest.raises(typer.BadParameter, match="choose one"):
        top_of(1, 1, **NOTHING)
