"""What rules look at: a compiled project together with what was written of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from msgspec import Raw

from app.compile.dbt.manifest import ColumnNode, Manifest
from app.compile.dbt.release import release_of
from app.compile.dbt.semantic import EMPTY, MetaConfig, MetricNode, SemanticModelNode
from app.compile.locations import LocationIndex
from app.compile.meta import KEY, merged_meta
from app.compile.report import Place
from app.compile.semantic_models import yaml_file
from app.model.metrics import Metric
from app.model.ontology import Ontology
from app.model.semantics import Measure, SemanticModel
from app.sql.joins import JoinGraph


def is_own(file: str) -> bool:
    """Whether the file is the project's own, and not a package's."""
    return not file.startswith("dbt_packages/")


@dataclass(frozen=True)
class Linted:
    """A project: the layer that came of it, dbt's nodes, and its YAML.

    `semantic_model_nodes` and `metric_nodes` are those of the artifact that are enabled; `manifest` is None where a semantic manifest alone was compiled.
    """

    ontology: Ontology
    semantic_model_nodes: tuple[SemanticModelNode, ...]
    metric_nodes: tuple[MetricNode, ...]
    locations: LocationIndex = field(repr=False)
    root: str = ""
    manifest: Manifest | None = field(default=None, repr=False)

    @cached_property
    def joins(self) -> JoinGraph:
        """The layer's joins."""
        return JoinGraph.of(self.ontology)

    @cached_property
    def release(self) -> tuple[int, int] | None:
        """dbt's version as the manifest says it, None where it does not."""
        return release_of((self.manifest.metadata.dbt_version if self.manifest else None) or "")

    @cached_property
    def node_of_metric(self) -> Mapping[str, MetricNode]:
        """dbt's node of each metric; of two of a name the root project's, as in the layer."""
        ordered = sorted(self.metric_nodes, key=lambda n: (n.package_name == self.root, n.name, n.unique_id))
        return {node.name: node for node in ordered}

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """The layer's metrics that people are shown, of this project and not of its packages."""
        return tuple(
            m for m in self.ontology.listed_metrics if is_own(m.file) and (m.name in self.node_of_metric or m.name in self._created)
        )

    @cached_property
    def semantic_models(self) -> tuple[tuple[SemanticModel, SemanticModelNode], ...]:
        """The layer's semantic models that the artifact declares, each with dbt's node."""
        nodes = {n.name: n for n in sorted(self.semantic_model_nodes, key=lambda n: (n.package_name == self.root, n.unique_id))}
        return tuple((model, nodes[model.name]) for model in self.ontology.semantic_models if model.name in nodes)

    @cached_property
    def _created(self) -> Mapping[str, Place]:
        """The metrics that measures make, each with the place of its measure."""
        return {
            measure.name: Place(f"measure.{node.name}.{measure.name}", yaml_file(node, self.root))
            for node in self.semantic_model_nodes
            for measure in node.measures or ()
            if measure.create_metric
        }

    def metric(self, name: str, path: str = "") -> Place:
        """Where a metric is written; the measure that makes it, where it does."""
        node = self.node_of_metric.get(name)
        if node is None or (name in self._created and self._created[name].file == yaml_file(node, self.root)):
            return self._created.get(name, Place(f"metric.{name}"))
        return Place(f"metric.{name}", yaml_file(node, self.root), path)

    def measure(self, model: SemanticModel, measure: Measure, path: str = "") -> Place:
        """Where a measure is written: in its semantic model, or in the metric that carries it."""
        if self.carries(model, measure):
            return self.metric(measure.name, path)
        return Place(f"measure.{model.name}.{measure.name}", model.file, path)

    def carries(self, model: SemanticModel, measure: Measure) -> bool:
        """Whether the measure is one that a metric carries itself (dbt ≥ 1.12)."""
        return (model.name, measure.name) in self._carried

    @cached_property
    def _carried(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (carried.semantic_model, node.name)
            for node in self.metric_nodes
            if (carried := node.type_params.metric_aggregation_params) and node.type_params.measure is None
        )

    def element(self, kind: str, model: str, name: str, file: str) -> Place:
        """Where a dimension or entity of a semantic model is written; `kind` is dimension or entity."""
        return Place(f"{kind}.{model}.{name}", file)

    def columns(self, node: SemanticModelNode) -> Mapping[str, ColumnNode]:
        """The columns of the model below, as YAML describes them, by name."""
        if self.manifest is None:
            return {}
        model = next((self.manifest.nodes[key] for key in node.depends_on.nodes if key in self.manifest.nodes), None)
        return {column.name: column for column in model.columns.values()} if model else {}

    def text(self, file: str) -> str | None:
        """The text of a YAML file of the project, None where it is not at hand."""
        return self.locations.files.get(file)

    def lines(self, place: Place) -> tuple[int, int, list[str]] | None:
        """Line and column (from 1) where a place is in its file, and the file's lines with their ends; None where that is not known."""
        text = self.text(place.file)
        where = self.locations.where(place.key, place.file, place.path, place.text, place.offset)
        if where is None or not where.line or text is None:
            return None
        return where.line, where.column, text.splitlines(keepends=True)

    def may_hold(self, place: Place) -> bool:
        """Whether the YAML still says something at the place; also where the YAML is not at hand: the manifest alone says so then."""
        if not self.is_at_hand(place):
            return True
        return self.locations.holds(place.key, place.file, place.path)

    def is_at_hand(self, place: Place) -> bool:
        """Whether the thing's own YAML is there to be read."""
        where = self.locations.where(place.key, place.file)
        return where is not None and bool(where.line)

    def raw(self, place: Place) -> str:
        """The YAML of a value with all that stands in it, as written; "" where it is not at hand."""
        found = self.lines(Place(place.key, place.file, place.path))
        if found is None:
            return ""
        line, column, lines = found
        indent = len(lines[line - 1]) - len(lines[line - 1].lstrip(" -"))
        value = [lines[line - 1][column - 1 :]]
        for text in lines[line:]:
            if text.strip() and len(text) - len(text.lstrip(" ")) <= indent:
                break
            value.append(text)
        return "".join(value)

    def ignored(self, key: str) -> frozenset[str]:
        """The rules that `meta.datamind.lint_ignore` of the thing with that location key turns off."""
        return self.all_ignored.get(key, frozenset())

    def place_of(self, key: str) -> Place:
        """Where the thing with a location key is written."""
        kind, _, name = key.partition(".")
        if kind == "metric":
            return self.metric(name)
        node = next((node for node in self.semantic_model_nodes if name.startswith(f"{node.name}.")), None)
        return Place(key, yaml_file(node, self.root) if node else "")

    @cached_property
    def all_ignored(self) -> Mapping[str, frozenset[str]]:
        """Of each location key whose thing has a `lint_ignore`, the words in it."""
        found: dict[str, frozenset[str]] = {}
        for metric in self.metric_nodes:
            found[f"metric.{metric.name}"] = lint_ignore(metric.meta, metric.config)
        for node in self.semantic_model_nodes:
            for kind, parts in (("entity", node.entities), ("dimension", node.dimensions), ("measure", node.measures)):
                for part in parts or ():
                    found[f"{kind}.{node.name}.{part.name}"] = lint_ignore(EMPTY, part.config)
        return {key: rules for key, rules in found.items() if rules}


def lint_ignore(meta: Raw, config: MetaConfig | None) -> frozenset[str]:
    """The names and codes under `meta.datamind.lint_ignore`; none where it is malformed, which is a Problem of its own."""
    raws = (meta, *([config.meta] if config else []))
    if not any(b"lint_ignore" in bytes(raw) for raw in raws):
        return frozenset()
    value = merged_meta("manifest.json", *raws).get(KEY)
    names = value.get("lint_ignore") if isinstance(value, dict) else None
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def linted_project(
    ontology: Ontology,
    semantic_models: Iterable[SemanticModelNode],
    metrics: Iterable[MetricNode],
    locations: LocationIndex,
    manifest: Manifest | None = None,
) -> Linted:
    """What rules look at, of the nodes that are enabled."""
    return Linted(
        ontology,
        tuple(node for node in semantic_models if not (node.config and node.config.enabled is False)),
        tuple(node for node in metrics if not (node.config and node.config.enabled is False)),
        locations,
        ontology.project,
        manifest,
    )
