"""What an export starts from, and what every format tells of a layer in the same way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from app.compile.interchange.datasets import entity_name
from app.compile.interchange.definitions import Definition, metric_definition, saved_query_definition, semantic_model_definition
from app.compile.interchange.findings import Findings
from app.compile.interchange.naming import dbt_name
from app.compile.interchange.plain import Aggregated, Calculated, Part, Plain, Reference, Unsayable
from app.compile.interchange.report import Missing
from app.compile.interchange.sql_text import Unspeakable
from app.errors import Where
from app.model.expr import Expr, Literal
from app.model.metrics import Cumulative, Metric, filters, measure_inputs, metric_inputs
from app.model.ontology import Layer, Ontology
from app.model.physical import Model
from app.model.semantics import EntityType, SemanticModel
from app.model.types import DataType
from app.sql.expressions.walk import fields, key_parts, walk


@dataclass
class Exporting:
    """One export of a layer. `extended`: with extensions, so that import gives the layer back as it is."""

    layer: Layer
    format: str
    extended: bool
    findings: Findings = field(default_factory=Findings)
    ontology: Ontology = field(init=False)
    """What the project defines; what was derived of its models is derived anew wherever it is imported."""
    plain: Plain = field(init=False)
    _places: Mapping[str, Where] = field(init=False)

    def __post_init__(self) -> None:
        whole = self.layer.ontology
        models = tuple(model for model in whole.semantic_models if not model.derived)
        self.ontology = replace(whole, semantic_models=models, metrics=tuple(metric for metric in whole.metrics if not metric.derived))
        self.plain = Plain(self.ontology)
        self._places = dict(self.layer.locations)

    @property
    def dialect(self) -> str:
        """The SQL of the project's adapter."""
        return "clickhouse" if self.ontology.adapter == "clickhouse" else "postgres"

    @property
    def missing(self) -> Missing:
        """Where what the format cannot say is told."""
        return Missing(self.findings, self.extended, self.format)

    def where(self, key: str) -> Where | None:
        """The place in the project's YAML, `metric.revenue`."""
        return self._places.get(key)

    def model(self, semantic_model: SemanticModel) -> Model | None:
        """The dbt model below a semantic model."""
        return self.ontology.model(semantic_model.model)

    def relation(self, semantic_model: SemanticModel) -> tuple[str, ...]:
        """Where the dbt model lies on the project's own engine: database, schema and name, as far as they are known."""
        for placement in self.layer.placements:
            found = placement.relation(semantic_model.model)
            if found is not None and (self.dialect == placement.engine or len(self.layer.placements) == 1):
                return tuple(part for part in (found.database, found.schema, found.name) if part)
        return (semantic_model.model.rpartition(".")[2],)

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics to write: those that are listed, and hidden ones on which they stand, which are reported, for no format hides them for good."""
        wanted = {metric.name for metric in self.ontology.listed_metrics}
        waiting = list(wanted)
        while waiting:
            metric = self.ontology.metric(waiting.pop())
            named = {given.metric for given in metric_inputs(metric.params)} if metric else set()
            named |= {field.name for part in filters(metric) for field in fields(part) if field.kind == "metric"} if metric else set()
            waiting += sorted(named - wanted)
            wanted |= named
        found = tuple(metric for metric in self.ontology.metrics if metric.name in wanted)
        for metric in found:
            if metric.hidden:
                where = self.where(f"metric.{metric.name}")
                self.findings.changed(f"metric `{metric.name}`", "it is hidden, for others to stand on", "it is listed", where)
        return found

    def home_of(self, metric: Metric) -> str:
        """The semantic model of the first measure that a metric stands on; "" where the layer does not have it."""
        for given in measure_inputs(metric.params):
            return given.semantic_model
        for other in metric_inputs(metric.params):
            found = self.ontology.metric(other.metric)
            return self.home_of(found) if found else ""
        return ""

    def sayable(self, metric: Metric) -> Part | None:
        """The metric in plain terms; None where it is none, which is reported. What of it is left unsaid is reported too."""
        subject, where = f"metric `{metric.name}`", self.where(f"metric.{metric.name}")
        try:
            part = self.plain.metric(metric.name)
        except Unsayable as error:
            self.unsayable(metric, str(error))
            return None
        try:
            for expr in _expressions(part):
                self.speakable(expr)
        except Unspeakable as error:
            self.unsayable(metric, str(error))
            return None
        if isinstance(part, Aggregated) and part.on_spine:
            self.missing.tell(subject, "every period of the time spine has a row", "`join_to_timespine`", where)
        if isinstance(metric.params, Cumulative) and metric.params.period_agg not in ("", "last"):
            self.missing.tell(subject, f"of a longer period it takes the {metric.params.period_agg} day", "`period_agg`", where)
        if metric.grain:
            self.missing.tell(subject, f"its periods are by {metric.grain} unless a query says other", "`time_granularity`", where)
        return part

    def speakable(self, expr: Expr) -> None:
        """Raises Unspeakable for a text with braces where the format would read them as its own."""
        if self.format != "OSI":
            texts = [str(node.value) for node in walk(expr) if isinstance(node, Literal) and node.type is DataType.TEXT]
            if any("{" in text or "}" in text for text in texts):
                raise Unspeakable("braces in its texts would be read as references")

    def unsayable(self, metric: Metric, reason: str) -> None:
        """Report a metric that the plain part leaves out."""
        self.missing.tell(f"metric `{metric.name}`", reason, "the metric", self.where(f"metric.{metric.name}"))

    def entity_names(self, model: SemanticModel, dataset: str) -> None:
        """Report names of entities that no format has, where an import would not find them by the key of the dataset."""
        for entity in model.entities:
            if entity.type is EntityType.PRIMARY and entity.name != entity_name(dbt_name(dataset), key_parts(entity.expr)):
                where = self.where(f"entity.{model.name}.{entity.name}")
                self.missing.tell(f"entity `{model.name}.{entity.name}`", "keys have no names", "its name", where)

    def semantic_model_definition(self, model: SemanticModel) -> Definition | None:
        """The exact definition, for the extension; None without one."""
        if not self.extended:
            return None
        try:
            return semantic_model_definition(model, self.dialect, self.ontology)
        except Unspeakable as error:
            self.findings.lost(
                f"semantic model `{model.name}`", str(error), "its exact definition", self.where(f"semantic_model.{model.name}")
            )
            return None

    def metric_definition(self, metric: Metric) -> Definition | None:
        """The exact definition, for the extension; None without one."""
        if not self.extended:
            return None
        try:
            return metric_definition(metric, self.dialect)
        except Unspeakable as error:
            self.findings.lost(f"metric `{metric.name}`", str(error), "its exact definition", self.where(f"metric.{metric.name}"))
            return None

    def unsaid_filters(self) -> None:
        """Report segments and hierarchies, for formats that have neither."""
        for segment in self.ontology.segments:
            where = self.where(f"semantic_model.{segment.semantic_model}")
            self.missing.tell(f"segment `{segment.name}`", "it has no named filters", "the segment", where)
        for hierarchy in self.ontology.hierarchies:
            where = self.where(f"semantic_model.{hierarchy.semantic_model}")
            self.missing.tell(f"hierarchy `{hierarchy.name}`", "it has no drill paths", "the hierarchy", where)

    def saved_queries(self) -> list[Definition]:
        """The saved queries, for the extension; without one they are reported."""
        for query in self.ontology.saved_queries:
            self.missing.tell(
                f"saved query `{query.name}`", "it is a query, no definition", "the saved query", self.where(f"saved_query.{query.name}")
            )
        return [saved_query_definition(query) for query in self.ontology.saved_queries] if self.extended else []


def _expressions(part: Part) -> Iterator[Expr]:
    """The expressions that a part is written with; those of other metrics are theirs."""
    if not isinstance(part, Reference):
        yield part.expr
    for _, inner in part.parts if isinstance(part, Calculated) else ():
        yield from _expressions(inner)


def foreign_meta(meta: str) -> dict[str, Any]:
    """`meta` without what is ours."""
    held = json.loads(meta)
    return {key: value for key, value in held.items() if key != "datamind"}
