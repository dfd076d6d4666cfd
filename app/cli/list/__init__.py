"""`datamind list …`: what the project defines, a command for each kind, as MetricFlow's `mf list` and dbt's `dbt ls` have them."""

from __future__ import annotations

import typer

from app.cli.list.dimension_values import list_dimension_values
from app.cli.list.dimensions import list_dimensions
from app.cli.list.drilling import list_hierarchies, list_segments
from app.cli.list.entities import list_entities
from app.cli.list.metrics import list_metrics
from app.cli.list.models import list_models, list_semantic_models
from app.cli.list.resources import list_resources
from app.cli.list.saved_queries import list_saved_queries


def register(app: typer.Typer) -> None:
    """Add the commands."""
    lists = typer.Typer(help="List what the project defines.", no_args_is_help=True)
    lists.command("metrics")(list_metrics)
    lists.command("dimensions")(list_dimensions)
    lists.command("dimension-values")(list_dimension_values)
    lists.command("entities")(list_entities)
    lists.command("saved-queries")(list_saved_queries)
    lists.command("segments")(list_segments)
    lists.command("hierarchies")(list_hierarchies)
    lists.command("semantic-models")(list_semantic_models)
    lists.command("models")(list_models)
    lists.command("resources")(list_resources)
    app.add_typer(lists, name="list")
