"""The code of models, as a manifest has it: what dbt compiled, what was written, and the checksum of a file that holds neither."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.compile.dbt.decode import decode
from app.compile.diff.report import Kind
from app.compile.diff.sql_text import plain_words, same_sql


class Checksum(msgspec.Struct, frozen=True, gc=False):
    """dbt's hash of a node's file."""

    checksum: str = ""


class Macros(msgspec.Struct, frozen=True, gc=False):
    """`depends_on` as far as macros go."""

    macros: list[str] = []


class Code(msgspec.Struct, frozen=True, gc=False):
    """The code of one node. `raw_code` is what was written, Jinja included; `compiled_code` is None where dbt only parsed."""

    resource_type: str = ""
    language: str = "sql"
    checksum: Checksum = Checksum()
    raw_code: str = ""
    compiled_code: str | None = None
    depends_on: Macros = Macros()


class Macro(msgspec.Struct, frozen=True, gc=False):
    """A macro that models may call."""

    package_name: str = ""
    macro_sql: str = ""
    depends_on: Macros = Macros()


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """For which adapter it was written."""

    adapter_type: str | None = None


class CodeBase(msgspec.Struct, frozen=True, gc=False):
    """What of a manifest is code, by unique id."""

    metadata: Metadata = Metadata()
    nodes: dict[str, Code] = {}
    macros: dict[str, Macro] = {}


def read_code(manifest: bytes, artifact: str = "manifest.json") -> CodeBase:
    """The code in a manifest. Raises UserError DM2001 to DM2006."""
    return decode(manifest, CodeBase, artifact)


class Codes:
    """The code of both sides. Read-only after it is made."""

    __slots__ = ("_macros", "new", "old")

    def __init__(self, old: CodeBase, new: CodeBase) -> None:
        self.old = old
        self.new = new
        self._macros = _changed_macros(old.macros, new.macros)

    def knows(self, old: str, new: str) -> bool:
        """Whether both sides have the code of the node with these unique ids."""
        return old in self.old.nodes and new in self.new.nodes

    def changed(self, old: str, new: str) -> Kind | None:
        """What of a node's code changed, by its unique ids: nothing (None), its spelling (cosmetic), or perhaps what it gives (meaning).

        Where both sides were compiled, the compiled statements decide: they hold what macros and variables gave. Else what was written does, with
        the macros of the project and its packages; dbt's own come with its version and are left aside.
        """
        before, after = self.old.nodes.get(old), self.new.nodes.get(new)
        if before is None or after is None:
            return None
        if before.compiled_code is not None and after.compiled_code is not None and before.language == after.language == "sql":
            if before.compiled_code == after.compiled_code:
                return None if before.raw_code == after.raw_code else Kind.COSMETIC
            dialect = self.new.metadata.adapter_type or ""
            return Kind.COSMETIC if same_sql(before.compiled_code, after.compiled_code, dialect) else Kind.MEANING
        called = {*before.depends_on.macros, *after.depends_on.macros}
        if called & self._macros or _own(before.depends_on.macros) != _own(after.depends_on.macros):
            return Kind.MEANING
        if before.raw_code == after.raw_code and before.checksum == after.checksum:
            return None
        readable = before.raw_code and before.language == after.language == "sql"
        return Kind.COSMETIC if readable and plain_words(before.raw_code) == plain_words(after.raw_code) else Kind.MEANING


def _own(names: list[str]) -> set[str]:
    """The macros that are not dbt's own."""
    return {name for name in names if not _is_dbts(name.split(".")[1] if "." in name else "")}


def _is_dbts(package: str) -> bool:
    """Whether a package is dbt itself, an adapter included; what others publish as dbt_… is a package like any other."""
    return package in _DBTS


def _changed_macros(old: Mapping[str, Macro], new: Mapping[str, Macro]) -> frozenset[str]:
    """The macros that read otherwise, and those that call them at any depth. One that came or went is seen where it is called."""
    changed = {
        name
        for name in old.keys() & new.keys()
        if old[name].macro_sql != new[name].macro_sql
        and not _is_dbts(new[name].package_name)
        and plain_words(old[name].macro_sql) != plain_words(new[name].macro_sql)
    }
    if not changed:
        return frozenset()
    callers: dict[str, set[str]] = {}
    for name, macro in new.items():
        for called in macro.depends_on.macros:
            callers.setdefault(called, set()).add(name)
    stack = list(changed)
    while stack:
        more = callers.get(stack.pop(), set()) - changed
        changed |= more
        stack += more
    return frozenset(changed)


_DBTS = frozenset(
    ["dbt", *(f"dbt_{name}" for name in ("postgres", "clickhouse", "snowflake", "bigquery", "redshift", "databricks", "spark", "trino", "duckdb",
                                         "athena", "fabric", "sqlserver", "mysql", "sqlite"))]
)  # fmt: skip
