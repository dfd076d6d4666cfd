"""One import under way: what was read of each format becomes datasets and metrics here, and at the end dbt YAML with a report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from app.compile.emit.yaml_text import dump
from app.compile.interchange.catalog import Catalog
from app.compile.interchange.datasets import Dataset, Datasets, Words
from app.compile.interchange.definitions import Definition
from app.compile.interchange.findings import Findings
from app.compile.interchange.metrics import Metrics, Source
from app.compile.interchange.queried import Queried
from app.errors import Where
from app.model.expr import Column
from app.sql.expressions.aggregates import Calculation

_NOTHING = Calculation(Column(""), ())


@dataclass(slots=True)
class Drafting:
    """Gathers one import. `dialect` is the SQL that the source's expressions are written in."""

    catalog: Catalog
    dialect: str
    findings: Findings = field(default_factory=Findings)
    saved_queries: list[Definition] = field(default_factory=list)
    datasets: Datasets = field(init=False)
    metrics: Metrics = field(init=False)
    queried: Queried = field(init=False)

    def __post_init__(self) -> None:
        self.datasets = Datasets(self.catalog, self.findings, self.dialect)
        self.metrics = Metrics(self.datasets, self.findings)
        self.queried = Queried(self.datasets, self.findings)

    def restore(self, dataset: Dataset, definition: Definition) -> None:
        """Take the exact definition of a dataset in place of what was drafted of its plain part."""
        dataset.exact = definition

    def restore_metric(self, definition: Definition, home: Dataset | None, where: Where) -> None:
        """Take the exact definition of a metric."""
        name = str(definition.get("name", ""))
        self.metrics.add(Source(name, f"metric `{name}`", where, home, _NOTHING, Words(), exact=definition))

    def finish(self) -> None:
        """Draft everything that was taken in."""
        self.datasets.finish()
        self.queried.finish()
        self.metrics.finish()

    def documents(self) -> dict[str, dict[str, Any]]:
        """The dbt YAML documents by file name: one for each semantic model with its metrics, and one for what belongs to none."""
        found: dict[str, dict[str, Any]] = {}
        for dataset in self.datasets.found.values():
            name = dataset.semantic_name
            own = [metric for key, metric in self.metrics.made.items() if self.metrics.homes[key] == name]
            if dataset.definition.get("measures") or dataset.definition.get("dimensions") or dataset.definition.get("entities"):
                found[f"{name}.yml"] = {
                    "semantic_models": [_written(dataset.definition)],
                    **({"metrics": [_written(m) for m in own]} if own else {}),
                }
        homes = {dataset.semantic_name for dataset in self.datasets.found.values()}
        rest = [_written(metric) for key, metric in self.metrics.made.items() if self.metrics.homes[key] not in homes]
        more = ({"metrics": rest} if rest else {}) | (
            {"saved_queries": [_written(query) for query in self.saved_queries]} if self.saved_queries else {}
        )
        return found | ({"layer.yml" if "layer.yml" not in found else "layer_metrics.yml": more} if more else {})

    def files(self, header: str) -> dict[str, str]:
        """The documents as texts."""
        return {name: dump({"version": 2, **document}, header, whole=True) for name, document in self.documents().items()}

    def text(self, header: str) -> str:
        """All of them as one document."""
        whole: dict[str, Any] = {"version": 2}
        for document in self.documents().values():
            for section, members in document.items():
                whole.setdefault(section, []).extend(members)
        return dump(whole, header, whole=True)


_NOT_RENDERED = frozenset({"filter", "where", "group_by", "order_by"})
"""Where dbt reads braces as references to dimensions; anywhere else it renders them, in `meta` too."""
_JINJA = re.compile(r"\{[{%#]")


def _escaped(value: Any, key: str = "") -> Any:
    """A value in which braces of others come out of dbt's Jinja as they are."""
    if isinstance(value, str):
        return _JINJA.sub(lambda found: "{{ '" + found[0] + "' }}", value)
    if isinstance(value, list):
        return [_escaped(part, key) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: part if name in _NOT_RENDERED and key != "meta" else _escaped(part, "meta" if "meta" in (key, name) else "")
        for name, part in value.items()
    }


def _written(definition: Definition) -> Definition:
    """A definition as it is written into YAML that dbt renders."""
    made: Definition = _escaped(_said(definition))
    return made


def _said(definition: Definition) -> Definition:
    """A definition without what says nothing; what `meta` holds stays as it is."""
    return {
        key: [_said(part) if isinstance(part, dict) else part for part in value]
        if isinstance(value, list)
        else value
        if key == "meta" or not isinstance(value, dict)
        else _said(value)
        for key, value in definition.items()
        if value is not None and value is not False and value not in ("", [], {})
    }
