"""`datamind sql`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import As, Attribute, Csv, Dialect, Explain, Json, Output, ProfilesDir, ProjectDir, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sql)


def sql(
    statement: Annotated[str, typer.Argument(help="One SELECT statement in the dialect of the engine that --source names.")],
    source: Dialect = "postgres",
    explain: Explain = "",
    role: As = "admin",
    attributes: Attribute = None,
    csv: Csv = "",
    output: Output = None,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Run SQL through the same governance as every question.

    Example: datamind sql "SELECT count(*) FROM marts.fct_orders" --source clickhouse
    """
    from functools import partial

    from app.cli.answering import finish, stage_named
    from app.cli.output_file import check_output
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.service.sql import execute_sql, validate_sql

    check_output(output, explain)
    stage = stage_named(explain)
    with session(role=role, attributes=attributes or (), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        run = execute_sql if stage == "explain" else partial(validate_sql, until=stage)
        finish(found, run(found.deps, found.caller, statement, source), explain=stage, as_json=as_json, csv=csv, output=output)
