"""Queries without metrics, row by row: every combination of values that full joins give, each once, or as often as it comes, or its extremes."""

from __future__ import annotations

from typing import Any

from app.model import expr as x
from app.model.query import SemanticQuery
from app.model.semantics import SemanticModel
from app.model.types import Grain
from app.sql.expressions.walk import columns, fields
from tests.goldens.evaluate import evaluate
from tests.goldens.names import Key, Names, Row
from tests.goldens.oracle import Oracle
from tests.goldens.sight import within

Combination = dict[Any, Any]
"""What stands in one row of the joins: by the links that lead to it a row of a table, the spine's moment as `time`, metrics by their reference."""


class Lists:
    """A list over the rows of one semantic model (None: over the time spine alone) and of all that its items and filters need."""

    def __init__(self, oracle: Oracle, query: SemanticQuery, base: SemanticModel | None) -> None:
        self.oracle, self.query, self.base = oracle, query, base
        self.names: Names = oracle.names
        self.items = [x.Field(i.name, "", i.path, i.grain, i.date_part) for i in query.group_by]
        self.tests = [self.names.field(f) for f in (*fields(query.where), *columns(query.where))]
        self.rows: list[Combination] = [{}] if base is None else [{(): row} for row in self.names.rows[base.model]]
        self.joined: set[Any] = {()}

    def answer(self) -> list[Key]:
        """The rows, in no order."""
        timed = [f for f in (*self.items, *self.tests) if f.name == "metric_time"]
        if timed or (self.query.time is not None and self.query.time.bounded):
            grains = [self.oracle.moments.base(f.grain) for f in timed if f.grain]
            finest = min(grains, key=lambda g: Grain(g).order, default="day")
            spine = [s for s in self.oracle.ontology.time_spines if s.grain.order <= Grain(finest).order]
            unit = max((s.grain for s in spine), key=lambda g: g.order).value
            self.rows = [{**row, "time": now} for row in self.rows for now in self.oracle.moments.of(unit)]
        for field in (*self.items, *self.tests):
            self.join(field)
        kept = [r for r in self.rows if self.passes(r)]
        listed = [tuple(self.cell(row, item) for item in self.items) for row in kept]
        if self.query.min_max_only:
            sides = ([v for v in column if v is not None] for column in (zip(*listed, strict=True) if listed else [[]] * len(self.items)))
            return [tuple(v for side in sides for v in ((min(side), max(side)) if side else (None, None)))]
        return list(dict.fromkeys(listed)) if self.query.apply_group_by else listed

    def passes(self, row: Combination) -> bool:
        """Whether it is within the filter and the range."""
        if self.query.where is not None and evaluate(self.query.where, lambda f: self.cell(row, self.names.field(f))) is not True:
            return False
        return within(self.query.time, row.get("time"))

    def cell(self, row: Combination, field: x.Field) -> Any:
        """What a reference means in a row of the joins."""
        if field.kind == "metric":
            return row.get(field)
        if field.name == "metric_time":
            return self.names.graded(row.get("time"), field, Grain.DAY)
        assert self.base is not None
        place = self.names.place(self.base, field)
        return self.names.read(row.get(place.links), place.element, field)

    def join(self, field: x.Field) -> None:
        """Join what a reference needs, where it is not there yet."""
        if field.kind == "metric":
            for item in field.group_by:
                self.join(x.Field(item))
            self.join_metric(field)
        elif field.name != "metric_time":
            assert self.base is not None
            place = self.names.place(self.base, field)
            for length in range(1, len(place.links) + 1):
                if place.links[:length] not in self.joined:
                    self.joined.add(place.links[:length])
                    self.join_rows(place.models[: length + 1], place.links[:length])

    def join_rows(self, models: tuple[SemanticModel, ...], links: tuple[str, ...]) -> None:
        """A full join to the last of the models."""
        target, unmet = models[-1], list(self.names.rows[models[-1].model])
        done: list[Combination] = []
        for row in self.rows:
            passed: list[tuple[SemanticModel, Row | None]] = [(m, row.get(links[:n])) for n, m in enumerate(models[:-1])]
            found = [r for r in self.names.rows[target.model] if self.names.refers(passed, links[-1], target, r, False)]
            done += [{**row, links: other} for other in found] or [row]
            unmet = [r for r in unmet if not any(r is other for other in found)]
        self.rows = [*done, *({links: other} for other in unmet)]

    def join_metric(self, field: x.Field) -> None:
        """A full join to the metric by its items."""
        values, done = self.oracle.by_items(field), []
        unmet = dict(values)
        for row in self.rows:
            key = tuple(self.cell(row, x.Field(item)) for item in field.group_by)
            done.append({**row, field: values.get(key)} if None not in key else row)
            if None not in key:
                unmet.pop(key, None)
        self.rows = [*done, *({field: value} for value in unmet.values())]
