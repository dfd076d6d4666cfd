"""Rows, columns and default access: tightened, loosened, or unclear."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Direction, Kind
from tests.unit.compile.diff.bends import (
    BREAKING,
    COSMETIC,
    MEANING,
    Bend,
    bent,
    guard,
    layer_of,
    mask,
    shop,
    the,
)


@pytest.mark.parametrize(
    ("said", "direction", "kind"),
    [
        ({"row_filters": [{"name": "own_region", "filter": "status = user.region and amount > 0", "roles": ["viewer"]}]}, Direction.TIGHTENED, BREAKING),
        ({"row_filters": [{"name": "own_region", "filter": "user.region = status", "roles": ["viewer"]}]}, Direction.SAME, COSMETIC),
        ({"row_filters": [{"name": "own_region", "filter": "amount > 7", "roles": ["viewer"]}]}, Direction.UNCLEAR, BREAKING),
        ({"access": "deny"}, Direction.TIGHTENED, BREAKING),
        ({"access": "allow"}, Direction.LOOSENED, MEANING),
        (
            {
                "row_filters": [
                    {"name": "own_region", "filter": "status = user.region", "roles": ["viewer"]},
                    {"name": "paid", "filter": "status = 'paid'", "roles": ["viewer"]},
                ]
            },
            Direction.LOOSENED,
            MEANING,
        ),
    ],
)  # fmt: skip
def test_rows(said: dict[str, Any], direction: Direction, kind: Kind) -> None:
    report = bent(guard("orders", **said))
    assert {change.security for change in report.security} == {direction}, report.security
    assert {change.kind for change in report.security} == {kind}
    if kind is not COSMETIC:
        assert "revenue" in report.security[0].touches.metrics


@pytest.mark.parametrize(
    ("before", "after", "direction", "kind"),
    [
        (None, mask(pii="email"), Direction.TIGHTENED, BREAKING),
        (None, mask(deny=True), Direction.TIGHTENED, BREAKING),
        (mask(deny=True), mask(pii="email"), Direction.LOOSENED, MEANING),
        (mask(pii="email"), mask(), Direction.LOOSENED, MEANING),
        (mask(mask={"kind": "hash"}), mask(mask={"kind": "null"}), Direction.TIGHTENED, BREAKING),
        (mask(mask={"kind": "fixed"}), mask(mask={"kind": "hash"}), Direction.LOOSENED, MEANING),
        (mask(mask={"kind": "partial", "prefix": 2}), mask(mask={"kind": "hash"}), Direction.UNCLEAR, BREAKING),
        (mask(mask={"kind": "bucket", "width": 10}), mask(mask={"kind": "bucket", "width": 20}), Direction.TIGHTENED, BREAKING),
        (mask(mask={"kind": "truncate", "unit": "year"}), mask(mask={"kind": "truncate", "unit": "month"}), Direction.LOOSENED, MEANING),
    ],
)
def test_columns(before: Bend | None, after: Bend, direction: Direction, kind: Kind) -> None:
    report = bent(after, before)
    policies = [change for change in report.security if change.subject.startswith("policy.")]
    assert [(change.security, change.kind) for change in policies] == [(direction, kind)], report.security


def test_default_access() -> None:
    old, new = shop(), shop()
    new.files["dbt_project.yml"] = "name: shop\nvars:\n  datamind_default_access: deny\n"
    report = diff_layers(layer_of(old), layer_of(new))
    change = the(report, "layer", "default_access")
    assert (change.kind, change.security) == (BREAKING, Direction.TIGHTENED)
    assert change.touches.metrics  # of the models that have no policy of their own
    assert the(diff_layers(layer_of(new), layer_of(old)), "layer", "default_access").kind is MEANING
