"""Fills a template: the definitions of a new metric and of those that it needs beside it, in the form of a dbt version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.compile.derive.words import RESERVED, in_words
from app.compile.drafts.form import Form
from app.compile.drafts.templates.conversions import conversion, retention
from app.compile.drafts.templates.ground import Asked, Definition, Ground, Template
from app.compile.drafts.templates.over_time import churn, growth
from app.compile.drafts.templates.ratios import average_order_value, share
from app.errors import Problem, UserError, did_you_mean
from app.model.ontology import Ontology

TEMPLATES: Mapping[str, Template] = {
    "aov": average_order_value,
    "churn": churn,
    "conversion": conversion,
    "growth": growth,
    "retention": retention,
    "share": share,
}
_NAME = re.compile(r"[a-z](?:_?[a-z0-9])+")


@dataclass(frozen=True, slots=True)
class Filled:
    """A new metric by name, and all definitions in the order in which YAML has them, its helpers first."""

    name: str
    definitions: tuple[Definition, ...]


def fill(template: str, name: str, asked: Asked, ontology: Ontology, form: Form, *, label: str = "", description: str = "") -> Filled:
    """The definitions, as dbt ≤ 1.11 has them.

    Raises UserError DM2360 for an unknown template, DM2361 for an option that is missing, DM2362 for a name that is not there, DM2363 for the name
    of the new metric, DM2364 for what does not fit.
    """
    if template not in TEMPLATES:
        hint = did_you_mean(template, TEMPLATES) or f"there are: {', '.join(TEMPLATES)}"
        raise UserError(Problem("DM2360", f"there is no template `{template}`", hint=hint))
    _check_name(name, ontology)
    if template in ("conversion", "retention") and not form.conversions and not (asked.lost or asked.active):
        raise UserError(Problem("DM2364", f"dbt {form} has no conversion metrics", hint="they came with dbt 1.7"))
    ground = Ground(ontology, template, form.inside_models)
    made = TEMPLATES[template](asked, ground)
    words = {key: made.pop(key) for key in ("unit", "format") if key in made}
    grain = made.pop("time_granularity", "")
    meta = {"meta": {"datamind": words}}
    own: Definition = {
        "name": name,
        "label": label or in_words(name),
        "description": description or made["description"],
        **{key: value for key, value in made.items() if key != "description"},
        **({"time_granularity": grain} if grain and form.time_spines else {}),
        **({"config": meta} if form.version >= (1, 8) else meta),
    }
    return Filled(name, (*ground.helpers.values(), own))


def unnested(definition: Definition) -> Definition:
    """A metric as dbt ≥ 1.12 has it: nothing under `type_params`, and the inputs of derived metrics as `input_metrics`."""
    found: Definition = {}
    for key, value in definition.items():
        if key != "type_params":
            found[key] = value
            continue
        params = {**value, **value.get("conversion_type_params", {})}
        params.pop("conversion_type_params", None)
        found |= {"input_metrics" if name == "metrics" else name: held for name, held in params.items()}
    return found


def _check_name(name: str, ontology: Ontology) -> None:
    if not _NAME.fullmatch(name) or name in RESERVED:
        hint = "small letters, digits and single underscores, a letter first, and no word that queries read as something else"
        raise UserError(Problem("DM2363", f"`{name}` is no name for a metric", hint=hint))
    metric = ontology.metric(name)
    if metric is not None and not metric.derived:
        where = f" in {metric.file}" if metric.file else ""
        raise UserError(Problem("DM2363", f"there is a metric `{name}` already{where}", hint="name the new one otherwise"))
