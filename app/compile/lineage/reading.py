"""A model's SQL → on what its columns and rows depend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Grammar
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import TokenType

from app.compile.lineage.code import Code, CodeNode
from app.compile.lineage.flow import NOTHING, Deps, Flow, opaque, under, unknown
from app.compile.lineage.queries import EPHEMERAL, Reader
from app.model.lineage import Edge, Reason, Role
from app.sql.nesting import first_too_deep

MOST_TOKENS = 200_000
"""Longest SQL that is read, in tokens: some seconds of parsing."""
_ROOM = 5
"""How much deeper than written SQL (app/sql/nesting) a model's may be nested: people wrote it, and wait for it themselves."""
_STARTS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.VALUES, TokenType.L_PAREN, TokenType.TABLE})
_SNAPSHOT = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")

Known = Callable[[str], tuple[Sequence[str], bool]]
"""The columns of a node by its unique id, and whether these are all."""


class Unreadable(Exception):
    """SQL of which nothing can be told; the message says why."""


def read_sql(code: Code, node: CodeNode, names: Mapping[str, str], known: Known) -> Flow:
    """What the model's SQL gives. `names` are the layer's by unique id. Raises Unreadable."""
    tree = parse(code.sql, code.grammar)
    tables = _Tables(code, node, names, known)
    try:
        flow = Reader(code.grammar, tables.relation, tables.ephemeral).read(tree)
    except RecursionError as error:
        raise Unreadable("it is nested too deeply") from error
    return _snapshot(node, flow) if node.resource_type == "snapshot" else flow


def parse(sql: str, dialect: str) -> exp.Expr:
    """The one query of a text. Raises Unreadable."""
    reader = Grammar.get_or_raise(dialect)
    try:
        tokens = reader.tokenize(sql)
        while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
            tokens.pop()
        if len(tokens) > MOST_TOKENS or first_too_deep(tokens, dialect, 2 * MOST_TOKENS, room=_ROOM) is not None:
            raise Unreadable("it is too long, or nested too deeply")
        if not tokens or tokens[0].token_type not in _STARTS:
            raise Unreadable("it is no query")
        trees = reader.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, sql)
    except (SqlglotError, RecursionError) as error:
        raise Unreadable(f"`{dialect}` SQL like this can't be parsed{_line(error)}") from error
    except Unreadable:
        raise
    except Exception as error:  # the parser trips over some texts with errors of its own
        raise Unreadable(f"`{dialect}` SQL like this can't be parsed") from error
    found = [tree for tree in trees if tree is not None]
    if len(found) != 1 or not isinstance(found[0], exp.Query | exp.Values | exp.Table):
        raise Unreadable("it is not one query")
    return found[0]


def _line(error: Exception) -> str:
    """Where a parser stopped."""
    first = error.errors[0] if isinstance(error, sqlglot.ParseError) and error.errors else {}
    return f" (line {first['line']})" if first.get("line") else ""


class _Tables:
    """What the tables of one model's SQL are."""

    def __init__(self, code: Code, node: CodeNode, names: Mapping[str, str], known: Known) -> None:
        self._target = code.target
        self._names = names
        self._known = known
        self._built_from = frozenset(node.depends_on.nodes) | {node.unique_id}

    def relation(self, table: exp.Table) -> Flow:
        """What a relation of the warehouse has."""
        found = self._target.relations.get(table.name.lower(), ())
        schema, database = table.db.lower(), table.catalog.lower()
        found = tuple(one for one in found if not schema or one[1] == schema)
        found = tuple(one for one in found if not database or not one[0] or one[0] == database)
        mine = [one for one in found if one[2] in self._built_from]
        unique_id = (mine or found or (("", "", ""),))[0][2]
        if unique_id not in self._names or (len(found) > 1 and not mine and not schema):
            said = ".".join(part.name for part in table.parts)
            return opaque(Reason.RELATION, f"`{said}` is no model, seed, snapshot or source of the project")
        return self._of(unique_id)

    def ephemeral(self, cte: str) -> Flow | None:
        """What an ephemeral model has that dbt wrote in as a CTE; None where there is none of the name."""
        unique_id = self._target.ephemerals.get(cte.removeprefix(EPHEMERAL), "")
        return self._of(unique_id) if unique_id in self._names else None

    def _of(self, unique_id: str) -> Flow:
        """The columns of a node, each on its own, and its rows."""
        name = self._names[unique_id]
        columns, all_of_them = self._known(unique_id)
        listed = tuple((column.lower(), frozenset({Edge(name, column.lower())})) for column in columns)
        return Flow(listed, frozenset({Edge(name, "", Role.ROWS)}), () if all_of_them else (name,))


def _snapshot(node: CodeNode, flow: Flow) -> Flow:
    """A snapshot keeps a row for each version: beside the query's columns it has dbt's own, which depend on how versions are told apart."""
    config = node.config
    names = {name: (config.snapshot_meta_column_names or {}).get(name) or name for name in _SNAPSHOT}
    keys = _several(flow, config.unique_key)
    versions = flow.every() if config.check_cols == "all" else _several(flow, config.updated_at) | _several(flow, config.check_cols)
    kept = unknown(Reason.SNAPSHOT, "earlier versions of its rows are kept")
    own = tuple((names[name].lower(), keys | versions if name == "dbt_scd_id" else versions) for name in _SNAPSHOT)
    rows = flow.rows | under(Role.GROUP, keys) | under(Role.FILTER, versions) | under(Role.ROWS, kept)
    return Flow((*flow.listed, *own), rows, flow.passes, flow.soup)


def _several(flow: Flow, written: object) -> Deps:
    """On what a column, or each of several, depends."""
    names = [written] if isinstance(written, str) else [one for one in written if isinstance(one, str)] if isinstance(written, list) else []
    return frozenset().union(NOTHING, *(flow.lookup(name.lower()) for name in names))
