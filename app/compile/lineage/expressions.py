"""On what the value of an expression depends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from sqlglot import exp

from app.compile.lineage.flow import NOTHING, Deps, Flow, under, unknown
from app.compile.lineage.scope import Scope, World
from app.model.lineage import Edge, Reason, Role

_MULTIPLY = frozenset(
    {
        "arrayjoin",
        "explode",
        "explode_outer",
        "flatten",
        "generate_series",
        "generate_subscripts",
        "inline",
        "json_array_elements",
        "json_array_elements_text",
        "json_each",
        "json_each_text",
        "json_object_keys",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "jsonb_object_keys",
        "posexplode",
        "regexp_matches",
        "regexp_split_to_table",
        "string_to_table",
        "unnest",
    }
)
"""Functions that give several rows for one, by their names in lower case."""

_ELSEWHERE = ("dict", "joinget", "dblink", "remote", "catboost")
"""ClickHouse's and PostgreSQL's functions that read what the SQL does not name begin so."""
_PLAIN = frozenset({exp.Column, exp.Identifier, exp.Literal, exp.DataType, exp.Star, exp.Var, exp.Null, exp.Boolean})
"""Nodes in which there is no function."""
_COUNTING = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RegrCount, exp.Grouping)
_COUNTS = re.compile(r"(count|uniq(exact|combined(64)?|hll12|theta)?)(distinct|if|array|ornull|ordefault)*")
"""ClickHouse's functions that count, in lower case, with what may be combined with them. A state (`uniqState`) holds values, and is none."""
_NULL_TESTS = frozenset({"isnull", "isnotnull", "num_nulls", "num_nonnulls"})
_NOT_ELSEWHERE = frozenset({"dict", "dictionary"})


class Queries(Protocol):
    """Reads a query."""

    def __call__(self, query: exp.Expr, world: World, parent: Scope | None) -> Flow:
        """What it gives; it may name the columns of `parent`."""


class Expressions:
    """Reads expressions; `queries` reads the queries inside of them."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def deps(self, expr: exp.Expr | None, scope: Scope, role: Role = Role.VALUE, *, late: bool = False) -> Deps:
        """All on which the expression depends, each in the role that it has there. `late` clauses see the SELECT's aliases."""
        if expr is None:
            return NOTHING
        inner = expr.this if type(expr) is exp.Alias else expr
        if type(inner) is exp.Column:
            return under(role, self._column(inner, scope, late=late))
        found: set[Edge] = set()
        stack: list[tuple[exp.Expr, Role, frozenset[str]]] = [(expr, role, frozenset())]
        while stack:
            node, as_, bound = stack.pop()
            match node:
                case exp.Column():
                    if node.parts[0].name.lower() not in bound:
                        found |= under(as_, self._column(node, scope, late=late))
                    continue
                case exp.Star():
                    if not isinstance(node.parent, exp.Count):
                        found |= under(as_, scope.every())
                    continue
                case exp.Exists(this=exp.Query()):
                    found |= under(as_, self._queries(node.this, scope.world, scope).rows)
                    continue
                case exp.Query():
                    found |= under(as_, self._queries(node, scope.world, scope).everything())
                    continue
                case exp.Lambda():
                    stack.append((node.this, as_, bound | {param.name.lower() for param in node.expressions}))
                    continue
                case exp.Window():
                    found |= self._named_window(node, scope, as_)
                case exp.In(args={"field": exp.Column() as named}) if scope.world.dialect == "clickhouse":
                    found |= under(as_, self._set(named, scope, late=late))
                    stack.append((node.this, as_, bound))
                    continue
                case exp.Anonymous() if _reads_elsewhere(node):
                    found |= unknown(Reason.FUNCTION, f"`{node.name}` reads what the SQL does not name", as_)
                case exp.DataType() | exp.Identifier() | exp.Literal():
                    continue
            stack += ((child, as_.then(_part(node, key)), bound) for key, child in _children(node))
        return frozenset(found)

    def _column(self, column: exp.Column, scope: Scope, *, late: bool) -> Deps:
        """A column, or `t.*`: all of an item of FROM."""
        if not isinstance(column.this, exp.Star):
            return scope.resolve(column, late=late)
        if isinstance(column.parent, exp.Count):
            return NOTHING
        wanted = column.table.lower()
        named = [source.every() for source in scope.sources if source.alias == wanted]
        return named[0] if named else scope.every()

    def _named_window(self, window: exp.Window, scope: Scope, role: Role) -> Deps:
        """What a window that is named in the WINDOW clause brings with it."""
        named = scope.windows.get(window.args["alias"].name.lower()) if window.args.get("alias") else None
        return NOTHING if named is None or named is window else under(role, self.deps(named, scope, late=True))

    def _set(self, named: exp.Column, scope: Scope, *, late: bool) -> Deps:
        """ClickHouse's `x IN name`: a table or CTE, unless a column or alias bears the name."""
        if len(named.parts) == 1:
            name = named.name.lower()
            if name in scope.world.ctes:
                return scope.world.ctes[name].everything()
            if name in scope.aliases or any(source.flow.has(name) is not False for source in scope.sources):
                return scope.resolve(named, late=late)
        elif any(source.alias == named.table.lower() for source in scope.sources):
            return scope.resolve(named, late=late)
        table = exp.Table(this=named.this.copy(), db=named.args["table"].copy() if named.args.get("table") else None)
        return scope.world.relation(table).everything()


