"""What passes from stage to stage: a Turn, and the Deps that stages may use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from app.errors import Problem
from app.govern.access import Access
from app.language.chosen import Chosen
from app.language.corrections import ApprovedPairs
from app.language.drafting.prompt import Recalled
from app.language.drafting.sql_prompt import SqlMaterial
from app.language.lexicon import Lexicon
from app.language.reading import Reading
from app.model.answer import Answer, Drafted, Mode, StageTime
from app.model.moment import Moment
from app.model.ontology import Layer, Ontology
from app.model.plan import LogicalPlan
from app.model.principal import Principal, Role
from app.model.quality import Quality
from app.model.query import SemanticQuery
from app.model.result import Result
from app.model.sql import GovernedSql, Limits, Sql
from app.plan.cache import PlanCache
from app.ports import Akin, Cancel, Engine, LanguageModel
from app.sql.joins import JoinGraph

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServedLayer:
    """A layer as one principal may see it, with what is derived from it once. A turn pins one for its whole life.

    `access` is what policy gives the principal; `visible` is the Ontology without what they may not know of; `joins` and `lexicon` stand on that.
    `plans` remembers what was planned on it, and `statements` how written SQL was governed; where views share them, `key` tells them apart (the layer, and
    the rights that it is seen with). `guarded` are the (model, column) pairs that somebody does not see as they are, whoever looks: their values are no words.
    """

    layer: Layer
    access: Access
    visible: Ontology
    joins: JoinGraph
    lexicon: Lexicon
    plans: PlanCache = field(default_factory=PlanCache, repr=False, compare=False)
    key: str = ""
    statements: PlanCache = field(default_factory=PlanCache, repr=False, compare=False)
    guarded: frozenset[tuple[str, str]] = frozenset()

    def remembered(self, what: Hashable, make: Callable[[], T]) -> T:
        """What was made for this view before under `what`, else what `make` gives."""
        return self.plans.get((self.key, what), make)

    def governed(self, what: Hashable, make: Callable[[], T]) -> T:
        """As `remembered`, for written SQL: no flood of it pushes plans out."""
        return self.statements.get((self.key, what), make)


@dataclass(frozen=True, slots=True)
class Drafter:
    """A language model that reads questions beside the grounded interpreter.

    A grounded answer at least as sure as `sure` is given without asking it. With `may_answer` a reading that the model alone has is answered, and not only
    offered. People of `roles` have it; None means everybody. `most_bytes` of a prompt tell the layer. `recall` finds what may help with a question.
    Where no metric answers, people of `sql_roles` get what the model writes as SQL; `material` is what it writes it from, for a question on an engine.
    `shut` says why the model is not to be asked for now, None where it is.
    """

    model: LanguageModel
    sure: float = 0.95
    may_answer: bool = False
    roles: frozenset[Role] | None = None
    most_bytes: int = 32_000
    recall: Callable[[ServedLayer, str], Recalled] = lambda _served, _question: Recalled()
    sql_roles: frozenset[Role] = frozenset()
    material: Callable[[ServedLayer, str, str], SqlMaterial] = lambda _served, _question, _engine: SqlMaterial()
    shut: Problem | None = None


@dataclass(frozen=True, slots=True)
class StageDeps:
    """What stages may use: the engines by name, which of them answer at present, and the bounds of an execution."""

    engines: Mapping[str, Engine]
    available: Callable[[], Collection[str]]
    limits: Limits = field(default_factory=Limits)
    mask_key: str = field(default="", repr=False)
    """The secret of keyed masks; always sent as a bound parameter."""
    quality: Callable[[], Quality] = Quality
    """What dbt's last runs said of the data on each engine, as it is known now."""
    akin: Akin | None = None
    """Finds names near in meaning to words that nothing explains, to be suggested; None where there is no embedder."""
    corrections: Callable[[], ApprovedPairs] | None = None
    """The questions that admins answered; None where none are kept."""
    scan_results: bool = False
    """Whether texts of a result are searched for personal data; admins are exempt."""
    drafter: Drafter | None = None
    """A language model that reads questions too; None where the grounded interpreter reads them alone."""
    judges_values: bool = True
    """Whether who may not know a value of an approved query is answered without it; not over a layer whose values nobody has read yet."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One walk through the pipeline. Each stage returns a Turn with its own part filled in; nothing is overwritten by a later stage but `problems`.

    `source` is the engine asked for ("" leaves the choice to stage 4); `engine` and `engine_reason` are what was chosen. With `comments` the SQL that
    is shown tells what each of its metrics is. `previous` is the query that the conversation came to before the question, None at its start; `chosen` is how the person
    answered when this question was asked back before. `mode` says by what the question was read, `drafted` what a model had to do with it, and `draft` is the query
    that it drafted, checked, whatever became of that.
    """

    query_id: str
    principal: Principal
    moment: Moment
    served: ServedLayer
    question: str = ""
    previous: SemanticQuery | None = None
    chosen: Chosen | None = None
    query: SemanticQuery | None = None
    written_sql: str = ""
    source: str = ""
    comments: bool = False
    cancel: Cancel = field(default_factory=Cancel)
    reading: Reading | None = None
    mode: Mode = Mode.GROUNDED
    drafted: Drafted | None = None
    draft: SemanticQuery | None = None
    plan: LogicalPlan | None = None
    sql: Sql | None = None
    engine: str = ""
    engine_reason: str = ""
    governed: GovernedSql | None = None
    result: Result | None = None
    answer: Answer | None = None
    problems: tuple[Problem, ...] = ()
    stages: tuple[StageTime, ...] = ()

    def with_(self, **changes: Any) -> Self:
        """A Turn with these fields changed."""
        return replace(self, **changes)
