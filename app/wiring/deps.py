"""Settings and servers → the Deps that the use cases take."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from app.adapters.bus.redis import RedisBus
from app.adapters.bus.silent import SilentBus
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.adapters.store.audit import StoredAudit
from app.adapters.store.database import Database
from app.adapters.store.feedback import StoredFeedback
from app.adapters.store.layers import StoredLayers
from app.adapters.store.queries import StoredQueries
from app.adapters.store.refresh_tokens import StoredRefreshTokens
from app.adapters.store.training import StoredTraining
from app.adapters.store.users import StoredUsers
from app.adapters.tokens.jwt import JwtTokens
from app.adapters.tokens.passwords import Argon2Passwords
from app.model.sql import Limits
from app.pipeline.turn import StageDeps
from app.ports import Engine
from app.service.auth import Authentication
from app.service.deps import Calendar, Deps
from app.service.serving import Serving
from app.service.users import UserDeps
from app.service.values import recorded_values
from app.settings import Settings
from app.wiring.available import Available
from app.wiring.layers import local, published
from app.wiring.project import project_of
from app.wiring.secret import mask_key, secret_key
from app.wiring.servers import Servers

ENGINES: Mapping[str, Callable[[str], Engine]] = {"postgres": PostgresEngine, "clickhouse": ClickHouseEngine}


class SystemClock:
    """The computer's clock."""

    def now(self) -> dt.datetime:
        """The current time, aware, in UTC."""
        return dt.datetime.now(dt.UTC)


@contextmanager
def opened(settings: Settings, servers: Servers, *, local_layer: bool = False) -> Iterator[Deps]:
    """The Deps of one process, closed at the end of the block. Nothing connects before it is used.

    `local_layer` serves the layer compiled from the project's folder (the command line); else the published one.
    """
    database = Database(servers.store)
    layers = StoredLayers(database)
    project = project_of(settings)
    engines = {name: ENGINES[name](url) for name, url in servers.engines.items()}
    bus = RedisBus(servers.redis) if servers.redis else SilentBus()
    secret = secret_key(settings)
    clock, audit, passwords = SystemClock(), StoredAudit(database), Argon2Passwords()
    users, refresh_tokens = StoredUsers(database), StoredRefreshTokens(database)
    calendar = Calendar(settings.timezone, fiscal_start=settings.fiscal_start, pinned=settings.today)
    limits = Limits(settings.max_rows, settings.max_seconds)
    stage = StageDeps(engines, Available(engines), limits, mask_key(secret))
    try:
        yield Deps(
            project_id=settings.project_id,
            clock=clock,
            calendar=calendar,
            stage=stage,
            serving=Serving(
                local(project) if local_layer else published(layers, settings.project_id),
                poll_seconds=settings.layer_poll_seconds,
                values=lambda served, principal: recorded_values(audit, clock, stage, served, principal, calendar.moment(clock)),
            ),
            project=project,
            people=UserDeps(users, refresh_tokens, passwords, audit, clock),
            auth=Authentication(users, refresh_tokens, JwtTokens(secret), passwords, audit, clock),
            queries=StoredQueries(database),
            layers=layers,
            training=StoredTraining(database),
            feedback=StoredFeedback(database),
            audit=audit,
            bus=bus,
            llm_provider=settings.llm_provider,
        )
    finally:
        for engine in engines.values():
            engine.close()
        bus.close()
        database.close()
