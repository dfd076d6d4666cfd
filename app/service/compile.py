"""Artifacts → a layer with its training items, and the `ontology/` tree that goes into pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.emit.training import items_without_values, training_items
from app.compile.emit.tree import emit
from app.compile.lineage.project import ProjectLineage
from app.compile.locations import LocationIndex
from app.compile.project import Compilation, compile_project
from app.errors import Problem, Severity, UserError, Where
from app.language.restate import restate
from app.model.lineage import ModelLineage
from app.model.ontology import Layer, Ontology, SavedQuery
from app.model.plan import LogicalPlan
from app.model.query import SemanticQuery
from app.model.records import Example, TrainingItem
from app.model.types import Dialect
from app.plan.build import build
from app.plan.render import render
from app.plan.saved import from_saved
from app.service.guards import project_guards
from app.service.project import ProjectSource
from app.sql.expressions.problems import PartError, offset_of
from app.sql.expressions.spots import find, within
from app.sql.joins import JoinGraph

DIALECTS: Mapping[str, Dialect] = {"postgres": Dialect.POSTGRES, "clickhouse": Dialect.CLICKHOUSE}
"""The dialect in which the examples of a placement's engine are written."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A layer, every problem found, the question–SQL examples that its saved queries give, and what the models' SQL says."""

    layer: Layer
    problems: tuple[Problem, ...]
    examples: tuple[Example, ...]
    lineage: ProjectLineage = field(repr=False, compare=False)

    @property
    def has_errors(self) -> bool:
        """Whether something in the project is wrong, and not only worth a warning."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def tree(self) -> Mapping[str, str]:
        """The `ontology/` files by relative path; equal layers give equal bytes."""
        return emit(self.layer, self.examples)

    def training(self) -> tuple[TrainingItem, ...]:
        """The training items for retrieval: also as people see them whose rows are filtered."""
        return _retrievable(self.layer, self.examples)


def compile_source(source: ProjectSource) -> Compiled:
    """Read and compile a project. Raises UserError DM20xx where the artifacts can't be used at all; all else is in `problems`."""
    return compile_artifacts(*source.read())


def compile_artifacts(targets: Sequence[TargetArtifacts], sources: ProjectSources, held: Iterable[ModelLineage] = ()) -> Compiled:
    """Compile what was read already; what was `held` of lineage stands for models of which nothing changed. Raises as `compile_source`."""
    compilation: Compilation = compile_project(targets, sources, project_guards(targets), held=held)
    examples, found = examples_of(compilation.layer, LocationIndex(sources.files))
    return Compiled(compilation.layer, (*compilation.problems, *found), examples, compilation.lineage)


def examples_of(layer: Layer, locations: LocationIndex) -> tuple[tuple[Example, ...], tuple[Problem, ...]]:
    """A question and its SQL for each saved query that can be served, on the first placement; the others give a warning."""
    if not layer.placements:
        return (), ()
    joins = JoinGraph.of(layer.ontology)
    found, problems = [], []
    for saved in layer.ontology.saved_queries:
        try:
            found.append(example_of(saved, layer, layer.ontology, joins))
        except UserError as error:
            where = _place(saved, error, layer, joins, locations)
            message = f"saved query `{saved.name}` can't be answered: {error.problem.message}"
            problems.append(Problem("DM2090", message, Severity.WARNING, where, error.problem.hint))
    return tuple(found), tuple(problems)


def example_of(saved: SavedQuery, layer: Layer, seen: Ontology, joins: JoinGraph) -> Example:
    """The question and the SQL, on the layer's first placement, of a saved query where only `seen` with its joins may be known of.

    Raises UserError where it can't be served.
    """
    placement = layer.placements[0]
    query, plan = _planned(saved, seen, joins)
    text = render(plan, DIALECTS[placement.engine], placement, limit=None).text
    return Example(restate(query, seen), text, saved.name)


def training_of(layer: Layer) -> tuple[TrainingItem, ...]:
    """The training items of a layer that was compiled before."""
    return _retrievable(layer, examples_of(layer, LocationIndex({}))[0])


def _retrievable(layer: Layer, examples: Sequence[Example]) -> tuple[TrainingItem, ...]:
    items = (*training_items(layer, examples), *items_without_values(layer))
    return tuple({item.id: item for item in items}.values())


def _planned(saved: SavedQuery, ontology: Ontology, joins: JoinGraph) -> tuple[SemanticQuery, LogicalPlan]:
    query = from_saved(saved, joins)
    return query, build(query, ontology, joins)


def _place(saved: SavedQuery, error: UserError, layer: Layer, joins: JoinGraph, locations: LocationIndex) -> Where | None:
    """Where in YAML the part of the saved query stands that is wrong: the word of a filter, else the part without which it could be answered."""
    key = f"saved_query.{saved.name}"
    if isinstance(error, PartError):
        for number, text in enumerate(saved.where):
            spot = find(text, error.runs)
            if spot is not None:
                return locations.where(key, saved.file, f"query_params/where/{number}", text, within(text, spot, error.word))
    path, said = _cause(saved, error.problem, layer, joins), error.problem.where
    text = saved.where[int(path.rpartition("/")[2])] if path.startswith("where/") else ""
    offset = offset_of(text, said.line, said.column) if text and said is not None and said.line else 0
    return locations.where(key, saved.file, f"query_params/{path}" if path else "", text, offset)


def _cause(saved: SavedQuery, problem: Problem, layer: Layer, joins: JoinGraph) -> str:
    """The part of the saved query without which it could be answered: `group_by/1`; "" where that is no single one."""
    path = problem.where.path if problem.where else ""
    if path:
        return path.replace("[", "/").replace("]", "")
    for part, items in (("where", saved.where), ("group_by", saved.group_by), ("order_by", saved.order_by)):
        for number in range(len(items)):
            try:
                _planned(replace(saved, **{part: items[:number] + items[number + 1 :]}), layer.ontology, joins)
            except UserError:
                continue
            return f"{part}/{number}"
    return ""
