"""A selection as a tree: criteria, and unions, intersections and differences of selections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.compile.selection.problems import refuse, unknown_method

METHODS = (
    "fqn",
    "tag",
    "group",
    "access",
    "source",
    "path",
    "file",
    "package",
    "config",
    "resource_type",
    "state",
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "version",
    "test_name",
    "test_type",
    "unit_test",
)
"""dbt's methods, but for `result` and `source_status`, which read what a run left behind."""

_SPEC = re.compile(
    r"(?P<around>@)?(?:(?P<parents_depth>\d*)(?P<parents>\+))?"
    r"(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?:(?P<children>\+)(?P<children_depth>\d*))?",
    re.DOTALL,
)
_FILES = (".sql", ".py", ".csv")


@dataclass(frozen=True, slots=True)
class Criterion:
    """The nodes that `method` finds by `value`, and those around them.

    `parents` and `children` say how many steps up and down the graph are taken too: None none, -1 all. `around` (`@`) adds everything
    downstream with all that it stands on. `raw` is the text as it was written, for Problems.
    """

    method: str
    value: Any
    arguments: tuple[str, ...] = ()
    parents: int | None = None
    children: int | None = None
    around: bool = False
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Union:
    """All that any of them finds."""

    parts: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Intersection:
    """What each of them finds. `raw` is set where it was written by a person as one word: that it finds nothing is then worth saying."""

    parts: tuple[Selection, ...]
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the first finds and the second does not."""

    kept: Selection
    left_out: Selection


Selection: TypeAlias = Criterion | Union | Intersection | Difference

ALL = -1


def criterion(text: str) -> Criterion:
    """One criterion in dbt's short form: `tag:finance`, `2+orders+`, `@stg_orders`, `models/marts`. Raises UserError DM2620."""
    match = _SPEC.fullmatch(text)
    if match is None:
        raise refuse(text, "it is no criterion")
    value = match["value"]
    method, *arguments = (match["method"] or default_method(value)).split(".")
    check_method(method, text)
    return checked(
        Criterion(
            method,
            value,
            tuple(arguments),
            parents=_depth(match["parents"], match["parents_depth"]),
            children=_depth(match["children"], match["children_depth"]),
            around=bool(match["around"]),
            raw=text,
        )
    )


def checked(found: Criterion) -> Criterion:
    """The criterion. Raises UserError DM2620 for `@` together with `+` behind, which contradict each other, and for `config` without a key."""
    if found.around and found.children is not None:
        raise refuse(found.raw, "`@` before and `+` behind are not taken together")
    if found.method == "config" and not found.arguments:
        raise refuse(found.raw, "`config` needs a key, such as `config.materialized:table`")
    return found


def default_method(value: str) -> str:
    """What a value without a method means: a path where there is a slash, a file by its ending, else a name."""
    if "/" in value:
        return "path"
    return "file" if value.lower().endswith(_FILES) else "fqn"


def check_method(method: str, raw: str) -> None:
    """Raises UserError DM2620 where dbt has no such method, or we do not."""
    if method not in METHODS:
        raise unknown_method(method, raw, METHODS)


def _depth(sign: str | None, digits: str | None) -> int | None:
    if not sign:
        return None
    return int(digits) if digits else ALL
