"""Load the demo business into the warehouse engines, once for each scale and version of the generator."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.adapters.demo.business import GENERATOR_VERSION, LARGEST, SMALLEST, generate
from app.adapters.demo.tables import Table
from app.errors import InternalError, Problem, UserError, Where

_T = TypeVar("_T")
_MARK = " load="


class Target(Protocol):
    """An engine that receives the source tables."""

    name: str

    def recorded(self) -> str:
        """What was loaded last, "" where nothing complete was."""
        ...

    def load(self, tables: Sequence[Table], content: str, loaded: Callable[[Table], None]) -> None:
        """Replace the tables, call `loaded` after each, and record `content`."""
        ...


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """What was done for one engine: whether rows were written at all, and the seconds it took."""

    engine: str
    written: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A load: `rows` by table are empty when no engine had to be written; `generate_seconds` is 0 then.

    `fingerprint` names the very rows that the engines hold: it changes whenever one of them is written anew, the same scale included,
    so that what was built on the rows can tell whether they are still there.
    """

    scale: float
    version: int
    rows: tuple[tuple[str, int], ...]
    generate_seconds: float
    fingerprint: str
    engines: tuple[EngineLoad, ...]


def load(scale: float, *, postgres_url: str | None, clickhouse_url: str | None, progress: Callable[[str], None]) -> LoadReport:
    """Bring the source tables of `scale` into the named engines, into the schema (database) `raw`.

    An engine that already holds this scale of this version is left as it is; one whose URL is None is left out. `progress` gets one line
    a step. Raises UserError DM1201 for a scale out of range, and InternalError DM5901 when an engine fails: PostgreSQL then keeps what it had,
    ClickHouse is loaded anew next time.
    """
    if not SMALLEST <= scale <= LARGEST:
        problem = Problem(
            "DM1201",
            f"the scale {scale:g} is not from {SMALLEST:g} to {LARGEST:g}",
            where=Where(path="scale"),
            hint="1 is about 200,000 order lines",
        )
        raise UserError(problem)
    content = f"kettle_and_crane scale={scale!r} version={GENERATOR_VERSION}"
    targets = _targets(postgres_url, clickhouse_url)
    held = {target: _guarded(target, target.recorded) for target in targets}
    stale = [target for target in targets if held[target].partition(_MARK)[0] != content]
    tables: tuple[Table, ...] = ()
    started = time.perf_counter()
    if stale:
        tables = generate(scale)
        progress(f"generated {sum(map(len, tables)):,} rows in {len(tables)} tables")
    generated = time.perf_counter() - started if stale else 0.0
    engines = []
    for target in targets:
        started = time.perf_counter()
        if target in stale:
            held[target] = f"{content}{_MARK}{secrets.token_hex(6)}"
            _write(target, tables, held[target], progress)
        else:
            progress(f"{target.name} already holds scale {scale:g}")
        engines.append(EngineLoad(target.name, target in stale, time.perf_counter() - started))
    rows = tuple((table.name, len(table)) for table in tables)
    fingerprint = "; ".join(f"{target.name} {record}" for target, record in held.items())
    return LoadReport(scale, GENERATOR_VERSION, rows, generated, fingerprint, tuple(engines))


def _targets(postgres_url: str | None, clickhouse_url: str | None) -> list[Target]:
    """The named engines. A driver is imported only for an engine that is used."""
    targets: list[Target] = []
    if postgres_url is not None:
        from app.adapters.demo.postgres import PostgresTarget

        targets.append(PostgresTarget(postgres_url))
    if clickhouse_url is not None:
        from app.adapters.demo.clickhouse import ClickHouseTarget

        targets.append(ClickHouseTarget(clickhouse_url))
    return targets


def _write(target: Target, tables: Sequence[Table], content: str, progress: Callable[[str], None]) -> None:
    def loaded(table: Table) -> None:
        progress(f"{target.name}: {table.name}, {len(table):,} rows")

    _guarded(target, lambda: target.load(tables, content, loaded))


def _guarded(target: Target, action: Callable[[], _T]) -> _T:
    """Each driver has its own errors, and its text may hold an address or a value: it is kept as the cause, for the log only."""
    try:
        return action()
    except Exception as error:
        message = f"the demo data could not be loaded into {target.name}"
        raise InternalError(Problem("DM5901", message, hint=f"is {target.name} up, and may its user create tables?")) from error
