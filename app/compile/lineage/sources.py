"""The items of FROM: tables, CTEs, subqueries, functions, joins, and what each brings into the names of its SELECT."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from app.compile.lineage.expressions import Expressions, Queries
from app.compile.lineage.flow import NOTHING, Deps, Flow, opaque, under
from app.compile.lineage.scope import Scope, Source
from app.model.lineage import Reason, Role

_MADE = {
    "numbers": ("number",),
    "numbers_mt": ("number",),
    "zeros": ("zero",),
    "zeros_mt": ("zero",),
    "generate_series": (),
    "generateseries": ("generate_series",),
    "generate_date_array": (),
    "generate_subscripts": (),
    "range": (),
    "sequence": (),
    "explode": (),
    "flatten": (),
    "generator": (),
    "unnest": (),
    "json_each": (),
    "json_each_text": (),
    "json_array_elements": (),
    "json_array_elements_text": (),
    "json_to_recordset": (),
    "json_populate_recordset": (),
    "jsonb_each": (),
    "jsonb_each_text": (),
    "jsonb_array_elements": (),
    "jsonb_array_elements_text": (),
    "jsonb_to_recordset": (),
    "regexp_matches": (),
    "regexp_split_to_table": (),
    "string_to_table": (),
    "string_split": (),
    "openjson": (),
    "table": (),
    "values": (),
}
"""Table functions that make rows out of their arguments alone, by their names in lower case, with what they call their columns."""

_ONE_ROW = ("ANY", "SEMI", "ANTI", "ASOF")
"""Kinds of a left join that find one row at most (ClickHouse)."""


class Sources:
    """Reads the FROM clause of one SELECT after the other."""

    def __init__(self, expressions: Expressions, queries: Queries) -> None:
        self._expressions = expressions
        self._queries = queries

    def read(self, select: exp.Select, scope: Scope) -> Deps:
        """Fill the scope's sources in their order; on what the rows depend that the joins give."""
        start = select.args.get("from_")
        deps = self._item(start.this, scope) if start is not None else NOTHING
        for lateral in select.args.get("laterals") or ():
            deps |= self._item(lateral, scope)
        for join in select.args.get("joins") or ():
            deps |= self._join(join, scope)
        return deps

    def _item(self, item: exp.Expr, scope: Scope) -> Deps:
        """One item with the joins inside of it; on what its rows depend."""
        source = self._source(item, scope)
        deps = NOTHING
        if source is not None:
            scope.sources.append(source)
            deps = source.flow.rows
        inner = item.this if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table) and not item.alias else None
        if inner is not None:  # a join in brackets: its tables are seen from outside
            deps |= self._item(inner, scope)
        for join in item.args.get("joins") or ():
            deps |= self._join(join, scope)
        return deps

    def _join(self, join: exp.Join, scope: Scope) -> Deps:
        """One join: its item is added, and what decides about rows is given."""
        if (join.args.get("kind") or "").upper() == "ARRAY":
            return self._array_join(join, scope)
        before = list(scope.sources)
        rows = self._item(join.this, scope)
        added = scope.sources[len(before) :]
        on = self._expressions.deps(join.args.get("on"), scope, Role.JOIN)
        using = [name.name.lower() for name in join.args.get("using") or ()]
        if join.args.get("method") == "NATURAL" or (join.args.get("method") or "").upper() == "NATURAL":
            using = sorted({name for one in before for name in one.flow.columns} & {name for one in added for name in one.flow.columns})
        for name in using:
            mine = scope.shared.get(name) or _together(before, name)
            theirs = _together(added, name)
            on |= under(Role.JOIN, mine | theirs)
            scope.shared[name] = mine | theirs if join.side in ("FULL", "RIGHT") else mine or theirs
        if len(added) == 1 and self._finds_one(join, added[0], before, using):
            one = added[0]
            scope.sources[-1] = Source(one.alias, one.flow, one.extra | under(Role.JOIN, on) | one.flow.rows, one.schema)
            return NOTHING
        return rows | on

    def _finds_one(self, join: exp.Join, added: Source, before: list[Source], using: list[str]) -> bool:
        """Whether a left join neither takes rows away nor repeats any, as the SQL itself shows: then it decides about its own columns only."""
        if join.side != "LEFT" or not added.flow.closed:
            return False
        kind = (join.args.get("kind") or "").upper()
        if kind in ("ANY", "ASOF"):
            return True
        if kind in _ONE_ROW:
            return False
        if frozenset() in added.flow.keys:
            return True
        if not added.flow.keys:
            return False
        told = set(using) | _equated(join.args.get("on"), added, before)
        return any(key <= told for key in added.flow.keys)

    def _array_join(self, join: exp.Join, scope: Scope) -> Deps:
        """ClickHouse's ARRAY JOIN: a row for each element; the alias, or else the array's own name, is the element."""
        rows = NOTHING
        for one in (join.this, *(join.args.get("expressions") or ())):
            deps = self._expressions.deps(one, scope)
            rows |= under(Role.JOIN, deps)
            name = one.alias_or_name.lower()
            if isinstance(one, exp.Alias):
                scope.sources.append(Source("", Flow(((name, deps),))))
                scope.aliases.pop(name, None)
            scope.sources.append(Source(name, Flow((), soup=deps)))  # `ARRAY JOIN nested` makes `nested.column`
        return rows

    def _source(self, item: exp.Expr, scope: Scope) -> Source | None:
        """What an item gives, under its alias; None for a join in brackets."""
        match item:
            case exp.Final():
                return self._source(item.this, scope)
            case exp.Table():
                return self._table(item, scope)
            case exp.Subquery() if isinstance(item.this, exp.Table):
                if not item.alias:
                    return None
                inner = Scope(scope.world, scope.meaning, scope.parent)
                rows = self._item(item.this, inner)
                listed = tuple(pair for source in inner.sources for pair in source.flow.listed)
                passes = tuple(name for source in inner.sources for name in source.flow.passes)
                return self._named(item, Flow(listed, rows, passes))
            case exp.Query():
                return self._named(item, self._pivoted(item, self._queries(item, scope.world, scope.parent), scope))
            case exp.Lateral():
                inside = item.this
                flow = self._queries(inside, scope.world, scope) if isinstance(inside, exp.Query) else self._function(inside, scope, ())
                return self._named(item, flow)
            case exp.Values():
                return self._named(item, self._values(item, scope))
            case exp.Unnest() | exp.UDTF():
                return self._named(item, self._function(item, scope, ()))
            case _:
                return Source(item.alias_or_name.lower(), opaque(Reason.RELATION, f"`{type(item).__name__}` in FROM"))

    def _table(self, table: exp.Table, scope: Scope) -> Source:
        """A CTE, a table function, or a relation of the warehouse."""
        world = scope.world
        name = table.name.lower()
        if isinstance(table.this, exp.Func):
            function = table.this
            called = (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
            if called not in _MADE and not isinstance(function, exp.ExplodingGenerateSeries | exp.GenerateSeries | exp.UDTF):
                given = self._expressions.deps(function, scope)
                flow = opaque(Reason.FUNCTION, f"the table function `{called}`")
                flow = Flow((), flow.rows | under(Role.ROWS, given), soup=(flow.soup or NOTHING) | given)
            else:
                flow = self._function(function, scope, _MADE.get(called, ()))
            return self._named(table, flow)
        cte = world.ctes.get(name) if not table.db else None
        flow = cte if cte is not None else world.relation(table)
        made = self._named(table, self._pivoted(table, flow, scope))
        return Source(made.alias or name, made.flow, schema="" if table.alias else table.db.lower())

    def _function(self, function: exp.Expr, scope: Scope, columns: tuple[str, ...]) -> Flow:
        """Rows made out of arguments: each column depends on all of them, and so does how many rows there are."""
        deps = NOTHING
        for child in function.args.values():
            for one in child if isinstance(child, list) else [child]:
                if isinstance(one, exp.Expr) and not isinstance(one, exp.TableAlias):
                    deps |= self._expressions.deps(one, scope)
        return Flow(tuple((name, deps) for name in columns), under(Role.JOIN, deps), soup=None if columns else deps)

    def _values(self, values: exp.Values, scope: Scope) -> Flow:
        """Rows that are written out."""
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
        width = max(map(len, rows), default=0)
        columns = []
        for number in range(width):
            cells = (self._expressions.deps(row[number], scope) for row in rows if number < len(row))
            columns.append((f"column{number + 1}", frozenset().union(*cells)))
        return Flow(tuple(columns))

    def _named(self, item: exp.Expr, flow: Flow) -> Source:
        """Under the alias that the SQL gives it, with the column names that it gives."""
        alias = item.args.get("alias")
        if not isinstance(alias, exp.TableAlias):
            return Source(item.alias.lower() if item.alias else "", flow)
        names = [column.name.lower() for column in alias.args.get("columns") or ()]
        offset = item.args.get("offset")
        if flow.soup is not None and not flow.listed:
            if isinstance(offset, exp.Identifier):
                names.append(offset.name.lower())
            called = alias.name.lower()
            if called and not names:  # PostgreSQL: the alias of a function with one column names the column too
                one = isinstance(item.this, exp.GenerateSeries | exp.ExplodingGenerateSeries)
                return Source(called, Flow(((called, flow.soup),), flow.rows, soup=None if one else flow.soup))
        return Source(alias.name.lower(), flow.renamed(names))

    def _pivoted(self, item: exp.Expr, flow: Flow, scope: Scope) -> Flow:
        """PIVOT and UNPIVOT make columns: what is not one of before depends on all that the pivot names."""
        pivots = item.args.get("pivots")
        if not pivots:
            return flow
        inner = Scope(scope.world, scope.meaning, scope.parent, [Source("", flow)])
        made = frozenset().union(*(self._expressions.deps(pivot, inner) for pivot in pivots))
        if any(pivot.args.get("unpivot") for pivot in pivots):
            made |= flow.every()
        return Flow(
            flow.listed,
            flow.rows | under(Role.GROUP, made | flow.every()),
            soup=made | under(Role.VALUE, flow.every() if not made else NOTHING),
        )


def _together(sources: list[Source], name: str) -> Deps:
    """On what the columns of that name depend, in those that have it for sure, else in the one that may."""
    sure = [source for source in sources if source.flow.has(name)]
    maybe = sure or [source for source in sources if source.flow.has(name) is None]
    return frozenset().union(*(source.column(name) for source in maybe))


def _equated(on: exp.Expr | None, added: Source, before: list[Source]) -> set[str]:
    """The columns of the joined item that ON sets equal to something of the others."""
    found: set[str] = set()
    stack = [on] if on is not None else []
    mine: Callable[[exp.Expr], bool] = lambda node: isinstance(node, exp.Column) and node.table.lower() == added.alias  # noqa: E731
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack += [node.this, node.expression]
        elif isinstance(node, exp.Paren):
            stack.append(node.this)
        elif isinstance(node, exp.EQ):
            for one, other in ((node.this, node.expression), (node.expression, node.this)):
                others = {column.table.lower() for column in other.find_all(exp.Column)}
                if mine(one) and others <= {source.alias for source in before} and added.alias not in others:
                    found.add(one.name.lower())
    return found
