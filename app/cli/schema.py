"""`datamind schema`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.complete import schema_names
from app.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.compile.json_schema.generate import Schema

SETTINGS = "settings"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("schema")(schema)


def schema(
    name: Annotated[
        str,
        typer.Argument(
            help="The schema to print: dbt, dbt_project, metrics, settings …; all are listed without.", autocompletion=schema_names
        ),
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write all of them into this folder.")] = None,
    check: Annotated[bool, typer.Option("--check", help="With --out: write nothing; exit with 1 where the folder is out of date.")] = False,
    as_json: Json = False,
) -> None:
    """Print the JSON Schema of a YAML file that DataMind reads or writes, for editors and CI.

    Example: datamind schema dbt > .vscode/dbt.schema.json
    """
    from app.cli.show import note
    from app.cli.tree import difference, write_tree
    from app.compile.json_schema.files import file_name
    from app.compile.json_schema.generate import text
    from app.errors import Problem, UserError, did_you_mean
    from app.service.present import to_json

    if check and out is None:
        raise typer.BadParameter("it looks at the folder that --out names", param_hint="--check")
    if name and out is not None:
        raise typer.BadParameter("all schemas are written: give a name, or --out", param_hint="--out")
    known = every()
    if out is not None:
        files = {file_name(each): text(made) for each, made in known.items()}
        changed = difference(out, files)
        if not check:
            write_tree(out, files)
        state = "up to date" if not changed else f"out of date: {', '.join(changed)}" if check else f"{len(changed)} files written"
        note(f"{out}/ {state}")
        if check and changed:
            raise typer.Exit(1)
        return
    if name and name not in known:
        raise UserError(Problem("DM1045", f"there is no schema `{name}`", hint=did_you_mean(name, known) or "one of " + ", ".join(known)))
    if name:
        sys.stdout.write(text(known[name]))
        return
    if as_json:
        sys.stdout.write(to_json([{"name": each, "title": made["title"]} for each, made in known.items()]).decode() + "\n")
        return
    width = max(map(len, known))
    for each, made in known.items():
        sys.stdout.write(f"{each:<{width}}  {made['title']}\n")


def every() -> Mapping[str, Schema]:
    """Every schema by name, that of the settings file among them."""
    from app.compile.json_schema.files import schemas
    from app.compile.json_schema.generate import document, plain
    from app.settings import SETTINGS_FILE, Settings

    made = plain(Settings.model_json_schema(by_alias=False, ref_template="#/$defs/{model}"))
    # Those of other tools' names (`DB_HOST`) are read from the environment alone.
    entries = {key: value for key, value in made["properties"].items() if not key.startswith("db_")}
    body = {"description": made["description"], "type": "object", "properties": entries, "additionalProperties": False}
    return {**schemas(), SETTINGS: document(f"Settings of DataMind ({SETTINGS_FILE})", body, made.get("$defs", {}))}
