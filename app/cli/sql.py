"""`datamind sql`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import As, Attribute, Dialect, Explain, Json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sql)


def sql(
    statement: Annotated[str, typer.Argument(help="One SELECT statement in the dialect of the engine that --source names.")],
    source: Dialect = "postgres",
    explain: Explain = "",
    role: As = "admin",
    attributes: Attribute = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV to standard output.")] = False,
    as_json: Json = False,
) -> None:
    """Run SQL through the same governance as every question.

    Example: datamind sql "SELECT count(*) FROM marts.fct_orders" --source clickhouse
    """
    from functools import partial

    from app.cli.answering import finish, stage_named
    from app.cli.session import session
    from app.service.sql import execute_sql, validate_sql

    stage = stage_named(explain)
    with session(role=role, attributes=attributes or ()) as found:
        run = execute_sql if stage == "explain" else partial(validate_sql, until=stage)
        finish(run(found.deps, found.caller, statement, source), explain=stage, as_json=as_json, as_csv=as_csv)
