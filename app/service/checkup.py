"""What is connected and what is missing: the findings that `init` and `debug` print."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import DataMindError, Severity, UserError
from app.govern.served import served_schemas
from app.govern.stored import with_policies
from app.model.base import Node
from app.model.ontology import Layer, Ontology
from app.model.written_policy import WrittenPolicy
from app.ports import Excess, Health
from app.service.compile import Compiled, compile_source
from app.service.project import ProjectSource
from app.service.reader_account import account_problem, too_much

OPTIONAL = frozenset({"DM8053", "DM8055"})
"""Problems of what an installation may well do without: packages for retrieval, and the store's extension for vectors."""


class Finding(Node, frozen=True):
    """One thing looked at: `state` is ok, missing, warning or wrong; `hint` says what to do."""

    subject: str
    state: str
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Reachable:
    """What to look at: the project, and for each server (by name) how to ask it; None stands for the embedded one, which is started when needed. `empty`
    are warehouses among these in which nothing was ever built. `accounts` tell, by engine, what the account may do by which it is read. `policies` reads those of
    the store, None where it is embedded."""

    project: ProjectSource
    servers: Mapping[str, Callable[[], Health] | None]
    empty: frozenset[str] = frozenset()
    accounts: Mapping[str, Callable[[], Sequence[Excess]]] = field(default_factory=dict)
    policies: Callable[[], Sequence[WrittenPolicy]] | None = None


def checkup(reachable: Reachable) -> tuple[Finding, ...]:
    """Look at everything; never raises."""
    layer: Layer | None = None
    try:
        compiled = compile_source(reachable.project)
    except UserError as error:
        project: tuple[Finding, ...] = (Finding("dbt project", "wrong", error.problem.message, error.problem.hint),)
    else:
        layer, project = compiled.layer, _project(compiled)
    servers = (_server(name, ask, empty=name in reachable.empty) for name, ask in reachable.servers.items())
    accounts = (_account(name, ask, layer) for name, ask in reachable.accounts.items())
    policies = _policies(reachable.policies, layer.ontology if layer is not None else None)
    return (*project, *servers, *(found for found in accounts if found is not None), *policies)


def _account(name: str, ask: Callable[[], Sequence[Excess]], layer: Layer | None) -> Finding | None:
    """What the account of an engine may do beyond reading what the layer serves; None where it does not answer, which is told of the server."""
    try:
        found = ask()
    except DataMindError:
        return None
    served = served_schemas(layer.ontology, layer.placement(name)) if layer is not None else None
    problem = account_problem(name, too_much(found, served))
    if problem is None:
        return Finding(f"account of {name}", "ok", "reads what is served and nothing else")
    return Finding(f"account of {name}", "warning", f"{problem.code} {problem.message}", problem.hint)


def _policies(read: Callable[[], Sequence[WrittenPolicy]] | None, ontology: Ontology | None) -> Iterator[Finding]:
    """Whether the store's policies can be read, and hold on the project as it is."""
    if read is None:
        return
    try:
        written = read()
    except DataMindError as error:
        yield Finding("policies", "wrong", f"those of the store can't be read: {error.problem.message}", error.problem.hint)
        return
    problems = with_policies(ontology, written)[1] if ontology is not None else ()
    if not problems:
        yield Finding("policies", "ok", f"{len(written)} in the store")
    for problem in problems:
        yield Finding("policies", "wrong" if problem.severity is Severity.ERROR else "warning", problem.message, problem.hint)


def _project(compiled: Compiled) -> tuple[Finding, ...]:
    """The layer in the artifacts, and where each engine has its models."""
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
        return Finding(name, "missing" if error.problem.code in OPTIONAL else "wrong", error.problem.message, error.problem.hint)
    if health.up:
        return Finding(name, "ok", ", ".join(filter(None, (f"answers in {health.ms:.0f} ms", health.detail))))
    return Finding(name, "wrong", health.detail or "does not answer", "check its URL, and that it runs")
