"""The layer with the PII classes that its columns inherit, masked as if somebody had written them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from app.compile.lineage.project import ProjectLineage
from app.compile.models import read_model_meta
from app.compile.naming import Named
from app.compile.pii.spread import Guess, Spot, spread
from app.compile.placements import shared
from app.compile.policies.columns import inherited_policy
from app.compile.policies.rules import ruled_anew
from app.compile.report import Place, Report
from app.model.expr import Column
from app.model.lineage import Reason
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn, Placement
from app.model.semantics import Dimension, SemanticModel

MOST = 5
"""How many columns a note names."""


def with_inherited_pii(
    ontology: Ontology, lineage: ProjectLineage, placements: Sequence[Placement], named: Mapping[str, Named], report: Report
) -> Ontology:
    """The layer in which every column that is derived from personal data has its class, and its mask where no policy speaks of the column; rules that its
    model has for the class hold for it too. `named` are dbt's nodes by unique id.

    Dimensions that show such a column have its class and declare no values. Where it can't be seen from what columns are derived, that is reported
    (DM2514, DM2515): names decide there.
    """
    found = spread(ontology.models, lineage, shared(placements))
    places = {item.name: item.place for item in named.values()}
    _tell(found.guesses, places, report)
    if not found.classes:
        return ontology
    models = tuple(_with(model, found.classes, named.get(model.unique_id), report) for model in ontology.models)
    by_name = {model.name: model for model in models}
    return replace(ontology, models=models, semantic_models=tuple(_shown(one, by_name.get(one.model)) for one in ontology.semantic_models))


def _with(model: Model, classes: Mapping[Spot, frozenset[str]], item: Named | None, report: Report) -> Model:
    found = {column.name: classes.get((model.name, column.name.lower())) for column in model.columns}
    columns = [replace(column, pii="+".join(sorted(held))) if (held := found[column.name]) else column for column in model.columns]
    if columns == list(model.columns):
        return model
    model = (
        replace(model, columns=tuple(columns)) if item is None else ruled_anew(model, columns, read_model_meta(item), item.place, report)
    )
    ruled = {policy.column for policy in model.column_policies}
    inherited = [inherited_policy(model.name, one.name, one.type) for one in columns if found[one.name] and one.name not in ruled]
    return replace(model, column_policies=tuple(sorted((*model.column_policies, *inherited), key=lambda policy: policy.name)))


def _shown(one: SemanticModel, model: Model | None) -> SemanticModel:
    held = {column.name: column for column in model.columns if column.pii} if model is not None else {}
    dimensions = tuple(_dimension(dimension, held) for dimension in one.dimensions)
    return one if dimensions == one.dimensions else replace(one, dimensions=dimensions)


def _dimension(dimension: Dimension, held: Mapping[str, ModelColumn]) -> Dimension:
    column = held.get(dimension.expr.name) if isinstance(dimension.expr, Column) else None
    if column is None or dimension.pii == column.pii:
        return dimension
    return replace(dimension, pii=column.pii, values=())


def _tell(guesses: Sequence[Guess], places: Mapping[str, Place], report: Report) -> None:
    """Say once that the project was only parsed, and of each other model why nothing can be seen."""
    parsed = [guess for guess in guesses if guess.reason is Reason.NO_SQL and not guess.columns]
    if parsed:
        some = "1 model" if len(parsed) == 1 else f"{len(parsed)} models"
        report.note(
            "DM2514",
            f"no compiled SQL of {some} built from personal data, such as `{min(guess.model for guess in parsed)}`: "
            "their columns inherit PII classes by name, and a renamed one none",
            places.get(min(guess.model for guess in parsed), Place("", "manifest.json"))
            if len(parsed) == 1
            else Place("", "manifest.json"),
            "run `dbt compile`, or mark the columns with `pii`",
        )
    for guess in guesses:
        if guess in parsed:
            continue
        names = ", ".join(f"`{name}`" for name in guess.columns[:MOST]) + (", …" if len(guess.columns) > MOST else "")
        of = f"{names} of `{guess.model}`" if names else f"`{guess.model}`"
        report.note(
            "DM2515",
            f"it can't be seen from what {of} is derived ({guess.detail or guess.reason}): PII classes are inherited by name",
            places.get(guess.model, Place("", "manifest.json")),
            "mark the columns with `pii`; `pii: none` with a reason in `declassified` where one holds nothing personal",
        )
