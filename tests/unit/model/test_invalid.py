"""The place that msgspec tells of what is wrong, in all the forms that it has."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.model.invalid import said_and_path, under


class Row(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Rows(msgspec.Struct):
    rows: list[Row] = []
    named: dict[int, Row] = {}


@pytest.mark.parametrize(
    ("value", "kind", "path"),
    [
        ([], Rows, ""),
        ({"rows": 1}, Rows, "rows"),
        ({"rows": [{"name": "a"}, {"name": 1}]}, Rows, "rows[1].name"),
        ({"rows": [{"nam": "a"}]}, Rows, "rows[0]"),
        ({"named": {1: {"name": 1}}}, Rows, "named[...].name"),
        ({"named": {"a": {"name": "a"}}}, Rows, "named"),
        ([{"name": 1}], list[Row], "[0].name"),
    ],
)
def test_the_message_and_the_path(value: Any, kind: Any, path: str) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(value, kind)
    message, found = said_and_path(error.value)
    assert found == path
    assert message.startswith(("Expected", "Object"))
    assert " - at " not in message


@pytest.mark.parametrize(("path", "whole"), [("", "$"), ("rows[0]", "$.rows[0]"), ("[0].name", "$[0].name")])
def test_a_path_under_a_root(path: str, whole: str) -> None:
    assert under("$", path) == whole
