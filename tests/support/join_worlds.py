"""Small random worlds of tables and semantic models, and a slow second opinion on what a name means in them: every way is walked, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from app.model.expr import Column
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.ontology import Ontology
from app.model.physical import ColumnReference, Model, ModelColumn
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType

KEYS = ("id", "code")
"""Columns in which each value stands in one row at most; `code` may be NULL."""
LINKS = ("a", "b", "c")
"""Columns that refer to rows of other tables, or to none."""
VALUE = "word"
COLUMNS = (*KEYS, *LINKS, VALUE)
ONE_ROW = (EntityType.PRIMARY, EntityType.UNIQUE)

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A join of a way: the entity, where it leads, and the columns that are compared."""

    entity: str
    target: SemanticModel
    own: str
    key: str


Walk = tuple[Step, ...]


@dataclass(frozen=True)
class World:
    """The rows of each table, and semantic models over them."""

    rows: dict[str, tuple[Row, ...]]
    ontology: Ontology

    def __repr__(self) -> str:
        said = [f"{n}: {[tuple(row.values()) for row in rows]}" for n, rows in self.rows.items()]
        for m in self.semantic_models:
            keys = ", ".join(f"{e.name} {e.type} {column(e)}" for e in m.entities)
            said.append(f"{m.name} of {m.model}: {keys}; {', '.join(f'{d.name} {column(d)}' for d in m.dimensions)}")
        for m in self.ontology.models:
            said += [f"{m.name}.{c.name} -> {c.references.model}.{c.references.column}" for c in m.columns if c.references]
        return "\n".join(["World", *said])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        del cycle
        printer.text(repr(self))

    @property
    def semantic_models(self) -> tuple[SemanticModel, ...]:
        return self.ontology.semantic_models

    def walks(self, start: SemanticModel, *, strict: bool) -> Iterator[Walk]:
        """Every way from a semantic model. A strict one joins no table twice, never goes on by the entity by which it came, nor by the column by
        which it came where that led there at once; another one passes no semantic model twice."""
        stack: list[Walk] = [()]
        while stack:
            walk = stack.pop()
            yield walk
            for step in self.steps(walk[-1].target if walk else start):
                passed = [start, *(s.target for s in walk)]
                if step.target in passed:
                    continue
                if strict and (step.target.model in {s.target.model for s in walk} or (walk and self._redundant(walk, step, start))):
                    continue
                stack.append((*walk, step))

    def _redundant(self, walk: Walk, step: Step, start: SemanticModel) -> bool:
        if walk[-1].entity == step.entity:
            return True
        before = walk[-2].target if len(walk) > 1 else start
        straight = ((s.own, s.target.name, s.key) for s in self.steps(before))
        return step.own == walk[-1].key and (walk[-1].own, step.target.name, step.key) in straight

    def steps(self, model: SemanticModel) -> list[Step]:
        """The joins from a semantic model."""
        return [
            Step(entity.name, other, column(entity), column(key))
            for entity in model.entities
            for other in self.semantic_models
            for key in other.entities
            if other is not model and key.name == entity.name and key.type in ONE_ROW
        ]

    def end(self, row: Row, walk: Walk) -> Row | None:
        """The row to which a way leads from one, None where there is none."""
        at: Row | None = row
        for step in walk:
            if at is None or at[step.own] is None:
                return None
            found = [other for other in self.rows[step.target.model] if other[step.key] == at[step.own]]
            assert len(found) <= 1
            at = found[0] if found else None
        return at

    def values(self, start: SemanticModel, walk: Walk, element: Dimension | Entity) -> list[Any]:
        """What an element at the end of a way is for each of the start's rows."""
        ends = [self.end(row, walk) for row in self.rows[start.model]]
        return [None if end is None else end[column(element)] for end in ends]


def column(element: Dimension | Entity) -> str:
    """The column that an element is."""
    assert isinstance(element.expr, Column)
    return element.expr.name


def elements(model: SemanticModel) -> dict[str, Dimension | Entity]:
    """Dimensions and entities by name; a dimension wins."""
    return {e.name: e for e in (*model.entities, *model.dimensions)}


