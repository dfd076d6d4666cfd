"""`aov` and `share`: one number for each of another."""

from __future__ import annotations

import re

from app.compile.drafts.templates.ground import COUNTS, Asked, Definition, Ground

_REFERENCE = re.compile(r"""\{\{\s*\w+\(\s*['"](?P<name>\w+)['"][^}]*\)\s*\}\}""")


def average_order_value(asked: Asked, ground: Ground) -> Definition:
    """An amount for each of what is counted, as revenue per order: `--numerator`, `--denominator`."""
    numerator = ground.metric("--numerator", asked.numerator, what="the amount, as revenue")
    denominator = ground.metric("--denominator", asked.denominator, COUNTS, what="what it is for each of, as orders")
    return {
        "description": f"{_name(ground, numerator)} for each of {_name(ground, denominator)}.",
        "type": "ratio",
        "type_params": {"numerator": numerator, "denominator": denominator},
        "format": "#,##0.00",
    }


def share(asked: Asked, ground: Ground) -> Definition:
    """A part of a metric as a share of all of it: `--metric` with `--filter` for the part; or `--numerator` of `--denominator`."""
    if asked.numerator or asked.denominator:
        numerator = ground.metric("--numerator", asked.numerator, what="the part")
        denominator = ground.metric("--denominator", asked.denominator, what="the whole")
        part: object = {"name": numerator, "filter": asked.filter} if asked.filter else numerator
        said = f"{_name(ground, numerator)} as a share of {_name(ground, denominator)}."
    else:
        denominator = ground.metric("--metric", asked.metric, what="the number of which a part is wanted")
        if not asked.filter:
            raise ground.needed("--filter", "which part of it", ["\"{{ Dimension('customer__country') }} = 'Germany'\""])
        part = {"name": denominator, "filter": asked.filter, "alias": f"{denominator}_part"}
        said = f"The part of {_name(ground, denominator)} for which {plain(asked.filter)}."
    return {
        "description": said,
        "type": "ratio",
        "type_params": {"numerator": part, "denominator": denominator},
        "unit": "%",
        "format": "0.0%",
    }


def plain(condition: str) -> str:
    """A filter in words: dbt renders descriptions, so none may hold what looks like a template."""
    named = _REFERENCE.sub(lambda found: found["name"], condition)
    return " ".join(re.sub(r"[{}%]", "", named).split())


def _name(ground: Ground, metric: str) -> str:
    found = ground.ontology.metric(metric)
    return (found.label if found else "") or metric
