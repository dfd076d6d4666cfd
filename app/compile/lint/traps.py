"""The rules that every compile applies: what dbt leaves out of a manifest, or writes otherwise than YAML says it."""

from __future__ import annotations

from app.compile.lint.approximated_percentile import ApproximatedPercentile
from app.compile.lint.dropped_fill_nulls import DroppedFillNulls
from app.compile.lint.flat_window import FlatWindow
from app.compile.lint.lost_granularity import LostGranularity
from app.compile.lint.rule import Rule
from app.compile.lint.time_without_grain import TimeWithoutGrain

TRAPS: tuple[Rule, ...] = (TimeWithoutGrain(), LostGranularity(), DroppedFillNulls(), ApproximatedPercentile(), FlatWindow())
"""What makes the layer mean something else than the YAML says."""
