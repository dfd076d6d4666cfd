"""What a reader's statement may name. The engine's readonly mode stops writes, settings and reading through table functions; it lets through
KILL QUERY, INTO OUTFILE, DESCRIBE of a file or an address, EXISTS of a file, and others' running queries: these are refused here.

It fails closed: kinds of statement and table functions that are not known to be harmless, and text that could be read in two ways, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Set

from app.adapters.embedded.clickhouse_server.failure import Failure
from app.adapters.embedded.clickhouse_server.lexer import Token, tokens
from app.adapters.embedded.clickhouse_server.statement import Statement
from app.adapters.embedded.clickhouse_server.users import READER_CAPS, READER_CHOICES
from app.adapters.own_schemas import CLICKHOUSE_OWN, CLICKHOUSE_VIEWS

_SHOWS = frozenset({"grants", "tables", "databases", "columns", "create", "full", "functions", "settings", "indexes", "indices"})
_SYMBOLS = frozenset("()[]{},.;:?=<>!+-*/%|@&^")
_QUIET_COMMENT = re.compile(r"(--|/\*)[\w\s=:.,@+-]*(\*/)?")
# table functions that make rows out of nothing but their arguments
HARMLESS_TABLE_FUNCTIONS = frozenset(
    {"numbers", "numbers_mt", "zeros", "zeros_mt", "values", "generateseries", "generate_series", "null", "view", "format", "primes"}
)
_FUNCTIONS = re.compile(
    r"dict\w*|joinget(?:ornull)?|hascolumnintable|filesystem\w*|file|showcertificate|getserversetting|getoskernelversion|getclienthttpheader|catboostevaluate|addressto\w+|demangle"
)
# of the system database: what clients read to know the server and its tables
_SYSTEM_TABLES = frozenset(
    [
        "settings",
        "tables",
        "columns",
        "databases",
        "functions",
        "one",
        "numbers",
        "numbers_mt",
        "zeros",
        "zeros_mt",
        "build_options",
        "data_type_families",
        "time_zones",
        "table_engines",
        "formats",
        "collations",
        "keywords",
        "contributors",
        "licenses",
        "aggregate_function_combinators",
    ]
)
# `default` is chDB's view of the files of its working directory and of any path: EXISTS there tells which files a machine has
CLOSED = CLICKHOUSE_OWN - CLICKHOUSE_VIEWS
_CHOICES = ", ".join(f"'{name}'" for name in sorted(READER_CHOICES | READER_CAPS.keys()))
_SETTINGS_VIEW = f"(SELECT * REPLACE (toUInt8(readonly AND name NOT IN ({_CHOICES})) AS readonly) FROM system.settings)"


def check(statement: Statement, database: str, table_functions: Set[str], closed: Set[str] = frozenset()) -> None:
    """Raise Failure 164 unless a reader may run this; `table_functions` are the engine's, in lower case, `closed` the databases that the reader may not read.

    A closed database's name before a dot is refused wherever it stands: a table's alias of that name is too.
    """
    closed = CLOSED | {name.lower() for name in closed}
    if not statement.reads or statement.data is not None:
        raise _refused(f"statements of the kind {statement.verb[:32].upper()}")
    if database.lower() in closed:
        raise _refused(f"the database {database}")
    _unambiguous(statement.sql)
    words = [word.folded for word in statement.words]
    _check_kind(words)
    for index, word in enumerate(statement.words):
        called = index + 1 < len(words) and words[index + 1] == "("
        if called and word.kind in ("word", "name"):
            _check_call(words[index], table_functions)
        if (
            words[index] == "system"
            and words[index + 1 : index + 2] == ["."]
            and _name_at(statement.words, index + 2) not in _SYSTEM_TABLES
        ):
            raise _refused("that table of system")
        if words[index] in closed - {"system"} and word.kind in ("word", "name") and words[index + 1 : index + 2] == ["."]:
            raise _refused(f"the database {words[index]}")
        if words[index - 1 : index + 1] == [":", "identifier"]:
            raise _refused("a name that comes as a parameter")


def show_choices(statement: Statement) -> str:
    """The statement's text, with the settings that a reader may choose shown as such in system.settings.

    Clients read there what they may send; in the engine's readonly mode it says nothing, as the choices are applied before that mode begins.
    """
    words, text, position = statement.words, "", 0
    for index in range(1, len(words) - 2):
        found = [word.folded for word in words[index - 1 : index + 3]]
        if found[0] in ("from", "join") and found[1:] == ["system", ".", "settings"] and _name_at(words, index + 3) != ".":
            text += statement.sql[position : words[index].start] + _SETTINGS_VIEW
            position = words[index + 2].end
    return text + statement.sql[position:]


def _check_kind(words: list[str]) -> None:
    if words[0] == "show" and (len(words) < 2 or words[1] not in _SHOWS):
        raise _refused("that SHOW")
    if words[0] in ("describe", "desc"):
        rest = words[2:] if words[1:2] == ["table"] else words[1:]
        if any(word in ("(", "'") or word.startswith("'") for word in rest):
            raise _refused("DESCRIBE of anything but a table")


def _check_call(name: str, table_functions: Set[str]) -> None:
    if (name in table_functions and name not in HARMLESS_TABLE_FUNCTIONS) or _FUNCTIONS.fullmatch(name):
        raise _refused(f"the function {name[:64]}")


def _name_at(words: tuple[Token, ...], index: int) -> str:
    return words[index].folded if index < len(words) else ""


def _unambiguous(sql: str) -> None:
    """Refuse text that ClickHouse's lexer could cut in other places than ours: unknown symbols, open quotes, comments that hold more than plain words."""
    for token in tokens(sql, comments=True):
        plain = {
            "symbol": token.text in _SYMBOLS,
            "comment": _QUIET_COMMENT.fullmatch(token.text) is not None,
            "string": token.text[0] == "'",
            "name": token.text[0] in '"`' and "\\" not in token.text,
        }.get(token.kind, True)
        if not plain:
            raise _refused(f"the text at position {token.start}")


def _refused(what: str) -> Failure:
    return Failure(164, f"Cannot execute query in readonly mode: a reader may not use {what}")
