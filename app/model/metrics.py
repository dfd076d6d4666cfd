"""dbt's metrics: what each type holds, with filters and expressions already parsed."""

from __future__ import annotations

from typing import TypeAlias

from app.model.base import Node
from app.model.expr import Expr
from app.model.types import Grain


class Window(Node, frozen=True):
    """A count of grains, `7 days`; `grain` is a standard grain's value or a custom calendar's name."""

    count: int
    grain: str


class MeasureInput(Node, frozen=True):
    """A measure as a metric uses it. `semantic_model` and `measure` are always set; `fill_nulls_with` and `join_to_timespine` as dbt means them."""

    semantic_model: str
    measure: str
    filter: Expr | None = None
    fill_nulls_with: int | None = None
    join_to_timespine: bool = False


class MetricInput(Node, frozen=True):
    """A metric as another uses it: under `alias` in `expr`, with its own filter and offset."""

    metric: str
    alias: str = ""
    filter: Expr | None = None
    offset_window: Window | None = None
    offset_to_grain: str = ""


class Simple(Node, frozen=True, tag_field="node", tag="simple"):
    """One measure."""

    input: MeasureInput


class Ratio(Node, frozen=True, tag_field="node", tag="ratio"):
    """Numerator over denominator, a real division; a zero or null denominator gives NULL."""

    numerator: MetricInput
    denominator: MetricInput


class Derived(Node, frozen=True, tag_field="node", tag="derived"):
    """An expression over other metrics, which it names as columns (by alias where there is one)."""

    expr: Expr
    inputs: tuple[MetricInput, ...]


class Cumulative(Node, frozen=True, tag_field="node", tag="cumulative"):
    """A measure accumulated over a window, since the start of a grain, or over all time."""

    input: MeasureInput
    window: Window | None = None
    grain_to_date: str = ""
    period_agg: str = "first"


class Conversion(Node, frozen=True, tag_field="node", tag="conversion"):
    """Conversions per base event of an entity, within a window; `calculation` is conversions or conversion_rate."""

    base: MeasureInput
    conversion: MeasureInput
    entity: str
    calculation: str = "conversion_rate"
    window: Window | None = None
    constant_properties: tuple[tuple[str, str], ...] = ()


MetricParams: TypeAlias = Simple | Ratio | Derived | Cumulative | Conversion


def metric_inputs(params: MetricParams) -> tuple[MetricInput, ...]:
    """The metrics on which a metric stands, as written: numerator and denominator, or the inputs of an expression."""
    match params:
        case Ratio(numerator=numerator, denominator=denominator):
            return (numerator, denominator)
        case Derived(inputs=inputs):
            return inputs
        case _:
            return ()


def measure_inputs(params: MetricParams) -> tuple[MeasureInput, ...]:
    """The measures on which a metric stands itself. The first, if there is one, is that to which its filter and a query's group-by items belong: of
    a conversion metric the base events."""
    match params:
        case Simple(input=given) | Cumulative(input=given):
            return (given,)
        case Conversion(base=base, conversion=conversion):
            return (base, conversion)
        case _:
            return ()


class Metric(Node, frozen=True):
    """A dbt metric.

    `filter` is the metric's own; `grain` is its default time granularity; `label`, `unit` (`EUR`, `%`), `format` and `synonyms` are for people
    and come from dbt's label and `meta.datamind`; `owner` is the group's or `meta`'s; `file` is relative to the project.
    `hidden` is dbt's (≥ 1.12): a metric for others to stand on. It is answered where it is named, and not listed.
    `derived` says that the project does not define it: it counts the rows of a model of which the project defines no semantic model.
    """

    name: str
    params: MetricParams
    description: str = ""
    label: str = ""
    filter: Expr | None = None
    grain: Grain | None = None
    group: str = ""
    owner: str = ""
    unit: str = ""
    format: str = ""
    synonyms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    file: str = ""
    meta: str = "{}"
    hidden: bool = False
    derived: bool = False

    @property
    def type(self) -> str:
        """dbt's word for the type: simple, ratio, derived, cumulative or conversion."""
        return str(self.params.__struct_config__.tag)


def filters(metric: Metric) -> tuple[Expr, ...]:
    """The metric's own filter and those under which it takes its inputs."""
    of_measures = (given.filter for given in measure_inputs(metric.params))
    of_metrics = (given.filter for given in metric_inputs(metric.params))
    return tuple(one for one in (metric.filter, *of_measures, *of_metrics) if one is not None)
