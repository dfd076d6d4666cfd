"""The files that are mounted, and the mark that tells whose an embedded warehouse is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded.credentials import write_private
from app.adapters.embedded.parts import Part
from app.errors import Problem, UserError, Where
from app.model.types import Dialect
from app.sql.statements import Statement, dialect_in, statements

_MARK = "mounted.json"
WAREHOUSES = {Dialect.POSTGRES: Part.POSTGRES, Dialect.CLICKHOUSE: Part.CLICKHOUSE}


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """A schema file, read."""

    path: Path
    dialect: Dialect
    statements: tuple[Statement, ...]


def read_schema(named: str) -> SchemaFile:
    """The file that `--schema` names: `FILE`, whose content tells its dialect, or `postgres=FILE`, `clickhouse=FILE`. Raises UserError DM1401."""
    said, equals, rest = named.partition("=")
    path, given = (Path(rest), Dialect(said)) if equals and said in set(Dialect) else (Path(named), None)
    script = read_text(path)
    dialect = given or dialect_in(script)
    try:
        return SchemaFile(path, dialect, statements(script, dialect))
    except UserError as error:
        raise UserError(
            Problem("DM1401", f"the schema can't be read as {dialect}: {error.problem.message}", where=Where(str(path)))
        ) from None


def read_text(path: Path) -> str:
    """A file that is mounted. Raises UserError DM1401 where it can't be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UserError(Problem("DM1401", f"the file can't be read: {why}", where=Where(str(path)))) from None


def content_of(files: Iterable[SchemaFile]) -> str:
    """A hash of what the files say, in their order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.dialect}\0".encode() + "\0".join(statement.text for statement in file.statements).encode() + b"\1")
    return digest.hexdigest()


def loaded(directory: Path, part: Part) -> str | None:
    """What was mounted last in the embedded warehouse of a data directory, "" where a load broke off; None where nothing was.

    Raises UserError DM1404 where the warehouse is somebody else's: of the demo, or of a dbt project.
    """
    held = _marks(directory).get(part)
    if held is None and (directory / part).exists():
        raise UserError(
            Problem(
                "DM1404",
                "the data directory holds a warehouse that was not mounted from schema files, and loading them would replace it",
                where=Where(str(directory)),
                hint="give the mount a directory of its own: --data-dir",
            )
        )
    return held


def mark(directory: Path, part: Part, content: str) -> None:
    """Note what the embedded warehouse holds; "" before it is loaded."""
    write_private(directory / _MARK, json.dumps({**_marks(directory), part: content}))


def _marks(directory: Path) -> dict[str, str]:
    try:
        return dict(json.loads((directory / _MARK).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
