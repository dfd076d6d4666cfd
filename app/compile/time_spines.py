"""Time spines: from models (dbt ≥ 1.9), from semantic_manifest.json, and by name as dbt < 1.9 has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from app.compile.dbt.manifest import Node
from app.compile.dbt.semantic import CustomGranularity, ProjectConfiguration
from app.compile.naming import Named
from app.compile.report import Place, Report
from app.model.ontology import TimeSpine
from app.model.types import Grain

_GRAINS = frozenset(Grain)

LEGACY_MODEL = "metricflow_time_spine"
LEGACY_COLUMN = "date_day"

ModelAt = Callable[[str, str], str | None]
"""(schema, relation name) → the model's name, or None."""


def spines_of_models(named: Mapping[str, Named], report: Report) -> tuple[TimeSpine, ...]:
    """Spines that models declare; a granularity column that is none is reported (DM2611). Where none has rows by day, dbt < 1.9's
    `metricflow_time_spine` is one too, as in MetricFlow."""
    found: list[TimeSpine] = []
    legacy: list[TimeSpine] = []
    for item in named.values():
        node = item.node
        if not isinstance(node, Node):
            continue
        if node.time_spine is None:
            if node.name == LEGACY_MODEL:
                legacy.append(TimeSpine(item.name, LEGACY_COLUMN, Grain.DAY))
            continue
        column = next((c for c in node.columns.values() if c.name == node.time_spine.standard_granularity_column), None)
        grain = ((column.granularity if column else None) or "").lower()
        if column is None or grain not in _GRAINS:
            report.error(
                "DM2611",
                f"time spine `{item.name}` names the column `{node.time_spine.standard_granularity_column}`, which has no standard granularity; it is not used",
                item.place.at("time_spine/standard_granularity_column"),
                "set `granularity` on the column",
            )
            continue
        found.append(TimeSpine(item.name, column.name, Grain(grain), _custom(node.time_spine.custom_granularities)))
    return tuple(found if _by_day(found) else [*found, *legacy])


def spines_of_configuration(configuration: ProjectConfiguration, model_at: ModelAt, report: Report) -> tuple[TimeSpine, ...]:
    """Spines of semantic_manifest.json; one whose model or grain is not known is reported (DM2612). The older setting counts where none has rows
    by day."""
    found: list[TimeSpine] = []
    for node in configuration.time_spines or ():
        relation = node.node_relation
        found += _spine(
            model_at(relation.schema_name, relation.alias),
            relation.alias,
            node.primary_column.name,
            node.primary_column.time_granularity,
            node.custom_granularities,
            report,
        )
    for legacy in () if _by_day(found) else configuration.time_spine_table_configurations or ():
        parts = [part.strip('"`') for part in legacy.location.split(".")]
        schema = parts[-2] if len(parts) > 1 else ""
        found += _spine(model_at(schema, parts[-1]), legacy.location, legacy.column_name, legacy.grain, None, report)
    return tuple(found)


def merge_spines(report: Report, places: Mapping[str, Place], *groups: Iterable[TimeSpine]) -> tuple[TimeSpine, ...]:
    """All spines, sorted; of two over one model the first group's. A custom granularity that several define, or that has the name of a standard
    one, is the first's alone, or none (DM2613): a query names it without its spine. `places` are of the models."""
    kept: dict[str, TimeSpine] = {}
    for group in groups:
        for spine in group:
            kept.setdefault(spine.model, spine)
    owner: dict[str, str] = {}
    nowhere = Place("", "semantic_manifest.json")
    spines = []
    for spine in sorted(kept.values(), key=lambda spine: (spine.model, spine.column)):
        custom = []
        for name, column in spine.custom:
            if name.lower() in _GRAINS:
                other = "is the name of a standard one"
            elif name.lower() in owner:
                other = f"is also one of `{owner[name.lower()]}`"
            else:
                owner[name.lower()] = spine.model
                custom.append((name, column))
                continue
            message = f"custom granularity `{name}` of time spine `{spine.model}` {other}; it is left out"
            report.error("DM2613", message, places.get(spine.model, nowhere).at("time_spine/custom_granularities"), "rename it")
        spines.append(replace(spine, custom=tuple(custom)))
    return tuple(spines)


def _by_day(spines: Iterable[TimeSpine]) -> bool:
    return any(spine.grain is Grain.DAY for spine in spines)


def _spine(
    model: str | None, location: str, column: str, grain: str, custom: list[CustomGranularity] | None, report: Report
) -> list[TimeSpine]:
    if model is None or grain.lower() not in _GRAINS:
        why = f"has the unknown grain `{grain}`" if model else "is not in the layer"
        report.warning("DM2612", f"time spine `{location}` {why}; it is not used", Place("", "semantic_manifest.json"))
        return []
    return [TimeSpine(model, column, Grain(grain.lower()), _custom(custom))]


def _custom(nodes: list[CustomGranularity] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((node.name, node.column_name or node.name) for node in nodes or ()))
