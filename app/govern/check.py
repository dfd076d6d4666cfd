"""The firewall of stage 3: may this caller ask what this SQL asks?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from app.govern.access import Access
from app.govern.catalog import catalog
from app.govern.firewall import inspect
from app.govern.problems import refuse
from app.govern.scope import resolve
from app.model.ontology import Layer
from app.model.sql import Sql
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
    found = resolve(tree, sql.dialect, catalog(scope.layer, scope.engine), scope.access)
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
