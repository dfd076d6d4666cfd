"""What is said of what was derived, and of what could not be."""

from __future__ import annotations

from collections.abc import Mapping

from app.compile.derive.build import Derived
from app.compile.report import Place, Report


def report_derived(derived: Derived, places: Mapping[str, Place], report: Report) -> None:
    """One note on all that was derived (DM2341), and one for each reference that gives no join (DM2342). `places` are of the models."""
    if not derived.semantic_models:
        return
    count = len(derived.semantic_models)
    report.note(
        "DM2341",
        f"semantic models of {count} model{'s' * (count != 1)} are derived from columns, tests and constraints, with a row count each",
        Place("", "manifest.json"),
        "`datamind suggest` drafts semantic YAML to start from; `vars.datamind_derive: none` in dbt_project.yml switches this off",
    )
    for missed in derived.missed:
        report.note(
            "DM2342",
            f"`{missed.model}.{missed.column}` gives no join: {missed.reason}",
            places[missed.model].at(f"columns/{missed.column}"),
            missed.hint,
        )
