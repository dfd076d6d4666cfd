"""Settings and servers → the Deps that the use cases take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.adapters.audit_checkpoints import CheckpointFile
from app.adapters.bus.redis import RedisBus
from app.adapters.bus.silent import SilentBus
from app.adapters.charts import VegaCharts
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.adapters.queue.celery import CeleryQueue, NoQueue
from app.adapters.store.audit import StoredAudit
from app.adapters.store.audit_trail import StoredAuditTrail
from app.adapters.store.candidates import StoredCandidates
from app.adapters.store.choices import StoredChoices
from app.adapters.store.conversations import StoredConversations
from app.adapters.store.database import Database
from app.adapters.store.dbt_runs import StoredDbtRuns
from app.adapters.store.feedback import StoredFeedback
from app.adapters.store.jobs import StoredJobs
from app.adapters.store.layers import StoredLayers
from app.adapters.store.locks import StoredLocks
from app.adapters.store.model_usage import StoredModelUsage
from app.adapters.store.policies import StoredPolicies
from app.adapters.store.quality import StoredQuality
from app.adapters.store.queries import StoredQueries
from app.adapters.store.refresh_tokens import StoredRefreshTokens
from app.adapters.store.shared import StoredSharedAnswers
from app.adapters.store.training import StoredTraining
from app.adapters.store.users import StoredUsers
from app.adapters.tokens.jwt import JwtTokens
from app.adapters.tokens.passwords import Argon2Passwords
from app.model.sql import Limits
from app.pipeline.turn import StageDeps
from app.ports import Engine
from app.service.audit_verify import TrailDeps
from app.service.auth import Authentication
from app.service.deps import ConversationDeps, Deps
from app.service.model_usage import ModelDeps
from app.service.quality import HeldQuality, QualityDeps
from app.service.reader_account import ReaderAccounts
from app.service.serving import Serving
from app.service.users import UserDeps
from app.service.values import recorded_values
from app.settings import Settings
from app.wiring.available import Available
from app.wiring.calendar import calendar_of
from app.wiring.clock import SystemClock
from app.wiring.corrections import corrections_of, gates_of
from app.wiring.dbt import dbt_of
from app.wiring.drafting import drafting_of
from app.wiring.layers import local, published
from app.wiring.models import model_of
from app.wiring.policies import policies_of
from app.wiring.project import project_of
from app.wiring.quality import quality_targets, stored, with_folder
from app.wiring.retrieval import akin_of, retriever_of
from app.wiring.secret import audit_keys, mask_key, secret_key
from app.wiring.servers import Servers

ENGINES: Mapping[str, type[PostgresEngine | ClickHouseEngine]] = {"postgres": PostgresEngine, "clickhouse": ClickHouseEngine}


@contextmanager
def opened(settings: Settings, servers: Servers, *, local_layer: bool = False) -> Iterator[Deps]:
    """The Deps of one process, closed at the end of the block. Nothing connects before it is used.

    `local_layer` serves the layer compiled from the project's folder (the command line); else the published one.
    """
    database = Database(servers.store)
    layers = StoredLayers(database)
    project = project_of(settings)
    engines: dict[str, Engine] = {name: ENGINES[name](url, max_bytes=settings.max_bytes) for name, url in servers.engines.items()}
    bus = RedisBus(servers.redis) if servers.redis else SilentBus()
    queue = CeleryQueue(servers.redis) if servers.redis else NoQueue()
    secret = secret_key(settings)
    keys = audit_keys(settings, secret)
    checkpoints = CheckpointFile(settings.audit_log or settings.data_dir.absolute() / "logs" / "audit.log", keys)
    clock, audit, passwords = SystemClock(), StoredAudit(database, keys, checkpoints), Argon2Passwords()
    users, refresh_tokens = StoredUsers(database), StoredRefreshTokens(database)
    calendar = calendar_of(settings)
    limits = Limits(settings.max_rows, settings.max_seconds, settings.max_memory_mb << 20)
    retriever = retriever_of(settings, database)
    policies = StoredPolicies(database)
    results, targets = StoredQuality(database), quality_targets(settings)
    newest = stored(results, settings.project_id, targets)
    held = HeldQuality(with_folder(newest, project) if local_layer else newest, poll_seconds=settings.layer_poll_seconds)
    corrections = corrections_of(settings, database)
    stage = StageDeps(
        engines, Available(engines), limits, mask_key(secret), held, akin_of(settings), corrections.held, settings.pii_scan_results
    )
    usage = StoredModelUsage(database)
    model = model_of(settings, usage, clock)
    try:
        yield Deps(
            project_id=settings.project_id,
            clock=clock,
            calendar=calendar,
            stage=stage,
            serving=Serving(
                local(project) if local_layer else published(layers, settings.project_id),
                poll_seconds=settings.layer_poll_seconds,
                policies=policies_of(settings, policies),
                values=lambda served, principal: recorded_values(audit, clock, stage, served, principal, calendar.moment(clock)),
            ),
            project=project,
            people=UserDeps(users, refresh_tokens, passwords, audit, clock),
            auth=Authentication(users, refresh_tokens, JwtTokens(secret), passwords, audit, clock, settings.project_id),
            queries=StoredQueries(database),
            layers=layers,
            candidates=StoredCandidates(database),
            policies=policies,
            locks=StoredLocks(database),
            jobs=StoredJobs(database),
            queue=queue,
            training=StoredTraining(database),
            feedback=StoredFeedback(database),
            corrections=corrections,
            talk=ConversationDeps(
                StoredConversations(database),
                StoredChoices(database),
                StoredSharedAnswers(database),
                settings.conversations,
                settings.conversation_days,
                settings.shared_days,
            ),
            audit=audit,
            trail=TrailDeps(StoredAuditTrail(database), checkpoints, keys),
            bus=bus,
            quality=QualityDeps(results, held, targets),
            dbt=dbt_of(settings, servers, project),
            dbt_runs=StoredDbtRuns(database),
            accounts=ReaderAccounts(engines),
            llm_provider=settings.llm_provider,
            model=model,
            models=ModelDeps(usage, model),
            gates=gates_of(settings, database),
            trending_people=settings.trending_people,
            compares=settings.compare_previous,
            charts=VegaCharts(),
            drafting=drafting_of(settings),
            retriever=retriever,
        )
    finally:
        audit.close()
        retriever.close()
        for engine in engines.values():
            engine.close()
        queue.close()
        bus.close()
        database.close()
