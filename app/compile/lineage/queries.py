"""A query of any kind: SELECT, set operations, brackets, VALUES, with its CTEs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from app.compile.lineage.expressions import Expressions
from app.compile.lineage.flow import NOTHING, Deps, Flow, opaque, under, unknown
from app.compile.lineage.scope import Scope, World
from app.compile.lineage.select import Selects
from app.compile.lineage.sources import Sources
from app.model.lineage import Reason, Role

_MOST_ROUNDS = 20
"""How often a recursive CTE is read until nothing is added; each round follows one more reference to itself."""
EPHEMERAL = "__dbt__cte__"
"""How dbt names the CTE into which it writes an ephemeral model."""


class Reader:
    """Reads the queries of one dialect. `relation` gives what a table of the warehouse has, `ephemeral` what a model has that stands as a CTE (None where it
    is to be read as one)."""

    def __init__(
        self, dialect: str, relation: Callable[[exp.Table], Flow], ephemeral: Callable[[str], Flow | None] = lambda _: None
    ) -> None:
        self._world = World(relation, dialect)
        self._ephemeral = ephemeral
        expressions = Expressions(self._read)
        self._selects = Selects(expressions, Sources(expressions, self._read))

    def read(self, query: exp.Expr) -> Flow:
        """What the query gives."""
        return self._read(query, self._world, None)

    def _read(self, query: exp.Expr, world: World, parent: Scope | None) -> Flow:
        given = query.args.get("with_")
        if given is not None:
            world = self._with(given, world, parent)
        match query:
            case exp.Select():
                return self._selects.read(query, world, parent)
            case exp.Subquery():
                return self._bracketed(query, world, parent)
            case exp.SetOperation():
                return self._set_operation(query, world, parent)
            case exp.Table() | exp.Values():
                return self._selects.read(exp.select("*").from_(query.copy(), copy=False), world, parent)
            case _:
                return opaque(Reason.UNREADABLE, f"a query of the kind `{type(query).__name__}`")

    def _bracketed(self, query: exp.Subquery, world: World, parent: Scope | None) -> Flow:
        """A query in brackets, perhaps with an order and a limit of its own."""
        flow = self._read(query.this, world, parent)
        if any(query.args.get(part) is not None for part in ("limit", "offset")):
            flow = replace(flow, rows=flow.rows | self._order(query, flow))
        return flow

    def _order(self, query: exp.Expr, flow: Flow) -> Deps:
        """ORDER BY of a query whose columns have their names already."""
        order = query.args.get("order")
        found = NOTHING
        for one in order.expressions if order is not None else ():
            inner = one.this if isinstance(one, exp.Ordered) else one
            if isinstance(inner, exp.Literal) and inner.name.isdigit():
                place = int(inner.name) - 1
                found |= flow.listed[place][1] if place < len(flow.listed) else NOTHING
            else:
                for column in inner.find_all(exp.Column):
                    found |= flow.lookup(column.name.lower())
        return under(Role.ORDER, found)

    def _with(self, given: exp.Expr, world: World, parent: Scope | None) -> World:
        """The world with the CTEs; a later one sees the earlier ones."""
        for cte in given.expressions:
            name = cte.alias.lower()
            if cte.args.get("scalar") or not isinstance(cte.this, exp.Query | exp.Values):
                world = replace(world, scalars={**world.scalars, name: cte.this})
                continue
            held = self._ephemeral(name) if name.startswith(EPHEMERAL) else None
            flow = held if held is not None else self._cte(cte, name, world, parent, recursive=bool(given.args.get("recursive")))
            world = replace(world, ctes={**world.ctes, name: flow})
        return world

    def _cte(self, cte: exp.Expr, name: str, world: World, parent: Scope | None, *, recursive: bool) -> Flow:
        """One CTE. One that reads itself is read until what it says of itself adds nothing."""
        alias = cte.args.get("alias")
        names = [column.name.lower() for column in alias.args.get("columns") or ()] if alias is not None else []
        itself = (
            recursive
            and isinstance(cte.this, exp.SetOperation)
            and any(t.name.lower() == name and not t.db for t in cte.this.find_all(exp.Table))
        )
        if not itself:
            return self._read(cte.this, world, parent).renamed(names)
        flow = self._read(_first(cte.this), world, parent).renamed(names)
        for _ in range(_MOST_ROUNDS):
            again = self._read(cte.this, replace(world, ctes={**world.ctes, name: flow}), parent).renamed(names)
            if again == flow:
                return flow
            flow = again
        return flow

    def _set_operation(self, query: exp.Expr, world: World, parent: Scope | None) -> Flow:
        """UNION, INTERSECT and EXCEPT: columns meet by their places."""
        chain: list[exp.Expr] = []
        while isinstance(query, exp.SetOperation) and not (chain and query.args.get("with_")):
            chain.append(query)
            query = query.this
        flow = self._read(query, world, parent)
        for operation in reversed(chain):
            right = self._read(operation.expression, world, parent)
            flow = _united(operation, flow, right)
            if any(operation.args.get(part) is not None for part in ("limit", "offset")):
                flow = replace(flow, rows=flow.rows | self._order(operation, flow))
        return flow


def _first(query: exp.Expr) -> exp.Expr:
    """The part of a recursive CTE that does not read itself."""
    while isinstance(query, exp.SetOperation):
        query = query.this
    return query


def _united(operation: exp.Expr, left: Flow, right: Flow) -> Flow:
    """What both sides give together."""
    rows = left.rows | right.rows
    listed = list(_by_name(left, right) if operation.args.get("by_name") else _by_place(left, right))
    if not isinstance(operation, exp.Union):
        rows |= under(Role.FILTER, left.every() | right.every())
    elif operation.args.get("distinct"):
        rows |= under(Role.GROUP, left.every() | right.every())
    soup = None if left.soup is None and right.soup is None else (left.soup or NOTHING) | (right.soup or NOTHING)
    keys = left.keys if isinstance(operation, exp.Intersect | exp.Except) else frozenset()
    return Flow(tuple(listed), rows, tuple(dict.fromkeys((*left.passes, *right.passes))), soup, keys)


def _by_place(left: Flow, right: Flow) -> list[tuple[str, Deps]]:
    """Column by column. Where not all of them are known they are matched by name, and it is said that their places are not known."""
    if left.closed and right.closed:
        wide = max(len(left.listed), len(right.listed))
        pairs = []
        for number in range(wide):
            mine = left.listed[number] if number < len(left.listed) else ("", NOTHING)
            other = right.listed[number] if number < len(right.listed) else ("", NOTHING)
            pairs.append((mine[0] or other[0], mine[1] | other[1]))
        return pairs
    open_ = ", ".join(dict.fromkeys((*left.passes, *right.passes))) or "a function"
    why = unknown(Reason.STAR, f"a set operation matches columns by place, and those of {open_} are not all known")
    names = dict.fromkeys(name for name, _ in (*left.listed, *right.listed) if name)
    return [(name, _known(left, name) | _known(right, name) | why) for name in names]


def _by_name(left: Flow, right: Flow) -> list[tuple[str, Deps]]:
    """UNION BY NAME."""
    names = dict.fromkeys(name for name, _ in (*left.listed, *right.listed) if name)
    return [(name, _known(left, name) | _known(right, name)) for name in names]


def _known(flow: Flow, name: str) -> Deps:
    """What a side says of a name, nothing where it does not have it."""
    return flow.lookup(name) if flow.has(name) is not False else NOTHING
