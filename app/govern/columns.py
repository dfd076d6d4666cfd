"""Column names: which relation in scope each one means, and a refusal for those that mean none."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from app.errors import UserError, did_you_mean
from app.govern.names import Scope, Source, TableUse
from app.govern.problems import refuse


class ColumnNames:
    """Marks in each TableUse what is needed of it. On PostgreSQL a relation's alias means its whole row; on ClickHouse an alias of an expression is known everywhere."""

    def __init__(self, postgres: bool) -> None:
        self.postgres = postgres

    def column(self, node: exp.Column, scope: Scope) -> None:
        """Resolve a column or a qualified star. Raises UserError DM4022 or DM4023."""
        qualifier = node.args.get("table")
        if isinstance(node.this, exp.Star):
            source = self.find_source(qualifier.this if qualifier else "", scope)
            if source is None or node.args.get("db"):
                raise refuse("DM4022", "this star names no relation of the query", node)
            self.take_all(source, node)
            return
        name = node.this.this if isinstance(node.this, exp.Identifier) else ""
        if qualifier is None:
            self.bare(node, name, scope)
            return
        schema = node.args.get("db")
        source = self.find_source(qualifier.this, scope)
        if source is None:
            if not self.postgres and schema is None:
                self.bare(node, qualifier.this, scope)  # an element of a tuple: `t.1`, `t.a`
                return
            raise refuse("DM4022", f"`{qualifier.this}` names no relation of the query", node)
        if schema is not None:
            if source.use is None or source.use.relation.schema != schema.this or source.use.table.args.get("alias"):
                raise refuse("DM4022", f"`{qualifier.this}` names no relation of the query", node)
            node.set("db", None)
        # On PostgreSQL a qualified name that is no column calls the function of that name on the row.
        if not name or (self.postgres and name not in source.columns.names) or not self.take([source], name):
            raise unknown_column(node, name, [source])

    def bare(self, node: exp.Column, name: str, scope: Scope) -> None:
        """Resolve a name without a qualifier: a column, an alias, a whole row, or what only the engine knows. Raises UserError DM4022 or DM4023."""
        if self.lookup(name, scope):
            return
        self.deny(node, name, scope)
        level: Scope | None = scope
        while level is not None:
            if name in level.aliases or any(source.columns.open for source in level.sources):
                return
            for source in level.sources:
                if self.postgres and source.alias == name:
                    self.take_all(source, node)
                    return
            level = level.outer
        if not self.postgres and self.alias_below(node, name):
            return
        sources: list[Source] = []
        level = scope
        while level is not None:
            sources.extend(level.sources)
            level = level.outer
        raise unknown_column(node, name, sources)

    def alias_below(self, node: exp.Expr, name: str) -> bool:
        """Whether the SELECT around gives an expression that name anywhere: ClickHouse knows such an alias before and after it stands."""
        select = node.find_ancestor(exp.Select)
        while select is not None:
            if any(alias.alias == name for alias in select.find_all(exp.Alias)):
                return True
            select = select.find_ancestor(exp.Select)
        return False

    def lookup(self, name: str, scope: Scope | None) -> bool:
        """Take the column wherever it is known, nearest scope first."""
        while scope is not None:
            if self.take([source for source in scope.sources if name in source.columns.names], name):
                return True
            scope = scope.outer
        return False

    def deny(self, node: exp.Expr, name: str, scope: Scope | None) -> None:
        """Refuse a name that is a hidden column of a relation in scope, whatever else it might be."""
        while scope is not None:
            if any(source.use is not None and name in source.use.rule.denied for source in scope.sources):
                raise unknown_column(node, name, [])
            scope = scope.outer

    def take(self, sources: Iterable[Source], name: str) -> bool:
        """Mark the column as needed in each of the sources that has it."""
        found = False
        for source in sources:
            if name in source.columns.names:
                found = True
                if source.use is not None:
                    source.use.needed.add(source.renamed.get(name, name) if source.renamed else name)
            elif source.columns.open:
                found = True
        return found

    def take_all(self, source: Source, node: exp.Expr) -> None:
        """Every column of the source is needed; asked by a star or a whole row (`node`), none of them may be hidden."""
        if source.use is not None:
            self.check_whole(source.use, node)
            source.use.whole = True

    def star(self, scope: Scope, node: exp.Expr) -> None:
        """Every column of every source is needed. Raises UserError DM4022 where a hidden one is excepted by name, DM4023 where one is hidden."""
        for excepted in node.args.get("except_") or ():
            for column in excepted.find_all(exp.Column):
                self.deny(column, column.name, scope)
        if not scope.sources:  # ClickHouse would read a table of its own
            raise refuse("DM4022", "this star names no relation of the query", node)
        for source in scope.sources:
            self.take_all(source, node)

    def check_whole(self, use: TableUse, node: exp.Expr) -> None:
        """A star over hidden columns is refused, as SELECT without the privilege for every column is. Raises UserError DM4023."""
        if use.rule.denied:
            raise refuse("DM4023", f"`*` cannot be used on `{use.alias}`", node, hint="name the columns")

    def find_source(self, alias: str, scope: Scope | None) -> Source | None:
        """The relation of that name, nearest scope first."""
        while scope is not None:
            for source in scope.sources:
                if source.alias == alias:
                    return source
            scope = scope.outer
        return None


def unknown_column(node: exp.Expr, name: str, sources: Iterable[Source]) -> UserError:
    """One answer for a column that is not there and for one that is hidden; a suggestion stands on the first only."""
    sources = list(sources)
    hidden = any(source.use is not None and name in source.use.rule.denied for source in sources)
    seen = [column for source in sources for column in source.columns.names if column != name]
    return refuse("DM4022", f"the column `{name}` is not one that you can query", node, hint="" if hidden else did_you_mean(name, seen))
