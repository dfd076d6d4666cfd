"""What the checks look at: the project as it is, and as it was where the change began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeAlias

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.diff.removed import placed_as_removed
from app.compile.diff.report import Kind
from app.model.moment import Moment
from app.model.ontology import Layer
from app.model.principal import Principal
from app.model.query import SemanticQuery
from app.model.result import Result
from app.pipeline.turn import ServedLayer
from app.service.diff import Asked as DiffAsked
from app.service.diff import Beside, Comparison, State, compare, in_turn
from app.service.request import QueryRequest

Read: TypeAlias = tuple[Sequence[TargetArtifacts], ProjectSources]


class Ask(Protocol):
    """Asks the warehouse by the definitions of a layer, under its policies."""

    def __call__(self, layer: Layer, request: QueryRequest | SemanticQuery) -> Result:
        """Answer a metric query. Raises DataMindError."""

    def view(self, layer: Layer) -> ServedLayer:
        """The layer as who asks sees it, with the values that they may name."""


@dataclass(frozen=True, slots=True)
class Base:
    """The other side of a change: a state, and its YAML texts by path where they are known."""

    state: State
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


class Sides(Protocol):
    """Reads both sides; an adapter has dbt parse them."""

    def head(self) -> Read:
        """The project as it is. Raises UserError DM2370 where dbt can't parse it, or as reading artifacts does."""

    def base(self) -> Base | None:
        """The project as it was, None where it was not there yet. Raises UserError DM2371 or DM2372 where it can't be had."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where values are asked, opened only where there are some to ask; of how many metrics at most, and as whom, in words."""

    opened: Callable[[], AbstractContextManager[Ask]]
    most: int
    asker: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Golden questions of the project: their file as it is called from there, and what it holds; as whom they are read, and when: the moment of a day, None for
    the one of the settings."""

    file: str
    content: bytes = field(repr=False)
    asker: Principal
    moment: Callable[[dt.date | None], Moment]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the checks. `folder` is the project's as it is called from the repository's root, "" for the root itself, for paths in the
    comment. `compared` says whether there is a base at all; `fail_on` is the class of changes that fails, None where the project's
    rule or the default decides; with `never` changes and findings are told and fail nothing."""

    folder: str = ""
    compared: bool = True
    rules: Collection[str] = ()
    ignored: Collection[str] = ()
    warn_error: bool = False
    diff: DiffAsked = field(default_factory=DiffAsked)
    fail_on: Kind | None = None
    never: bool = False
    numbers: Numbers | None = None
    policy_tests: Sequence[tuple[str, str]] = ()
    """Files of policy tests, each with its text."""
    fail_on_gain: bool = False
    """Whether it fails where anybody may see more than before."""
    questions: Questions | None = None


class Subject:
    """Both sides, each read when the first check asks for it, and compared once."""

    def __init__(self, sides: Sides, wanted: Wanted, beside: Beside = in_turn) -> None:
        self._sides = sides
        self._beside = beside
        self.wanted = wanted

    @cached_property
    def head(self) -> Read:
        """The project as it is; raises as `Sides.head`."""
        return self._sides.head()

    @cached_property
    def base(self) -> Base | None:
        """The project as it was; raises as `Sides.base`."""
        return self._sides.base() if self.wanted.compared else None

    @property
    def layer(self) -> Layer | None:
        """The project as it is, where it was compiled to be compared; None where there is nothing to compare with."""
        return self.comparison.layers[1] if self.wanted.compared and self.comparison is not None else None

    @cached_property
    def comparison(self) -> Comparison | None:
        """The changes from base to head, None where there is no base. Raises as these, and as `app.service.diff.compare`."""
        if self.base is None:
            return None
        targets, sources = self.head
        found = compare(targets, sources, [self.base.state], self.wanted.diff, self._beside)
        return replace(found, report=placed_as_removed(found.report, self.base.files, sources.files))
