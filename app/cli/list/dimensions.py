"""`datamind list dimensions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars
from app.cli.query_options import Metrics

if TYPE_CHECKING:
    from app.cli.listing import Cell
    from app.model.ontology import Ontology
    from app.sql.joins import JoinGraph


def list_dimensions(
    metrics: Metrics = None,
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
    """List the dimensions; with --metrics those that all of these metrics can be grouped by. A selection is one of semantic models.

    Example: datamind list dimensions --metrics revenue,orders
    """
    from app.cli.listing import show_list
    from app.cli.query_options import items
    from app.cli.selecting import chosen

    ontology, found = chosen(select, exclude, selector, state, project_dir, profiles_dir, target, variables)
    head, rows = dimension_rows(ontology, items(metrics), None if found is None else found.names("semantic_model"))
    show_list(head, rows, as_json=as_json)


def dimension_rows(ontology: Ontology, metrics: Sequence[str], models: frozenset[str] | None = None) -> tuple[list[str], list[list[Cell]]]:
    """The header and a row for each dimension, `metric_time` among them where the metrics have a time; of these semantic models only, if given. Where some
    are derived, a flag says which."""
    from app.service import catalogue
    from app.sql.joins import JoinGraph

    joins = JoinGraph.of(ontology)
    cards = [d for d in catalogue.dimensions(ontology, joins, metrics) if models is None or d.semantic_model in models]
    rows: list[list[Cell]] = [[d.name, d.type, d.grain, d.semantic_model, d.description, d.derived] for d in cards]
    if models is None:
        rows += [[*row, False] for row in _metric_time(ontology, joins, metrics)]
    head = ["name", "type", "grain", "semantic_model", "description", "derived"]
    shown = len(head) if any(card.derived for card in cards) else len(head) - 1
    return head[:shown], [row[:shown] for row in sorted(rows, key=lambda row: str(row[0]))]


def _metric_time(ontology: Ontology, joins: JoinGraph, metrics: Sequence[str]) -> list[list[Cell]]:
    """The row of `metric_time`, in the grain that all of the metrics have; none where one has no time."""
    from app.sql.clock import coarsest

    names = metrics or [metric.name for metric in ontology.listed_metrics]
    times = [joins.agg_time(given.semantic_model, given.measure) for name in names for given in joins.grouped_inputs(name)]
    grains = [time.grain for time in times if time is not None and time.grain is not None]
    if not grains or (metrics and None in times):
        return []
    about = "The time of each metric, by which several are compared."
    return [["metric_time", "time", coarsest(grains).value if metrics else "", "", about]]
