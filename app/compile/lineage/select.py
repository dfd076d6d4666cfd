"""One SELECT: its columns, and what decides which rows it gives."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from app.compile.lineage.dialects import ALIAS_FIRST
from app.compile.lineage.expressions import Expressions, aggregates, multiplies
from app.compile.lineage.flow import NO_ROWS, NOTHING, Deps, Flow, under, unknown
from app.compile.lineage.scope import Scope, Source, World
from app.compile.lineage.sources import Sources
from app.model.lineage import Reason, Role

_SETS = (exp.Rollup, exp.Cube, exp.GroupingSets)


class Selects:
    """Reads SELECTs."""

    def __init__(self, expressions: Expressions, sources: Sources) -> None:
        self._expressions = expressions
        self._sources = sources

    def read(self, select: exp.Select, world: World, parent: Scope | None) -> Flow:
        """What the SELECT gives; `parent` is the one around it, if it may name that one's columns."""
        deps = self._expressions.deps
        scope = Scope(world, deps, parent)
        scope.windows = {window.this.name.lower(): window for window in select.args.get("windows") or ()}
        scope.aliases = _aliases(select, world.dialect)
        rows = self._sources.read(select, scope)
        listed: list[tuple[str, Deps]] = []
        passes: list[str] = []
        soup: Deps | None = None
        for projection in select.expressions:
            star = self._star(projection, scope)
            if star is not None:
                listed += star.listed
                passes += star.passes
                soup = star.soup if soup is None else soup | (star.soup or NOTHING)
                continue
            found = self._value(projection, scope)
            listed += [(name.lower(), found) for name in _names(projection)]
            if multiplies(projection):
                rows |= under(Role.JOIN, found)
        rows |= self._conditions(select, scope)
        rows |= self._grouping(select, scope, [found for _, found in listed])
        rows |= self._ordering(select, scope, [found for _, found in listed])
        return Flow(tuple(listed), rows, tuple(dict.fromkeys(passes)), soup, _keys(select, scope))

    def _value(self, projection: exp.Expr, scope: Scope) -> Deps:
        """On what a projection depends; within it its own alias is a column."""
        alias = projection.alias.lower() if isinstance(projection, exp.Alias) else ""
        if alias:
            scope.reading.append(alias)
        try:
            return self._expressions.deps(projection, scope)
        finally:
            if alias:
                scope.reading.pop()

    def _conditions(self, select: exp.Select, scope: Scope) -> Deps:
        """WHERE, PREWHERE, HAVING and QUALIFY."""
        found = NOTHING
        for clause, late in (("where", False), ("prewhere", False), ("having", True), ("qualify", True)):
            if (held := select.args.get(clause)) is not None:
                found |= self._expressions.deps(held.this, scope, Role.FILTER, late=late)
        connect = select.args.get("connect")
        return found | self._expressions.deps(connect, scope, Role.JOIN)

    def _grouping(self, select: exp.Select, scope: Scope, columns: list[Deps]) -> Deps:
        """GROUP BY, DISTINCT and LIMIT BY."""
        found = NOTHING
        group = select.args.get("group")
        if group is not None:
            for one in _grouped(group):
                found |= under(Role.GROUP, self._placed(one, scope, columns))
            if group.args.get("all"):
                plain = [columns[n] for n, one in enumerate(select.expressions) if n < len(columns) and not aggregates(one)]
                found |= under(Role.GROUP, frozenset().union(*plain))
        distinct = select.args.get("distinct")
        if distinct is not None:
            on = distinct.args.get("on")
            found |= under(Role.GROUP, self._expressions.deps(on, scope, late=True) if on is not None else frozenset().union(*columns))
        limit = select.args.get("limit")
        for one in (limit.args.get("expressions") or ()) if limit is not None else ():
            found |= self._expressions.deps(one, scope, Role.GROUP, late=True)
        return found

    def _ordering(self, select: exp.Select, scope: Scope, columns: list[Deps]) -> Deps:
        """ORDER BY, where it decides which rows there are; within a query its order may be what an aggregation around it goes by."""
        distinct = select.args.get("distinct")
        decides = any(select.args.get(part) is not None for part in ("limit", "offset")) or (
            distinct is not None and distinct.args.get("on")
        )
        found = NOTHING
        for part in ("limit", "offset"):
            if (held := select.args.get(part)) is not None:
                for one in (held.args.get("expression"), held.args.get("count")):
                    found |= self._expressions.deps(one if isinstance(one, exp.Expr) else None, scope, Role.FILTER)
        order = select.args.get("order")
        if order is None or not (decides or select.parent is not None):
            return found
        for one in order.expressions:
            found |= under(Role.ORDER, self._placed(one.this if isinstance(one, exp.Ordered) else one, scope, columns))
        return found

    def _placed(self, one: exp.Expr, scope: Scope, columns: list[Deps]) -> Deps:
        """An expression of GROUP BY or ORDER BY; a number is the place of a projection."""
        if isinstance(one, exp.Literal) and not one.is_string and one.name.isdigit():
            place = int(one.name) - 1
            return columns[place] if place < len(columns) else NOTHING
        return self._expressions.deps(one, scope, late=True)

    def _star(self, projection: exp.Expr, scope: Scope) -> Flow | None:
        """The columns that `*`, `t.*` or `COLUMNS('…')` stands for; None for anything else."""
        match projection:
            case exp.Star():
                sources, star = scope.sources, projection
            case exp.Column(this=exp.Star()):
                wanted = projection.table.lower()
                sources = [source for source in scope.sources if source.alias == wanted]
                star = projection.this
                if not sources:
                    return Flow((), soup=unknown(Reason.STAR, f"`{wanted}.*` is of nothing that is read there"))
            case exp.Columns() | exp.Alias(this=exp.Columns()):
                return Flow((), soup=scope.every())
            case _:
                return None
        return self._expanded(star, sources, scope)

    def _expanded(self, star: exp.Expr, sources: list[Source], scope: Scope) -> Flow:
        """All columns of the sources, less EXCEPT, with REPLACE and RENAME."""
        listed: list[tuple[str, Deps]] = []
        passes: list[str] = []
        soup: Deps | None = None
        merged = set(scope.shared) if len(sources) > 1 else set()
        listed += scope.shared.items() if merged else ()
        for source in sources:
            listed += [(name, deps | source.extra) for name, deps in source.flow.listed if name not in merged]
            passes += source.flow.passes
            if source.flow.soup is not None:
                soup = (soup or NOTHING) | source.flow.soup | source.extra
        without = {one.name.lower() for one in star.args.get("except_") or ()}
        replaced = {one.alias.lower(): self._value(one, scope) for one in star.args.get("replace") or ()}
        renamed = {one.this.name.lower(): one.alias.lower() for one in star.args.get("rename") or ()}
        kept = [(renamed.get(name, name), replaced.get(name, deps)) for name, deps in listed if name not in without]
        names = {name for name, _ in kept}
        if passes or soup is not None:
            kept += [(name, deps) for name, deps in replaced.items() if name not in names]
            for old, new in renamed.items():
                if new not in names:
                    kept.append((new, frozenset().union(*(source.column(old) for source in sources))))
        return Flow(tuple(kept), passes=tuple(dict.fromkeys(passes)), soup=soup)


