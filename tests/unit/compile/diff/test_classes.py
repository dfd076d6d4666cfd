"""Each kind of change, bent into a manifest: its class, and what it is of."""

from __future__ import annotations

import pytest

from tests.unit.compile.diff.bends import (
    ADDITIVE,
    CHANGES,
    COSMETIC,
    MEANING,
    Bend,
    bent,
    metric,
    node,
    put,
    put_said,
    semantic,
)

_PAID = {"segments": [{"name": "paid", "where": "{{ Dimension('order__status') }} = 'paid'"}]}
_PLACE = {"hierarchies": [{"name": "place", "levels": ["status", "is_big"]}]}
BEFORE: dict[str, Bend] = {
    "segment removed": put_said(**_PAID, **_PLACE),
    **dict.fromkeys(("segment's filter", "segment by another spelling"), put_said(**_PAID)),
    **dict.fromkeys(("hierarchy shorter", "hierarchy longer", "hierarchy upside down"), put_said(**_PLACE)),
    "measure's time": lambda m: semantic("orders")(m)["dimensions"].append(
        {"name": "paid_at", "type": "time", "expr": "ordered_at", "type_params": {"time_granularity": "day"}}
    ),
    "synonym taken away": put(metric("aov"), meta={"datamind": {"synonyms": ["basket"]}}),
    "metric's unit": put(metric("revenue"), config={"meta": {"datamind": {"unit": "EUR"}}}),
    "format": put(metric("revenue"), config={"meta": {"datamind": {"unit": "EUR"}}}),
    "failed tests block no more": put(node("orders"), config={"meta": {"datamind": {"on_failure": "block"}}}),
    "contract dropped": lambda m: node("orders")(m)["config"].update(contract={"enforced": True}),
}
BEFORE["default time"] = BEFORE["measure's time"]


@pytest.mark.parametrize("name", CHANGES)
def test_class(name: str) -> None:
    bend, kind, subject, field = CHANGES[name]
    report = bent(bend, BEFORE.get(name))
    found = [change for change in report.changes if (change.subject, change.field) == (subject, field)]
    assert [change.kind for change in found] == [kind], report.changes
    if kind in (ADDITIVE, COSMETIC):
        assert report.worst is kind, report.changes
    if kind is MEANING:
        assert report.worst is MEANING, report.changes
