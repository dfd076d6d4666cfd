"""`datamind list entities`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars
from app.cli.query_options import Metrics

if TYPE_CHECKING:
    from app.cli.listing import Cell
    from app.model.ontology import Ontology


def list_entities(
    metrics: Metrics = None,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List the entities; with --metrics those that all of these metrics can be grouped by.

    Example: datamind list entities --metrics revenue
    """
    from app.cli.listing import show_list
    from app.cli.project import compiled
    from app.cli.query_options import items

    ontology = compiled(project_dir, profiles_dir, target, variables).layer.ontology
    head, rows = entity_rows(ontology, items(metrics))
    show_list(head, rows, as_json=as_json)


def entity_rows(ontology: Ontology, metrics: Sequence[str]) -> tuple[list[str], list[list[Cell]]]:
    """The header and a row for each entity. Raises UserError DM3001 for an unknown metric."""
    from app.service import catalogue
    from app.sql.joins import JoinGraph

    reached = set(JoinGraph.of(ontology).compatible_dimensions(metrics)) if metrics else None
    rows: list[list[Cell]] = [
        [entity.name, [f"{model} ({kind})" for model, kind in entity.held_by], entity.description]
        for entity in catalogue.entities(ontology)
        if reached is None or entity.name in reached
    ]
    return ["name", "held_by", "description"], rows
