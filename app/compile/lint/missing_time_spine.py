"""DM2708."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.compile.variables import FILE


class MissingTimeSpine(Rule):
    """A project with metrics and no time spine.

    Running totals, offsets, gaps that are filled and custom calendars are looked at along a time spine: a model with one row a day. Metrics that need
    one are left out (DM2416), and dbt will not parse a semantic layer without one. For example a project whose models have no `time_spine`.
    """

    code = "DM2708"

    def check(self, project: Linted) -> Iterator[Finding]:
        """One finding for the project."""
        if project.metric_nodes and project.semantic_model_nodes and not project.ontology.time_spines:
            yield Finding(
                "the project has metrics and no time spine: running totals, offsets and filled gaps can't be answered",
                Place("", FILE),
                "declare `time_spine: {standard_granularity_column: date_day}` on a model with one row a day",
            )
