"""Lineage of a SQL text over three small tables, for tests."""

from __future__ import annotations

from sqlglot import exp

from app.compile.lineage.flow import Flow, opaque
from app.compile.lineage.queries import Reader
from app.compile.lineage.reading import parse
from app.model.lineage import Edge, Reason, Role

TABLES: dict[str, tuple[str, ...]] = {
    "t": ("id", "a", "b", "c", "k", "arr"),
    "u": ("id", "t_id", "x", "y", "k"),
    "v": ("k", "z", "n"),
}


def flow(sql: str, dialect: str, *, known: bool = True) -> Flow:
    """What a query gives over the tables, of which the columns are known or not."""

    def relation(table: exp.Table) -> Flow:
        name = table.name.lower()
        if name not in TABLES:
            return opaque(Reason.RELATION, f"`{name}`")
        listed = tuple((column, frozenset({Edge(name, column)})) for column in TABLES[name]) if known else ()
        return Flow(listed, frozenset({Edge(name, "", Role.ROWS)}), () if known else (name,))

    return Reader(dialect, relation).read(parse(sql, dialect))


def shown(edges: object) -> set[str]:
    """Edges as people write them: `value t.a`, `rows t`, `? star`."""
    assert isinstance(edges, frozenset)
    return {f"{e.role} {e.model}{'.' if e.column else ''}{e.column}" if e.reason is None else f"? {e.reason}" for e in edges}


def columns(sql: str, dialect: str = "postgres", *, known: bool = True) -> dict[str, set[str]]:
    """On what each column depends, the rows as ""."""
    found = flow(sql, dialect, known=known)
    return {name: shown(deps) for name, deps in found.columns.items()} | {"": shown(found.rows)}
