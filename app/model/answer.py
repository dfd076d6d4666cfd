"""What a person is told: the outcome of a turn, with what stands beside the numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.errors import Problem
from app.model.base import Node
from app.model.query import SemanticQuery, TimeRange
from app.model.result import Result


class Outcome(StrEnum):
    """A turn answers, asks back, or says no."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    REFUSE = "refuse"


class Mode(StrEnum):
    """By what a question was read: by the project's own words alone, since no model is to be asked; with a model; or by the words alone since no model could be
    reached."""

    GROUNDED = "GROUNDED"
    FULL = "FULL"
    LIMITED_AI = "LIMITED_AI"


class Verdict(StrEnum):
    """How a model's draft and the grounded reading compare. `alone`: only the model read the question; `declined`: it says that the question has no answer here;
    `asked`: it would ask back; `invalid`: no draft of it could be asked; `sql`: no metric answers, and it wrote SQL that was run; `unavailable`: it gave none."""

    AGREED = "agreed"
    DIFFERED = "differed"
    ALONE = "alone"
    DECLINED = "declined"
    ASKED = "asked"
    INVALID = "invalid"
    SQL = "sql"
    UNAVAILABLE = "unavailable"


class Drafted(Node, frozen=True, omit_defaults=False):
    """The part that a language model had in an answer: whose it was, what came of its draft, after how many calls, and what these took. `cost` is in US dollars
    by the prices that the settings hold; `ms` is the whole time of the calls."""

    provider: str
    model: str
    verdict: Verdict
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    ms: float = 0.0


class Definition(Node, frozen=True):
    """A metric as it is defined: what a person needs to judge whether the number is the right one."""

    metric: str
    label: str
    description: str
    formula: str
    type: str
    file: str = ""
    owner: str = ""
    unit: str = ""
    format: str = ""
    """How its values are written, as `meta.datamind.format` says: `0.0%`, `#,##0.00`."""


class StageTime(Node, frozen=True):
    """How long a stage took, in milliseconds."""

    stage: str
    ms: float


class Choice(Node, frozen=True):
    """A complete query in words: an option of a question back, another form of a part, or a question that may follow."""

    text: str
    query: SemanticQuery


class PartRole(StrEnum):
    """What a part of a query is there for."""

    METRIC = "metric"
    CALCULATION = "calculation"
    PERIOD = "period"
    GROUP = "group"
    FILTER = "filter"
    HAVING = "having"
    TOP = "top"
    ORDER = "order"
    LIMIT = "limit"


class Part(Node, frozen=True, omit_defaults=False):
    """A part of the query in words. `path` is where it stands in the query's JSON, as a JSON Pointer (RFC 6901), `value` what stands there (null for a part
    that is not there yet, such as a period). `alternatives` are complete queries in which this part alone is another one, or is left out."""

    role: PartRole
    text: str
    path: str
    value: Any = None
    alternatives: tuple[Choice, ...] = ()


class Comparison(Node, frozen=True, omit_defaults=False):
    """A metric beside what it was in an earlier period. `percent` is the change as a fraction of what was, null where that was zero or less."""

    metric: str
    period: TimeRange
    current: Decimal
    previous: Decimal
    change: Decimal
    percent: Decimal | None = None


class Contribution(Node, frozen=True, omit_defaults=False):
    """What one value of a dimension has to do with the change of a metric.

    `change` is the part of the metric's change that it makes up: those of one dimension add up to the whole. `share` is the part of one of it. Of a ratio
    `change` is the sum of `rate` (the value's own ratio changed) and `mix` (its weight did). Where the metric has no parts that add up, such as a count of
    distinct things, `change` is that of the value alone and `share` is null. `is_rest` marks what stands for all values that are not listed.
    """

    dimension: str
    label: str
    value: str
    previous: Decimal | None
    current: Decimal | None
    change: Decimal
    share: Decimal | None = None
    rate: Decimal | None = None
    mix: Decimal | None = None
    is_rest: bool = False


class Standing(StrEnum):
    """What dbt last said of a model and of all that it is built from, in one word; `unknown` where it said nothing."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Source(Node, frozen=True, omit_defaults=False):
    """A model that an answer reads, with what dbt last said on the engine that answered.

    `tests` is the gravest that tests of it and of all that it is built from came to; `passed_tests` and `failed_tests` count those that the person may know by
    name. `freshness` is that of the sources below it, and `loaded_at` the oldest of the times of their newest rows; `built_at` is when dbt built the model.
    """

    model: str
    label: str
    file: str
    tests: Standing = Standing.UNKNOWN
    passed_tests: int = 0
    failed_tests: int = 0
    freshness: Standing = Standing.UNKNOWN
    loaded_at: dt.datetime | None = None
    built_at: dt.datetime | None = None


class Answer(Node, frozen=True):
    """The end of a turn.

    `sql` is the statement of stage 4, which the caller may see; `governed_sql` is set for admins only. `policies_applied` says that policy
    hid or masked something it could have shown, never what. `confidence` is 0..1, and 0 of SQL that a language model wrote. `chart` is a Vega-Lite
    specification without the rows, which it names `results`; None where a chart would say nothing.
    """

    query_id: str
    outcome: Outcome
    question: str = ""
    restated: str = ""
    text: str = ""
    query: SemanticQuery | None = None
    result: Result | None = None
    definitions: tuple[Definition, ...] = ()
    sql: str = ""
    governed_sql: str = ""
    engine: str = ""
    engine_reason: str = ""
    policies_applied: bool = False
    policies: tuple[str, ...] = ()
    stages: tuple[StageTime, ...] = ()
    choices: tuple[Choice, ...] = ()
    nearest: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    confidence: float = 0.0
    layer_version: str = ""
    parts: tuple[Part, ...] = ()
    follow_ups: tuple[Choice, ...] = ()
    chart: dict[str, Any] | None = None
    sources: tuple[Source, ...] = ()
    comparison: Comparison | None = None
    contributions: tuple[Contribution, ...] = ()
    mode: Mode = Mode.GROUNDED
    drafted: Drafted | None = None
