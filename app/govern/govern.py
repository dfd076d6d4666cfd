"""Stage 5's work: policy goes under every table reference, and only what was verified afterwards is sealed."""

from __future__ import annotations

import hashlib

from sqlglot import exp

from app.errors import InternalError, Problem
from app.govern.access import Access
from app.govern.barrier import barrier
from app.govern.catalog import catalog
from app.govern.firewall import inspect
from app.govern.limit import limit_rows
from app.govern.names import Resolution
from app.govern.scope import resolve
from app.govern.seal import seal
from app.govern.spelling import KEY
from app.govern.verify import verify
from app.model.ontology import Layer
from app.model.sql import BoundValue, GovernedSql, Limits, Sql
from app.model.types import DataType, Dialect
from app.sql.render import render_sql
from app.sql.tree import copy_tree


def govern(sql: Sql, layer: Layer, engine: str, access: Access, limits: Limits, mask_key: str = "") -> GovernedSql:
    """The statement with `(SELECT allowed, masked columns FROM table WHERE row filter)` in place of every table, sealed for the engine.

    The tree of `sql` is left as it is. On PostgreSQL the text is in psycopg's style: parameters are `%(dm_p1)s`, every other percent sign is doubled, and it is
    executed with a mapping of parameters even where there are none; on ClickHouse parameters are `{dm_p1:Type}`. `mask_key` is the secret of `hash` masks.
    Limits of the models that are read bound it further.
    Raises UserError DM4xxx where anything in the statement is not known to be safe, InternalError DM409x where a policy cannot be applied.
    """
    rights, where = access, catalog(layer, engine)
    tree = inspect(copy_tree(sql.tree), sql.dialect, sql.written)
    found = resolve(tree, sql.dialect, where, rights)
    parameters = _Parameters(found, mask_key, sql.dialect)
    names = _rename_ctes(found)
    barriers: list[str] = []
    for use in found.tables:
        text = barrier(use, sql.dialect, parameters.rename)
        barriers.append(text)
        _replace(use.holder, use.table, use.alias, text)
    for use in found.tables:
        limits = limits.within(use.rule.limits)
    tree = limit_rows(tree, limits.rows + 1)
    marked = render_sql(tree, sql.dialect, last=True)
    if marked.count("\ue000") != sum(text.count("\ue000") for text in barriers):
        raise _stray_mark()
    sent = parameters.sent(marked)
    verify(sent, sql.dialect, [parameters.sent(text) for text in barriers], names, sql.text)
    rules = {use.rule.model: use.rule for use in found.tables}
    digest = hashlib.sha256("\0".join(f"{name}:{rules[name].fingerprint}" for name in sorted(rules)).encode())
    return seal(
        dialect=sql.dialect,
        text=parameters.bound(marked),
        parameters=parameters.values,
        limits=limits,
        models=tuple(sorted(rules)),
        policies=tuple(sorted({policy for rule in rules.values() for policy in rule.policies})),
        fingerprint=digest.hexdigest(),
    )


class _Parameters:
    """The bound values of one statement, numbered in the order in which they are used, each once."""

    def __init__(self, found: Resolution, mask_key: str, dialect: Dialect) -> None:
        self._given = {value.name: value for use in found.tables for value in use.rule.values}
        self._mask_key = mask_key
        self._dialect = dialect
        self._numbered: dict[str, BoundValue] = {}

    @property
    def values(self) -> tuple[BoundValue, ...]:
        return tuple(self._numbered.values())

    def rename(self, name: str) -> str:
        """The number of a value. Raises InternalError DM4040 where it is the mask key and there is none: a digest without a key would hide nothing; DM4090
        where no rule gives such a value."""
        if name not in self._numbered:
            given = self._key() if name == KEY else self._given.get(name)
            if given is None:
                raise _stray_mark()
            self._numbered[name] = BoundValue(f"dm_p{len(self._numbered) + 1}", given.value, given.type)
        return self._numbered[name].name

    def _key(self) -> BoundValue:
        if not self._mask_key:
            raise InternalError(Problem("DM4040", "a column is masked by `hash`, but no mask key is set", hint="set DATAMIND_SECRET_KEY"))
        return BoundValue(KEY, self._mask_key, DataType.TEXT)

    def sent(self, marked: str) -> str:
        """The text as the engine will read it: `$1` on PostgreSQL, `{dm_p1:Type}` on ClickHouse."""
        for number, value in enumerate(self._numbered.values(), start=1):
            marked = marked.replace(f"\ue000{value.name}\ue001", f"${number}" if self._dialect is Dialect.POSTGRES else value.name)
        return marked

    def bound(self, marked: str) -> str:
        """The text as the driver takes it."""
        if self._dialect is not Dialect.POSTGRES:
            return self.sent(marked)
        marked = marked.replace("%", "%%")
        for value in self._numbered.values():
            marked = marked.replace(f"\ue000{value.name}\ue001", f"%({value.name})s")
        return marked


def _stray_mark() -> InternalError:
    return InternalError(Problem("DM4090", "the governed statement holds a mark that govern did not set"))


def _rename_ctes(found: Resolution) -> list[str]:
    """Give every CTE a name that no table has: a reference that the engine resolved otherwise than we did would find nothing."""
    names = [f"dm_c{number + 1}" for number in range(len(found.ctes))]
    for cte, name in zip(found.ctes, names, strict=True):
        cte.args["alias"].set("this", exp.Identifier(this=name, quoted=True))
    for table, number in found.references:
        alias = table.args.get("alias")
        if alias is None or alias.this is None:
            shown = exp.TableAlias(
                this=exp.Identifier(this=table.this.this, quoted=True), columns=alias.args.get("columns") if alias else None
            )
            table.set("alias", shown)
        table.set("this", exp.Identifier(this=names[number], quoted=True))
    return names


def _replace(holder: exp.Expr, table: exp.Expr, shown: str, text: str) -> None:
    """Put the barrier where the table stood, under the name by which the query knows it."""
    alias = table.args.get("alias")
    columns = alias.args.get("columns") if alias is not None else None
    name = exp.TableAlias(this=exp.Identifier(this=shown, quoted=True), columns=columns)
    holder.replace(exp.Subquery(this=exp.Var(this=text), alias=name, joins=table.args.get("joins")))
