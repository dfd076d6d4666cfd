"""Words and names of cumulative and conversion metrics that dbt leaves open."""

from __future__ import annotations

from app.compile.checks.ground import Ground
from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.metrics import Conversion, Cumulative, Metric, Window
from app.model.semantics import SemanticModel
from app.sql.joins.reached import elements, local_links

CALCULATIONS = ("conversion_rate", "conversions")
PERIOD_AGGREGATIONS = ("first", "last", "average")


def check_type(metric: Metric, ground: Ground, place: Place, report: Report) -> bool:
    """Whether the metric's own names exist: DM2418 an entity or DM2419 a property that a side of a conversion lacks, DM2420 an unknown word, DM2423 a
    window that is counted by a custom granularity."""
    match metric.params:
        case Cumulative(period_agg=word):
            return _word(metric, "period_agg", word, PERIOD_AGGREGATIONS, place.at("type_params/cumulative_type_params"), report)
        case Conversion():
            at = place.at("type_params/conversion_type_params")
            good = _word(metric, "calculation", metric.params.calculation, CALCULATIONS, at, report)
            good = _counted(metric, metric.params.window, ground, at.at("window"), report) and good
            return _sides(metric, metric.params, ground, at, report) and good
    return True


def _counted(metric: Metric, window: Window | None, ground: Ground, place: Place, report: Report) -> bool:
    """Whether a window goes back from an event by grains that every time has: no calendar says what lies a custom period before a moment."""
    if window is None or window.grain not in ground.graph.custom_grains:
        return True
    message = f"metric `{metric.name}` is left out: a conversion window can't be counted by the custom granularity `{window.grain}`"
    report.error("DM2423", message, place, "count it in days")
    return False


def _word(metric: Metric, key: str, word: str, known: tuple[str, ...], place: Place, report: Report) -> bool:
    if word in known:
        return True
    report.error("DM2420", f"metric `{metric.name}` has the unknown `{key}` `{word}`", place.at(key), "one of " + ", ".join(known))
    return False


def _sides(metric: Metric, params: Conversion, ground: Ground, place: Place, report: Report) -> bool:
    """Base and conversion events meet by the entity, and agree in the properties: each side needs them."""
    good = True
    for number, side in enumerate((params.base, params.conversion)):
        model = ground.graph.semantic_models[side.semantic_model]
        entities = [entity.name for entity in model.entities]
        if params.entity not in entities:
            message = f"metric `{metric.name}` converts per `{params.entity}`, and the semantic model `{model.name}` has no such entity"
            report.error("DM2418", message, place.at("entity"), did_you_mean(params.entity, entities) or _listed(entities))
            good = False
        for position, pair in enumerate(params.constant_properties):
            if not _has(model, pair[number]):
                names = [*entities, *(dimension.name for dimension in model.dimensions)]
                message = f"metric `{metric.name}` holds `{pair[number]}` constant, which the semantic model `{model.name}` does not have"
                key = ("base_property", "conversion_property")[number]
                hint = did_you_mean(pair[number], names) or "name a dimension or an entity of it"
                report.error("DM2419", message, place.at(f"constant_properties/{position}/{key}"), hint)
                good = False
    return good


def _has(model: SemanticModel, name: str) -> bool:
    """Whether a name, plain or qualified by an entity of the model's own, is a dimension or entity of it."""
    link, _, element = name.rpartition("__")
    if link and link not in local_links(model):
        return False
    return element in elements(model)


def _listed(names: list[str]) -> str:
    return "its entities are " + ", ".join(f"`{name}`" for name in sorted(names)) if names else "it has no entities"
