"""What a name that means nothing was perhaps meant to be: a metric where rows are filtered or grouped, a grain or date part that there is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.errors import Problem, UserError, did_you_mean
from app.model.types import DatePart, Grain
from app.sql.expressions.problems import restated
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

FILTERED = "`having` filters result rows by it (`--having` on the command line)"
GROUPED = "name it among the metrics, not among the group-by items"
_EXTRACT = "extract_"


@contextmanager
def meant(name: str, graph: JoinGraph, instead: str) -> Iterator[None]:
    """An unknown `name` (DM3002; with its links and grain) that is raised inside gets the hint that fits it; `instead` says where a metric goes."""
    try:
        yield
    except UserError as error:
        if error.problem.code != "DM3002":
            raise
        raise restated(error, lambda problem: _hinted(problem, name, graph, instead)) from None


def _hinted(problem: Problem, name: str, graph: JoinGraph, instead: str) -> Problem:
    """The Problem with a better hint, or the one of a grain (DM3006), where the rest of the name is a time."""
    metric = graph.metrics.get(name)
    if metric is not None and not metric.hidden:
        return replace(problem, hint=f"`{name}` is a metric: {instead}")
    stem, _, last = name.rpartition("__")
    if not stem or not _is_time(stem, graph):
        return problem
    if last.startswith(_EXTRACT):
        part = last[len(_EXTRACT) :]
        hint = "date parts are " + ", ".join(f"`{_EXTRACT}{known}`" for known in DatePart)
        return replace(problem, code="DM3006", message=f"there is no date part `{part}`", hint=hint)
    grains = [grain.value for grain in Grain] + list(graph.custom_grains)
    hint = did_you_mean(last, grains) or "grains are " + ", ".join(grains)
    return replace(problem, code="DM3006", message=f"there is no grain `{last}`", hint=hint)


def _is_time(name: str, graph: JoinGraph) -> bool:
    if name == METRIC_TIME:
        return True
    found = (graph.find(start, name) for start in graph.semantic_models)
    return any(reached is not None and reached.time is not None for reached in found)
