"""Run results and source freshness of one target → what they say of the data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

import msgspec

from app.compile.artifacts import TargetArtifacts
from app.compile.dbt.decode import Metadata, decode
from app.compile.dbt.run_results import RunResult, RunResults, read_run_results
from app.compile.dbt.sources import Criteria, FreshnessResult, SourcesArtifact, read_sources
from app.model.quality import NodeResult, Reading, ResultKind, ResultStatus

_COMMANDS = frozenset({"run", "test", "build", "seed", "snapshot", "retry"})
"""Those that build and test. `compile` and `docs generate` write run results too, in which every test is a success that never ran."""
_BUILT = {"success": ResultStatus.PASS, "pass": ResultStatus.PASS, "error": ResultStatus.ERROR, "runtime error": ResultStatus.ERROR}
_BUILT |= {"partial success": ResultStatus.ERROR}
_TESTED = {"pass": ResultStatus.PASS, "warn": ResultStatus.WARN, "fail": ResultStatus.FAIL}
_TESTED |= {"error": ResultStatus.ERROR, "runtime error": ResultStatus.ERROR}
_FRESH = {"pass": ResultStatus.PASS, "warn": ResultStatus.WARN, "error": ResultStatus.FAIL, "runtime error": ResultStatus.ERROR}
_CLEAN = re.compile(
    r"Got \d+ results?, configured to (?:fail|warn) if [^\n]*|(?:Database|Compilation|Runtime|Dependency) Error(?: in \w+ [\w.]+(?: \([\w./ -]+\))?)?"
)
"""The beginnings of messages that dbt writes itself; what follows comes from the warehouse and may quote a row."""


class _Dependencies(msgspec.Struct, frozen=True, gc=False):
    nodes: list[str] | None = None


class _Generic(msgspec.Struct, frozen=True, gc=False):
    name: str = ""


class _Config(msgspec.Struct, frozen=True, gc=False):
    enabled: bool | None = None
    freshness: Criteria | None = None


class _Node(msgspec.Struct, frozen=True, gc=False):
    name: str
    resource_type: str = ""
    source_name: str = ""
    depends_on: _Dependencies = _Dependencies()
    attached_node: str | None = None
    test_metadata: _Generic | None = None
    freshness: Criteria | None = None
    config: _Config = _Config()


class _Manifest(msgspec.Struct, frozen=True):
    metadata: Metadata = Metadata()
    nodes: dict[str, _Node] = {}
    sources: dict[str, _Node] = {}
    unit_tests: dict[str, _Node] = {}


def read_quality(target: TargetArtifacts) -> Reading:
    """What a target's artifacts say, each result with the time that they tell. What was skipped says nothing, nor does a node that the manifest lacks.

    Raises UserError DM2001 to DM2006 where an artifact can't be read.
    """
    manifest = decode(target.manifest, _Manifest, "manifest.json")
    runs, sources = read_run_results(target.run_results), read_sources(target.sources)
    nodes = dict(_with_results(manifest))
    results = {one.unique_id: one for one in (*_of_runs(runs, nodes), *_of_sources(sources, nodes))}
    return Reading(
        _time(manifest.metadata.generated_at) or _EARLIEST, frozenset(nodes), tuple(results[unique_id] for unique_id in sorted(results))
    )


_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


def _with_results(manifest: _Manifest) -> Iterator[tuple[str, _Node]]:
    """The nodes that may have a result, by unique id; a source may where the project asks how fresh it is."""
    yield from ((key, node) for key, node in manifest.nodes.items() if node.resource_type in set(ResultKind))
    yield from manifest.unit_tests.items()
    for key, node in manifest.sources.items():
        if node.config.enabled is not False and (str(node.freshness or "") or str(node.config.freshness or "")):
            yield key, node


def _of_runs(runs: RunResults, nodes: Mapping[str, _Node]) -> Iterator[NodeResult]:
    command = runs.args.which if runs.args is not None else None
    if command is not None and command not in _COMMANDS:
        return
    for result in runs.results:
        node = nodes.get(result.unique_id)
        if node is None or result.unique_id.startswith("source."):
            continue
        kind = ResultKind(node.resource_type or "unit_test")
        tests = kind in (ResultKind.TEST, ResultKind.UNIT_TEST)
        status = (_TESTED if tests else _BUILT).get(result.status.lower())
        at = _ended(result) or _time(runs.metadata.generated_at)
        if status is None or at is None:
            continue
        reads = tuple(sorted({*(node.depends_on.nodes or ()), *filter(None, [node.attached_node])})) if tests else ()
        tested = (node.attached_node,) if node.attached_node else reads if tests else (result.unique_id,)
        yield NodeResult(
            result.unique_id,
            kind,
            node.name,
            status,
            at,
            tested,
            reads,
            result.failures if tests else None,
            _clean(result.message) if status is not ResultStatus.PASS else "",
            generic=node.test_metadata.name if node.test_metadata is not None else "",
        )


def _of_sources(sources: SourcesArtifact, nodes: Mapping[str, _Node]) -> Iterator[NodeResult]:
    for result in sources.results:
        node, status = nodes.get(result.unique_id), _FRESH.get(result.status.lower())
        at = _time(result.snapshotted_at) or _time(sources.metadata.generated_at)
        if node is None or status is None or at is None:
            continue
        yield _freshness(result, node, status, at)


def _freshness(result: FreshnessResult, node: _Node, status: ResultStatus, at: dt.datetime) -> NodeResult:
    return NodeResult(
        result.unique_id,
        ResultKind.SOURCE,
        f"{node.source_name}.{node.name}",
        status,
        at,
        (result.unique_id,),
        loaded_at=_time(result.max_loaded_at),
        criteria=str(result.criteria or ""),
    )


def _ended(result: RunResult) -> dt.datetime | None:
    """When the last of its steps was done."""
    return max(filter(None, (_time(step.completed_at) for step in result.timing or ())), default=None)


def _time(text: str | None) -> dt.datetime | None:
    """A time of an artifact, which is in UTC where it does not say otherwise."""
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)


def _clean(message: str | None) -> str:
    found = _CLEAN.match(message or "")
    return found.group() if found else ""
