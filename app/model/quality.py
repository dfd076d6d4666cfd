"""What dbt's last runs said of the data: results of tests and builds, and how fresh sources were. Facts about data, beside the layer's definitions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.model.base import Node


class ResultKind(StrEnum):
    """Of what a result is. Of a source it is its freshness, of a model, seed or snapshot how building it ended."""

    TEST = "test"
    UNIT_TEST = "unit_test"
    MODEL = "model"
    SEED = "seed"
    SNAPSHOT = "snapshot"
    SOURCE = "source"


class ResultStatus(StrEnum):
    """dbt's statuses in four words: a build that succeeded passes, a source that is fresh does; what could not be run or built is `error`.

    A stale source fails. What warns does so because the project says that it is no failure.
    """

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"

    @property
    def is_failure(self) -> bool:
        """Whether it speaks against what stands on it."""
        return self in (ResultStatus.FAIL, ResultStatus.ERROR)


class NodeResult(Node, frozen=True):
    """What dbt last said of a node on one target.

    `name` is the node's for people (a source's is `source.table`), `generic` which generic test it is, "" where none; `at` is when it ended, as the
    artifact tells. `tested` are the unique ids of the nodes that it says something of, `reads` all that it looks at. `failures` counts a test's failing
    rows, None where nothing was counted. `message` is dbt's without anything that may be a row's value. Of sources, `loaded_at` is the time of the newest
    row and `criteria` what was asked of it.
    """

    unique_id: str
    kind: ResultKind
    name: str
    status: ResultStatus
    at: dt.datetime
    tested: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    failures: int | None = None
    message: str = ""
    loaded_at: dt.datetime | None = None
    criteria: str = ""
    generic: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the artifacts of one target say: `known` are the unique ids of all nodes that may have a result, `at` is when their manifest was written."""

    at: dt.datetime
    known: frozenset[str]
    results: tuple[NodeResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """The newest results by engine. `by_node` holds them, and `doubtful` those that did not pass, by the unique id of the node that they say something of."""

    by_engine: Mapping[str, tuple[NodeResult, ...]] = field(default_factory=dict)
    doubtful: Mapping[str, Mapping[str, tuple[NodeResult, ...]]] = field(default_factory=dict)
    by_node: Mapping[str, Mapping[str, tuple[NodeResult, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, by_engine: Mapping[str, Iterable[NodeResult]]) -> Quality:
        """The results, looked out by node, and those that did not pass."""
        held = {engine: tuple(results) for engine, results in by_engine.items()}
        nodes = {engine: _by_node(results) for engine, results in held.items()}
        doubtful = {engine: _by_node(one for one in results if one.status is not ResultStatus.PASS) for engine, results in held.items()}
        return cls(held, doubtful, nodes)

    def with_newer(self, readings: Mapping[str, Reading]) -> Quality:
        """With what artifacts that lie here say besides: of each node the newer result, and none of a node that they no longer know."""
        merged = dict(self.by_engine)
        for engine, reading in readings.items():
            newest = {one.unique_id: one for one in merged.get(engine, ()) if one.unique_id in reading.known}
            for one in reading.results:
                if one.unique_id not in newest or newest[one.unique_id].at < one.at:
                    newest[one.unique_id] = one
            merged[engine] = tuple(newest[unique_id] for unique_id in sorted(newest))
        return Quality.of(merged)


def _by_node(results: Iterable[NodeResult]) -> Mapping[str, tuple[NodeResult, ...]]:
    found: dict[str, list[NodeResult]] = defaultdict(list)
    for result in results:
        for unique_id in result.tested:
            found[unique_id].append(result)
    return {unique_id: tuple(sorted(held, key=lambda one: one.unique_id)) for unique_id, held in found.items()}
