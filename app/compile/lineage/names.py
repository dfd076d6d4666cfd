"""What people mean by the name of something that they want to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.compile.lineage.graph import ModelLineages
from app.errors import Problem, UserError, did_you_mean
from app.model.lineage import Kind, Point
from app.model.ontology import Ontology
from app.model.semantics import SemanticModel

KINDS = ("model", "column", "metric", "measure", "dimension", "entity")
"""What may stand before a colon to say what is meant: `measure:orders.amount`."""


def starts(text: str, ontology: Ontology, models: ModelLineages, seen: Callable[[Point], bool] = lambda _: True) -> list[Point]:
    """The points that a name means: `model.column` (a source's is `source.table.column`), a model with all its columns, `semantic_model.measure` or the
    measure alone, a dimension or entity in the same ways, or a metric; `metric:orders` says which kind.

    Raises UserError DM3096 where nothing is named so that the asker may know of, DM3097 where several things are.
    """
    kind, _, name = text.partition(":")
    if kind not in KINDS or not name:
        kind, name = "", text
    found = {key: points for key, points in _meanings(name, ontology, models, seen) if kind in ("", key.partition(":")[0])}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise UserError(
            Problem("DM3097", f"`{text}` means several things: {', '.join(f'`{key}`' for key in found)}", hint="write one of these")
        )
    hint = _near(name, ontology, seen) or "name a column as `model.column`, of a source as `source.table.column`"
    raise UserError(Problem("DM3096", f"there is nothing called `{text}` that lineage could start from", hint=hint))


def _meanings(name: str, ontology: Ontology, models: ModelLineages, seen: Callable[[Point], bool]) -> Iterator[tuple[str, list[Point]]]:
    model = ontology.model(name)
    if model is not None and seen(Point(Kind.ROWS, owner=name)):
        lineage = models(name)
        columns = {column.name.lower(): column.name for column in model.columns}
        columns |= {
            column.name.lower(): column.name for column in (lineage.columns if lineage else ()) if column.name.lower() not in columns
        }
        points = [Point(Kind.COLUMN, column, name) for column in columns.values()]
        yield f"model:{name}", [Point(Kind.ROWS, owner=name), *(point for point in points if seen(point))]
    owner, _, column = name.rpartition(".")
    if owner and column and ontology.model(owner) is not None:
        spelled = _column(owner, column, ontology, models)
        if spelled and seen(Point(Kind.COLUMN, spelled, owner)):
            yield f"column:{name}", [Point(Kind.COLUMN, spelled, owner)]
    if ontology.metric(name) is not None:
        yield f"metric:{name}", [Point(Kind.METRIC, name)]
    for one in ontology.semantic_models:
        for kind, part in _parts(one):
            if name in (part, f"{one.name}.{part}"):
                yield f"{kind}:{one.name}.{part}", [Point(kind, part, one.name)]


def _column(model: str, column: str, ontology: Ontology, models: ModelLineages) -> str:
    """The column as its model spells it, "" where it has none of that name; of a model whose columns are not all known, as it was written."""
    held = ontology.model(model)
    lineage = models(model)
    names = [one.name for one in held.columns] if held else []
    names += [one.name for one in lineage.columns] if lineage else []
    spelled = next((name for name in names if name.lower() == column.lower()), "")
    unlisted = lineage is None or lineage.open or lineage.others or lineage.reason is not None
    return spelled or (column if not names and unlisted else "")


def _parts(one: SemanticModel) -> Iterator[tuple[Kind, str]]:
    """The names of a semantic model's measures, dimensions and entities."""
    yield from ((Kind.MEASURE, measure.name) for measure in one.measures)
    yield from ((Kind.DIMENSION, dimension.name) for dimension in one.dimensions)
    yield from ((Kind.ENTITY, entity.name) for entity in one.entities)


def _near(name: str, ontology: Ontology, seen: Callable[[Point], bool]) -> str:
    """What a name that is spelled almost right may have meant: a column of the model that it names, else anything that is no column."""
    owner = name.rpartition(".")[0]
    model = ontology.model(owner)
    if model is not None:
        return did_you_mean(name, [f"{owner}.{c.name}" for c in model.columns if seen(Point(Kind.COLUMN, c.name, owner))])
    parts = [part for one in ontology.semantic_models for _, part in _parts(one)]
    names = [one.name for one in ontology.models if seen(Point(Kind.ROWS, owner=one.name))]
    return did_you_mean(name, [*names, *parts, *(metric.name for metric in ontology.listed_metrics)])
