"""`datamind list metrics|dimensions|entities|models`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Json

if TYPE_CHECKING:
    from app.model.ontology import Ontology


class What(StrEnum):
    """What can be listed."""

    METRICS = "metrics"
    DIMENSIONS = "dimensions"
    ENTITIES = "entities"
    MODELS = "models"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list")(list_layer)


def list_layer(
    what: Annotated[What, typer.Argument(help="metrics, dimensions, entities or models.")],
    metrics: Annotated[str, typer.Option(help="Only dimensions that all of these metrics share, separated by commas.")] = "",
    as_json: Json = False,
) -> None:
    """List what the project defines.

    Example: datamind list dimensions --metrics revenue
    """
    from rich.table import Table

    from app.cli.show import out
    from app.service.compile import compile_source
    from app.service.present import to_json
    from app.settings import load_settings
    from app.wiring.project import project_of

    ontology = compile_source(project_of(load_settings())).layer.ontology
    head, rows = _rows(ontology, what, [name for name in metrics.split(",") if name])
    if as_json:
        sys.stdout.write(to_json([dict(zip(head, row, strict=True)) for row in rows]).decode() + "\n")
        return
    table = Table(header_style="bold")
    for name in head:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    out().print(table, markup=False)


def _rows(ontology: Ontology, what: What, metrics: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The header and the lines of a list."""
    from app.service import catalogue
    from app.sql.joins import JoinGraph

    match what:
        case What.METRICS:
            return ["name", "type", "label", "unit", "description"], [
                [m.name, m.type, m.label, m.unit, m.description] for m in ontology.listed_metrics
            ]
        case What.DIMENSIONS:
            return ["name", "type", "grain", "semantic_model", "description"], [
                [d.name, d.type, d.grain, d.semantic_model, d.description]
                for d in catalogue.dimensions(ontology, JoinGraph.of(ontology), metrics)
            ]
        case What.ENTITIES:
            return ["name", "held_by", "description"], [
                [e.name, ", ".join(f"{model} ({kind})" for model, kind in e.held_by), e.description] for e in catalogue.entities(ontology)
            ]
        case What.MODELS:
            return ["name", "resource_type", "materialized", "columns", "description"], [
                [m.name, m.resource_type, m.materialized, str(len(m.columns)), m.description] for m in ontology.models
            ]
