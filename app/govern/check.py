"""The firewall of stage 3: may this caller ask what this SQL asks?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from app.errors import UserError
from app.govern.access import Access
from app.govern.catalog import Catalog, catalog
from app.govern.firewall import inspect
from app.govern.problems import refuse
from app.govern.scope import resolve
from app.model.ontology import Layer
from app.model.sql import Sql
from app.model.types import Dialect
from app.sql.allowlist.functions import refused_call
from app.sql.parse import tokenize
from app.sql.render import render_sql


@dataclass(frozen=True, slots=True)
class SqlScope:
    """What written SQL may name: the layer's models on one engine, as far as the caller may read them."""

    layer: Layer
    engine: str
    access: Access


def check_sql(sql: Sql, scope: SqlScope) -> Sql:
    """The statement with every table named by its schema, names quoted as its engine reads them; nothing else of it changes, and policy is not yet in it.

    Raises UserError DM4xxx, see docs/problems/DM4xxx.md: statement types, nodes, functions, types and sizes that are not allowed, names that are not the caller's to ask.
    """
    tree = inspect(sql.tree.copy(), sql.dialect)
    where = catalog(scope.layer, scope.engine)
    try:
        found = resolve(tree, sql.dialect, where, scope.access)
    except UserError as error:
        if error.problem.hint and not _is_else_sound(tree, sql.dialect, where, scope.access):
            raise UserError(*(replace(problem, hint="") for problem in error.problems)) from None
        raise
    for use in found.tables:
        table, relation = use.table, use.relation
        if table.args.get("alias") is None and table.this.this != relation.name:
            table.set("alias", exp.TableAlias(this=exp.Identifier(this=use.alias, quoted=True)))
        table.set("this", exp.Identifier(this=relation.name, quoted=True))
        table.set("db", exp.Identifier(this=relation.schema, quoted=True))
        if use.sample:
            table.set("sample", exp.TableSample(size=exp.maybe_parse(use.sample, dialect=sql.dialect.value)))
    text = render_sql(tree, sql.dialect)
    if name := refused_call(tokenize(text, sql.dialect, 4), sql.dialect):
        raise refuse("DM4013", f"the function `{name}` is not allowed" if name.lower() in sql.text.lower() else "a function is not allowed")
    return Sql(sql.dialect, tree, render_sql(tree, sql.dialect, pretty=True), written=True)


_OF_ENGINES = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"})
"""Columns that PostgreSQL gives each table; ClickHouse's begin with an underscore."""


def _is_else_sound(tree: exp.Expression, dialect: Dialect, where: Catalog, rights: Access) -> bool:
    """Whether nothing else of a statement would be refused by its name: a suggestion helps who mistyped, and nobody who probes."""
    hidden = {column for rule in rights.models.values() for column in rule.denied}
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = (table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier))
    return (
        not any(
            identifier.name in hidden or identifier.name in _OF_ENGINES or identifier.name.startswith("_")
            for identifier in tree.find_all(exp.Identifier)
        )
        and all(table.name in ctes or where.find(table.db, table.name, rights) for table in tables)
        and not refused_call(tokenize(render_sql(tree, dialect), dialect, 4), dialect)
    )
