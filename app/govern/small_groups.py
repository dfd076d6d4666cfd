"""Least group sizes at the metric door: a group that stands on too few rows of a protected column is left out of the answer, whole.

Each step that aggregates rows over a protected column counts them too (of a joined model: its distinct keys), and for each value that is made of such a column the
rows of which it is made: those that are not NULL there. The counts go along with the step's values through every step after it, and the output keeps the groups
of which every count is large enough, or that have no such rows at all. Numbers over all groups (shares,
running totals) are what they would be without; what a group of that size tells when it is subtracted from another answer is not kept from anybody
(docs/security.md). Where rows of a protected column would pass on one by one, the query is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from msgspec.structs import replace

from app.errors import Problem, UserError
from app.govern.access import Access
from app.govern.failing import could_tell
from app.model.expr import And, Binary, Case, Column, Expr, IsNull, Literal, Or
from app.model.ontology import Ontology
from app.model.plan import Aggregate, Aggregated, Combine, JoinKind, LogicalPlan, Named, Rows, Scan, Select, Step, Union
from app.model.policy import Mask, MaskKind
from app.model.query import SemanticQuery
from app.model.types import Aggregation, DataType
from app.sql.expressions.walk import columns

_PREFIX = "dm_size"
_HASH = Mask(MaskKind.HASH)


@dataclass(frozen=True, slots=True)
class _Size:
    """A column of a step that holds how many rows (or keys, where it does not add up) of protected columns a row of it stands on."""

    column: str
    least: int
    adds_up: bool


def guard_sizes(plan: LogicalPlan, query: SemanticQuery, ontology: Ontology, access: Access) -> tuple[LogicalPlan, int]:
    """The plan of that query without its small groups, and the largest of the least sizes (0 where the plan reads no protected column: then it is as it was).

    Raises UserError DM4026 where the answer would stand on single rows of a protected column, or an error could tell of them.
    """
    if not any(access.of(model).sizes for model in plan.models):
        return plan, 0
    guard = _Guard(ontology, access)
    steps = tuple(guard.step(step) for step in plan.steps)
    found = [(part, size) for part in plan.parts for size in guard.made.get(part, ())]
    if not found:
        return plan, 0
    if could_tell(query, ontology, access):
        _refuse("a filter that calculates could fail on", "compare the fields of the filter with plain values")
    large = (_large(Column(size.column, part), size.least) for part, size in found)
    having = And((*((plan.having,) if plan.having is not None else ()), *large))
    return replace(plan, steps=steps, having=having), max(size.least for _, size in found)


def _large(size: Expr, least: int) -> Expr:
    return Or((IsNull(size), Binary("=", size, Literal(0, DataType.INTEGER)), Binary(">=", size, Literal(least, DataType.INTEGER))))


class _Guard:
    """Walks the steps in order; `made` tells of each which of its columns are sizes."""

    def __init__(self, ontology: Ontology, access: Access) -> None:
        self._ontology = ontology
        self._access = access
        self._spines = {spine.model for spine in ontology.time_spines}
        self._count = 0
        self.made: dict[str, tuple[_Size, ...]] = {}

    def step(self, step: Step) -> Step:
        """The step with the sizes of what it reads among its columns."""
        made: Step
        match step:
            case Aggregate():
                made, sizes = self._aggregate(step)
            case Select():
                made, sizes = self._select(step)
            case Union():
                made, sizes = self._union(step)
            case _:
                made, sizes = self._combine(step)
        if sizes:
            self.made[step.name] = sizes
        return made

    def _combine(self, step: Combine) -> tuple[Combine, tuple[_Size, ...]]:
        sizes = tuple(size for part in step.parts for size in self.made.get(part, ()))
        passed = tuple(_named(size, part) for part in step.parts for size in self.made.get(part, ()))
        return replace(step, columns=(*step.columns, *passed)), sizes

    def _aggregate(self, step: Aggregate) -> tuple[Aggregate, tuple[_Size, ...]]:
        rows = step.rows
        own = [(scan, least) for scan in rows.scans if (least := self._least(scan))]
        read = [scan for scan in rows.scans if self.made.get(scan.step)]
        if not own and not read:
            return step, ()
        if (own and read) or any(scan is not rows.base for scan in read):
            _refuse()
        values: list[Aggregated] = []
        sizes: list[_Size] = []
        for scan in read:
            for size in self.made[scan.step]:
                if not size.adds_up:
                    _refuse()
                values.append(_aggregated(size.column, Aggregation.SUM, Column(size.column, scan.alias)))
                sizes.append(size)
            rows = _reading(rows, scan, [(size.column, DataType.INTEGER) for size in self.made[scan.step]])
        for scan, least in own:
            counted: Expr = Literal(1, DataType.INTEGER)
            how, kind = Aggregation.COUNT, DataType.INTEGER
            if scan is step.rows.base:
                self._check_repeats(rows)
            else:
                key, kind = self._key(scan)
                rows = _reading(rows, scan, [(key, kind)])
                counted, how = Column(key, scan.alias), Aggregation.COUNT_DISTINCT
            for made_of in (None, *self._made_of(step, scan)):
                self._count += 1
                size = _Size(f"{_PREFIX}{self._count}", least, how is Aggregation.COUNT)
                there = Case(((IsNull(made_of, negated=True), counted),)) if made_of is not None else counted
                values.append(_aggregated(size.column, how, there, kind))
                sizes.append(size)
        return replace(step, rows=rows, values=(*step.values, *values)), tuple(sizes)

    def _made_of(self, step: Aggregate, scan: Scan) -> tuple[Expr, ...]:
        """What the step aggregates of the protected columns of a model, each once."""
        protected = {Column(name, scan.alias) for name in self._access.of(scan.model).sizes}
        return tuple(dict.fromkeys(value.expr for value in step.values if not protected.isdisjoint(columns(value.expr))))

    def _select(self, step: Select) -> tuple[Select, tuple[_Size, ...]]:
        """Rows as they are keep the sizes of the steps that they come from; rows of a model are single ones."""
        if any(self._least(scan) for scan in step.rows.scans):
            _refuse()
        rows, passed, sizes = step.rows, [], []
        for scan in step.rows.scans:
            for size in self.made.get(scan.step, ()):
                rows = _reading(rows, scan, [(size.column, DataType.INTEGER)])
                passed.append(_named(size, scan.alias))
                sizes.append(size)
        return (replace(step, rows=rows, columns=(*step.columns, *passed)), tuple(sizes)) if sizes else (step, ())

    def _union(self, step: Union) -> tuple[Union, tuple[_Size, ...]]:
        """Each part has the sizes of all, NULL where it has no such rows."""
        parts = [self._select(part) for part in step.parts]
        sizes = tuple(dict.fromkeys(size for _, found in parts for size in found))
        if not sizes:
            return step, ()
        padded = tuple(_with_all(part, found, sizes) for part, found in parts)
        return replace(step, parts=padded), sizes

    def _least(self, scan: Scan) -> int:
        """The largest of the least sizes of the protected columns that are read of a model."""
        sizes: Mapping[str, int] = self._access.of(scan.model).sizes if scan.model else {}
        return max((sizes[name] for name, _ in scan.columns if name in sizes), default=0)

    def _check_repeats(self, rows: Rows) -> None:
        """Pass rows that are repeated for the moments of a time spine alone: a row that stands there twice would count as two."""
        for join in rows.joins:
            if join.kind is not JoinKind.LEFT and join.scan.model not in self._spines and not self._is_of_spine(join.scan):
                _refuse()

    def _is_of_spine(self, scan: Scan) -> bool:
        return bool(scan.step) and scan.step not in self.made

    def _key(self, scan: Scan) -> tuple[str, DataType]:
        """The column by which rows of a joined model are told apart."""
        model = self._ontology.model(scan.model)
        rule = self._access.of(scan.model)
        keys = [*model.primary_key] if model is not None else []
        if model is not None and not keys:
            keys = [column.name for column in model.columns if column.unique and column.not_null][:1]
        column = model.column(keys[0]) if model is not None and len(keys) == 1 else None
        if column is None or column.name in rule.denied or rule.masks.get(column.name, _HASH).kind is not MaskKind.HASH:
            _refuse()
        return column.name, column.type


def _aggregated(name: str, agg: Aggregation, expr: Expr, of: DataType = DataType.INTEGER) -> Aggregated:
    return Aggregated(name, agg, expr, of, DataType.INTEGER)


def _named(size: _Size, source: str) -> Named:
    return Named(size.column, Column(size.column, source), DataType.INTEGER)


def _with_all(part: Select, found: Sequence[_Size], sizes: Sequence[_Size]) -> Select:
    held = {size.column for size in found}
    own = {named.name: named for named in part.columns}
    nothing = Literal(None, DataType.INTEGER)
    padded = [named for named in part.columns if named.name not in held]
    padded += [own[size.column] if size.column in held else Named(size.column, nothing, DataType.INTEGER) for size in sizes]
    return replace(part, columns=tuple(padded))


def _reading(rows: Rows, scan: Scan, more: Sequence[tuple[str, DataType]]) -> Rows:
    """The rows with these columns of a scan read too."""

    def wider(one: Scan) -> Scan:
        return replace(one, columns=tuple(sorted({**dict(more), **dict(one.columns)}.items()))) if one.alias == scan.alias else one

    return replace(rows, base=wider(rows.base), joins=tuple(replace(join, scan=wider(join.scan)) for join in rows.joins))


def _refuse(what: str = "it would stand on", hint: str = "ask for a plain metric by fewer or other dimensions") -> NoReturn:
    message = f"this can't be answered: {what} single values of a column that you see only aggregated"
    raise UserError(Problem("DM4026", message, hint=f"{hint}, or an admin for access to the values"))
