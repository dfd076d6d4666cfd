"""`datamind query`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import As, Attribute, Explain, Json, Source


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(query)


def query(
    metrics: Annotated[str, typer.Option(help="Metrics, separated by commas.")] = "",
    group_by: Annotated[str, typer.Option(help="Group-by items, separated by commas: metric_time__month,customer__country.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="A filter: \"{{ Dimension('customer__country') }} = 'Germany'\"; may be repeated.")
    ] = None,
    order: Annotated[str, typer.Option("--order", "--order-by", help="Order items, separated by commas; a leading - descends.")] = "",
    limit: Annotated[int | None, typer.Option(help="At most this many rows.")] = None,
    start_time: Annotated[str, typer.Option(help="The first day or moment, ISO, inclusive: 2026-01-01 or 2026-01-01T09:30.")] = "",
    end_time: Annotated[str, typer.Option(help="The last day or moment, ISO, inclusive.")] = "",
    having: Annotated[str, typer.Option(help='A filter on result rows by metric: "orders > 100".')] = "",
    saved_query: Annotated[str, typer.Option(help="A dbt saved query to start from.")] = "",
    min_max_only: Annotated[
        bool, typer.Option("--min-max-only", help="Without metrics: only the least and the greatest value of each group-by item.")
    ] = False,
    no_group_by: Annotated[
        bool, typer.Option("--no-group-by", help="Without metrics: values as often as the rows have them (dbt: apply_group_by false).")
    ] = False,
    comments: Annotated[
        bool, typer.Option("--comments", "--show-sql-descriptions", help="Show each metric's description as a comment in the SQL.")
    ] = False,
    source: Source = "",
    explain: Explain = "",
    role: As = "admin",
    attributes: Attribute = None,
    decimals: Annotated[int | None, typer.Option(min=0, max=30, help="Round numbers to this many places, in the table and in CSV.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV to standard output.")] = False,
    as_json: Json = False,
) -> None:
    """Query metrics, with the options of MetricFlow's `mf query`; `--explain sql` is its `--explain`, `--explain plan` its `--show-dataflow-plan`.

    Example: datamind query --metrics revenue --group-by metric_time__month --order -metric_time__month --limit 12
    """
    from app.cli.answering import finish, stage_named
    from app.cli.session import session
    from app.service.query import query as answer
    from app.service.request import QueryRequest

    if as_csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json", param_hint="--csv")
    stage = stage_named(explain)
    request = QueryRequest(
        _items(metrics),
        _items(group_by),
        tuple(where or ()),
        having,
        _items(order),
        limit,
        start_time,
        end_time,
        saved_query,
        min_max_only,
        not no_group_by,
    )
    with session(role=role, attributes=attributes or ()) as found:
        turn = answer(found.deps, found.caller, request, source=source, comments=comments, until=stage)
        finish(turn, explain=stage, as_json=as_json, as_csv=as_csv, decimals=decimals)


def _items(text: str) -> tuple[str, ...]:
    """The items of a comma-separated list; commas inside parentheses belong to the item."""
    items, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            items.append(text[start:at])
            start = at + 1
    return tuple(item.strip() for item in [*items, text[start:]] if item.strip())
