"""Where it is shown that something went."""

from __future__ import annotations

import pytest

from app.compile.diff.removed import nearest_line, placed_as_removed
from app.compile.diff.report import Action, Change, DiffReport, Kind
from app.errors import Where

OLD = "metrics:\n  - name: a\n    label: A\n  - name: b\n    label: B\n  - name: c\n"


@pytest.mark.parametrize(
    ("new", "line"),
    [
        (OLD, 4),
        ("metrics:\n  - name: a\n    label: A\n  - name: c\n", 4),
        ("# first\n# second\n" + OLD, 6),
        ("# first\nmetrics:\n  - name: a\n    label: A\n  - name: c\n", 5),
        ("metrics:\n  - name: a\n    label: A\n", 3),
        ("metrics:\n  - name: a\n    label: A\n  - name: x\n    label: B\n  - name: c\n", 4),
        ("", 0),
        ("other\n", 1),
    ],
)
def test_the_nearest_line(new: str, line: int) -> None:
    assert nearest_line(OLD, new, 4) == line


def test_every_line_leads_to_one_that_is_there() -> None:
    for new in (OLD[::-1], "x\n", OLD * 2, "metrics:\n"):
        for line in range(1, 7):
            assert 1 <= nearest_line(OLD, new, line) <= len(new.splitlines())


def test_only_what_was_removed_and_has_no_line_is_placed() -> None:
    def where(action: Action, place: Where | None, new: dict[str, str]) -> Where | None:
        change = Change(Kind.BREAKING, action, "metric.b", "gone", where=place)
        return placed_as_removed(DiffReport("1", "2", (change,)), {"m.yml": OLD}, new).changes[0].where

    without = {"m.yml": OLD.replace("  - name: b\n    label: B\n", "")}
    assert where(Action.REMOVED, Where("m.yml"), without) == Where("m.yml", 4)
    assert where(Action.CHANGED, Where("m.yml"), without) == Where("m.yml")
    assert where(Action.REMOVED, Where("m.yml", 2), without) == Where("m.yml", 2)
    assert where(Action.REMOVED, Where("m.yml"), {}) == Where("m.yml"), "its file is gone"
    assert where(Action.REMOVED, Where("other.yml"), without) == Where("other.yml")
    assert where(Action.REMOVED, None, without) is None
