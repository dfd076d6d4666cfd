"""How the servers that the settings name are asked whether they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from pydantic import SecretStr

from app.adapters.bus.redis import RedisBus
from app.adapters.embedded.stack import Part
from app.adapters.store.database import Database
from app.adapters.store.policies import StoredPolicies
from app.model.written_policy import WrittenPolicy
from app.ports import Excess, Health
from app.ports.model_usage import ModelWatch
from app.service.checkup import Reachable
from app.settings import Settings
from app.wiring.clock import SystemClock
from app.wiring.deps import ENGINES
from app.wiring.models import model_of
from app.wiring.project import project_of
from app.wiring.retrieval import retriever_of
from app.wiring.servers import named_urls, never_built, resolved


def reachable(settings: Settings) -> Reachable:
    """The project and every server, not asked yet."""
    named = named_urls(settings)
    servers: dict[str, Callable[[], Health] | None] = {
        f"engine {name}": _engine(settings, name, url) if (url := named.get(Part(name))) is not None else None for name in settings.engines
    }
    servers["store"] = _store(url) if (url := named.get(Part.STORE)) is not None else None
    servers["redis"] = _redis(url) if (url := named.get(Part.REDIS)) is not None else None
    servers["vector store"] = _vectors(settings, named.get(Part.STORE)) if settings.vector_url or Part.STORE in named else None
    if (models := model_of(settings, None, SystemClock())) is not None:
        servers |= {f"language model {one.provider} {one.model}".strip(): _model(models, at) for at, one in enumerate(models.each())}
    empty = frozenset(f"engine {part}" for part in never_built(settings, list(Part)))
    accounts: dict[str, Callable[[], Sequence[Excess]]] = {
        name: _account(settings, name, url) for name in settings.engines if (url := named.get(Part(name))) is not None
    }
    policies = _policies(url, settings.project_id) if (url := named.get(Part.STORE)) is not None else None
    return Reachable(project_of(settings), servers, empty, accounts, policies)


def _engine(settings: Settings, name: str, url: SecretStr) -> Callable[[], Health]:
    """Ask an engine; its URL may be `profile:TARGET`."""

    def ask() -> Health:
        engine = ENGINES[name](resolved(settings, url))
        try:
            return engine.health()
        finally:
            engine.close()

    return ask


def _account(settings: Settings, name: str, url: SecretStr) -> Callable[[], Sequence[Excess]]:
    """Ask what an engine's account may do."""

    def ask() -> Sequence[Excess]:
        with closing(ENGINES[name](resolved(settings, url))) as engine:
            return engine.account()

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


def _policies(url: SecretStr, project_id: str) -> Callable[[], Sequence[WrittenPolicy]]:
    """Read the store's policies."""

    def read() -> Sequence[WrittenPolicy]:
        database = Database(url.get_secret_value())
        try:
            found = StoredPolicies(database).current(project_id, -1)
            return found[1] if found is not None else ()
        finally:
            database.close()

    return read


def _vectors(settings: Settings, store: SecretStr | None) -> Callable[[], Health]:
    """Ask where the vectors of training items are kept: the server that the settings name, else pgvector in the store."""

    def ask() -> Health:
        database = Database(store.get_secret_value() if store is not None else "postgresql://")  # connects to nothing before it is used
        try:
            with closing(retriever_of(settings, database)) as retriever:
                retriever.ids()  # raises what is wrong, with its hint
                return retriever.health()
        finally:
            database.close()

    return ask


def _model(models: ModelWatch, at: int) -> Callable[[], Health]:
    """Ask a language model whether it is there, without a token."""

    def ask() -> Health:
        state = models.states(ask=True)[at]
        return Health(up=not state.unreached, detail=state.unreached or state.model)

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
