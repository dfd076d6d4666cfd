"""What name resolution finds: the models that a statement reads, and the scopes in which names mean something."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from app.govern.access import ModelAccess
from app.model.physical import Relation


@dataclass(slots=True)
class TableUse:
    """One reference to a model: `holder` is the node that governance replaces; `needed` are the columns that the statement may read, all where `whole`."""

    table: exp.Table
    holder: exp.Expr
    rule: ModelAccess
    relation: Relation
    alias: str
    needed: set[str] = field(default_factory=set)
    whole: bool = False
    final: bool = False
    sample: str = ""


@dataclass(slots=True)
class Resolution:
    """What a statement reads: models, references to CTEs with the CTE that each means, and the functions that stand in FROM."""

    tables: list[TableUse] = field(default_factory=list)
    ctes: list[exp.CTE] = field(default_factory=list)
    references: list[tuple[exp.Table, int]] = field(default_factory=list)


@dataclass(slots=True)
class Columns:
    """The columns of a relation; an open one may have others, whose names only the engine knows."""

    names: tuple[str, ...] = ()
    open: bool = False


@dataclass(slots=True)
class Source:
    """A relation in scope; `use` where it is a model, `renamed` leads from an alias list's names to its columns."""

    alias: str
    columns: Columns
    use: TableUse | None = None
    renamed: dict[str, str] | None = None


@dataclass(slots=True)
class Scope:
    """The relations and aliases that names may mean inside one SELECT, and the scope around it."""

    outer: Scope | None
    sources: list[Source] = field(default_factory=list)
    aliases: set[str] = field(default_factory=set)