def meanings(world: World, start: SemanticModel, name: str) -> list[tuple[Walk, Dimension | Entity]]:
    """All that a name may mean: what bears it in full, else every way whose whole name ends with it."""
    *links, element = name.split("__")
    own = elements(start).get(element)
    local = [e.name for e in start.entities if e.type in ONE_ROW]
    if not links and own is not None and (isinstance(own, Entity) or not local):
        return [((), own)]
    if len(links) == 1 and own is not None and element != links[0] and links[0] in local:
        return [((), own)]
    if links and element != links[-1]:
        exact = [
            (walk, held)
            for walk in world.walks(start, strict=False)
            if walk and [s.entity for s in walk] == links and (held := elements(walk[-1].target).get(element)) is not None
        ]
        if exact:
            return exact
    found: list[tuple[Walk, Dimension | Entity]] = []
    for walk in world.walks(start, strict=True):
        held = elements(walk[-1].target if walk else start).get(element)
        ends = [s.entity for s in walk][max(len(walk) - len(links), 0) :] == links if walk else not links
        if held is None or not ends:
            continue
        if walk and isinstance(held, Entity) and (held.name == walk[-1].entity or column(held) == walk[-1].key):
            continue
        found.append((walk, held))
    return found


def names(world: World, start: SemanticModel) -> set[str]:
    """Every name that means something from a semantic model, and its ends."""
    found = {f"{e.name}__{d}" for e in start.entities for d in elements(start)} | set(elements(start))
    for walk in world.walks(start, strict=True):
        for element in elements(walk[-1].target) if walk else ():
            parts = (*(s.entity for s in walk), element)
            found |= {"__".join(parts[n:]) for n in range(len(parts))}
    return found


@st.composite
def worlds(draw: st.DrawFn, tables: int = 4, models: int = 5, rows: dict[str, tuple[Row, ...]] | None = None) -> World:
    """Tables with a few rows each, or those given, and semantic models of which several may be over one table."""
    if rows is None:
        rows = draw(_rows(tables))
    names = list(rows)
    semantic = tuple(draw(_semantic_model(f"m{n}", names)) for n in range(draw(st.integers(2, models))))
    metrics = tuple(Metric(f"total_{m.name}", Simple(MeasureInput(m.name, f"total_{m.name}"))) for m in semantic)
    return World(
        rows, Ontology("world", models=tuple(draw(_model(name, rows)) for name in names), semantic_models=semantic, metrics=metrics)
    )


@st.composite
def _rows(draw: st.DrawFn, tables: int) -> dict[str, tuple[Row, ...]]:
    names = [f"t{n}" for n in range(draw(st.integers(2, tables)))]
    size = 4
    rows: dict[str, tuple[Row, ...]] = {}
    for name in names:
        ids = draw(st.permutations(range(size + 1)))[:size]
        codes = draw(st.permutations([0, 1, 2, None, None]))[:size]
        linked = [[draw(st.sampled_from([0, 1, 2, 3, 4, None])) for _ in LINKS] for _ in range(size)]
        rows[name] = tuple(dict(zip(COLUMNS, (ids[n], codes[n], *linked[n], f"{name}{n}"), strict=True)) for n in range(size))
    return rows


@st.composite
def _semantic_model(draw: st.DrawFn, name: str, tables: Sequence[str]) -> SemanticModel:
    entities = []
    for entity in draw(st.lists(st.sampled_from(["e", "f", "g", "h"]), min_size=1, max_size=3, unique=True)):
        kind = draw(st.sampled_from([EntityType.FOREIGN, EntityType.FOREIGN, EntityType.PRIMARY, EntityType.UNIQUE]))
        if kind is EntityType.PRIMARY and any(e.type is EntityType.PRIMARY for e in entities):
            kind = EntityType.UNIQUE
        held = KEYS if kind in ONE_ROW else (*LINKS, *KEYS)
        entities.append(Entity(entity, kind, Column(draw(st.sampled_from(held)))))
    dimensions = draw(st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True))
    held_by = {"x": VALUE, "y": draw(st.sampled_from([VALUE, "c"]))}
    return SemanticModel(
        name,
        draw(st.sampled_from(tables)),
        tuple(entities),
        tuple(Dimension(d, DimensionType.CATEGORICAL, Column(held_by[d])) for d in sorted(dimensions)),
        (Measure(f"total_{name}", Aggregation.SUM, Column("id")),),
    )


@st.composite
def _model(draw: st.DrawFn, name: str, rows: dict[str, tuple[Row, ...]]) -> Model:
    """A table with what tests say of it: that its id is a key, and references where they are true."""
    columns = []
    for column_name in COLUMNS:
        values = {row[column_name] for row in rows[name]} - {None}
        true = [
            ColumnReference(other, key)
            for other, held in rows.items()
            for key in KEYS
            if other != name and column_name != VALUE and values <= {row[key] for row in held}
        ]
        kind = DataType.TEXT if column_name == VALUE else DataType.INTEGER
        columns.append(ModelColumn(column_name, kind, references=draw(st.sampled_from([None, *true]))))
    return Model(name, f"model.world.{name}", columns=tuple(columns), primary_key=("id",))
