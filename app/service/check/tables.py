"""What a change does to those who ask, as tables of a comment: metrics added, changed in meaning and broken; exposures and saved queries touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.compile.diff.report import Action, Change, DiffReport, Kind
from app.compile.formula import formula
from app.compile.markdown.escape import cell, prose
from app.compile.markdown.sections import Section
from app.model.metrics import Metric
from app.model.ontology import Layer, Ontology
from app.service.diff import Comparison

_NAMES = 8
_METRIC = "metric."


def tables(comparison: Comparison) -> Iterator[Section]:
    """The tables that have rows."""
    report, (old, new) = comparison.report, comparison.layers
    broken = _causes(report, Kind.BREAKING)
    changed = {metric: causes for metric, causes in _causes(report, Kind.MEANING).items() if metric not in broken}
    yield from _table("Metrics broken", ("metric", "what happened"), _broken(broken))
    yield from _table(
        "Metrics changed in meaning", ("metric", "definition before", "definition after", "what changed"), _changed(changed, old, new)
    )
    yield from _table("Metrics added", ("metric", "definition"), _added(report, new.ontology))
    yield from _table("Exposures and saved queries touched", ("name", "kind", "by"), _readers(report))


def meant_otherwise(comparison: Comparison) -> tuple[str, ...]:
    """The metrics whose numbers may be others and that both layers have: those that are changed themselves first, then those that stand on what changed."""
    causes = [_causes(comparison.report, kind) for kind in (Kind.BREAKING, Kind.MEANING)]
    own = {
        metric for found in causes for metric, changes in found.items() if any(change.subject == f"{_METRIC}{metric}" for change in changes)
    }
    old, new = ({metric.name for metric in layer.ontology.metrics if not metric.hidden} for layer in comparison.layers)
    return tuple(sorted({metric for found in causes for metric in found} & old & new, key=lambda metric: (metric not in own, metric)))


def _causes(report: DiffReport, kind: Kind) -> dict[str, list[Change]]:
    """The metrics that changes of a class concern, each with these changes. What is changed of protection alone is told by itself."""
    found: dict[str, list[Change]] = {}
    for change in report.of(kind):
        if change.security is None:
            own = change.asked_by.removeprefix(_METRIC) if change.asked_by.startswith(_METRIC) else ""
            for metric in filter(None, (own, *change.touches.metrics)):
                found.setdefault(metric, []).append(change)
    return dict(sorted(found.items()))


def _broken(causes: Mapping[str, Sequence[Change]]) -> Iterator[str]:
    for metrics, changes in _together(causes):
        yield f"| {_listed(metrics)} | {_said(changes)} |"


def _changed(causes: Mapping[str, Sequence[Change]], old: Layer, new: Layer) -> Iterator[str]:
    """Each metric that is written otherwise now; those that only stand on what changed share a row."""
    sides = [_by_name(layer.ontology) for layer in (old, new)]
    below: dict[str, Sequence[Change]] = {}
    for metric, changes in causes.items():
        before, after = (
            formula(side[metric], layer.ontology) if metric in side else "" for side, layer in zip(sides, (old, new), strict=True)
        )
        if before == after:
            below[metric] = changes
        else:
            yield f"| {cell(metric)} | {cell(before)} | {cell(after)} | {_said(changes)} |"
    for metrics, changes in _together(below):
        yield f"| {_listed(metrics)} | same | same | {_said(changes)} |"


def _added(report: DiffReport, ontology: Ontology) -> Iterator[str]:
    known = _by_name(ontology)
    for change in report.of(Kind.ADDITIVE):
        metric = known.get(change.subject.removeprefix(_METRIC))
        if change.action is Action.ADDED and change.subject.startswith(_METRIC) and metric is not None:
            told = f" — {prose(metric.description, in_cell=True)}" if metric.description else ""
            yield f"| {cell(metric.name)} | {cell(formula(metric, ontology))}{told} |"


def _readers(report: DiffReport) -> Iterator[str]:
    """Who reads what changed, and must be told."""
    by: dict[tuple[str, str], list[Change]] = {}
    for kind in (Kind.BREAKING, Kind.MEANING):
        for change in report.of(kind):
            for word, names in (("exposure", change.touches.exposures), ("saved query", change.touches.saved_queries)):
                for name in names:
                    by.setdefault((word, name), []).append(change)
            word, _, name = change.asked_by.partition(".")
            if word in ("saved_query", "exposure") and change.action is not Action.ADDED:
                by.setdefault((word.replace("_", " "), name.partition(".")[0]), []).append(change)
    for (word, name), changes in sorted(by.items()):
        yield f"| {cell(name)} | {word} | {_said(changes)} |"


def _together(causes: Mapping[str, Sequence[Change]]) -> Iterator[tuple[list[str], Sequence[Change]]]:
    """Metrics that the same changes concern, in one row."""
    rows: dict[tuple[Change, ...], list[str]] = {}
    for metric, changes in causes.items():
        rows.setdefault(tuple(changes), []).append(metric)
    yield from ((metrics, changes) for changes, metrics in rows.items())


def _said(changes: Sequence[Change]) -> str:
    told = [f"{'possibly: ' if change.possible else ''}{prose(change.message, in_cell=True)}" for change in dict.fromkeys(changes)]
    return "<br>".join([*told[:3], *([f"and {len(told) - 3} more changes"] if len(told) > 3 else [])])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(cell, names[:_NAMES])) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")


def _by_name(ontology: Ontology) -> dict[str, Metric]:
    return {metric.name: metric for metric in ontology.metrics}


def _table(title: str, columns: Sequence[str], rows: Iterable[str]) -> Iterator[Section]:
    """A section, if there are rows."""
    items = [[row] for row in rows]
    if items:
        head = [f"#### {title}", "", f"| {' | '.join(columns)} |", "| " + " | ".join("---" for _ in columns) + " |"]
        yield Section(head, items, [""])
