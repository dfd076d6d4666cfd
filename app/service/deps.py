"""What use cases may use. `wiring` builds one for a process; tests build their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from app.model.moment import Moment
from app.model.principal import Role
from app.pipeline.turn import StageDeps
from app.ports import (
    AuditSink,
    Bus,
    Candidates,
    Charts,
    Choices,
    Clock,
    Conversations,
    DbtRuns,
    Engine,
    Feedback,
    Jobs,
    LanguageModel,
    Layers,
    Locks,
    Policies,
    Queries,
    Queue,
    Retriever,
    SharedAnswers,
    Training,
)
from app.service.audit_verify import TrailDeps
from app.service.auth import Authentication
from app.service.held_corrections import CorrectionDeps
from app.service.held_gates import ModelGateDeps
from app.service.model_usage import ModelDeps
from app.service.no_retriever import NoRetriever
from app.service.project import Dbt, ProjectSource
from app.service.quality import QualityDeps
from app.service.reader_account import ReaderAccounts
from app.service.serving import Serving
from app.service.users import UserDeps


@dataclass(frozen=True, slots=True)
class Calendar:
    """How "today" is told: time zone, first day of the week (0 = Monday), first month of the fiscal year; `pinned` fixes the date."""

    timezone: str = "UTC"
    week_start: int = 0
    fiscal_start: int = 1
    pinned: dt.date | None = None

    def moment(self, clock: Clock) -> Moment:
        """The moment at which a turn starts."""
        now = clock.now()
        today = self.pinned or now.astimezone(ZoneInfo(self.timezone)).date()
        return Moment(now, today, self.timezone, self.week_start, self.fiscal_start)


@dataclass(frozen=True, slots=True)
class ConversationDeps:
    """What is kept of conversations, and its bounds: how many a person keeps, for how many days after the last question, and how long a shared answer can
    be opened."""

    conversations: Conversations
    choices: Choices
    shared: SharedAnswers
    most: int = 200
    days: int = 90
    shared_days: int = 30


@dataclass(frozen=True, slots=True)
class DraftingOptions:
    """What a language model may do where one is set; as `app.pipeline.turn.Drafter` has them."""

    sure: float = 0.95
    may_answer: bool = False
    roles: frozenset[Role] | None = None
    most_bytes: int = 32_000
    sql_roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Deps:
    """The ports of one process, with what it serves. `llm_provider` is "none" and `model` None where the grounded interpreter answers alone; what fewer than
    `trending_people` asked is shown to nobody else; `compares` says that a number is compared with the period before it unasked; `charts` draws pictures, None where
    nothing does. `gates` says which models may draft, None where all may."""

    project_id: str
    clock: Clock
    calendar: Calendar
    stage: StageDeps
    serving: Serving
    project: ProjectSource
    people: UserDeps
    auth: Authentication
    queries: Queries
    layers: Layers
    candidates: Candidates
    policies: Policies
    locks: Locks
    jobs: Jobs
    queue: Queue
    training: Training
    feedback: Feedback
    corrections: CorrectionDeps
    talk: ConversationDeps
    audit: AuditSink
    trail: TrailDeps
    bus: Bus
    quality: QualityDeps
    dbt: Dbt
    dbt_runs: DbtRuns
    accounts: ReaderAccounts
    llm_provider: str = "none"
    model: LanguageModel | None = None
    drafting: DraftingOptions = field(default_factory=DraftingOptions)
    models: ModelDeps | None = None
    gates: ModelGateDeps | None = None
    trending_people: int = 2
    compares: bool = True
    charts: Charts | None = None
    retriever: Retriever = field(default_factory=NoRetriever)

    @property
    def engines(self) -> Mapping[str, Engine]:
        """The warehouse engines by name."""
        return self.stage.engines
