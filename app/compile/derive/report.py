"""What is said of what was derived, and of what could not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from app.compile.derive.build import Derived
from app.compile.derive.entities import Missed
from app.compile.report import Place, Report

_NAMED = 5
"""So many columns are named beside the first."""


def report_derived(derived: Derived, places: Mapping[str, Place], report: Report) -> None:
    """One note on all that was derived (DM2341), and one for the references of a model that give no join for one reason (DM2342). `places` are of the
    models."""
    if not derived.semantic_models:
        return
    count = len(derived.semantic_models)
    report.note(
        "DM2341",
        f"semantic models of {count} model{'s' * (count != 1)} are derived from columns, tests and constraints, with a row count each",
        Place("", "manifest.json"),
        "`datamind suggest` drafts semantic YAML to start from; `vars.datamind_derive: none` in dbt_project.yml switches this off",
    )
    together: dict[tuple[str, str], list[Missed]] = defaultdict(list)
    for missed in derived.missed:
        together[missed.model, missed.reason].append(missed)
    for (model, reason), (first, *others) in together.items():
        said = f"`{model}.{first.column}` gives no join"
        if others:
            named = ", ".join(f"`{missed.column}`" for missed in others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
            said = f"`{model}.{first.column}` and {len(others)} more of its columns ({named}) give no join"
        report.note("DM2342", f"{said}: {reason}", places[model].at(f"columns/{first.column}"), first.hint)
