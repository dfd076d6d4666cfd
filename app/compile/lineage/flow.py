"""What a query, a table or an item of FROM gives: columns with what they depend on, and the same of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from app.model.lineage import Edge, Reason, Role

Deps = frozenset[Edge]
NOTHING: Deps = frozenset()
NO_ROWS: frozenset[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Flow:
    """What is given.

    `listed` are the columns in their order, names in lower case, "" where the SQL gives none. `passes` are models of whose columns not all are known, which are
    given on. `soup` is what any other name depends on, where that can be said without knowing the name (a function's arguments). `rows` is on what depends
    which rows there are. `keys` are sets of columns that the SQL itself makes unique (GROUP BY, DISTINCT); the empty set means one row at most.
    """

    listed: tuple[tuple[str, Deps], ...] = ()
    rows: Deps = NOTHING
    passes: tuple[str, ...] = ()
    soup: Deps | None = None
    keys: frozenset[frozenset[str]] = NO_ROWS

    @cached_property
    def columns(self) -> dict[str, Deps]:
        """The columns by name; one name twice depends on what both do."""
        found: dict[str, Deps] = {}
        for name, deps in self.listed:
            if name:
                found[name] = found[name] | deps if name in found else deps
        return found

    @property
    def closed(self) -> bool:
        """Whether there are no columns but those listed."""
        return not self.passes and self.soup is None

    def has(self, name: str) -> bool | None:
        """Whether there is a column of that name; None where that is not known."""
        return True if name in self.columns else False if self.closed else None

    def lookup(self, name: str) -> Deps:
        """On what the column of that name depends; unknown where it is not listed and may come from several."""
        found = self.columns.get(name)
        if found is not None:
            return found
        if self.soup is not None:
            return self.soup
        if len(self.passes) == 1:
            return frozenset({Edge(self.passes[0], name)})
        if self.passes:
            return unknown(Reason.STAR, f"`{name}` comes from one of {', '.join(self.passes)}, whose columns are not all known")
        return unknown(Reason.COLUMN, f"`{name}` is no column of what is read there")

    def every(self) -> Deps:
        """On what all columns together depend."""
        named = frozenset().union(*(deps for _, deps in self.listed), self.soup or NOTHING)
        return named | {Edge(model, "*", Role.VALUE, Reason.STAR, "its columns are not all known") for model in self.passes}

    def everything(self) -> Deps:
        """On what the columns and the rows depend."""
        return self.every() | self.rows

    def renamed(self, names: Sequence[str]) -> Flow:
        """With other names for the first columns. Where columns are not all known, the place of one says nothing."""
        if not names:
            return self
        if self.soup is not None and not self.listed:
            return Flow(tuple((name, self.soup) for name in names), self.rows)
        if not self.closed:
            why = unknown(Reason.STAR, "named by its place among columns that are not all known")
            return Flow(tuple((name, why) for name in names), self.rows)
        old = [name for name, _ in self.listed]
        new = [*names, *old[len(names) :]]
        map_ = dict(zip(old, new, strict=False))
        keys = frozenset(frozenset(map_[name] for name in key) for key in self.keys) if len(set(old)) == len(old) else NO_ROWS
        return Flow(tuple(zip(new, (deps for _, deps in self.listed), strict=False)), self.rows, keys=keys)


def unknown(reason: Reason, detail: str, role: Role = Role.VALUE) -> Deps:
    """A dependency of which only the reason is known why it can't be seen."""
    return frozenset({Edge("", "", role, reason, detail)})


def opaque(reason: Reason, detail: str) -> Flow:
    """Something that gives any column, and nothing can be said of any."""
    return Flow((), unknown(reason, detail, Role.ROWS), soup=unknown(reason, detail))


def under(role: Role, deps: Iterable[Edge]) -> Deps:
    """The dependencies of something that is used in that role."""
    if role is Role.VALUE:
        return deps if isinstance(deps, frozenset) else frozenset(deps)
    return frozenset(edge if edge.role is role else replace(edge, role=role) for edge in deps)
