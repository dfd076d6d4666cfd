"""`datamind list metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.cli.listing import Cell
    from app.model.ontology import Ontology

Search = Annotated[str, typer.Option(help="Only what has this text in its name, label, description or synonyms.")]


def list_metrics(
    search: Search = "",
    show_all_dimensions: Annotated[
        bool, typer.Option("--show-all-dimensions", help="Show with each metric by what it can be grouped.")
    ] = False,
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List the metrics.

    Example: datamind list metrics --search revenue --show-all-dimensions
    """
    from app.cli.listing import show_list
    from app.cli.selecting import chosen

    ontology, found = chosen(select, exclude, selector, state, project_dir, profiles_dir, target, variables)
    names = None if found is None else found.names("metric")
    head, rows = metric_rows(ontology, search=search, names=names, with_dimensions=show_all_dimensions)
    show_list(head, rows, as_json=as_json)


def metric_rows(
    ontology: Ontology, *, search: str = "", names: frozenset[str] | None = None, with_dimensions: bool = False
) -> tuple[list[str], list[list[Cell]]]:
    """The header and a row for each metric that is listed; of those of `names` only, where that is given. Where some are derived, a flag says which."""
    from app.sql.joins import JoinGraph

    text = search.casefold()
    metrics = [
        metric
        for metric in ontology.listed_metrics
        if (names is None or metric.name in names)
        and any(text in said.casefold() for said in (metric.name, metric.label, metric.description, *metric.synonyms))
    ]
    rows: list[list[Cell]] = [[m.name, m.type, m.label, m.unit, m.description] for m in metrics]
    head = ["name", "type", "label", "unit", "description"]
    if any(metric.derived for metric in metrics):
        head.append("derived")
        for row, metric in zip(rows, metrics, strict=True):
            row.append(metric.derived)
    if with_dimensions:
        head.append("dimensions")
        joins = JoinGraph.of(ontology)
        for row, metric in zip(rows, metrics, strict=True):
            row.append(joins.compatible_dimensions((metric.name,)))
    return head, rows
