"""Schema and policy files → the settings, the warehouses and the layer of a gateway that needs no dbt project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.embedded.parts import Part
from app.adapters.mount import clickhouse, postgres
from app.adapters.mount.files import WAREHOUSES, SchemaFile, content_of, loaded, mark, read_schema, read_text
from app.compile.mount.layer import EngineTables, mounted_layer
from app.compile.mount.policy_file import PolicyFile, read_policy_file
from app.compile.mount.tables import read_tables
from app.errors import InternalError, Problem
from app.model.ontology import Layer
from app.model.types import Dialect
from app.settings import Settings
from app.wiring.data_dir import made
from app.wiring.servers import Servers, named_urls, resolved


@dataclass(frozen=True, slots=True)
class Mounted:
    """What the files say: the settings with the file's limits and the engines of the schemas alone, the layer, the policy, and what is worth noting."""

    settings: Settings
    schemas: tuple[SchemaFile, ...]
    layer: Layer
    policy: PolicyFile
    notes: tuple[Problem, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The servers that it needs: no queue, since nothing is done in the background."""
        return (Part.STORE, *(Part(engine) for engine in self.settings.engines))


def read_mounted(settings: Settings, schemas: Sequence[str], policy: Path) -> Mounted:
    """Read the files. Raises UserError DM1401 to DM1403 for what is wrong with them."""
    files = tuple(read_schema(named) for named in schemas)
    said, notes = read_policy_file(read_text(policy), str(policy))
    dialects = tuple(dict.fromkeys(file.dialect for file in files))
    used = _limited(settings, said).model_copy(
        update={"engines": tuple(d.value for d in dialects), "dbt_project_path": settings.data_dir.absolute() / "no-dbt-project"}
    )
    layer = mounted_layer([_tables(used, files, dialect) for dialect in dialects], said, str(policy))
    return Mounted(used, files, layer, said, (*notes, *layer.problems))


def claim(mounted: Mounted) -> None:
    """Mark the embedded warehouses as ones that may be emptied, before they are there. Raises UserError DM1404 where one holds something else, DM1060 where
    the data directory can't be made."""
    named = named_urls(mounted.settings)
    for part in (Part(engine) for engine in mounted.settings.engines):
        if part not in named and loaded(mounted.settings.data_dir.absolute(), part) is None:
            mark(made(mounted.settings.data_dir), part, "")


def load_mounted(mounted: Mounted, servers: Servers, tell: Callable[[str], None]) -> tuple[Problem, ...]:
    """Load the schema files into the embedded warehouses, each unless it holds just that already; a warehouse named by URL is left as it is.

    Gives what was left out. Raises InternalError DM5901 where a server breaks off.
    """
    directory = mounted.settings.data_dir.absolute()
    notes: list[Problem] = []
    for engine, owner in servers.owners.items():
        part = Part(engine)
        files = [file for file in mounted.schemas if WAREHOUSES[file.dialect] is part]
        content = _stamp(mounted, files)
        if loaded(directory, part) == content:
            continue
        tell(f"loading {', '.join(file.path.name for file in files)} into the {part.label}")
        mark(directory, part, "")
        try:
            notes += _load(mounted, part, owner, servers.engines[engine], files)
        except Exception as error:  # each driver has its own errors
            message = f"the schema could not be loaded into the {part.label}"
            raise InternalError(Problem("DM5901", message, hint="see the server's log in the data directory")) from error
        mark(directory, part, content)
    return tuple(notes)


def _load(mounted: Mounted, part: Part, owner: str, reader: str, files: Sequence[SchemaFile]) -> tuple[Problem, ...]:
    if part is Part.CLICKHOUSE:
        return clickhouse.load(owner, files)
    placement = mounted.layer.placement(part.value)
    return postgres.load(owner, reader, files, [relation for _, relation in placement.relations] if placement is not None else [])


def _stamp(mounted: Mounted, files: Sequence[SchemaFile]) -> str:
    """What names a load: the files, and the tables that were opened."""
    return f"{content_of(files)} {','.join(mounted.policy.modelled_tables)}"


def _limited(settings: Settings, policy: PolicyFile) -> Settings:
    """With the smaller of each bound: the file's hold for statements without a table too."""
    limits = policy.limits
    update: dict[str, Any] = {}
    if limits.max_rows is not None:
        update["max_rows"] = min(settings.max_rows, limits.max_rows)
    if limits.statement_timeout_ms is not None:
        update["max_seconds"] = min(settings.max_seconds, limits.statement_timeout_ms / 1000)
    if limits.max_bytes is not None:
        update["max_bytes"] = min(settings.max_bytes, limits.max_bytes)
    return settings.model_copy(update=update)


def _tables(settings: Settings, files: Sequence[SchemaFile], dialect: Dialect) -> EngineTables:
    part = WAREHOUSES[dialect]
    schema = postgres.SCHEMA
    if dialect is Dialect.CLICKHOUSE:
        url = named_urls(settings).get(part)
        schema = clickhouse.database_of(resolved(settings, url)) if url is not None else clickhouse.EMBEDDED
    script = [statement for file in files if file.dialect is dialect for statement in file.statements]
    return EngineTables(part.value, dialect, schema, read_tables(script, dialect, schema))
