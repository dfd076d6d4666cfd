"""Name resolution: which model each table reference means, and which of its columns the statement needs.

The resolver follows SQL's scoping (CTEs, correlation, LATERAL) and errs on two sides only: it takes a column for needed where it might be, and refuses a name that
it cannot find. It never has to be exact for safety, since a query sees of a table nothing but what governance selects from it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from app.govern.access import Access
from app.govern.bounds import MAX_ROWS
from app.govern.catalog import Catalog
from app.govern.columns import ColumnNames, unknown_column
from app.govern.names import Columns, Resolution, Scope, Source, TableUse
from app.govern.output_names import output_name
from app.govern.problems import refuse
from app.govern.products import counts_too_far
from app.model.types import Dialect
from app.sql.allowlist.functions import is_table_function
from app.sql.allowlist.postgres import OUTPUTS

_SETS = (exp.Union, exp.Intersect, exp.Except)
_BRACKETED = (exp.Select, *_SETS, exp.Values, exp.Subquery)


_Ctes = dict[str, tuple[int, Columns]]


def resolve(tree: exp.Expr, dialect: Dialect, catalog: Catalog, access: Access) -> Resolution:
    """Resolve every name of a tree whose identifiers are quoted (`firewall.inspect`). Tables are left as they are; a schema before a column is taken off.

    Raises UserError: DM4017 a function that may not stand in FROM, DM4020 an unknown table, DM4021 an ambiguous one, DM4022 an unknown column,
    DM4023 a star over a hidden column, DM4024 two relations of one name, DM4012 what cannot be resolved.
    """
    resolver = _Resolver(dialect, catalog, access)
    resolver.query(tree, {}, None)
    return resolver.result


class _Resolver:
    def __init__(self, dialect: Dialect, catalog: Catalog, access: Access) -> None:
        self.postgres = dialect is Dialect.POSTGRES
        self.dialect = dialect
        self.catalog = catalog
        self.access = access
        self.columns = ColumnNames(self.postgres)
        self.result = Resolution()

    # queries

    def query(self, node: exp.Expr, ctes: _Ctes, outer: Scope | None) -> Columns:
        """The columns that a query yields."""
        if isinstance(node, exp.Subquery):
            scope = Scope(outer)
            ctes = self.with_(node, ctes, scope)
            columns = self.query(node.this, ctes, outer)
            scope.aliases.update(columns.names)
            self.expressions(node, ("order", "limit", "offset"), ctes, scope)
            return columns
        if isinstance(node, _SETS):
            return self.set_operation(node, ctes, outer)
        if isinstance(node, exp.Values):
            self.expressions(node, ("expressions",), ctes, Scope(outer))
            first = node.expressions[0] if node.expressions else None
            width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
            return Columns(tuple(f"column{n + 1}" for n in range(width)), open=not self.postgres)
        if isinstance(node, exp.Select):
            return self.select(node, ctes, outer)
        raise refuse("DM4012", "this form of query is not allowed", node)

    def set_operation(self, node: exp.Expr, ctes: _Ctes, outer: Scope | None) -> Columns:
        scope = Scope(outer)
        ctes = self.with_(node, ctes, scope)
        columns = self.query(node.this, ctes, outer)
        self.query(node.expression, ctes, outer)
        scope.aliases.update(columns.names)
        if columns.open:
            scope.sources.append(Source("", Columns(open=True)))
        self.expressions(node, ("order", "limit", "offset"), ctes, scope)
        return columns

    def select(self, node: exp.Select, ctes: _Ctes, outer: Scope | None) -> Columns:
        scope = Scope(outer)
        ctes = self.with_(node, ctes, scope)
        source = node.args.get("from_")
        if source is not None:
            self.source(source.this, ctes, scope)
        joined = False
        for join in node.args.get("joins") or ():
            joined = True
            self.join(join, ctes, scope)
        sample = node.args.get("sample")
        if sample is not None:
            # The parser hangs ClickHouse's SAMPLE after FINAL on the SELECT; it belongs to the one table before it.
            if joined or not scope.sources or scope.sources[0].use is None:
                raise refuse("DM4012", "`SAMPLE` is allowed on a single table only", node)
            self.sample(scope.sources[0].use, sample)
            node.set("sample", None)
        for expression in node.expressions:
            if isinstance(expression, exp.Alias):
                scope.aliases.add(expression.alias)
        for cte in (node.args.get("with_") or exp.With()).expressions:
            if cte.args.get("scalar"):
                scope.aliases.add(cte.alias)
                self.expression(cte.this, ctes, scope)
        for join in node.args.get("joins") or ():
            self.expressions(join, ("on",), ctes, scope)
        in_exists = isinstance(node.parent, exp.Exists)
        for expression in node.expressions:
            if isinstance(expression, exp.Star) and not expression.args.get("except_"):
                if not in_exists or not scope.sources:
                    self.columns.star(scope, expression)
            else:
                self.expression(expression, ctes, scope)
        self.expressions(
            node, ("distinct", "prewhere", "where", "group", "having", "windows", "qualify", "order", "limit", "offset"), ctes, scope
        )
        return self.output(node, scope)

    def with_(self, node: exp.Expr, ctes: _Ctes, scope: Scope) -> _Ctes:
        """The CTEs in scope under `node`: each sees those before it, and itself where the WITH is recursive."""
        clause = node.args.get("with_")
        if clause is None:
            return ctes
        ctes = dict(ctes)
        for cte in clause.expressions:
            if cte.args.get("scalar"):
                continue
            if not isinstance(cte.this, _BRACKETED):
                raise refuse("DM4010", "a WITH holds queries only", cte)
            number = len(self.result.ctes)
            self.result.ctes.append(cte)
            alias = cte.args["alias"]
            given = tuple(column.this for column in alias.args.get("columns") or ())
            inner = ctes
            if clause.args.get("recursive"):
                inner = {
                    **ctes,
                    alias.this.this: (number, Columns(given or self.first_names(cte.this), open=not (self.postgres and given))),
                }
            columns = self.query(cte.this, inner, scope.outer)
            self.check_recursion(number)
            ctes[alias.this.this] = (number, self.rename(columns, given))
        return ctes

    def check_recursion(self, number: int) -> None:
        """A CTE that reads itself does so under a condition: without one it ends with the statement's time, never by itself."""
        for table, referred in self.result.references:
            select = table.find_ancestor(exp.Select) if referred == number else None
            if select is not None and not _has_condition(select):
                raise refuse(
                    "DM4015", "a recursive query without a condition does not end", table, hint="add a WHERE to its recursive part"
                )
            if select is not None and counts_too_far(select):
                raise refuse("DM4015", f"a recursive query may count up to {MAX_ROWS:,}", table)

    def first_names(self, node: exp.Expr) -> tuple[str, ...]:
        while isinstance(node, (*_SETS, exp.Subquery)):
            node = node.this
        if self.postgres:
            return tuple(output_name(e) for e in node.expressions if not e.is_star)
        return tuple(e.alias_or_name for e in node.expressions if isinstance(e, exp.Alias | exp.Column) and e.alias_or_name)

    # relations

    def source(self, node: exp.Expr, ctes: _Ctes, scope: Scope) -> None:
        """A relation in FROM or JOIN joins the scope."""
        if isinstance(node, exp.Final):
            if not isinstance(node.this, exp.Table) or self.postgres:
                raise refuse("DM4012", "`FINAL` is allowed on a table only", node)
            use = self.table(node.this, ctes, scope, node)
            if use is None:
                raise refuse("DM4012", "`FINAL` is allowed on a table only", node)
            use.final = True
        elif isinstance(node, exp.Table):
            self.table(node, ctes, scope, node)
        elif isinstance(node, exp.Lateral):
            self.lateral(node, ctes, scope)
        elif isinstance(node, exp.Subquery) and _is_bracketed(node.this):
            if node.args.get("alias") or any(node.args.get(part) for part in ("with_", "order", "limit", "offset")):
                raise refuse("DM4012", "an alias of a bracketed join is not allowed", node)
            inner = node.this
            self.source(inner, ctes, scope)
            for join in node.args.get("joins") or ():
                self.join(join, ctes, scope)
                self.expressions(join, ("on",), ctes, scope)
            if not node.args.get("joins") and not inner.args.get("joins"):
                node.replace(inner)  # `FROM (users)` is `FROM users`
        elif isinstance(node, exp.Subquery | exp.Values):
            columns = self.query(node, ctes, scope.outer)
            self.derived(node, columns, scope)
            for join in node.args.get("joins") or ():
                self.join(join, ctes, scope)
                self.expressions(join, ("on",), ctes, scope)
        elif isinstance(node, exp.Unnest):
            self.expressions(node, ("expressions",), ctes, scope)
            self.derived(node, self.yielded(node, node), scope)
        else:
            raise refuse("DM4017", "this cannot stand in FROM", node)

    def lateral(self, node: exp.Lateral, ctes: _Ctes, scope: Scope) -> None:
        inner = node.this
        if isinstance(inner, exp.Subquery):
            columns = self.query(inner, ctes, scope)
        elif isinstance(inner, exp.Unnest):
            self.expressions(inner, ("expressions",), ctes, scope)
            columns = self.yielded(inner, node)
        elif isinstance(inner, exp.Func) and is_table_function(self.call_name(inner), self.dialect):
            self.expression(inner, ctes, scope)
            columns = self.yielded(inner, node)
        else:
            raise refuse("DM4017", "this function cannot stand in FROM", node)
        self.derived(node, columns, scope)

    def join(self, node: exp.Join, ctes: _Ctes, scope: Scope) -> None:
        if str(node.args.get("kind") or "").upper() == "ARRAY":
            for part in (node.this, *(node.args.get("expressions") or ())):
                self.expression(part.this if isinstance(part, exp.Alias) else part, ctes, scope)
                if part.alias_or_name:
                    scope.aliases.add(part.alias_or_name)
            return
        if node.args.get("expressions"):
            raise refuse("DM4012", "this form of JOIN is not allowed", node)
        before = len(scope.sources)
        self.source(node.this, ctes, scope)
        left, right = scope.sources[:before], scope.sources[before:]
        if str(node.args.get("method") or "").upper() == "NATURAL":
            for source in scope.sources:
                self.columns.take_all(source, node)
        for identifier in node.args.get("using") or ():
            name = identifier.this.this if isinstance(identifier, exp.Column) else identifier.this
            if not (self.columns.take(left, name) and self.columns.take(right, name)):
                raise unknown_column(identifier, name, scope.sources)

    def table(self, node: exp.Table, ctes: _Ctes, scope: Scope, holder: exp.Expr) -> TableUse | None:
        """A named relation or a table function; the TableUse where it is a model."""
        use: TableUse | None = None
        if isinstance(node.this, exp.Identifier):
            name, schema = node.this.this, node.args["db"].this if node.args.get("db") else ""
            alias = node.args.get("alias")
            shown = alias.this.this if alias and alias.this else name
            given = tuple(column.this for column in (alias.args.get("columns") if alias else None) or ())
            if not schema and name in ctes:
                number, columns = ctes[name]
                self.result.references.append((node, number))
                self.add(Source(shown, self.rename(columns, given)), scope, node)
            else:
                use = self.model(node, schema, name, shown, holder)
                source = Source(shown, Columns(use.rule.columns), use)
                if given:
                    use.whole = True
                    self.columns.check_whole(use, node)
                    source.columns = self.rename(source.columns, given)
                    source.renamed = dict(zip(source.columns.names, use.rule.columns, strict=False))
                self.add(source, scope, node)
        else:
            if not isinstance(node.this, exp.Func) or node.args.get("db") or not is_table_function(self.call_name(node.this), self.dialect):
                raise refuse("DM4017", "this function cannot stand in FROM", node)
            self.expression(node.this, ctes, scope)
            self.derived(node, self.yielded(node.this, node), scope)
        sample = node.args.get("sample")
        if sample is not None:
            if use is None or self.postgres:
                raise refuse("DM4012", "sampling is not allowed here", node)
            self.sample(use, sample)
        for join in node.args.get("joins") or ():
            self.join(join, ctes, scope)
            self.expressions(join, ("on",), ctes, scope)
        return use

    def yielded(self, call: exp.Expr, holder: exp.Expr) -> Columns:
        """The columns that a function in FROM yields. PostgreSQL calls a single one like the relation, where the function itself gives it no name."""
        if not self.postgres:
            return Columns(open=True)
        name = self.call_name(call).lower()
        alias = holder.args.get("alias")
        shown = alias.this.this if alias and alias.this else name
        several = isinstance(call, exp.Unnest) and len(call.expressions) > 1
        number = call.args.get("offset")  # the name that an alias list gives the ordinality of UNNEST
        numbered = number.this if isinstance(number, exp.Identifier) else "ordinality"
        return Columns((*OUTPUTS.get(name, () if several else (shown,)), numbered))

    def call_name(self, node: exp.Expr) -> str:
        """The name of the function as it will be written."""
        return node.sql(self.dialect.value, comments=False).split("(", 1)[0].strip()

    def model(self, node: exp.Table, schema: str, name: str, alias: str, holder: exp.Expr) -> TableUse:
        found = self.catalog.find(schema, name, self.access)
        if not found:
            raise refuse("DM4020", f"the table `{f'{schema}.' if schema else ''}{name}` is not one that you can query", node)
        if len(found) > 1:
            raise refuse("DM4021", f"`{name}` means more than one table", node, hint="name it with its schema")
        use = TableUse(node, holder, self.catalog.rule(found[0], self.access), self.catalog.relations[found[0]], alias)
        self.result.tables.append(use)
        return use

    def sample(self, use: TableUse, sample: exp.Expr) -> None:
        size = sample.args.get("size")
        if not isinstance(size, exp.Expr) or any(
            not isinstance(p, exp.Literal | exp.Div) or (isinstance(p, exp.Literal) and p.is_string) for p in size.walk()
        ):
            raise refuse("DM4012", "`SAMPLE` takes a number", sample)
        use.sample = size.sql(self.dialect.value)

    def derived(self, node: exp.Expr, columns: Columns, scope: Scope) -> None:
        alias = node.args.get("alias")
        name = alias.this.this if alias and alias.this else ""
        given = tuple(column.this for column in (alias.args.get("columns") if alias else None) or ())
        renamed = self.rename(columns, given)
        if name and not given and columns.open:
            renamed = Columns((*columns.names, name), open=True)
        self.add(Source(name, renamed), scope, node)

    def add(self, source: Source, scope: Scope, node: exp.Expr) -> None:
        if source.alias and any(other.alias == source.alias for other in scope.sources):
            raise refuse("DM4024", f"`{source.alias}` names two relations", node, hint="give one of them an alias of its own")
        scope.sources.append(source)

    def rename(self, columns: Columns, given: tuple[str, ...]) -> Columns:
        return Columns((*given, *columns.names[len(given) :]), columns.open) if given else columns

    # expressions

    def expressions(self, node: exp.Expr, parts: Iterable[str], ctes: _Ctes, scope: Scope) -> None:
        for part in parts:
            value = node.args.get(part)
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, exp.Expr):
                    self.expression(item, ctes, scope)

    def expression(self, root: exp.Expr, ctes: _Ctes, scope: Scope) -> None:
        """Every name below an expression."""
        stack = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, exp.Column):
                self.columns.column(node, scope)
            elif isinstance(node, _BRACKETED):
                self.query(node, ctes, scope)
            elif isinstance(node, exp.Star):
                if not isinstance(node.parent, exp.Count) or node.args.get("except_"):
                    self.columns.star(scope, node)
            elif isinstance(node, exp.In) and node.args.get("field") is not None and not self.postgres:
                raise refuse("DM4012", "`IN` takes a list or a subquery", node)
            else:
                if isinstance(node, exp.Lambda):
                    scope.aliases.update(parameter.name for parameter in node.expressions)
                elif isinstance(node, exp.Alias) and not self.postgres:
                    scope.aliases.add(node.alias)
                for value in reversed(node.args.values()):
                    if isinstance(value, exp.Expr):
                        stack.append(value)
                    elif isinstance(value, list):
                        stack.extend(item for item in reversed(value) if isinstance(item, exp.Expr))

    def output(self, node: exp.Select, scope: Scope) -> Columns:
        if self.postgres and node.find_ancestor(exp.Subquery, exp.CTE) is not None:
            node.set("expressions", [_named(expression) for expression in node.expressions])
        names: list[str] = []
        is_open = False
        for expression in node.expressions:
            if isinstance(expression, exp.Star) or (isinstance(expression, exp.Column) and isinstance(expression.this, exp.Star)):
                only = expression.args["table"].this if isinstance(expression, exp.Column) else None
                for source in scope.sources:
                    if only is None or source.alias == only:
                        names.extend(source.columns.names)
                        is_open = is_open or source.columns.open
            elif expression.alias_or_name and isinstance(expression, exp.Alias | exp.Column):
                names.append(expression.alias_or_name)
            else:
                is_open = True
        return Columns(tuple(names), is_open)


def _named(expression: exp.Expr) -> exp.Expr:
    """A column of a SELECT under a name that we know."""
    if expression.is_star or isinstance(expression, exp.Alias | exp.Column):
        return expression
    return exp.Alias(this=expression, alias=exp.Identifier(this=output_name(expression), quoted=True))


def _has_condition(select: exp.Select) -> bool:
    """Whether something bounds the rows of a SELECT: a condition over a column, or a join that compares."""
    where = select.args.get("where")
    joins = select.args.get("joins") or ()
    return bool(where and where.find(exp.Column)) or any(join.args.get("using") or _compares(join.args.get("on")) for join in joins)


def _compares(condition: exp.Expr | None) -> bool:
    return condition is not None and condition.find(exp.Column) is not None


def _is_bracketed(inner: exp.Expr) -> bool:
    """Whether brackets around this are a bracketed join or table, not a query."""
    return isinstance(inner, exp.Table | exp.Final) or (
        isinstance(inner, exp.Subquery) and bool(inner.args.get("alias") or inner.args.get("joins"))
    )
