"""CREATE TABLE statements → tables, with the keys that the database holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from app.model.types import Dialect
from app.sql.statements import Statement

_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_OF_TABLES = re.compile(r"(create\s+(or\s+replace\s+)?(unlogged\s+|foreign\s+)?|alter\s+)table\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column with its native type; `key` is the (schema, table, column) that a foreign key names, its column "" for that table's primary key."""

    name: str
    native: str
    not_null: bool = False
    unique: bool = False
    key: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its statements make it. `primary_key` is held by the database: ClickHouse holds none, whatever its ORDER BY says."""

    schema: str
    name: str
    columns: tuple[TableColumn, ...]
    primary_key: tuple[str, ...] = ()

    def column(self, name: str) -> TableColumn | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(slots=True)
class _Facts:
    """What constraints say of one table."""

    primary: tuple[str, ...] = ()
    unique: set[str] = field(default_factory=set)
    keys: dict[str, tuple[str, str, str]] = field(default_factory=dict)


def read_tables(script: Iterable[Statement], dialect: Dialect, default_schema: str) -> Mapping[tuple[str, str], Table]:
    """The tables by (schema, name): those that CREATE TABLE gives with columns, under the keys that later ALTER TABLE statements add.

    Partitions of a table, views, and what can't be read are none.
    """
    reader = _Reader(dialect, default_schema)
    found: dict[tuple[str, str], Table] = {}
    facts: dict[tuple[str, str], _Facts] = {}
    for statement in script:
        tree = _parsed(statement, dialect)
        if isinstance(tree, exp.Create) and tree.args.get("kind") == "TABLE" and isinstance(tree.this, exp.Schema):
            name = reader.name(tree.this.this)
            if name not in found and not tree.find(exp.PartitionedOfProperty):
                found[name], facts[name] = reader.table(name, tree.this)
        elif isinstance(tree, exp.Alter) and isinstance(tree.this, exp.Table) and (held := facts.get(reader.name(tree.this))) is not None:
            for action in tree.args.get("actions") or ():
                if isinstance(action, exp.AddConstraint):
                    reader.constraints(action.expressions, held)
    if dialect is Dialect.CLICKHOUSE:
        return found
    return {name: _keyed(table, facts[name]) for name, table in found.items()}


def _parsed(statement: Statement, dialect: Dialect) -> exp.Expr | None:
    if not _OF_TABLES.match(statement.text):
        return None
    try:
        return parse_one(statement.text, dialect=dialect.value)
    except (SqlglotError, RecursionError):
        return None


def _keyed(table: Table, facts: _Facts) -> Table:
    columns = tuple(
        replace(
            column,
            not_null=column.not_null or column.name in facts.primary,
            unique=column.name in facts.unique or facts.primary == (column.name,),
            key=facts.keys.get(column.name),
        )
        for column in table.columns
    )
    return replace(table, columns=columns, primary_key=facts.primary)


class _Reader:
    def __init__(self, dialect: Dialect, default_schema: str) -> None:
        self._dialect = dialect
        self._default = default_schema

    def name(self, table: exp.Table) -> tuple[str, str]:
        """Schema and name, as the engine keeps them."""
        schema = table.args.get("db")
        return self._identifier(schema) if schema is not None else self._default, self._identifier(table.this)

    def table(self, name: tuple[str, str], body: exp.Schema) -> tuple[Table, _Facts]:
        facts = _Facts()
        columns = tuple(self._column(part, facts) for part in body.expressions if isinstance(part, exp.ColumnDef))
        self.constraints([part for part in body.expressions if not isinstance(part, exp.ColumnDef)], facts)
        return Table(*name, columns), facts

    def constraints(self, parts: Iterable[exp.Expr], facts: _Facts) -> None:
        """Note what constraints of a whole table say."""
        for part in parts:
            if isinstance(part, exp.Constraint):
                self.constraints(part.expressions, facts)
            elif isinstance(part, exp.PrimaryKey):
                facts.primary = tuple(self._names(part.expressions))
            elif isinstance(part, exp.UniqueColumnConstraint) and isinstance(part.this, exp.Schema):
                names = [*self._names(part.this.expressions)]
                facts.unique |= {*names} if len(names) == 1 else set()
            elif isinstance(part, exp.ForeignKey):
                names = [*self._names(part.expressions)]
                if len(names) == 1 and (key := self._key(part.args.get("reference"))) is not None:
                    facts.keys[names[0]] = key

    def _column(self, node: exp.ColumnDef, facts: _Facts) -> TableColumn:
        name, kind = self._identifier(node.this), node.args.get("kind")
        not_null = False
        for constraint in node.args.get("constraints") or ():
            said = constraint.args.get("kind")
            if isinstance(said, exp.PrimaryKeyColumnConstraint):
                facts.primary = (name,)
            elif isinstance(said, exp.UniqueColumnConstraint):
                facts.unique.add(name)
            elif isinstance(said, exp.NotNullColumnConstraint):
                not_null = not said.args.get("allow_null")
            elif isinstance(said, exp.Reference) and (key := self._key(said)) is not None:
                facts.keys[name] = key
        return TableColumn(name, kind.sql(self._dialect.value) if isinstance(kind, exp.Expr) else "", not_null)

    def _key(self, reference: exp.Expr | None) -> tuple[str, str, str] | None:
        target = reference.this if reference is not None else None
        column = ""
        if isinstance(target, exp.Schema):
            names = [*self._names(target.expressions)]
            if len(names) != 1:
                return None
            column, target = names[0], target.this
        return (*self.name(target), column) if isinstance(target, exp.Table) else None

    def _names(self, parts: Iterable[exp.Expr]) -> Iterator[str]:
        for part in parts:
            identifier = part.this if isinstance(part, exp.Ordered | exp.Column) else part
            yield self._identifier(identifier.this if isinstance(identifier, exp.Column) else identifier)

    def _identifier(self, node: exp.Expr) -> str:
        folded = self._dialect is Dialect.POSTGRES and not node.args.get("quoted")
        return node.name.translate(_FOLD) if folded else str(node.name)
