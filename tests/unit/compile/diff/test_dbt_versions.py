"""One project through dbt's versions: an upgrade of dbt is no change of the layer, and what dbt 1.12's new YAML loses is told."""

from __future__ import annotations

import pytest

from app.compile.artifacts import TargetArtifacts
from app.compile.diff.code import code_changes, read_code
from app.compile.diff.diff import diff_layers
from app.compile.diff.report import DiffReport, Kind
from app.compile.project import compile_project
from tests.unit.compile.diff.layers import FIXTURES


def diff(old: str, new: str, engine: str = "postgres") -> DiffReport:
    manifests = [(FIXTURES / version / f"{engine}.json").read_bytes() for version in (old, new)]
    layers = [compile_project([TargetArtifacts(engine, manifest)]).layer for manifest in manifests]
    return diff_layers(*layers, code_changes(*map(read_code, manifests)))


@pytest.mark.parametrize("engine", ["postgres", "clickhouse"])
@pytest.mark.parametrize(("old", "new"), [("1.10", "1.11"), ("1.11", "1.12"), ("1.12", "1.10")])
def test_an_upgrade_changes_nothing_that_is_asked(old: str, new: str, engine: str) -> None:
    assert diff(old, new, engine).worst in (None, Kind.COSMETIC)


def test_what_a_project_gained_with_a_version_is_told() -> None:
    found = {(change.kind.value, change.subject, change.field) for change in diff("1.8", "1.9").changes if change.kind is not Kind.COSMETIC}
    assert found == {
        ("meaning", "dimension.parcels.sent_at", "grain"),
        ("meaning", "dimension.visits.visited_at", "grain"),
        ("meaning", "time_spine.all_days", "model"),
        ("additive", "time_spine.all_days", "custom"),
        ("additive", "time_spine.all_hours", ""),
        ("additive", "time_spine.all_months", ""),
    }


def test_the_new_yaml_of_dbt_1_12_means_the_same_but_for_what_it_loses() -> None:
    """Metrics carry measures of their own there: other names, the same numbers. The rest are dbt's traps, and what this fixture leaves out."""
    found = {(change.subject, change.field) for change in diff("1.12", "1.12-new").changes if change.kind in (Kind.BREAKING, Kind.MEANING)}
    assert found == {
        ("dimension.parcels.status", "synonyms"),
        ("measure.parcels.p90_price", "approximate"),
        ("measure.parcels.p90_price_approximate", ""),
        ("metric.p90_price_approximate", ""),
        ("metric.delivered_parcels", "hidden"),
        ("metric.parcel_count_filled", "params.input.fill_nulls_with"),
        ("metric.visit_to_parcel_conversions", "params.conversion.join_to_timespine"),
        ("metric.visit_to_parcel_rate", "params.conversion.join_to_timespine"),
        ("metric.visit_to_parcel_rate", "params.base.filter"),
    }
