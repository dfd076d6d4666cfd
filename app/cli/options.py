"""Options that several commands share, with one wording each; those of dbt and MetricFlow bear their names and mean what they mean there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.complete import engines, roles, stages, targets

_PROJECT, _SELECTION = "Project", "Selection"
"""Under which headings of `--help` the options of dbt stand."""

Json = Annotated[bool, typer.Option("--json", help="Write one JSON object to standard output, for programs.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: kept with the version and in the audit trail.")]
Csv = Annotated[
    str, typer.Option("--csv", metavar="[FILE]", help="Write the rows as CSV to this file, or to standard output where none is named.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the answer to this file as its ending says: .csv (safe for spreadsheets), .xlsx, .json, .png (the chart) or .pdf (one page).",
    ),
]
Source = Annotated[
    str,
    typer.Option("--source", help="The engine to use: postgres or clickhouse. Without it, routing chooses.", autocompletion=engines),
]
As = Annotated[str, typer.Option("--as", help="See what this role sees: viewer, analyst or admin.", autocompletion=roles)]
Attribute = Annotated[
    list[str] | None, typer.Option("--attr", help="An attribute of the asker that row filters read, NAME=VALUE; may be repeated.")
]
Explain = Annotated[
    str,
    typer.Option(
        "--explain",
        metavar="[STAGE]",
        help="Run nothing: print what this stage made (interpret, generate or plan, validate, optimize or sql, sanitize); the SQL where none is named.",
        autocompletion=stages,
    ),
]
Dialect = Annotated[
    str,
    typer.Option("--source", help="The engine whose dialect the SQL is written in: postgres or clickhouse.", autocompletion=engines),
]

ProjectDir = Annotated[
    Path | None,
    typer.Option(
        "--project-dir",
        "--project",
        help="The folder of dbt_project.yml; else the settings say, else the working directory and its parents.",
        rich_help_panel=_PROJECT,
    ),
]
ProfilesDir = Annotated[
    Path | None,
    typer.Option("--profiles-dir", help="The folder of profiles.yml; else where dbt looks for it.", rich_help_panel=_PROJECT),
]
Target = Annotated[
    str,
    typer.Option(
        "--target",
        "-t",
        help="Read what dbt wrote for this target of the profile, and use its engine alone.",
        envvar="DBT_TARGET",
        autocompletion=targets,
        rich_help_panel=_PROJECT,
    ),
]
Vars = Annotated[
    str,
    typer.Option(
        "--vars", help="Variables that win over those of dbt_project.yml, as a YAML mapping: '{name: value}'.", rich_help_panel=_PROJECT
    ),
]
State = Annotated[
    Path | None,
    typer.Option("--state", help="A folder with the artifacts of an earlier state, to compare with.", envvar="DBT_STATE"),
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", "-s", help="Only these nodes, in dbt's selection syntax: tag:finance +metric:revenue.", rich_help_panel=_SELECTION
    ),
]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", help="Not these nodes, in dbt's selection syntax.", rich_help_panel=_SELECTION)
]
Selector = Annotated[
    str, typer.Option("--selector", help="The nodes of this selector of selectors.yml, in place of --select.", rich_help_panel=_SELECTION)
]
