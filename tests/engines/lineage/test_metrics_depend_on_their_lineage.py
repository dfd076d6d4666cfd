"""What a metric's lineage leaves out does not matter: no source column outside of it changes the metric, whatever is done to it.

The demo's compiled SQL is run over copies of its raw tables and seeds, which are changed one column at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest

from app.adapters.dbt.folder import DbtFolder
from app.compile.lineage.code import Code, ProjectCode
from app.compile.lineage.trace import roles
from app.model.lineage import Kind, Role
from app.model.ontology import Ontology
from app.model.physical import Model, Placement, Relation
from app.model.query import SemanticQuery
from app.model.types import Dialect
from app.plan.build import build
from app.plan.render import render
from app.service.lineage import ProjectReader, read_project
from tests.support.demo import Demo
from tests.support.perturb import columns_of, perturb

SCHEMA = "lineage"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Copy:
    """The demo's models over tables of our own."""

    connection: psycopg.Connection
    reader: ProjectReader
    sql: dict[str, str]
    """Compiled SQL by unique id, reading from our schema."""
    planned: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = field(default_factory=dict)

    @property
    def ontology(self) -> Ontology:
        return self.reader.layer.ontology

    def run(self, text: str) -> Rows:
        return self.connection.execute(cast(LiteralString, text)).fetchall()

    def build(self, changed: str = "") -> None:
        """Make the models again that stand on the changed one, directly or not; all of them without one."""
        dirty = {changed}
        for model in in_order(self.ontology):
            if not changed or dirty & set(model.depends_on):
                dirty.add(model.unique_id)
                self.connection.execute(cast(LiteralString, f'drop table if exists {SCHEMA}."{model.name}" cascade'))
                self.connection.execute(cast(LiteralString, f'create table {SCHEMA}."{model.name}" as {self.sql[model.unique_id]}'))

    def query(self, metrics: Sequence[str], *items: str) -> str:
        """The SQL of a metric query over our schema, planned once."""
        key = (tuple(metrics), items)
        if key not in self.planned:
            self.planned[key] = self._planned(metrics, items)
        return self.planned[key]

    def _planned(self, metrics: Sequence[str], items: Sequence[str]) -> str:
        joins = self.reader.graph.joins
        relations = tuple((model.name, Relation(SCHEMA, model.name.rpartition(".")[2])) for model in self.ontology.models)
        plan = build(SemanticQuery(tuple(metrics), tuple(joins.group_by(item) for item in items)), self.ontology, joins)
        return render(plan, Dialect.POSTGRES, Placement("postgres", relations), limit=None).text


def in_order(ontology: Ontology) -> list[Model]:
    """The models with SQL, each after what it is built from."""
    found: list[Model] = []
    left = [model for model in ontology.models if model.resource_type == "model"]
    while left:
        made = {model.unique_id for model in found}
        ready = [m for m in left if all(one in made or not one.startswith("model.") for one in m.depends_on)]
        found += ready
        left = [model for model in left if model not in ready]
    return found


@pytest.fixture(scope="module")
def copy(demo: Demo) -> Iterator[Copy]:
    """A schema with the raw tables, seeds and models, in a transaction that is rolled back at the end."""
    source = DbtFolder(Path(demo.settings.dbt_project_path), {"postgres": None})
    targets, _ = source.read()
    reader = read_project(source)
    ontology = reader.layer.ontology
    code = {model.unique_id: model for model in ontology.models}
    project = ProjectCode(targets)
    with psycopg.connect(demo.servers.owners["postgres"]) as connection:
        connection.execute("set local jit = off")
        connection.execute(cast(LiteralString, f"create schema {SCHEMA}"))
        places = dict(reader.layer.placements[0].relations)
        sql = {}
        for unique_id, model in code.items():
            relation = places[model.name]
            if model.resource_type in ("source", "seed"):
                connection.execute(
                    cast(LiteralString, f'create table {SCHEMA}."{relation.name}" as select * from "{relation.schema}"."{relation.name}"')
                )
                continue
            found = project.of(unique_id)
            assert isinstance(found, Code), unique_id
            text = found.sql
            for place in places.values():
                text = text.replace(f'"{place.database}"."{place.schema}"."{place.name}"', f'{SCHEMA}."{place.name}"')
            sql[unique_id] = text
        made = Copy(connection, reader, sql)
        made.build()
        yield made
        connection.rollback()


