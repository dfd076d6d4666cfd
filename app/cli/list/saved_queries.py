"""`datamind list saved-queries`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Exclude, Json, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.cli.listing import Cell
    from app.model.ontology import Ontology


def list_saved_queries(
    show_exports: Annotated[bool, typer.Option("--show-exports", help="Show where dbt writes their rows.")] = False,
    show_parameters: Annotated[bool, typer.Option("--show-parameters", help="Show filters, order and limit too.")] = False,
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
    """List the saved queries.

    Example: datamind list saved-queries --show-parameters
    """
    from app.cli.listing import show_list
    from app.cli.selecting import chosen

    ontology, found = chosen(select, exclude, selector, state, project_dir, profiles_dir, target, variables)
    names = None if found is None else found.names("saved_query")
    head, rows = saved_query_rows(ontology, names, exports=show_exports, parameters=show_parameters)
    show_list(head, rows, as_json=as_json)


def saved_query_rows(
    ontology: Ontology, names: frozenset[str] | None = None, *, exports: bool = False, parameters: bool = False
) -> tuple[list[str], list[list[Cell]]]:
    """The header and a row for each saved query; of those of `names` only, where that is given."""
    head = ["name", "metrics", "group_by", "description"]
    head[3:3] = ["where", "order_by", "limit"] if parameters else []
    head += ["exports"] if exports else []
    rows: list[list[Cell]] = []
    for saved in ontology.saved_queries:
        if names is not None and saved.name not in names:
            continue
        row: list[Cell] = [saved.name, saved.metrics, saved.group_by]
        if parameters:
            row += [saved.where, saved.order_by, "" if saved.limit is None else saved.limit]
        row.append(saved.description)
        if exports:
            row.append(
                [
                    f"{export.name} ({' '.join(filter(None, (export.kind, _place(export.schema, export.alias))))})"
                    for export in saved.exports
                ]
            )
        rows.append(row)
    return head, rows


def _place(schema: str, alias: str) -> str:
    return ".".join(filter(None, (schema, alias)))
