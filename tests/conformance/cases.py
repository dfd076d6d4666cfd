"""The conformance cases as they are kept in the shared folder, and each as the request that a person would make."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.service.request import QueryRequest

VARIABLE = "DATAMIND_CONFORMANCE_DIR"
_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "conformance"


class Expected(msgspec.Struct, frozen=True):
    """What the answer holds: its column names, and either its rows or how many there are."""

    columns: tuple[str, ...]
    rows: list[list[Any]] | None = None
    row_count: int | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One request over one semantic manifest. `expected` is None where the suite's own engine lacks a feature that the case needs."""

    id: str
    model: str
    metrics: tuple[str, ...] = ()
    group_by: tuple[str | dict[str, str], ...] = ()
    where: str | None = None
    time_constraint: tuple[str, str] | None = None
    order_by: tuple[str, ...] = ()
    limit: int | None = None
    saved_query: str | None = None
    min_max_only: bool = False
    apply_group_by: bool = True
    check_order: bool = False
    allow_empty: bool = False
    required_features: tuple[str, ...] = ()
    expected: Expected | None = None

    @property
    def title(self) -> str:
        """The id without what all of them share: `constraints/test_bool_dim`."""
        return self.id.removeprefix("itest_").replace(".yaml/", "/")


def folder() -> Path:
    """Where the cases are: `DATAMIND_CONFORMANCE_DIR`, else the shared folder beside the repository. It may be absent."""
    return Path(os.environ.get(VARIABLE) or _DEFAULT)


def read(path: Path) -> list[Case]:
    """The cases of that folder, in their order; none where it has no cases."""
    file = path / "cases.jsonl"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8") as lines:
        return [msgspec.convert(json.loads(line), Case, strict=False) for line in lines if line.strip()]


def request(case: Case) -> QueryRequest:
    """The case in the words of the doors."""
    start, end = case.time_constraint or ("", "")
    return QueryRequest(
        metrics=case.metrics,
        group_by=tuple(group_by_text(item) for item in case.group_by),
        where=(case.where,) if case.where else (),
        order=case.order_by,
        limit=case.limit,
        start_time=start,
        end_time=end,
        saved_query=case.saved_query or "",
        min_max_only=case.min_max_only,
        apply_group_by=case.apply_group_by,
    )


def group_by_text(item: str | Mapping[str, str]) -> str:
    """A group-by item as a person writes it: a dunder name, or `TimeDimension(...)` where it has a date part."""
    if isinstance(item, str):
        return item
    if "date_part" in item:
        return f"TimeDimension('{item['name']}', date_part_name='{item['date_part']}')"
    return f"{item['name']}__{item['grain']}" if "grain" in item else item["name"]


def models(cases: Sequence[Case]) -> list[str]:
    """The names of the manifests that the cases stand on."""
    return sorted({case.model for case in cases})
