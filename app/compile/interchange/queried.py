"""Named filters and drill paths of others, as `meta.datamind.segments` and `hierarchies` of semantic models."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.compile.interchange.datasets import Dataset, Datasets
from app.compile.interchange.definitions import Definition
from app.compile.interchange.findings import Findings
from app.compile.interchange.homes import Homes, Misplaced
from app.compile.interchange.naming import Names, dbt_name
from app.compile.interchange.sql_text import Unspeakable, segment_sql
from app.errors import Where
from app.model.expr import Expr


@dataclass(frozen=True, slots=True)
class Segment:
    """A named filter of a dataset."""

    name: str
    dataset: Dataset
    condition: Expr
    label: str
    description: str
    subject: str
    where: Where


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Dimensions of a dataset from the coarsest to the finest."""

    name: str
    dataset: Dataset
    levels: tuple[str, ...]
    label: str
    description: str
    subject: str
    where: Where


@dataclass(slots=True)
class Queried:
    """Gathers them, and writes them once the datasets are settled."""

    datasets: Datasets
    findings: Findings
    segments: list[Segment] = field(default_factory=list)
    hierarchies: list[Hierarchy] = field(default_factory=list)
    names: Names = field(default_factory=Names)

    def finish(self) -> None:
        """Write all into their semantic models; those of exact definitions are there already."""
        for segment in self.segments:
            if segment.dataset.exact is None:
                self._segment(segment)
        for hierarchy in self.hierarchies:
            if hierarchy.dataset.exact is None:
                self._hierarchy(hierarchy)

    def _segment(self, segment: Segment) -> None:
        try:
            where = segment_sql(Homes(self.datasets).reference(segment.condition, segment.dataset), self.datasets.dialect)
        except (Misplaced, Unspeakable) as error:
            code = error.code if isinstance(error, Misplaced) else "DM2654"
            self.findings.lost(segment.subject, str(error), "the segment", segment.where, code=code)
            return
        self._add(segment, "segments", {"where": where})

    def _hierarchy(self, hierarchy: Hierarchy) -> None:
        dataset = hierarchy.dataset
        unknown = [level for level in hierarchy.levels if level not in dataset.dimensions]
        if unknown or not hierarchy.levels:
            reason = f"`{unknown[0]}` is no dimension of `{dataset.name}` that is carried" if unknown else "it has no levels"
            self.findings.lost(hierarchy.subject, reason, "the hierarchy", hierarchy.where, code="DM2659")
            return
        self._add(hierarchy, "hierarchies", {"levels": [f"{dataset.primary}__{dataset.dimensions[level]}" for level in hierarchy.levels]})

    def _add(self, thing: Segment | Hierarchy, kind: str, more: Definition) -> None:
        name = self.names.give(dbt_name(thing.name), f"{thing.dataset.semantic_name}_{dbt_name(thing.name)}")
        if name != thing.name:
            self.findings.changed(thing.subject, "names are unique, in lower case", f"it is called `{name}`", thing.where, code="DM2652")
        words = {"label": thing.label, "description": thing.description}
        made: Definition = {"name": name} | {key: text for key, text in words.items() if text} | more
        config = thing.dataset.definition.setdefault("config", {})
        config.setdefault("meta", {}).setdefault("datamind", {}).setdefault(kind, []).append(made)