def _names(projection: exp.Expr) -> list[str]:
    """What a projection is called: its alias, its column's name, or its function's; "" where nobody can tell."""
    if isinstance(projection, exp.Aliases):
        return [one.name for one in projection.args.get("expressions") or ()]
    if name := projection.output_name:
        return [name]
    inner = projection
    while isinstance(inner, exp.Cast | exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Column):
        return [inner.name]
    if isinstance(inner, exp.Anonymous):
        return [inner.name]
    return [inner.sql_name()] if isinstance(inner, exp.Func) else [""]


def _aliases(select: exp.Select, dialect: str) -> dict[str, exp.Expr]:
    """The aliases that the SELECT gives, each with its expression; ClickHouse knows those within expressions too."""
    found: dict[str, exp.Expr] = {}
    for projection in select.expressions:
        inner = projection.find_all(exp.Alias) if dialect in ALIAS_FIRST else (projection,)
        for one in inner:
            if isinstance(one, exp.Alias) and one.find_ancestor(exp.Select) is select:
                found.setdefault(one.alias.lower(), one.this)
    return found


def _grouped(group: exp.Expr) -> Iterator[exp.Expr]:
    """The expressions of GROUP BY, those in ROLLUP, CUBE and GROUPING SETS included."""
    for value in group.args.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, _SETS) or (isinstance(group, _SETS) and isinstance(one, exp.Tuple | exp.Paren)):
                yield from _grouped(one)
            elif isinstance(one, exp.Expr):
                yield one


