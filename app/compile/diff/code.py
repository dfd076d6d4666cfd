"""The code of models, as a manifest has it: what dbt compiled, what was written, and the checksum of a file that holds neither."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from app.compile.dbt.decode import decode
from app.compile.diff.configs import changed_configs
from app.compile.diff.report import Kind, gravest
from app.compile.diff.sql_text import same_sql
from app.compile.diff.template_text import Reader, compiled_tells_all, reader_of, template_words


class Checksum(msgspec.Struct, frozen=True, gc=False):
    """dbt's hash of a node's file."""

    checksum: str = ""


class Dependencies(msgspec.Struct, frozen=True, gc=False):
    """`depends_on`: which macros it calls, and on which nodes it stands."""

    macros: list[str] = []
    nodes: list[str] = []


class Code(msgspec.Struct, frozen=True, gc=False):
    """The code of one node. `raw_code` is what was written, Jinja included; `compiled_code` is None where dbt only parsed."""

    resource_type: str = ""
    language: str = "sql"
    checksum: Checksum = Checksum()
    raw_code: str = ""
    compiled_code: str | None = None
    relation_name: str | None = None
    depends_on: Dependencies = Dependencies()
    config: dict[str, Any] = {}


class Macro(msgspec.Struct, frozen=True, gc=False):
    """A macro that models may call."""

    package_name: str = ""
    macro_sql: str = ""
    depends_on: Dependencies = Dependencies()


class Source(msgspec.Struct, frozen=True, gc=False):
    """A table of a source, as compiled statements name it."""

    relation_name: str | None = None


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """For which adapter it was written."""

    adapter_type: str | None = None


class CodeBase(msgspec.Struct, frozen=True, gc=False):
    """What of a manifest is code, by unique id."""

    metadata: Metadata = Metadata()
    nodes: dict[str, Code] = {}
    sources: dict[str, Source] = {}
    macros: dict[str, Macro] = {}


def read_code(manifest: bytes, artifact: str = "manifest.json") -> CodeBase:
    """The code in a manifest. Raises UserError DM2001 to DM2006."""
    return decode(manifest, CodeBase, artifact)


CodeChanges: TypeAlias = Mapping[str, Kind | None]
"""Of each node of which both sides have the code, by unique id: None where it is the same, cosmetic where it is spelled otherwise, meaning where what it
gives, or the config that decides which rows are kept, may be something else."""


def code_changes(old: CodeBase, new: CodeBase, variables: Collection[str] = ()) -> dict[str, Kind | None]:
    """What became of the code of the models, seeds and snapshots that both sides have. `variables` are names of `vars` that have other values now: code
    that was only parsed does not show what they give."""
    reads = reader_of(variables)
    macros = _changed_macros(old, new, reads)
    shared = [uid for uid, before in old.nodes.items() if before.resource_type in _BUILT and uid in new.nodes]
    return {uid: _changed(uid, old, new, macros, reads) for uid in shared}


def changes_on_any(codes: Iterable[tuple[CodeBase, CodeBase]], variables: Collection[str] = ()) -> dict[str, Kind | None]:
    """What became of the code on any of several engines, the gravest of each node: a branch may be of one engine alone."""
    worst: dict[str, Kind | None] = {}
    for before, after in codes:
        for uid, kind in code_changes(before, after, variables).items():
            known = worst.get(uid)
            worst[uid] = gravest(known, kind) if known and kind else known or kind
    return worst


def comparable(code: CodeBase) -> CodeBase:
    """What `code_changes` looks at of it, which is little: tests and the texts of dbt's own macros are left out. Worth it for what is kept."""
    nodes = {uid: node for uid, node in code.nodes.items() if node.resource_type in _BUILT}
    macros = {name: replace(macro, macro_sql="") if _is_dbts(macro.package_name) else macro for name, macro in code.macros.items()}
    return CodeBase(code.metadata, nodes, code.sources, macros)


_BUILT = frozenset({"model", "seed", "snapshot"})


