"""All lint rules, in the order of their codes."""

from __future__ import annotations

from app.compile.lint.accumulated_stock import AccumulatedStock
from app.compile.lint.ambiguous_join_path import AmbiguousJoinPath
from app.compile.lint.colliding_names import CollidingNames
from app.compile.lint.duplicate_metric import DuplicateMetric
from app.compile.lint.metric_without_description import MetricWithoutDescription
from app.compile.lint.metric_without_owner import MetricWithoutOwner
from app.compile.lint.missing_time_spine import MissingTimeSpine
from app.compile.lint.non_additive_sum import NonAdditiveSum
from app.compile.lint.rule import Rule
from app.compile.lint.summed_rate import SummedRate
from app.compile.lint.summed_stock import SummedStock
from app.compile.lint.traps import TRAPS
from app.compile.lint.unguarded_division import UnguardedDivision
from app.compile.lint.untested_key import UntestedKey
from app.compile.lint.untransformed_aggregations import UntransformedAggregations
from app.compile.lint.unused_measure import UnusedMeasure

RULES: tuple[Rule, ...] = (
    *TRAPS,
    UntransformedAggregations(),
    MetricWithoutDescription(),
    MetricWithoutOwner(),
    AmbiguousJoinPath(),
    NonAdditiveSum(),
    UnusedMeasure(),
    CollidingNames(),
    DuplicateMetric(),
    MissingTimeSpine(),
    UnguardedDivision(),
    SummedStock(),
    SummedRate(),
    AccumulatedStock(),
    UntestedKey(),
)
