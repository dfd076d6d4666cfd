"""Metrics that filter by metrics (`{{ Metric('orders', ['customer']) }}`): what they filter by must be there, be grouped by what both have, and not
stand on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from app.compile.checks.filters import filters_of, reached
from app.compile.checks.ground import Ground, Key
from app.compile.order import arranged, circle
from app.compile.report import Place, Report
from app.errors import Problem
from app.model.expr import Field
from app.model.metrics import Metric, metric_inputs
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import fields
from app.sql.joins.graph import METRIC_TIME


def well_grouped(metrics: Mapping[str, Metric], ground: Ground, places: Mapping[str, Place], report: Report) -> set[str]:
    """The metrics that filter by metrics, less those of which one is grouped by nothing, or by what it or the filtered rows do not have (DM2421)."""
    spelled = {name.lower(): name for name in metrics}
    good: set[str] = set()
    for name in ground.filtered_by:
        if name not in metrics:
            continue
        wrong = next(_wrong(metrics[name], spelled, ground), None)
        if wrong is None:
            good.add(name)
            continue
        path, field, item, why, hint = wrong
        report.error("DM2421", f"metric `{name}` is left out: {why}", report.named(places[name].at(path), field, item), hint)
    return good


def _wrong(metric: Metric, spelled: Mapping[str, str], ground: Ground) -> Iterator[tuple[str, Field, str, str, str]]:
    """What is wrong with its `Metric()`s: where, which one and item of it, why, and what to do."""
    for path, condition, keys in filters_of(metric, ground):
        for field in (field for field in fields(condition) if field.kind == "metric"):
            said = f"it filters by `Metric('{field.name}')`"
            if not field.group_by:
                yield (
                    path,
                    field,
                    "",
                    f"{said} without a `group_by`, so that no row has a value of its own",
                    "name the entity: `group_by=['customer']`",
                )
            below = ground.below(spelled.get(field.name.lower(), ""))
            for item in field.group_by if below else ():
                for problem, whose in (
                    (_out_of_reach(item, below, ground), f"`{field.name}`"),
                    (_of_rows(item, keys, ground), "what it filters"),
                ):
                    if problem is not None:
                        yield path, field, item, f"{said} by `{item}`, which {whose} does not have: {problem.message}", problem.hint


def _of_rows(item: str, keys: tuple[Key, ...], ground: Ground) -> Problem | None:
    """Why filtered rows do not have the item, under its name or that of its last part."""
    problem = _out_of_reach(item, keys, ground)
    last = split_name(item, ground.graph.custom_grains)[0].rpartition("__")[2]
    return problem if problem is None or last == item or _out_of_reach(last, keys, ground) is not None else None


def _out_of_reach(item: str, keys: tuple[Key, ...], ground: Ground) -> Problem | None:
    """Why some of the measures do not have the item."""
    name = split_name(item.lower(), ground.graph.custom_grains)[0]
    if name != METRIC_TIME:
        return reached(name, (), keys, ground)[1]
    timeless = next((key for key in keys if ground.time(key) is None), None)
    return (
        Problem("DM2417", f"the measure `{timeless[1]}` has no time", hint="set `agg_time_dimension` on the measure") if timeless else None
    )


def without_unserved(
    metrics: Mapping[str, Metric], by: Mapping[str, Set[str]], places: Mapping[str, Place], report: Report
) -> Mapping[str, Metric]:
    """The metrics, of which some filter `by` metrics (names in lower case), without those that filter by a metric that was left out (DM2407) or
    by themselves, by way of others (DM2408), and without what stands on those."""
    if not by:
        return metrics
    spelled = {name.lower(): name for name in metrics}
    filtered = {name: {spelled.get(n, n) for n in found} for name, found in by.items() if name in metrics}
    inputs = {
        name: {given.metric for given in metric_inputs(metric.params)} | filtered.get(name, set()) for name, metric in metrics.items()
    }
    order, circles = arranged({name: {i for i in found if i in metrics} for name, found in inputs.items()})
    kept: dict[str, Metric] = {}
    for name in order:
        place = places.get(name, Place(f"metric.{name}", metrics[name].file))
        cause = next((given for given in sorted(inputs[name]) if given not in kept), None)
        if name in circles:
            report.error("DM2408", circle(name, circles[name]), place.at("filter"), "break the circle")
        elif cause is not None:
            why = "by which it filters" if cause in filtered.get(name, ()) else "of which it is made"
            report.note("DM2407", f"metric `{name}` is left out, since `{cause}`, {why}, is", place, f"mend `{cause}`")
        else:
            kept[name] = metrics[name]
    return kept
