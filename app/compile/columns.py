"""Columns that the semantic layer reads and YAML does not describe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.expr import Expr
from app.model.ontology import TimeSpine
from app.model.physical import Model, ModelColumn
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import columns


def add_read_columns(
    models: Sequence[Model],
    semantic_models: Iterable[SemanticModel],
    spines: Iterable[TimeSpine],
    complete: Collection[str],
    report: Report,
) -> tuple[Model, ...]:
    """The models with the columns that entities, dimensions, measures and time spines read.

    Where a catalog told all columns of a model (`complete`), one that is not among them is no column: DM2309. Else it is added, without a type.
    """
    by_name = {model.name: model for model in models}
    read: dict[str, set[str]] = defaultdict(set)
    for semantic_model in semantic_models:
        known = {column.name for column in by_name[semantic_model.model].columns}
        for kind, name, expr in _expressions(semantic_model):
            for column in columns(expr):
                if column.name in known:
                    continue
                if semantic_model.model in complete:
                    if column.name.lower() not in {k.lower() for k in known}:
                        place = Place(f"{kind}.{semantic_model.name}.{name}", semantic_model.file, "expr")
                        hint = did_you_mean(column.name, known)
                        report.warning(
                            "DM2309",
                            f"{kind} `{name}` reads `{column.name}`, which `{semantic_model.model}` does not have by the catalog",
                            place,
                            hint,
                        )
                else:
                    read[semantic_model.model].add(column.name)
    for spine in spines:
        if spine.model not in complete:
            read[spine.model].update({spine.column, *(column for _, column in spine.custom)})
    return tuple(_with(model, read.get(model.name, set())) for model in models)


def _with(model: Model, names: set[str]) -> Model:
    missing = sorted(names - {column.name for column in model.columns})
    return replace(model, columns=(*model.columns, *(ModelColumn(name) for name in missing))) if missing else model


def _expressions(semantic_model: SemanticModel) -> Iterable[tuple[str, str, Expr]]:
    yield from (("entity", e.name, e.expr) for e in semantic_model.entities)
    yield from (("dimension", d.name, d.expr) for d in semantic_model.dimensions)
    yield from (("measure", m.name, m.expr) for m in semantic_model.measures)
