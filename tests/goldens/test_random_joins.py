"""Random semantic models over the same tables: what a query answers on both engines is what walking the rows gives, and joins change no sum."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.embedded.stack import Part, Stack
from app.model.physical import Placement, Relation
from app.model.query import GroupBy, SemanticQuery
from app.model.types import DataType, Dialect
from app.plan.build import build
from app.plan.render import render
from app.sql.joins import JoinGraph
from tests.goldens.compare import ordered, same_rows
from tests.goldens.conftest import Warehouses, load_clickhouse, load_postgres
from tests.support.join_worlds import COLUMNS, LINKS, VALUE, Row, World, meanings, names, worlds
from tests.support.queries.budget import examples

SCHEMA = "random_joins"
_DICE = random.Random(5)


def _table(name: str) -> tuple[Row, ...]:
    ids, codes = _DICE.sample(range(7), 6), [*_DICE.sample(range(5), 4), None, None]
    linked = [[_DICE.choice([0, 1, 2, 3, 4, 5, None]) for _ in LINKS] for _ in ids]
    return tuple(dict(zip(COLUMNS, (ids[n], codes[n], *linked[n], f"{name}{n % 4}"), strict=True)) for n in range(len(ids)))


ROWS = {name: _table(name) for name in ("t0", "t1", "t2", "t3")}


@pytest.fixture(scope="session")
def tables(stack: Stack, warehouses: Warehouses) -> Warehouses:
    """The engines, with the tables in them."""
    columns = tuple((name, DataType.TEXT if name == VALUE else DataType.INTEGER) for name in COLUMNS)
    held = {name: (columns, tuple(tuple(row.values()) for row in rows)) for name, rows in ROWS.items()}
    load_postgres(stack.owner_urls[Part.POSTGRES], SCHEMA, held)
    load_clickhouse(stack.owner_urls[Part.CLICKHOUSE], SCHEMA, held)
    return warehouses


def asked(world: World, metric: str, items: list[str], dialect: Dialect, engines: Warehouses) -> list[Any]:
    """The rows of the answer."""
    query = SemanticQuery((metric,), tuple(GroupBy(item) for item in items))
    plan = build(query, world.ontology, JoinGraph.of(world.ontology))
    places = Placement(dialect.value, tuple((name, Relation(SCHEMA, name)) for name in sorted(ROWS)))
    return list(engines.run(dialect, render(plan, dialect, places, limit=None).text).rows())


@examples(20)
@given(world=worlds(rows=ROWS), data=st.data())
def test_answers_are_what_the_rows_give(world: World, data: st.DataObject, tables: Warehouses) -> None:
    graph = JoinGraph.of(world.ontology)
    start = data.draw(st.sampled_from(world.semantic_models))
    known = {name: found for name in sorted(names(world, start)) if (found := graph.find(start.name, name)) is not None}
    far = sorted(known, key=lambda name: (-len(known[name].hops), name))[:12]
    items: dict[str, str] = {}
    for name in data.draw(st.lists(st.sampled_from(far), max_size=3, unique=True)) if far else ():
        items.setdefault(known[name].name if known[name].hops or "__" not in name else name, name)
    values = []
    for name in items.values():
        walk, element = meanings(world, start, name)[0]
        values.append(world.values(start, walk, element))
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for number, row in enumerate(ROWS[start.model]):
        sums[tuple(column[number] for column in values)] += row["id"]
    expected = [(*key, total) for key, total in sums.items()]
    for dialect in Dialect:
        answered = asked(world, f"total_{start.name}", list(items.values()), dialect, tables)
        assert same_rows(ordered(answered), ordered(expected)), (dialect, items, answered, expected)
        assert sum(row[-1] for row in answered) == sum(row["id"] for row in ROWS[start.model])
