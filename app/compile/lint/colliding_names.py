"""DM2706."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.model.metrics import measure_inputs
from app.model.types import Grain
from app.sql.joins.graph import METRIC_TIME

_GRAINS = frozenset(Grain)


@dataclass(frozen=True, slots=True)
class _Named:
    """A thing with a name; `kind` is metric, measure, dimension or entity."""

    kind: str
    name: str
    model: str
    place: Place

    def __str__(self) -> str:
        return f"{self.kind} `{self.name}`" + (f" of `{self.model}`" if self.model else "")


class CollidingNames(Rule):
    """Names that mean two things, or that are read as something else than they say.

    A metric called as a dimension or entity gives a result two columns of one name; one called as a measure on which it does not stand is taken for
    it. Names that differ by case alone are one name to PostgreSQL and to filters. `__` in a name separates the parts of a longer one, and a name that
    ends with a grain behind it is read as that grain. For example a metric `customer` beside the entity `customer`.
    """

    code = "DM2706"

    def check(self, project: Linted) -> Iterator[Finding]:
        """Every collision once, at the thing that should be renamed."""
        metrics = [_Named("metric", m.name, "", project.metric(m.name)) for m in project.metrics]
        elements = list(_elements(project))
        yield from _taken(metrics, elements)
        yield from _other_measures(project, metrics)
        yield from _by_case(metrics, elements)
        yield from _two_kinds(elements)
        for element in elements:
            yield from _misread(element)


def _elements(project: Linted) -> Iterator[_Named]:
    for model, _ in project.semantic_models:
        if is_own(model.file):
            for entity in model.entities:
                yield _Named("entity", entity.name, model.name, Place(f"entity.{model.name}.{entity.name}", model.file))
            for dimension in model.dimensions:
                yield _Named("dimension", dimension.name, model.name, Place(f"dimension.{model.name}.{dimension.name}", model.file))


def _taken(metrics: Sequence[_Named], elements: Sequence[_Named]) -> Iterator[Finding]:
    """Metrics with the name of an element, or of metric_time."""
    by_name = {element.name: element for element in elements}
    for metric in metrics:
        other = by_name.get(metric.name)
        if metric.name == METRIC_TIME:
            yield Finding("a metric is called `metric_time`, which is the time of every metric", metric.place, "rename it", metric.name)
        elif other is not None:
            yield Finding(
                f"{metric} has the name of {other}: a result with both has two columns of one name",
                metric.place,
                "rename one",
                metric.name,
                (metric.place.key, other.place.key),
            )


def _other_measures(project: Linted, metrics: Sequence[_Named]) -> Iterator[Finding]:
    """Metrics over measures with the name of a measure on which they do not stand."""
    owners: dict[str, str] = {measure.name: node.name for _, node in project.semantic_models for measure in node.measures or ()}
    for metric in metrics:
        found = project.ontology.metric(metric.name)
        used = [given.measure for given in measure_inputs(found.params)] if found else []
        if used and metric.name in owners and metric.name not in used:
            yield Finding(
                f"{metric} stands on the measure `{used[0]}`, and there is another measure `{metric.name}` in `{owners[metric.name]}`",
                metric.place,
                "rename one, or let the metric stand on the measure of its name",
                metric.name,
            )


def _by_case(metrics: Sequence[_Named], elements: Sequence[_Named]) -> Iterator[Finding]:
    """Metrics, or elements, of one name but for upper and lower case."""
    for things in (metrics, elements):
        spelled: dict[str, dict[str, _Named]] = defaultdict(dict)
        for thing in things:
            spelled[thing.name.lower()].setdefault(thing.name, thing)
        for spellings in spelled.values():
            first, *others = (spellings[name] for name in sorted(spellings))
            for other in others:
                yield Finding(f"{other} and {first} differ by upper and lower case alone", other.place, "spell them alike", other.name)


def _two_kinds(elements: Sequence[_Named]) -> Iterator[Finding]:
    """Dimensions with the name of an entity."""
    entities = {element.name: element for element in elements if element.kind == "entity"}
    for element in elements:
        other = entities.get(element.name)
        if element.kind == "dimension" and other is not None:
            where = "the same semantic model" if other.model == element.model else f"`{other.model}`"
            yield Finding(
                f"{element} has the name of an entity of {where}: a filter or group-by item may mean either",
                element.place,
                "rename one",
                element.name,
                (element.place.key, other.place.key),
            )


def _misread(element: _Named) -> Iterator[Finding]:
    """Names that are read as something else."""
    if element.name.lower() == METRIC_TIME:
        yield Finding(f"{element} is called as the time of every metric", element.place, "rename it", element.name)
    elif "__" in element.name:
        yield Finding(
            f"{element} has `__` in its name, which separates the parts of longer names", element.place, "rename it", element.name
        )
    elif element.name.lower() in _GRAINS:
        said = f"{element} has the name of a grain: `…__{element.name}` is read as a time by {element.name.lower()}"
        yield Finding(said, element.place, "rename it", element.name)
