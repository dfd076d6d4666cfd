"""What is connected and what is missing: the findings that `init` and `debug` print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.errors import DataMindError, Severity, UserError
from app.model.base import Node
from app.ports import Health
from app.service.compile import compile_source
from app.service.project import ProjectSource


class Finding(Node, frozen=True):
    """One thing looked at: `state` is ok, missing or wrong; `hint` says what to do."""

    subject: str
    state: str
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Reachable:
    """What to look at: the project, and for each server (by name) how to ask it; None stands for the embedded one, which is started when needed. `empty`
    are warehouses among these in which nothing was ever built."""

    project: ProjectSource
    servers: Mapping[str, Callable[[], Health] | None]
    empty: frozenset[str] = frozenset()


def checkup(reachable: Reachable) -> tuple[Finding, ...]:
    """Look at everything; never raises."""
    return (*_project(reachable.project), *(_server(name, ask, empty=name in reachable.empty) for name, ask in reachable.servers.items()))


def _project(project: ProjectSource) -> tuple[Finding, ...]:
    """The artifacts, the layer in them, and where each engine has its models."""
    try:
        compiled = compile_source(project)
    except UserError as error:
        return (Finding("dbt project", "wrong", error.problem.message, error.problem.hint),)
    ontology = compiled.layer.ontology
    errors = sum(problem.severity is Severity.ERROR for problem in compiled.problems)
    found = [Finding("dbt project", "ok", f"{ontology.project}: {len(ontology.models)} models")]
    if errors:
        found.append(Finding("semantic layer", "wrong", f"{errors} errors", "run `datamind compile`"))
    elif not ontology.metrics:
        found.append(
            Finding("semantic layer", "missing", "the project defines no metrics", "add semantic models and metrics to the dbt project")
        )
    else:
        found.append(
            Finding("semantic layer", "ok", f"{len(ontology.listed_metrics)} metrics in {len(ontology.semantic_models)} semantic models")
        )
    if ontology.metrics and not ontology.time_spines:
        found.append(Finding("time spine", "missing", "no model is a time spine", "cumulative metrics and filled gaps need one"))
    return tuple(found)


def _server(name: str, ask: Callable[[], Health] | None, *, empty: bool) -> Finding:
    """Whether a server answers; `empty` is an embedded one that holds nothing."""
    if ask is None:
        if empty:
            return Finding(name, "missing", "embedded, and nothing was built there", "name a server by its URL, or run `datamind demo`")
        return Finding(name, "ok", "embedded: started when it is needed")
    try:
        health = ask()
    except DataMindError as error:
        return Finding(name, "wrong", error.problem.message, error.problem.hint)
    if health.up:
        return Finding(name, "ok", f"answers in {health.ms:.0f} ms")
    return Finding(name, "wrong", health.detail or "does not answer", "check its URL, and that it runs")
