"""The filters of metrics: whether their names exist, joins lead to them, and grains can be told. A query's own filters are the planner's to check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.compile.checks.grains import finer
from app.compile.checks.ground import Ground, Key, key_of
from app.compile.checks.written import measures_written, metrics_written
from app.compile.report import Place, Report
from app.errors import Problem, UserError, both, did_you_mean
from app.model.expr import Expr, Field
from app.model.metrics import Metric
from app.model.semantics import SemanticModel
from app.model.types import Grain
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import fields
from app.sql.joins.graph import METRIC_TIME


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a filter may speak of, in lower case: dimensions with `metric_time`, entities, metrics, custom granularities; and what the project
    declares but the layer leaves out."""

    dimensions: frozenset[str]
    entities: frozenset[str]
    metrics: frozenset[str]
    grains: frozenset[str]
    left_out: frozenset[str] = frozenset()


def known_names(
    semantic_models: Sequence[SemanticModel], metrics: Iterable[str], grains: Iterable[str], declared: Iterable[str] = ()
) -> KnownNames:
    """The names of a layer; of the `declared` dimensions and entities, those that are not in it are left out."""
    entities = {e.name.lower() for s in semantic_models for e in s.entities} | {s.primary.lower() for s in semantic_models if s.primary}
    dimensions = {d.name.lower() for s in semantic_models for d in s.dimensions} | {METRIC_TIME}
    return KnownNames(
        frozenset(dimensions),
        frozenset(entities),
        frozenset(m.lower() for m in metrics),
        frozenset(g.lower() for g in grains),
        frozenset({name.lower() for name in declared} - entities - dimensions),
    )


def check_filters(metric: Metric, known: KnownNames, ground: Ground, place: Place, report: Report) -> bool:
    """Whether every reference in the metric's filters can be answered; each that cannot is reported: DM2407 left out itself, DM2410 unknown,
    DM2413 out of reach, DM2414 and DM2415 its grain, DM2417 a time that the measure does not have."""
    good = True
    seen: set[tuple[Field, tuple[Key, ...]]] = set()
    for path, condition, keys in filters_of(metric, ground):
        for field in fields(condition):
            if (field, keys) not in seen:
                seen.add((field, keys))
                good = _check(metric, field, keys, known, ground, place.at(path), report) and good
    return good


def _check(metric: Metric, field: Field, keys: tuple[Key, ...], known: KnownNames, ground: Ground, written: Place, report: Report) -> bool:
    """Whether one reference, in the filters written there, can be answered."""
    said = f"metric `{metric.name}` filters by `{field.name}`"
    missing, candidates = _missing(field, known)

    def place() -> Place:
        """Where the reference stands: looked for only where something is wrong with it."""
        return report.named(written, field, missing)

    if missing in known.left_out:
        report.note(
            "DM2407", f"metric `{metric.name}` is left out, since `{missing}`, by which it filters, is", place(), f"mend `{missing}`"
        )
        return False
    if missing:
        report.error(
            "DM2410",
            f"{said}, and there is no `{missing}`; it is left out",
            place(),
            both(did_you_mean(missing, candidates), report.quoting(place())),
        )
        return False
    if field.kind == "metric":
        return True
    name, grain, _ = (field.name, field.grain, "") if field.grain else split_name(field.name, ground.graph.custom_grains)
    if name == METRIC_TIME and not field.path:
        timeless = next((key for key in keys if ground.time(key) is None), None)
        if timeless:
            message = f"metric `{metric.name}` is left out: it filters by time, and the measure `{timeless[1]}` of `{timeless[0]}` has none"
            report.error("DM2417", message, place(), "set `agg_time_dimension` on the measure")
            return False
        told = ground.coarsest(keys)
    else:
        told, problem = reached(name, field.path, keys, ground)
        cause = sorted(known.left_out.intersection((*name.split("__"), *field.path)))
        if problem and cause:
            report.note(
                "DM2407", f"metric `{metric.name}` is left out, since `{cause[0]}`, by which it filters, is", place(), f"mend `{cause[0]}`"
            )
            return False
        if problem:
            report.error("DM2413", f"{said}, which is out of its reach: {problem.message}; it is left out", place(), problem.hint)
            return False
    wanted = ground.standard(grain) if grain else None
    if grain and wanted is None:
        hint = did_you_mean(grain, ground.grains()) or "name a standard grain, or a custom granularity of a time spine"
        at = report.named(written, field, grain)
        report.error("DM2415", f"{said} by `{grain}`, and there is no such grain; it is left out", at, hint)
        return False
    if wanted and told and wanted.order < told.order:
        at = report.named(written, field, grain)
        report.error(*finer(metric.name, f"it filters by `{field.name}` by {grain}", told, at))
        return False
    return True


def reached(name: str, path: tuple[str, ...], keys: tuple[Key, ...], ground: Ground) -> tuple[Grain | None, Problem | None]:
    """The coarsest grain of what the name means to each of the measures, None where it is no time; or why it means nothing, or not one thing for
    all of them."""
    try:
        found = ground.graph.resolve_for_all(tuple(dict.fromkeys(key[0] for key in keys)), name, path)
    except UserError as error:
        return None, error.problem
    coarsest: Grain | None = None
    for time in (one.time for one in found):
        if time and time.grain and (coarsest is None or coarsest.order < time.grain.order):
            coarsest = time.grain
    return coarsest, None


def _missing(field: Field, known: KnownNames) -> tuple[str, frozenset[str]]:
    """The part of a reference that does not exist, with what it could have been; "" where all of it does."""
    parts = [part.lower() for part in field.name.split("__")]
    if field.kind == "metric":
        if field.name.lower() not in known.metrics:
            return field.name, known.metrics
        keys = known.entities | known.dimensions
        return next(
            (name for name in field.group_by if split_name(name.lower(), known.grains)[0].rpartition("__")[2] not in keys), ""
        ), keys
    if len(parts) > 1 and parts[-1] in known.grains and parts[-1] not in known.dimensions:
        parts.pop()
    names = known.entities if field.kind == "entity" else known.dimensions | known.entities
    whole = "__".join(parts)
    if whole in names:
        return "", names
    if parts[-1] not in names:
        return parts[-1], names
    return next((part for part in (*parts[:-1], *(p.lower() for p in field.path)) if part not in known.entities), ""), known.entities


def filters_of(metric: Metric, ground: Ground) -> Iterator[tuple[str, Expr, tuple[Key, ...]]]:
    """Each filter of the metric: where it is written, the condition, and the measures to which it goes."""
    if metric.filter is not None:
        yield "filter", metric.filter, ground.of(metric)
    for path, measure in measures_written(metric.params):
        if measure.filter is not None:
            yield f"{path}/filter", measure.filter, (key_of(measure),)
    for path, given in metrics_written(metric.params):
        if given.filter is not None:
            yield f"{path}/filter", given.filter, ground.below(given.metric)