def multiplies(expr: exp.Expr) -> bool:
    """Whether something in the expression gives several rows for one (not within a query of its own)."""
    return any(
        isinstance(node, exp.UDTF | exp.ExplodingGenerateSeries) or (isinstance(node, exp.Anonymous) and node.name.lower() in _MULTIPLY)
        for node in _own(expr)
    )


def aggregates(expr: exp.Expr) -> bool:
    """Whether the expression aggregates rows, other than over a window."""
    return any(isinstance(node, exp.AggFunc) and not isinstance(_unfiltered(node.parent), exp.Window) for node in _own(expr))


def _own(expr: exp.Expr) -> Iterator[exp.Expr]:
    """The functions and what else of the expression may be one, without queries in it."""
    stack = [expr]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in _PLAIN or isinstance(node, exp.Query):
            continue
        yield node
        for value in node.args.values():
            if type(value) is list:
                stack += [item for item in value if isinstance(item, exp.Expr) and type(item) not in _PLAIN]
            elif isinstance(value, exp.Expr) and type(value) not in _PLAIN:
                stack.append(value)


def _unfiltered(parent: exp.Expr | None) -> exp.Expr | None:
    """What stands around an aggregation, beside FILTER and IGNORE NULLS."""
    while isinstance(parent, exp.Filter | exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        parent = parent.parent
    return parent


def _part(node: exp.Expr, key: str) -> Role:
    """The role of an operand."""
    if isinstance(node, exp.Window):
        return Role.GROUP if key == "partition_by" else Role.ORDER if key in ("order", "spec") else Role.VALUE
    if isinstance(node, exp.Filter) and key == "expression":
        return Role.FILTER
    return Role.COUNT if _only_counts(node) else Role.VALUE


def _only_counts(node: exp.Expr) -> bool:
    """Whether nothing of a value but that it is there comes through."""
    if isinstance(node, exp.Is):
        return isinstance(node.expression, exp.Null)
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc | exp.CombinedAggFunc):
        name = node.name.lower()
        return name in _NULL_TESTS or _COUNTS.fullmatch(name) is not None
    return isinstance(node, _COUNTING)


def _children(node: exp.Expr) -> list[tuple[str, exp.Expr]]:
    """The direct operands with the names of their places."""
    found: list[tuple[str, exp.Expr]] = []
    for key, value in node.args.items():
        if isinstance(value, list):
            found += ((key, item) for item in value if isinstance(item, exp.Expr))
        elif isinstance(value, exp.Expr):
            found.append((key, value))
    return found


def _reads_elsewhere(function: exp.Anonymous) -> bool:
    name = function.name.lower()
    return name.startswith(_ELSEWHERE) and name not in _NOT_ELSEWHERE
