"""`datamind query`."""

from __future__ import annotations

import typer

from app.cli import query_options as asked
from app.cli import shapes
from app.cli.options import As, Attribute, Csv, Explain, Json, Output, ProfilesDir, ProjectDir, Source, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(query)


def query(
    metrics: asked.Metrics = None,
    group_by: asked.GroupBy = None,
    where: asked.Where = None,
    order: asked.Order = None,
    limit: asked.Limit = None,
    start_time: asked.StartTime = "",
    end_time: asked.EndTime = "",
    having: asked.Having = "",
    saved_query: asked.SavedQuery = "",
    min_max_only: asked.MinMaxOnly = False,
    no_group_by: asked.NoGroupBy = False,
    calculate: shapes.Calculate = None,
    top: shapes.TopCount = None,
    bottom: shapes.BottomCount = None,
    by: shapes.By = "",
    of: shapes.Of = "",
    per: shapes.Per = "",
    other: shapes.Other = False,
    total: shapes.GrandTotal = False,
    subtotals: shapes.Subtotals = False,
    segment: shapes.Segment = None,
    drill_down: shapes.DrillDown = "",
    roll_up: shapes.RollUp = "",
    to_date: shapes.ToDate = "",
    as_of: shapes.AsOf = "",
    comments: asked.Comments = False,
    source: Source = "",
    explain: Explain = "",
    role: As = "admin",
    attributes: Attribute = None,
    decimals: asked.Decimals = None,
    csv: Csv = "",
    output: Output = None,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Query metrics, with the options of MetricFlow's `mf query`.

    Example: datamind query --metrics revenue --group-by metric_time__month --order -metric_time__month --limit 12
    """
    from app.cli.answering import finish, stage_named
    from app.cli.output_file import check_output
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.model.shapes import Totals
    from app.service.query import query as answer
    from app.service.request import QueryRequest

    if csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json", param_hint="--csv")
    check_output(output, explain)
    stage = stage_named(explain)
    request = QueryRequest(
        metrics=asked.items(metrics),
        group_by=asked.items(group_by),
        where=tuple(where or ()),
        having=having,
        order=asked.items(order),
        limit=limit,
        start_time=start_time,
        end_time=end_time,
        saved_query=saved_query,
        min_max_only=min_max_only,
        apply_group_by=not no_group_by,
        calculations=tuple(calculate or ()),
        top=shapes.top_of(top, bottom, by, asked.items(of), asked.items(per), other=other),
        totals=Totals.ALL if subtotals else Totals.GRAND if total else Totals.NONE,
        segments=tuple(segment or ()),
        drill_down=asked.items(drill_down),
        roll_up=asked.items(roll_up),
        to_date=to_date,
        as_of=as_of,
    )
    with session(role=role, attributes=attributes or (), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        turn = answer(found.deps, found.caller, request, source=source, comments=comments, until=stage)
        finish(found, turn, explain=stage, as_json=as_json, csv=csv, output=output, decimals=decimals)
