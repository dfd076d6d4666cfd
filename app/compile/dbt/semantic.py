"""Semantic models, metrics and saved queries, as dbt's manifest (1.6 to 1.12) and semantic_manifest.json both write them."""

from __future__ import annotations

import msgspec
from msgspec import Raw
from msgspec.structs import force_setattr

EMPTY = Raw(b"{}")
ABSENT = Raw(b"")
"""Nothing was written: every real JSON value has at least one byte."""


class MetaConfig(msgspec.Struct, frozen=True, gc=False):
    """The part of a node's `config` that carries meaning for us."""

    meta: Raw = EMPTY
    group: str | None = None
    enabled: bool | None = None
    tags: list[str] | str | None = None


class NodeRelation(msgspec.Struct, frozen=True, gc=False):
    """Where a semantic model or time spine lies."""

    alias: str
    schema_name: str
    database: str | None = None


class SourceFile(msgspec.Struct, frozen=True, gc=False):
    """dbt-semantic-interfaces' `metadata`: the YAML file, where its own parser made the manifest."""

    repo_file_path: str | None = None
    file: str | None = None


class EntityNode(msgspec.Struct, frozen=True, gc=False):
    """An entity."""

    name: str
    type: str
    expr: str | int | None = None
    role: str | None = None
    description: str | None = None
    label: str | None = None
    config: MetaConfig | None = None


class ValidityParams(msgspec.Struct, frozen=True, gc=False):
    """Which end of a validity window a time dimension is."""

    is_start: bool = False
    is_end: bool = False


class DimensionParams(msgspec.Struct, frozen=True, gc=False):
    """`type_params` of a time dimension."""

    time_granularity: str | None = None
    validity_params: ValidityParams | None = None


class DimensionNode(msgspec.Struct, frozen=True, gc=False):
    """A dimension."""

    name: str
    type: str
    expr: str | int | bool | None = None
    is_partition: bool | None = None
    type_params: DimensionParams | None = None
    description: str | None = None
    label: str | None = None
    config: MetaConfig | None = None


class AggregationParams(msgspec.Struct, frozen=True, gc=False):
    """`agg_params` of a percentile."""

    percentile: float | None = None
    use_discrete_percentile: bool | None = None
    use_approximate_percentile: bool | None = None


class NonAdditiveNode(msgspec.Struct, frozen=True, gc=False):
    """`non_additive_dimension`."""

    name: str
    window_choice: str | None = None
    window_groupings: list[str] | None = None


class MeasureNode(msgspec.Struct, frozen=True, gc=False):
    """A measure."""

    name: str
    agg: str
    expr: str | int | float | bool | None = None
    agg_params: AggregationParams | None = None
    agg_time_dimension: str | None = None
    non_additive_dimension: NonAdditiveNode | None = None
    create_metric: bool | None = None
    description: str | None = None
    label: str | None = None
    config: MetaConfig | None = None


class Defaults(msgspec.Struct, frozen=True, gc=False):
    """`defaults` of a semantic model."""

    agg_time_dimension: str | None = None


class NodeDependencies(msgspec.Struct, frozen=True, gc=False):
    """`depends_on`: unique ids."""

    nodes: list[str] = []


class SemanticModelNode(msgspec.Struct, frozen=True):
    """A semantic model. Ids and paths are set in the manifest only."""

    name: str
    node_relation: NodeRelation | None = None
    model: str | None = None
    unique_id: str = ""
    package_name: str = ""
    original_file_path: str = ""
    depends_on: NodeDependencies = NodeDependencies()
    description: str | None = None
    label: str | None = None
    defaults: Defaults | None = None
    primary_entity: str | None = None
    entities: list[EntityNode] | None = None
    dimensions: list[DimensionNode] | None = None
    measures: list[MeasureNode] | None = None
    group: str | None = None
    config: MetaConfig | None = None
    metadata: SourceFile | None = None


class WhereFilter(msgspec.Struct, frozen=True, gc=False):
    """One filter string, with dbt's `{{ … }}` templates in it."""

    where_sql_template: str


class WhereFilters(msgspec.Struct, frozen=True, gc=False):
    """Filters that all hold. dbt 1.6 wrote the one filter of a metric in this place, and so it is read."""

    where_filters: list[WhereFilter] = []
    where_sql_template: str | None = None

    def __post_init__(self) -> None:
        if self.where_sql_template is not None:
            force_setattr(self, "where_filters", [*self.where_filters, WhereFilter(self.where_sql_template)])
            force_setattr(self, "where_sql_template", None)


class WindowNode(msgspec.Struct, frozen=True, gc=False):
    """A window; `granularity` is a standard or custom grain, singular or plural."""

    count: int
    granularity: str


class MeasureInputNode(msgspec.Struct, frozen=True, gc=False):
    """A measure as a metric uses it."""

    name: str
    filter: WhereFilters | None = None
    alias: str | None = None
    join_to_timespine: bool | None = None
    fill_nulls_with: int | None = None


class MetricInputNode(msgspec.Struct, frozen=True, gc=False):
    """A metric as another uses it. dbt 1.6 wrote `offset_to_grain` as the others do."""

    name: str
    filter: WhereFilters | None = None
    alias: str | None = None
    offset_window: WindowNode | None = None
    offset_to_grain: str | None = None


