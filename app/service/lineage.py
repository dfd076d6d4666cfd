"""What metrics stand on, and what a change may touch: of a project on disk, and of the published layer as far as the caller may know of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from msgspec.structs import replace

from app.compile.lineage.graph import LineageGraph, ModelLineages
from app.compile.lineage.impact import impact
from app.compile.lineage.names import starts
from app.compile.lineage.project import ENDS, ProjectLineage
from app.compile.lineage.trace import trace
from app.compile.project import Compilation, compile_project
from app.errors import Problem, UserError, did_you_mean
from app.model.lineage import Impact, Kind, Point, Trace, lineage_text
from app.model.ontology import Layer, Ontology
from app.pipeline.turn import ServedLayer
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.guards import project_guards
from app.service.lineage_body import ImpactBody, LineageBody, impact_body, lineage_body
from app.service.lineage_view import View
from app.service.project import ProjectSource
from app.sql.joins import JoinGraph


@dataclass(frozen=True, slots=True)
class ProjectReader:
    """Lineage of a project on disk; models are read when a question comes to them."""

    layer: Layer
    graph: LineageGraph
    models: ModelLineages

    def trace(self, metric: str, *, values_only: bool = False) -> Trace:
        """All that a metric stands on. Raises UserError DM3001."""
        _known(self.layer.ontology, metric)
        return trace(self.graph, (Point(Kind.METRIC, metric),), values_only=values_only)

    def trace_nodes(self, unique_ids: Collection[str], *, values_only: bool = False) -> Trace:
        """All that the metrics, and the columns and rows of the models, among dbt's nodes of these unique ids stand on."""
        names = {one.rpartition(".")[2] for one in unique_ids if one.startswith("metric.")}
        points = [Point(Kind.METRIC, one.name) for one in self.layer.ontology.metrics if one.name in names]
        for model in self.layer.ontology.models:
            if model.unique_id in unique_ids and model.resource_type not in ENDS:
                found = starts(f"model:{model.name}", self.layer.ontology, self.models)
                points += [*found[1:], *([] if values_only else found[:1])]
        return trace(self.graph, points, values_only=values_only)

    def impact(self, text: str) -> Impact:
        """All that a change of what is named so may touch. Raises UserError DM3096, DM3097."""
        return impact(self.graph, self.models, starts(text, self.layer.ontology, self.models))


def read_project(source: ProjectSource) -> ProjectReader:
    """Read and compile a project, and open its lineage. Raises UserError DM20xx where the artifacts can't be used at all."""
    targets, sources = source.read()
    return project_reader(compile_project(targets, sources, project_guards(targets)))


def project_reader(compilation: Compilation) -> ProjectReader:
    """The lineage of a compiled project."""
    layer, models = compilation.layer, compilation.lineage.of
    return ProjectReader(layer, LineageGraph(layer.ontology, JoinGraph.of(layer.ontology), models), models)


def with_lineage(layer: Layer, lineage: ProjectLineage) -> Layer:
    """The layer with the lineage of all its models. Raises UserError DM20xx."""
    return replace(layer, lineage=lineage_text(lineage.all()))


def metric(deps: Deps, caller: Caller, name: str) -> LineageBody:
    """All that a metric of the served layer stands on. Raises UserError DM3001 where it is not visible."""
    served = deps.serving.view(caller.principal)
    _known(served.visible, name)
    view = View(served)
    return lineage_body(served.layer, trace(_graph(served), (Point(Kind.METRIC, name),), seen=view.sees, details=view.details))


def change(deps: Deps, caller: Caller, text: str) -> ImpactBody:
    """All that a change of a column, model, measure or metric may touch. Raises UserError DM3096 where nothing visible is named so, DM3097."""
    served = deps.serving.view(caller.principal)
    view = View(served)
    lineages = served.layer.lineages.get
    found = impact(_graph(served), lineages, starts(text, served.visible, lineages, view.sees))
    return impact_body(served.layer, view.of(found))


def _graph(served: ServedLayer) -> LineageGraph:
    """The graph of the whole layer: what the asker may know of is decided point by point."""
    layer = served.layer
    joins = served.plans.get((layer.version, "lineage joins"), lambda: JoinGraph.of(layer.ontology))
    return LineageGraph(layer.ontology, joins, layer.lineages.get)


def _known(ontology: Ontology, metric: str) -> None:
    """Raises UserError DM3001 where there is no such metric."""
    if ontology.metric(metric) is None:
        hint = did_you_mean(metric, [one.name for one in ontology.listed_metrics])
        raise UserError(Problem("DM3001", f"there is no metric `{metric}`", hint=hint))
