"""The options of a metric query that go beyond MetricFlow's: calculations, first groups, totals, segments, hierarchies, periods to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.complete import group_by_items, metric_names, segment_names

if TYPE_CHECKING:
    from app.model.shapes import Top

_PANEL = "Shapes"

Calculate = Annotated[
    list[str] | None,
    typer.Option(
        help='A further column: "yoy = percent_change(revenue, 1 year)", "share(revenue)", "moving_average(revenue, 7)"; may be repeated.',
        rich_help_panel=_PANEL,
    ),
]
TopCount = Annotated[int | None, typer.Option("--top", min=1, help="Only the groups with the greatest value.", rich_help_panel=_PANEL)]
BottomCount = Annotated[int | None, typer.Option("--bottom", min=1, help="Only the groups with the least value.", rich_help_panel=_PANEL)]
By = Annotated[
    str, typer.Option(help="By which metric or calculation groups are chosen.", autocompletion=metric_names, rich_help_panel=_PANEL)
]
Of = Annotated[
    str,
    typer.Option(help="The items that make a group; without, all but times.", autocompletion=group_by_items, rich_help_panel=_PANEL),
]
Per = Annotated[
    str, typer.Option(help="Items for each of which groups are chosen anew.", autocompletion=group_by_items, rich_help_panel=_PANEL)
]
Other = Annotated[bool, typer.Option("--other", help="Show what is left as one more group.", rich_help_panel=_PANEL)]
GrandTotal = Annotated[bool, typer.Option("--total", help="Add the total of all.", rich_help_panel=_PANEL)]
Subtotals = Annotated[
    bool,
    typer.Option("--subtotals", help="Add subtotals for each leading part of the group-by items, and the total.", rich_help_panel=_PANEL),
]
Segment = Annotated[
    list[str] | None,
    typer.Option(help="A named filter of the layer; may be repeated.", autocompletion=segment_names, rich_help_panel=_PANEL),
]
DrillDown = Annotated[
    str,
    typer.Option(
        help="Group-by items to be followed by the next finer level of their hierarchy.",
        autocompletion=group_by_items,
        rich_help_panel=_PANEL,
    ),
]
RollUp = Annotated[
    str,
    typer.Option(
        help="Group-by items to be replaced by the next coarser level of their hierarchy.",
        autocompletion=group_by_items,
        rich_help_panel=_PANEL,
    ),
]
ToDate = Annotated[
    str, typer.Option(help="Count each week, month, quarter or year only as far as the present one has come.", rich_help_panel=_PANEL)
]
AsOf = Annotated[str, typer.Option(help="The day for --to-date, ISO; without, today.", rich_help_panel=_PANEL)]


def top_of(top: int | None, bottom: int | None, by: str, of: tuple[str, ...], per: tuple[str, ...], *, other: bool) -> Top | None:
    """The choice of groups that the options make. Raises typer.BadParameter where they contradict one another."""
    from app.model.shapes import Top

    if top is not None and bottom is not None:
        raise typer.BadParameter("choose one of --top and --bottom", param_hint="--top")
    count = top if top is not None else bottom
    if count is None:
        given = next((option for option, value in (("--by", by), ("--of", of), ("--per", per), ("--other", other)) if value), "")
        if given:
            raise typer.BadParameter("say how many groups with --top or --bottom", param_hint=given)
        return None
    return Top(count, by, of, per, bottom is not None, other)