class ConstantProperty(msgspec.Struct, frozen=True, gc=False):
    """A property that base event and conversion event share."""

    base_property: str
    conversion_property: str


class ConversionParams(msgspec.Struct, frozen=True, gc=False):
    """`conversion_type_params`; inputs are measures, or from dbt 1.12 on metrics."""

    entity: str
    base_measure: MeasureInputNode | None = None
    conversion_measure: MeasureInputNode | None = None
    base_metric: MetricInputNode | None = None
    conversion_metric: MetricInputNode | None = None
    calculation: str | None = None
    window: WindowNode | None = None
    constant_properties: list[ConstantProperty] | None = None


class CumulativeParams(msgspec.Struct, frozen=True, gc=False):
    """`cumulative_type_params` (dbt ≥ 1.9)."""

    window: WindowNode | None = None
    grain_to_date: str | None = None
    period_agg: str | None = None
    metric: MetricInputNode | None = None


class MetricAggregation(msgspec.Struct, frozen=True, gc=False):
    """`metric_aggregation_params` (dbt ≥ 1.12): the aggregation that a simple metric carries itself."""

    semantic_model: str
    agg: str
    agg_params: AggregationParams | None = None
    agg_time_dimension: str | None = None
    non_additive_dimension: NonAdditiveNode | None = None


class MetricParamsNode(msgspec.Struct, frozen=True):
    """`type_params` of every metric type."""

    measure: MeasureInputNode | None = None
    numerator: MetricInputNode | None = None
    denominator: MetricInputNode | None = None
    expr: str | int | float | None = None
    window: WindowNode | None = None
    grain_to_date: str | None = None
    metrics: list[MetricInputNode] | None = None
    conversion_type_params: ConversionParams | None = None
    cumulative_type_params: CumulativeParams | None = None
    metric_aggregation_params: MetricAggregation | None = None
    join_to_timespine: bool | None = None
    fill_nulls_with: int | None = None
    is_private: bool | None = None


class MetricNode(msgspec.Struct, frozen=True):
    """A metric."""

    name: str
    type: str
    type_params: MetricParamsNode
    filter: WhereFilters | None = None
    description: str | None = None
    label: str | None = None
    time_granularity: str | None = None
    unique_id: str = ""
    package_name: str = ""
    original_file_path: str = ""
    group: str | None = None
    tags: list[str] | None = None
    meta: Raw = EMPTY
    config: MetaConfig | None = None
    metadata: SourceFile | None = None


class QueryParams(msgspec.Struct, frozen=True, gc=False):
    """What a saved query asks for."""

    metrics: list[str] = []
    group_by: list[str] = []
    where: WhereFilters | None = None
    order_by: list[str] | None = None
    limit: int | None = None


class ExportConfig(msgspec.Struct, frozen=True, gc=False):
    """`config` of an export; the manifest says `schema_name` where YAML says `schema`."""

    export_as: str | None = None
    schema_name: str | None = None
    alias: str | None = None


class ExportNode(msgspec.Struct, frozen=True, gc=False):
    """Where dbt writes a saved query's rows."""

    name: str
    config: ExportConfig = ExportConfig()


class CacheConfig(msgspec.Struct, frozen=True, gc=False):
    """`cache` of a saved query."""

    enabled: bool = False


class SavedQueryConfig(msgspec.Struct, frozen=True, gc=False):
    """`config` of a saved query."""

    meta: Raw = EMPTY
    group: str | None = None
    enabled: bool | None = None
    cache: CacheConfig | None = None


class SavedQueryNode(msgspec.Struct, frozen=True):
    """A saved query."""

    name: str
    query_params: QueryParams
    unique_id: str = ""
    package_name: str = ""
    original_file_path: str = ""
    description: str | None = None
    label: str | None = None
    group: str | None = None
    tags: list[str] | str | None = None
    exports: list[ExportNode] | None = None
    config: SavedQueryConfig | None = None
    metadata: SourceFile | None = None


class PrimaryColumn(msgspec.Struct, frozen=True, gc=False):
    """A time spine's column and its grain."""

    name: str
    time_granularity: str


class CustomGranularity(msgspec.Struct, frozen=True, gc=False):
    """A custom granularity; without `column_name` the column bears the granularity's name."""

    name: str
    column_name: str | None = None


class TimeSpineNode(msgspec.Struct, frozen=True, gc=False):
    """A time spine of semantic_manifest.json."""

    node_relation: NodeRelation
    primary_column: PrimaryColumn
    custom_granularities: list[CustomGranularity] | None = None


class LegacyTimeSpine(msgspec.Struct, frozen=True, gc=False):
    """A time spine as dbt < 1.9 configures it; `location` is a dotted relation name."""

    location: str
    column_name: str
    grain: str


class ProjectConfiguration(msgspec.Struct, frozen=True, gc=False):
    """`project_configuration`."""

    time_spine_table_configurations: list[LegacyTimeSpine] | None = None
    time_spines: list[TimeSpineNode] | None = None


class SemanticManifest(msgspec.Struct, frozen=True):
    """semantic_manifest.json, untransformed as dbt writes it or transformed as MetricFlow does."""

    semantic_models: list[SemanticModelNode]
    metrics: list[MetricNode]
    project_configuration: ProjectConfiguration = ProjectConfiguration()
    saved_queries: list[SavedQueryNode] = []