def _changed(uid: str, old: CodeBase, new: CodeBase, macros: frozenset[str], reads: Reader) -> Kind | None:
    """What of a node's code changed; `macros` are those that read otherwise.

    Where both sides were compiled, the compiled statements decide: they hold what macros and variables gave, but not a branch that was not taken, so
    what was written must differ in nothing but spelling too, unless all of it is in them. Else what was written decides, with the macros of the project
    and its packages; dbt's own come with its version and are left aside.
    """
    before, after = old.nodes[uid], new.nodes[uid]
    if changed_configs(before.config, after.config):
        return Kind.MEANING
    dialect = new.metadata.adapter_type or ""
    called = (before.depends_on.macros, after.depends_on.macros)
    others = bool(macros) and not macros.isdisjoint((*called[0], *called[1]))
    written = _written(before, after, dialect)
    if before.compiled_code is not None and after.compiled_code is not None and before.language == after.language == "sql":
        same = before.compiled_code == after.compiled_code
        left, right = ("", "") if same else (_placeless(uid, before.compiled_code, old), _placeless(uid, after.compiled_code, new))
        if not same_sql(left, right, dialect) or (
            others and _INCREMENTAL in (before.config.get("materialized"), after.config.get("materialized"))
        ):
            return Kind.MEANING
        if written is Kind.MEANING and not compiled_tells_all(before.raw_code, after.raw_code):
            return Kind.MEANING
        return None if left == right and before.raw_code == after.raw_code else Kind.COSMETIC
    if others or reads(after.raw_code) or (called[0] != called[1] and _own(called[0]) != _own(called[1])):
        return Kind.MEANING
    return None if written is None and before.checksum == after.checksum else written or Kind.MEANING


_INCREMENTAL = "incremental"


def _written(before: Code, after: Code, dialect: str) -> Kind | None:
    """What became of the text that people wrote."""
    if before.raw_code == after.raw_code:
        return None
    if not before.raw_code or not before.language == after.language == "sql":
        return Kind.MEANING
    words = template_words(before.raw_code, dialect)
    return Kind.COSMETIC if words is not None and words == template_words(after.raw_code, dialect) else Kind.MEANING


def _placeless(uid: str, code: str, base: CodeBase) -> str:
    """A compiled statement in which nodes are called by what they are, and not by the schema that one target or another builds them in."""
    names = {}
    for one in (uid, *base.nodes[uid].depends_on.nodes):
        found: Code | Source | None = base.nodes.get(one) or base.sources.get(one)
        if found is not None and found.relation_name:
            names[found.relation_name] = _NO_WORD.sub("_", one)
    for relation in sorted(names, key=len, reverse=True):
        code = code.replace(relation, names[relation])
    return code


_NO_WORD = re.compile(r"\W")


def _own(names: list[str]) -> set[str]:
    """The macros that are not dbt's own."""
    return {name for name in names if not _is_dbts(name.split(".")[1] if "." in name else "")}


def _is_dbts(package: str) -> bool:
    """Whether a package is dbt itself, an adapter included; what others publish as dbt_… is a package like any other."""
    return package in _DBTS


def _changed_macros(before: CodeBase, after: CodeBase, reads: Reader) -> frozenset[str]:
    """The macros that read otherwise, and those that call them at any depth. One that came or went is seen where it is called."""
    old, new, dialect = before.macros, after.macros, after.metadata.adapter_type or ""
    changed = {
        name
        for name in old.keys() & new.keys()
        if not _is_dbts(new[name].package_name)
        and (
            reads(new[name].macro_sql)
            or (old[name].macro_sql != new[name].macro_sql and not _spelled_alike(old[name].macro_sql, new[name].macro_sql, dialect))
        )
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


def _spelled_alike(left: str, right: str, dialect: str) -> bool:
    words = template_words(left, dialect)
    return words is not None and words == template_words(right, dialect)


_DBTS = frozenset(
    ["dbt", *(f"dbt_{name}" for name in ("postgres", "clickhouse", "snowflake", "bigquery", "redshift", "databricks", "spark", "trino", "duckdb",
                                         "athena", "fabric", "sqlserver", "mysql", "sqlite"))]
)  # fmt: skip
