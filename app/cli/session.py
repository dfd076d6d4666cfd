"""What a command works with: settings, servers for as long as it runs, and who it runs as."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.cli import logs
from app.cli.asker import principal_of
from app.cli.show import from_threads
from app.errors import Problem, UserError
from app.model.ids import new_id
from app.service.audit import Caller
from app.service.deps import Deps
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.servers import Servers, never_built, servers

ASKING = (Part.STORE, Part.POSTGRES, Part.CLICKHOUSE)
"""What a question needs: the engines, and the store for the audit trail."""


@dataclass(frozen=True, slots=True)
class Session:
    """One command's surroundings."""

    settings: Settings
    servers: Servers
    deps: Deps
    caller: Caller


@contextmanager
def session(
    need: Collection[Part] = ASKING,
    *,
    role: str = "admin",
    attributes: Sequence[str] = (),
    settings: Settings | None = None,
    local_layer: bool = True,
) -> Iterator[Session]:
    """Servers found or started, the store migrated, Deps opened; all closed again at the end. The layer is that of the project's folder, or
    without `local_layer` the published one.

    Who can read the settings holds the keys of the warehouse anyway, so a command runs as an admin unless `role` says otherwise.
    Raises UserError DM1030 for a role or attribute that is none, DM1012 where no warehouse is named and none was ever built here.
    """
    logs.configure()
    used = settings or load_settings()
    principal = principal_of(used, role, attributes)
    _check_built(used, need)
    with servers(used, need, progress=from_threads()) as found, opened(used, found, local_layer=local_layer) as deps:
        if found.store:
            migrate(found.store)
        yield Session(used, found, deps, Caller(principal, "cli", new_id("cor")))


def _check_built(settings: Settings, need: Collection[Part]) -> None:
    """Refuse to start a warehouse in which nothing can be: its answer would be a puzzle."""
    empty = never_built(settings, need)
    if empty:
        raise UserError(
            Problem(
                "DM1012",
                f"no server is named for the {' and the '.join(part.label for part in empty)}, and nothing was built in an embedded one",
                hint="run `datamind init`, which takes them from the project's dbt profile, or `datamind demo` for the demo business",
            )
        )
