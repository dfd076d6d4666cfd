"""Where in the project's YAML the subjects of changes are: only files that name one are read, so that a large project costs what its changes do."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from app.compile.diff.report import Action, Change, DiffReport
from app.compile.locations import LocationIndex
from app.errors import Where

_OWNERS = {
    "dimension": "semantic_model",
    "entity": "semantic_model",
    "measure": "semantic_model",
    "segment": "semantic_model",
    "hierarchy": "semantic_model",
    "column": "model",
    "policy": "model",
    "export": "saved_query",
    "time_spine": "model",
}
_PATHS = {
    "agg_time_dimension": "defaults/agg_time_dimension",
    "params.input": "type_params/measure",
    "params.input.filter": "type_params/measure/filter",
    "params.input.fill_nulls_with": "type_params/measure/fill_nulls_with",
    "params.input.join_to_timespine": "type_params/measure/join_to_timespine",
    "params.input.measure": "type_params/measure",
    "params.window": "type_params/cumulative_type_params/window",
    "params.grain_to_date": "type_params/cumulative_type_params/grain_to_date",
    "params.period_agg": "type_params/cumulative_type_params/period_agg",
    "default_access": "vars/datamind_default_access",
    "on_failure": "config/meta/datamind/on_failure",
}
"""Where YAML says what a field holds, if not under the field's own name."""


def placed(report: DiffReport, files: Mapping[str, str]) -> DiffReport:
    """The report with the place of each change in the new side's YAML texts, as near as they tell."""
    names = {part for change in report.changes for part in change.subject.split(".")[1:] if part}
    index = LocationIndex({file: text for file, text in files.items() if any(name in text for name in names)})
    known = dict(index.all())
    return replace(report, changes=tuple(replace(change, where=_place(change, known, index)) for change in report.changes))


def _place(change: Change, known: Mapping[str, Where], index: LocationIndex) -> Where | None:
    found, owner = known.get(change.subject), known.get(owner_of(change.subject))
    if (
        found is None and owner is not None and change.action is not Action.REMOVED
    ):  # written as `{name: …}`, which only reading it as YAML finds
        exact = index.where(change.subject, owner.file)
        found = exact if exact is not None and exact.line else None
    if found is not None and change.action is not Action.REMOVED:
        path = _path(change)
        deeper = index.where(change.subject, found.file, path) if path else None
        return deeper if deeper is not None and deeper.line else found
    return found or owner or change.where


def _path(change: Change) -> str:
    if change.subject.startswith(("measure.", "dimension.", "entity.")):
        return "type_params/time_granularity" if change.field == "grain" else change.field.replace(".", "/")
    if change.field == "grain":
        return "time_granularity"
    return _PATHS.get(change.field) or change.field.replace("params.", "type_params/", 1).replace(".", "/")


def owner_of(subject: str) -> str:
    """The key of what the subject is a part of, its own where it is part of nothing."""
    kind, _, rest = subject.partition(".")
    if kind not in _OWNERS:
        return subject
    name = rest if kind == "time_spine" else rest.rpartition(".")[0]
    return f"{_OWNERS[kind]}.{name}"


def called_from(report: DiffReport, folder: str) -> DiffReport:
    """The report with places as they are called where the project is in `folder`; "." leaves them as they are."""
    if folder in ("", "."):
        return report

    def moved(change: Change) -> Change:
        where = change.where
        return change if where is None else replace(change, where=Where(f"{folder}/{where.file}", where.line, where.column, where.path))

    return replace(report, changes=tuple(map(moved, report.changes)))
