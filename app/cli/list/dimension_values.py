"""`datamind list dimension-values`."""

from __future__ import annotations

import sys

from app.cli.options import As, Attribute, Csv, Json, ProfilesDir, ProjectDir, Source, Target, Vars
from app.cli.query_options import Dimension, EndTime, Limit, Metrics, StartTime, Where


def list_dimension_values(
    dimension: Dimension,
    metrics: Metrics = None,
    start_time: StartTime = "",
    end_time: EndTime = "",
    where: Where = None,
    limit: Limit = None,
    source: Source = "",
    role: As = "admin",
    attributes: Attribute = None,
    csv: Csv = "",
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List the values of a dimension; with --metrics those that have a figure of them, in the time range if one is given.

    Example: datamind list dimension-values --dimension customer__country --metrics revenue --start-time 2026-01-01
    """
    from app.cli.answering import finish
    from app.cli.csv_rows import write_csv
    from app.cli.project import settings_under
    from app.cli.query_options import items
    from app.cli.session import session
    from app.cli.tables import show_result
    from app.model.result import Result
    from app.service.exports.recorded import exported
    from app.service.present import to_json
    from app.service.query import query
    from app.service.request import QueryRequest

    request = QueryRequest(
        metrics=items(metrics), group_by=(dimension,), where=tuple(where or ()), limit=limit, start_time=start_time, end_time=end_time
    )
    with session(role=role, attributes=attributes or (), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        turn = query(found.deps, found.caller, request, source=source)
        result = turn.answer.result if turn.answer else None
        if result is None:
            finish(found, turn, as_json=as_json, csv=csv)
            return
        values = Result(result.columns[:1], result.data[:1], result.truncated)
        if as_json:
            sys.stdout.write(to_json(list(values.data[0]) if values.data else []).decode() + "\n")
        elif csv:
            with exported(found.deps, found.caller, turn, "csv"):
                write_csv(values, csv)
        else:
            show_result(values)
