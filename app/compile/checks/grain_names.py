"""Dimensions and entities called like a granularity: after an entity their names are read as the grain of that entity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.compile.report import Place, Report
from app.model.ontology import TimeSpine
from app.model.semantics import SemanticModel
from app.sql.expressions.fields import says_grain


def check_grain_names(semantic_models: Iterable[SemanticModel], spines: Sequence[TimeSpine], report: Report) -> None:
    """DM2614 for each dimension or entity whose name is a standard or custom granularity, or a date part as queries write it."""
    custom = {name: spine.model for spine in spines for name, _ in spine.custom}
    for semantic_model in semantic_models:
        if semantic_model.derived:
            continue
        held = (("dimension", semantic_model.dimensions), ("entity", semantic_model.entities))
        for kind, element in ((kind, element) for kind, elements in held for element in elements):
            if says_grain(element.name, custom):
                of = f"a custom granularity of `{custom[element.name]}`" if element.name in custom else "a granularity or date part"
                report.warning(
                    "DM2614",
                    f"{kind} `{element.name}` of `{semantic_model.name}` has the name of {of}: after an entity it is read as that, so "
                    f"the {kind} can be asked for as `{element.name}` alone, and only where that means one thing",
                    Place(f"{kind}.{semantic_model.name}.{element.name}", semantic_model.file, "name"),
                    f"rename the {kind}, and keep its column as `expr`"
                    if element.name not in custom
                    else f"rename the {kind} or the granularity",
                )
