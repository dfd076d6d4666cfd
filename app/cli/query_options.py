"""The options of a metric query, under MetricFlow's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli.complete import dimension_names, group_by_items, metric_names, saved_query_names

_PANEL = "Query"

Metrics = Annotated[
    list[str] | None,
    typer.Option(help="Metrics, separated by commas; may be repeated.", autocompletion=metric_names, rich_help_panel=_PANEL),
]
GroupBy = Annotated[
    list[str] | None,
    typer.Option(
        help="Group-by items, separated by commas: metric_time__month,customer__country; may be repeated.",
        autocompletion=group_by_items,
        rich_help_panel=_PANEL,
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(help="A filter: \"{{ Dimension('customer__country') }} = 'Germany'\"; may be repeated.", rich_help_panel=_PANEL),
]
Having = Annotated[str, typer.Option(help='A filter on result rows by metric: "orders > 100".', rich_help_panel=_PANEL)]
Order = Annotated[
    list[str] | None,
    typer.Option(
        "--order",
        "--order-by",
        help="Order items, separated by commas; a leading - descends; may be repeated.",
        autocompletion=group_by_items,
        rich_help_panel=_PANEL,
    ),
]
Limit = Annotated[int | None, typer.Option(help="At most this many rows.", rich_help_panel=_PANEL)]
StartTime = Annotated[
    str, typer.Option(help="The first day or moment, ISO, inclusive: 2026-01-01 or 2026-01-01T09:30.", rich_help_panel=_PANEL)
]
EndTime = Annotated[str, typer.Option(help="The last day or moment, ISO, inclusive.", rich_help_panel=_PANEL)]
SavedQuery = Annotated[str, typer.Option(help="A dbt saved query to start from.", autocompletion=saved_query_names, rich_help_panel=_PANEL)]
MinMaxOnly = Annotated[
    bool,
    typer.Option(
        "--min-max-only", help="Without metrics: only the least and the greatest value of each group-by item.", rich_help_panel=_PANEL
    ),
]
NoGroupBy = Annotated[
    bool,
    typer.Option(
        "--no-group-by", help="Without metrics: values as often as the rows have them (dbt: apply_group_by false).", rich_help_panel=_PANEL
    ),
]
Comments = Annotated[
    bool,
    typer.Option("--comments", "--show-sql-descriptions", help="Show each metric's description as a comment in the SQL."),
]
Decimals = Annotated[int | None, typer.Option(min=0, max=30, help="Round numbers to this many places, in the table and in CSV.")]
Dimension = Annotated[
    str, typer.Option(help="The dimension, as group-by items name it: customer__country.", autocompletion=dimension_names)
]


def items(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The items of comma-separated lists; commas inside parentheses belong to the item."""
    text = given if isinstance(given, str) else ",".join(given or ())
    found, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
    return tuple(item.strip() for item in [*found, text[start:]] if item.strip())
