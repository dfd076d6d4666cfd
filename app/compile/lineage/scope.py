"""What a name means within one SELECT: a column of FROM, an alias, a column of a query around it, or a whole row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from app.compile.lineage.dialects import ALIAS_ANYWHERE, ALIAS_FIRST
from app.compile.lineage.flow import NOTHING, Deps, Flow, unknown
from app.model.lineage import Reason


@dataclass(frozen=True, slots=True)
class Source:
    """An item of FROM under its alias. `extra` is what its columns depend on beside their own: how it was joined, where that decides about them alone."""

    alias: str
    flow: Flow
    extra: Deps = NOTHING
    schema: str = ""

    def column(self, name: str) -> Deps:
        """On what one of its columns depends."""
        return self.flow.lookup(name) | self.extra

    def every(self) -> Deps:
        """On what all of them depend."""
        return self.flow.every() | self.extra


@dataclass(frozen=True, slots=True)
class World:
    """What is around a SELECT: the relations of the warehouse, the CTEs in reach, and the dialect."""

    relation: Callable[[exp.Table], Flow]
    dialect: str
    ctes: Mapping[str, Flow] = field(default_factory=dict)
    scalars: Mapping[str, exp.Expr] = field(default_factory=dict)
    """ClickHouse: `WITH expression AS name`."""
    depth: int = 0


Meaning = Callable[[exp.Expr, "Scope"], Deps]


@dataclass(slots=True)
class Scope:
    """The names of one SELECT. `aliases` are its projections' and, on ClickHouse, those inside of expressions; `parent` is the SELECT around it."""

    world: World
    meaning: Meaning
    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    windows: dict[str, exp.Expr] = field(default_factory=dict)
    shared: dict[str, Deps] = field(default_factory=dict)
    """What `USING` made one column of several."""
    reading: list[str] = field(default_factory=list)

    def resolve(self, column: exp.Column, *, late: bool = False) -> Deps:
        """On what a column reference depends; `late` clauses (GROUP BY and after) see aliases in every dialect."""
        parts = [part.name.lower() for part in column.parts]
        found = self._found(parts, late=late)
        return found if found is not None else unknown(Reason.COLUMN, f"`{'.'.join(parts)}` is no column of what is read there")

    def _found(self, parts: Sequence[str], *, late: bool) -> Deps | None:
        """As `resolve`; None where nothing bears the name."""
        if len(parts) > 1:
            for qualifier, name in ((-2, -1), (0, 1)):  # `table.column`, else `table.column.field`
                source = self._source(parts[qualifier], parts[qualifier - 1] if qualifier == -2 and len(parts) > 2 else "")
                if source is not None:
                    return source.column(parts[name])
        here = self._name(parts[0], late=late)
        if here is not None and (len(parts) == 1 or self.parent is None):
            return here
        above = self.parent._found(parts, late=late) if self.parent is not None else None
        return here if above is None else above if here is None else here | above

    def _source(self, alias: str, schema: str = "") -> Source | None:
        """The item of FROM of that alias; the later one hides the earlier."""
        for source in reversed(self.sources):
            if source.alias == alias and (not schema or not source.schema or source.schema == schema):
                return source
        return None

    def _name(self, name: str, *, late: bool) -> Deps | None:
        """What a name without a qualifier means here; None where nothing does."""
        first = self.world.dialect in ALIAS_FIRST
        if first and (found := self._alias(name)) is not None:
            return found
        if name in self.shared:
            return self.shared[name]
        sure = [source for source in self.sources if source.flow.has(name)]
        if sure:
            return frozenset().union(*(source.column(name) for source in sure))
        maybe = [source for source in self.sources if source.flow.has(name) is None]
        alias = None if first else self._alias(name)
        if alias is not None and (not maybe or late or self.world.dialect in ALIAS_ANYWHERE):
            return alias | (maybe[0].column(name) if len(maybe) == 1 else NOTHING)
        if len(maybe) == 1:
            return self._perhaps(maybe[0], name)
        if maybe:
            listed = ", ".join(source.alias or "?" for source in maybe)
            return unknown(Reason.STAR, f"`{name}` comes from one of {listed}, whose columns are not all known")
        row = self._source(name)
        return row.every() if row is not None else None

    def _perhaps(self, source: Source, name: str) -> Deps:
        """A column of the one item of FROM that may have it, unless a query around has it for sure."""
        outer = self.parent
        while outer is not None:
            if any(one.flow.has(name) for one in outer.sources):
                return source.column(name) | (outer._name(name, late=False) or NOTHING)
            outer = outer.parent
        return source.column(name)

    def _alias(self, name: str) -> Deps | None:
        """On what an alias of this SELECT depends; None where there is none, or where it is being read: within itself the name is a column."""
        expr = self.aliases.get(name)
        if expr is None:
            expr = self.world.scalars.get(name)
        if expr is None or name in self.reading:
            return None
        self.reading.append(name)
        try:
            return self.meaning(expr, self)
        finally:
            self.reading.pop()

    def every(self) -> Deps:
        """On what the columns of all items of FROM depend."""
        return frozenset().union(*(source.every() for source in self.sources))
