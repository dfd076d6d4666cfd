"""A real manifest with a semantic layer grafted onto its models: what a large project looks like, in the manifest and in YAML.

The corpora of ../shared are real projects without a semantic layer. `graft` writes semantic models over their models (names of columns decide what
is an entity, a time or a category) and as many valid metrics of every type as asked for; `Grafted.write` puts manifest and YAML into a folder, as a
project lies on disk. What is made depends on the manifest and the arguments alone. To have a second state of the same project, change what
`Grafted.semantic_models` and `Grafted.metrics` hold (they are as YAML says them) and write it into another folder.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.grafting.nodes import metric_node, semantic_model_node, spine_node
from tests.support.grafting.written import yaml_of

SPINE = "generated_days"
FILES = 25
"""Over how many YAML files the metrics are spread."""

CHAIN = 5
"""So many semantic models in a row are joined, each to the one before."""

Spec = dict[str, Any]
"""A semantic model or metric as YAML says it."""


@dataclass
class Grafted:
    """The project: dbt's manifest without the graft, and the graft as YAML says it, by name."""

    base: dict[str, Any]
    semantic_models: dict[str, Spec] = field(default_factory=dict)
    metrics: dict[str, Spec] = field(default_factory=dict)

    @property
    def project(self) -> str:
        """The root project's name."""
        return str(self.base["metadata"]["project_name"])

    @property
    def files(self) -> dict[str, str]:
        """The YAML texts by path, dbt_project.yml included."""
        found = {"dbt_project.yml": f"name: {self.project}\nversion: '1.0'\nmodel-paths: [models]\n"}
        by_file: dict[str, dict[str, list[Spec]]] = {}
        for kind, specs in (("semantic_models", self.semantic_models), ("metrics", self.metrics)):
            for name, spec in specs.items():
                by_file.setdefault(self._file(kind, name), {}).setdefault(kind, []).append(spec)
        return found | {file: yaml_of(sections) for file, sections in sorted(by_file.items())}

    def manifest(self) -> bytes:
        """manifest.json with the graft in it."""
        models = {node["name"]: node for node in self.base["nodes"].values() if node["resource_type"] == "model"}
        spine = spine_node(next(iter(models.values())), SPINE, self.project)
        semantic_models = [
            semantic_model_node(spec, models, self.project, self._file("semantic_models", name))
            for name, spec in self.semantic_models.items()
        ]
        owners = {measure["name"]: spec["name"] for spec in self.semantic_models.values() for measure in spec["measures"]}
        metrics = [metric_node(spec, owners, self.project, self._file("metrics", name)) for name, spec in self.metrics.items()]
        whole = self.base | {
            "nodes": self.base["nodes"] | {spine["unique_id"]: spine},
            "semantic_models": {node["unique_id"]: node for node in semantic_models},
            "metrics": {node["unique_id"]: node for node in metrics},
        }
        return json.dumps(whole).encode()

    def write(self, folder: Path) -> Path:
        """The project in `folder`: dbt_project.yml, the YAML, target/manifest.json. Returns the folder."""
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "target").mkdir(exist_ok=True)
        (folder / "target" / "manifest.json").write_bytes(self.manifest())
        return folder

    def _file(self, kind: str, name: str) -> str:
        if kind == "semantic_models":
            return f"models/semantic/{name}.yml"
        number = int(re.findall(r"\d+", name)[-1]) % FILES if re.search(r"\d", name) else 0
        return f"models/metrics/metrics_{number:02}.yml"


def corpus(shared: Path, name: str = "ol_dbt") -> bytes:
    """The manifest of a corpus, as dbt wrote it."""
    return gzip.decompress((shared / "corpora" / f"{name}.manifest.json.gz").read_bytes())


def graft(manifest: bytes, metrics: int = 1000, semantic_models: int = 40) -> Grafted:
    """The manifest with that many semantic models (fewer where it has not so many fitting models) and exactly that many metrics."""
    base = json.loads(manifest)
    grafted = Grafted(base)
    nodes = sorted((n for n in base["nodes"].values() if n["resource_type"] == "model"), key=lambda n: n["name"])
    shapes = ((node, _shape(list(node["columns"]))) for node in nodes if node["package_name"] == grafted.project)
    last = ""
    for number, (node, shape) in enumerate(((node, shape) for node, shape in shapes if shape), 1):
        if number > semantic_models:
            break
        spec = _semantic_model(node["name"], *shape, joins="" if number % CHAIN == 1 else last)
        grafted.semantic_models[spec["name"]] = spec
        last = spec["entities"][0]["name"]
    made = _metrics(list(grafted.semantic_models.values()))
    while len(grafted.metrics) < metrics:
        spec = next(made)
        grafted.metrics[spec["name"]] = spec
    return grafted


