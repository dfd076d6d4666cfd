"""A graft as nodes of manifest.json, with the keys that dbt 1.9 to 1.11 write."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]


def spine_node(model: Spec, name: str, project: str) -> Spec:
    """A time spine by day, made after any model."""
    column = {"name": "date_day", "description": "The day.", "meta": {}, "data_type": "date", "tags": [], "granularity": "day"}
    return model | {
        "name": name,
        "alias": name,
        "unique_id": f"model.{project}.{name}",
        "package_name": project,
        "original_file_path": f"models/{name}.sql",
        "patch_path": None,
        "columns": {"date_day": column},
        "description": "One row a day.",
        "time_spine": {"standard_granularity_column": "date_day", "custom_granularities": []},
        "raw_code": "select 1",
        "relation_name": None,
    }


def semantic_model_node(spec: Spec, models: dict[str, Spec], project: str, file: str) -> Spec:
    """A semantic model."""
    model = models[spec["model"].removeprefix("ref('").removesuffix("')")]
    return {
        **_common(spec, "semantic_model", project, file),
        "model": spec["model"],
        "node_relation": {"alias": model["alias"], "schema_name": model["schema"], "database": model["database"]},
        "label": spec.get("label"),
        "defaults": spec.get("defaults"),
        "primary_entity": spec.get("primary_entity"),
        "entities": [{"role": None, "expr": None, "description": None, "label": None} | e for e in spec["entities"]],
        "dimensions": [
            {"expr": None, "is_partition": False, "type_params": None, "description": None, "label": None} | d for d in spec["dimensions"]
        ],
        "measures": [
            {"expr": None, "create_metric": False, "agg_params": None, "agg_time_dimension": None, "non_additive_dimension": None} | m
            for m in spec["measures"]
        ],
        "depends_on": {"macros": [], "nodes": [model["unique_id"]]},
    }


def metric_node(spec: Spec, owners: dict[str, str], project: str, file: str) -> Spec:
    """A metric. `owners` gives each measure's semantic model."""
    params = spec["type_params"]
    cumulative = params.get("cumulative_type_params")
    made = {
        "measure": _measure(params.get("measure")),
        "numerator": _input(params.get("numerator")),
        "denominator": _input(params.get("denominator")),
        "expr": params.get("expr"),
        "window": None,
        "grain_to_date": None,
        "metrics": [_input(given) for given in params.get("metrics", ())],
        "conversion_type_params": _conversion(params.get("conversion_type_params")),
        "cumulative_type_params": {
            "window": _window(cumulative.get("window")),
            "grain_to_date": cumulative.get("grain_to_date"),
            "period_agg": cumulative.get("period_agg", "first"),
        }
        if cumulative is not None
        else None,
    }
    inputs = [given["name"] for given in (params.get("numerator"), params.get("denominator"), *params.get("metrics", ())) if given]
    below = [f"metric.{project}.{name}" for name in inputs]
    conversion = made["conversion_type_params"] or {}
    measures = (made["measure"], conversion.get("base_measure"), conversion.get("conversion_measure"))
    below += [f"semantic_model.{project}.{owners[given['name']]}" for given in measures if given and given["name"] in owners]
    return {
        **_common(spec, "metric", project, file),
        "label": spec.get("label"),
        "type": spec["type"],
        "type_params": made,
        "filter": _filter(spec.get("filter")),
        "time_granularity": spec.get("time_granularity"),
        "depends_on": {"macros": [], "nodes": below},
    }


def _common(spec: Spec, kind: str, project: str, file: str) -> Spec:
    meta = spec.get("meta", {})
    return {
        "name": spec["name"],
        "resource_type": kind,
        "package_name": project,
        "path": file.removeprefix("models/"),
        "original_file_path": file,
        "unique_id": f"{kind}.{project}.{spec['name']}",
        "fqn": [project, spec["name"]],
        "description": spec.get("description", ""),
        "tags": [],
        "meta": meta,
        "config": {"enabled": True, "group": None, "meta": meta},
        "group": None,
    }


def _measure(given: Spec | None) -> Spec | None:
    if given is None:
        return None
    empty = {"alias": None, "join_to_timespine": False, "fill_nulls_with": None}
    return empty | given | {"filter": _filter(given.get("filter"))}


def _conversion(given: Spec | None) -> Spec | None:
    if given is None:
        return None
    sides = {name: _measure(given[name]) for name in ("base_measure", "conversion_measure")}
    return {"constant_properties": None} | given | sides | {"window": _window(given.get("window"))}


def _input(given: Spec | None) -> Spec | None:
    if given is None:
        return None
    empty = {"alias": None, "offset_to_grain": None}
    return empty | given | {"filter": _filter(given.get("filter")), "offset_window": _window(given.get("offset_window"))}


def _window(text: str | None) -> Spec | None:
    if text is None:
        return None
    count, grain = text.split()
    return {"count": int(count), "granularity": grain.removesuffix("s")}


def _filter(text: str | None) -> Spec | None:
    return {"where_filters": [{"where_sql_template": text}]} if text else None
