"""The demo business, built and served, for the benchmarks that need engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.cli.demo import prepare
from app.cli.show import progress
from app.model.principal import Principal, Role
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.sync import sync
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.servers import Servers, servers


@contextmanager
def running(scale: float) -> Iterator[tuple[Settings, Servers, Deps, Caller]]:
    """The demo in this folder's data directory, prepared where it is not, with an admin to ask as."""
    settings = load_settings()
    with servers(settings, tuple(Part), progress=progress) as found:
        migrate(found.store)
        prepare.build(settings, found, prepare.load_raw(found, scale))
        with opened(settings, found) as deps:
            sync(deps)
            deps.serving.expire()
            yield settings, found, deps, Caller(Principal("bench", "bench@localhost", Role.ADMIN, settings.project_id), "bench")