def _keys(select: exp.Select, scope: Scope) -> frozenset[frozenset[str]]:
    """The columns that the SELECT makes unique."""
    keys: set[frozenset[str]] = set()
    limit = select.args.get("limit")
    if (
        isinstance(limit, exp.Limit)
        and isinstance(limit.expression, exp.Literal)
        and limit.expression.name in ("0", "1")
        and not limit.args.get("expressions")
    ):
        keys.add(frozenset())
    if any(multiplies(one) for one in select.expressions):
        return NO_ROWS
    group, distinct = select.args.get("group"), select.args.get("distinct")
    if (
        distinct is not None
        and not distinct.args.get("on")
        and not any(isinstance(one, exp.Star) or one.is_star for one in select.expressions)
    ):
        keys.add(frozenset(one.output_name.lower() for one in select.expressions))
    if group is None:
        if any(aggregates(one) for one in select.expressions):
            keys.add(frozenset())
        keys |= _kept(select, scope)
    elif {key for key, value in group.args.items() if value} == {"expressions"}:
        names = [_projected(one, select) for one in group.expressions]
        if all(names):
            keys.add(frozenset(names))
    return frozenset(key for key in keys if "" not in key)


def _kept(select: exp.Select, scope: Scope) -> set[frozenset[str]]:
    """The keys of the one source that is read without joins, as far as their columns are given on under whatever name."""
    if len(scope.sources) != 1 or not scope.sources[0].flow.keys:
        return set()
    names: dict[str, str] = {}
    for one in select.expressions:
        inner = one.unalias()
        if isinstance(one, exp.Star) and not any(one.args.get(part) for part in ("except_", "replace", "rename")):
            names |= {name: name for name in scope.sources[0].flow.columns}
        elif isinstance(inner, exp.Column) and not isinstance(inner.this, exp.Star):
            names[inner.name.lower()] = one.alias_or_name.lower()
    return {frozenset(names[name] for name in key) for key in scope.sources[0].flow.keys if key <= set(names)}


def _projected(one: exp.Expr, select: exp.Select) -> str:
    """The name of the projection that an expression of GROUP BY means; "" where it is none of them, or no plain one."""
    if isinstance(one, exp.Literal) and not one.is_string and one.name.isdigit():
        place = int(one.name) - 1
        if place >= len(select.expressions) or any(p.is_star for p in select.expressions):
            return ""
        return str(select.expressions[place].output_name).lower()
    for projection in select.expressions:
        if projection.unalias() == one:
            return str(projection.alias_or_name).lower()
    if isinstance(one, exp.Column) and len(one.parts) == 1:
        wanted = one.name.lower()
        named = [p for p in select.expressions if isinstance(p, exp.Alias) and p.alias.lower() == wanted]
        if len(named) == 1 and isinstance(named[0].this, exp.Column) and named[0].this.name.lower() == wanted:
            return wanted  # `select t.a as a … group by a`
    return ""