def _shape(columns: list[str]) -> tuple[str, list[str], str, list[str]] | None:
    """Key, foreign keys, time and categories of a model by the names of its columns; None where it has no time or too little else."""
    columns = [name for name in columns if re.fullmatch(r"[a-z_][a-z0-9_]*", name)]
    times = [name for name in columns if re.search(r"(_on|_date|_timestamp|_at)$", name)]
    keys = [name for name in columns if name.endswith(("_id", "_fk", "_pk"))]
    rest = [name for name in columns if name not in times and name not in keys]
    if not times or not keys or len(rest) < 2:
        return None
    return keys[0], keys[1:3], times[0], rest[:8]


def _semantic_model(model: str, key: str, foreign: list[str], time: str, categories: list[str], joins: str) -> Spec:
    """One over the model; the first foreign key `joins` the entity of that name, where one is given."""
    stem = re.sub(r"_+", "_", model.lower()).strip("_")
    measures = [{"name": f"{stem}_rows", "agg": "sum", "expr": "1", "description": "Rows."}]
    for name in categories[:6]:
        measures.append({"name": f"{stem}_{name}_known", "agg": "count", "expr": name, "description": f"Rows with {name}."})
        measures.append({"name": f"{stem}_{name}_kinds", "agg": "count_distinct", "expr": name, "description": f"Kinds of {name}."})
    keys = {(joins if number == 0 and joins else f"{stem}_{name}"): name for number, name in enumerate(foreign)}
    return {
        "name": f"{stem}_semantics",
        "description": f"Generated over {model}.",
        "model": f"ref('{model}')",
        "defaults": {"agg_time_dimension": time},
        "entities": [
            {"name": f"{stem}_key", "type": "primary", "expr": key},
            *({"name": name, "type": "foreign", "expr": column} for name, column in keys.items()),
        ],
        "dimensions": [
            {"name": time, "type": "time", "type_params": {"time_granularity": "day"}},
            *({"name": name, "type": "categorical"} for name in categories),
        ],
        "measures": measures,
    }


def _metrics(semantic_models: list[Spec]) -> Iterator[Spec]:
    """Metrics without end: of every measure a simple one with its own filter, and of these ratios, derived, cumulative and conversion metrics."""
    number = 0
    while True:
        model = semantic_models[number % len(semantic_models)]
        measures = [measure["name"] for measure in model["measures"]]
        entity, dimension = model["entities"][0]["name"], model["dimensions"][-1 - number % (len(model["dimensions"]) - 1)]["name"]
        where = f"{{{{ Dimension('{entity}__{dimension}') }}}} <> 'v{number}'"
        first, second = f"m{number}_base", f"m{number}_all"
        yield _metric(first, "simple", {"measure": {"name": measures[number % len(measures)]}}, where)
        yield _metric(second, "simple", {"measure": {"name": measures[0], "fill_nulls_with": 0}}, where)
        match number % 5:
            case 0:
                yield _metric(f"m{number}_ratio", "ratio", {"numerator": {"name": first}, "denominator": {"name": second}})
            case 1:
                inputs = [{"name": first}, {"name": second, "offset_window": "7 days", "alias": "earlier"}]
                yield _metric(f"m{number}_growth", "derived", {"expr": f"{first} - earlier", "metrics": inputs})
            case 2:
                window = {"window": "28 days"}
                yield _metric(
                    f"m{number}_running", "cumulative", {"measure": {"name": measures[0]}, "cumulative_type_params": window}, where
                )
            case 3:
                sides = {"base_measure": {"name": measures[0]}, "conversion_measure": {"name": measures[1 + number % (len(measures) - 1)]}}
                params = {"entity": entity, "calculation": "conversion_rate", **sides, "window": "7 days"}
                yield _metric(f"m{number}_conversion", "conversion", {"conversion_type_params": params}, where)
            case _:
                inputs = [{"name": first}, {"name": second}]
                yield _metric(f"m{number}_share", "derived", {"expr": f"100.0 * {first} / nullif({second}, 0)", "metrics": inputs})
        number += 1


def _metric(name: str, kind: str, params: Spec, where: str = "") -> Spec:
    spec = {"name": name, "label": name.replace("_", " "), "description": f"Generated: {name}.", "type": kind, "type_params": params}
    return spec | {"filter": where, "meta": {"owner": "generated"}} if where else spec | {"meta": {"owner": "generated"}}