def lineage(copy: Copy) -> dict[str, dict[tuple[str, str], tuple[Role, ...]]]:
    """The columns of each metric's lineage, with their roles; () stands for the rows."""
    return {
        metric.name: {(p.owner, p.name): r for p, r in roles(copy.reader.trace(metric.name)).items() if p.kind in (Kind.COLUMN, Kind.ROWS)}
        for metric in copy.ontology.metrics
    }


def ends(copy: Copy) -> list[tuple[Model, str, str]]:
    """Every column of the sources and seeds, with its type."""
    found = []
    for model in copy.ontology.models:
        if model.resource_type in ("source", "seed"):
            found += [(model, name, kind) for name, kind in columns_of(copy.connection, SCHEMA, model.name.rpartition(".")[2])]
    return found


def months(copy: Copy, metrics: Sequence[str]) -> dict[str, dict[Any, Any]]:
    """The metrics by month. One whose empty periods are filled is asked alone: in company it has a value wherever the others have one."""
    joins = copy.reader.graph.joins
    filled = [name for name in metrics if any(one.fill_nulls_with is not None for one in joins.inputs(name))]
    found: dict[str, dict[Any, Any]] = {}
    for together in ([name for name in metrics if name not in filled], *([name] for name in filled)):
        rows = copy.run(copy.query(together, "metric_time__month"))
        found |= {name: {row[0]: row[number] for row in rows if row[number] is not None} for number, name in enumerate(together, 1)}
    return found


def totals(copy: Copy, metrics: Sequence[str]) -> dict[str, Any]:
    """The metrics over all time."""
    rows = copy.run(copy.query(metrics))
    return dict(zip(metrics, rows[0], strict=True))


def test_no_column_outside_of_a_metrics_lineage_changes_it(copy: Copy) -> None:
    """The test of all lineage. That it can fail is the next one's matter."""
    held = lineage(copy)
    timed = sorted(held)
    untimed = sorted(m.name for m in copy.ontology.metrics if m.type in ("simple", "ratio"))
    by_month, over_all = months(copy, timed), totals(copy, untimed)
    assert sum(map(len, by_month.values())) > 500
    moved: dict[str, set[str]] = {}
    for model, column, kind in ends(copy):
        table = model.name.rpartition(".")[2]
        outside = [name for name in timed if (model.name, column) not in held[name]]
        with copy.connection.transaction(force_rollback=True):
            assert perturb(copy.connection, SCHEMA, table, column, kind) > 0
            copy.build(model.unique_id)
            now, all_now = months(copy, timed), totals(copy, untimed)
        changed = {name for name in timed if now[name] != by_month[name]} | {name for name in untimed if all_now[name] != over_all[name]}
        assert not changed & set(outside), f"{model.name}.{column} changes what its lineage leaves out"
        moved[f"{model.name}.{column}"] = changed
    used = {(m, c) for found in held.values() for m, c in found}
    effective = {name for name, changed in moved.items() if changed}
    claimed = {f"{m.name}.{c}" for m, c, _ in ends(copy) if (m.name, c) in used}
    assert len(effective) >= 0.75 * len(claimed), sorted(claimed - effective)
    values = [(name, m, c) for name, found in held.items() for (m, c), r in found.items() if c and Role.VALUE in r and f"{m}.{c}" in moved]
    told = [one for one in values if one[0] in moved[f"{one[1]}.{one[2]}"]]
    assert len(told) >= 0.75 * len(values), sorted(set(values) - set(told))
