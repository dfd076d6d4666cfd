"""Metrics that are looked at along a time spine, where there is none or none with rows as fine as they need.

Cumulative metrics, offsets and `join_to_timespine` are joined to a time spine (docs/dbt-versions.md). How fine it must be at the least is the grain
at which the coarsest question about the metric is answered; a finer question that the spines do not allow is refused when it is asked (DM3010).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.checks.ground import Ground, Looked
from app.compile.checks.written import measures_written, metrics_written
from app.compile.report import Place, Report
from app.model.metrics import Cumulative, Metric
from app.model.types import Grain
from app.sql.clock import finest

_JOINED = "join_to_timespine"


def check_spines(metric: Metric, ground: Ground, place: Place, report: Report) -> bool:
    """Whether there is a time spine for all that the metric needs one for; the first thing without is reported (DM2416)."""
    rows = ground.finest_spine()
    for what, needed, at in _needs(metric, ground, place, report):
        if rows is None:
            message = f"metric `{metric.name}` is left out: {what}, and the project has no time spine"
            report.error("DM2416", message, at, f"declare `time_spine` on a model with one row per {needed or Grain.DAY}")
            return False
        if needed is not None and rows.order > needed.order:
            message = f"metric `{metric.name}` is left out: {what} and needs a time spine by {needed}, and the finest has rows by {rows}"
            report.error("DM2416", message, at, f"declare a time spine by {needed}")
            return False
    return True


def _needs(metric: Metric, ground: Ground, place: Place, report: Report) -> Iterator[tuple[str, Grain | None, Place]]:
    """What needs a time spine, how fine it must be (None: any will do), and where that is written."""
    looked = ground.looked_at(metric)
    if isinstance(metric.params, Cumulative):
        at, window, to_date = place.at("type_params/cumulative_type_params"), metric.params.window, metric.params.grain_to_date
        if window is not None:
            yield f"it is cumulative over {window.grain}s", _finest(ground, looked, window.grain), at.at("window")
        elif to_date:
            yield f"it is cumulative since the start of the {to_date}", _finest(ground, looked, to_date), at.at("grain_to_date")
        else:
            yield "it is cumulative", _finest(ground, looked), place.at("type_params")
    else:
        for path, measure in measures_written(metric.params):
            if measure.join_to_timespine:
                yield "it joins to the time spine", None, _joined(place, path, report)
    for path, given in metrics_written(metric.params):
        at, below = place.at(path), ground.looked_under(given)
        if given.offset_window is not None:
            grain = given.offset_window.grain
            yield f"its input `{given.metric}` has an offset by {grain}s", _finest(ground, below, grain), at.at("offset_window")
        elif given.offset_to_grain:
            grain = given.offset_to_grain
            yield (
                f"its input `{given.metric}` has an offset to the start of the {grain}",
                _finest(ground, below, grain),
                at.at("offset_to_grain"),
            )
    together = ground.spine_needed(looked)
    if together is not None:
        yield "what it counts and filters by meets at no coarser grain", together, place.at("type_params")


def _finest(ground: Ground, looked: Looked, counted: str = "") -> Grain | None:
    """How fine a time spine must be for what is looked at like this, and for what is counted; None for a grain that is not known."""
    grains = [grain for grain in (ground.standard(counted), ground.spine_needed(looked)) if grain is not None]
    return finest(grains) if grains else None


def _joined(place: Place, path: str, report: Report) -> Place:
    """The place in YAML: what stands on a measure is on the simple metric itself in dbt ≥ 1.12."""
    whole = place.at(f"{path}/{_JOINED}")
    newer = place.at(f"type_params/{_JOINED}")
    return newer if path == "type_params/measure" and not report.locations.holds(whole.key, whole.file, whole.path) else whole
