"""How the servers that the settings name are asked whether they answer."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from app.adapters.bus.redis import RedisBus
from app.adapters.embedded.stack import Part
from app.adapters.store.database import Database
from app.ports import Health
from app.service.checkup import Reachable
from app.settings import Settings
from app.wiring.deps import ENGINES
from app.wiring.project import project_of
from app.wiring.servers import named_urls, never_built, resolved


def reachable(settings: Settings) -> Reachable:
    """The project and every server, not asked yet."""
    named = named_urls(settings)
    servers: dict[str, Callable[[], Health] | None] = {
        f"engine {name}": _engine(settings, name, url) if (url := named.get(Part(name))) is not None else None for name in settings.engines
    }
    servers["store"] = _store(url) if (url := named.get(Part.STORE)) is not None else None
    servers["redis"] = _redis(url) if (url := named.get(Part.REDIS)) is not None else None
    empty = frozenset(f"engine {part}" for part in never_built(settings, list(Part)))
    return Reachable(project_of(settings), servers, empty)


def _engine(settings: Settings, name: str, url: SecretStr) -> Callable[[], Health]:
    """Ask an engine; its URL may be `profile:TARGET`."""

    def ask() -> Health:
        engine = ENGINES[name](resolved(settings, url))
        try:
            return engine.health()
        finally:
            engine.close()

    return ask


def _store(url: SecretStr) -> Callable[[], Health]:
    """Ask the store."""

    def ask() -> Health:
        database = Database(url.get_secret_value())
        try:
            return database.health()
        finally:
            database.close()

    return ask


def _redis(url: SecretStr) -> Callable[[], Health]:
    """Ask Redis."""

    def ask() -> Health:
        bus = RedisBus(url.get_secret_value())
        try:
            return bus.health()
        finally:
            bus.close()

    return ask
