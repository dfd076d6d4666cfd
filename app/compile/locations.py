"""The location index: where in the project's YAML each thing is declared. dbt's manifest has no line numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from app.compile.yaml_scalar import place_in
from app.compile.yaml_scan import scan
from app.compile.yaml_tree import YamlNode, compose
from app.errors import Where

_WORTH_READING = re.compile(
    r"^\s*(?:- )?(models|seeds|snapshots|sources|semantic_models|metrics|saved_queries|exposures)\s*:", re.MULTILINE
)


@dataclass(slots=True)
class LocationIndex:
    """Places by key: `metric.NAME`, `semantic_model.NAME`, `model.NAME` (a source table is `model.SOURCE.TABLE`), `saved_query.NAME`,
    `exposure.NAME`, and `dimension.SM.NAME`, `measure.SM.NAME`, `entity.SM.NAME`, `column.MODEL.NAME`.

    A file is read when something in it is first looked for, and once.
    """

    files: Mapping[str, str]
    _scanned: dict[str, dict[str, YamlNode]] = field(default_factory=dict)
    _composed: dict[str, dict[str, YamlNode]] = field(default_factory=dict)

    def where(self, key: str, file: str, path: str = "", text: str = "", offset: int = 0) -> Where | None:
        """The place of `path` (`type_params/expr`) within the thing of that key, or as near to it as the YAML tells; the file alone where
        nothing of it is there; None without a file. With `text`, which was read from there, the place of its character at `offset`.

        The number at the end of a path (`filter/0`) may be one of a list or of the only text.
        """
        if not file:
            return None
        written = self.files.get(file)
        if written is None or not file.endswith((".yml", ".yaml")):
            return Where(file)
        steps = path.split("/") if path else []
        if file not in self._scanned:
            self._scanned[file] = dict(_keys(scan(written)))
        node, done = _resolve(self._scanned[file], key, steps)
        lines = written.splitlines()
        if node is None or (not _reached(node, steps, done, lines) and not node.entries):
            if file not in self._composed:
                tree = compose(written)
                self._composed[file] = dict(_keys(tree)) if tree else {}
            exact, deeper = _resolve(self._composed[file], key, steps)
            if exact is not None and (node is None or deeper > done):
                node, done = exact, deeper
        if node is None:
            return Where(file)
        inside = place_in(lines, node.line, node.column, text, offset) if text and _reached(node, steps, done, lines) else None
        return Where(file, *(inside or (node.line, node.column)))

    def holds(self, key: str, file: str, path: str) -> bool:
        """Whether the YAML of the thing says anything at `path`; no where its file was not given."""
        text, steps = self.files.get(file, ""), path.split("/")
        if steps[-1] not in text or self.where(key, file, path) == Where(file):
            return False
        found = [_resolve(index.get(file, {}), key, steps) for index in (self._scanned, self._composed)]
        return any(node is not None and done == len(steps) for node, done in found)

    def all(self) -> tuple[tuple[str, Where], ...]:
        """Every key with its place, sorted; of a key that several files hold, the first file's."""
        found: dict[str, Where] = {}
        for file in sorted(self.files):
            if file.endswith((".yml", ".yaml")) and _WORTH_READING.search(self.files[file]):
                if file not in self._scanned:
                    self._scanned[file] = dict(_keys(scan(self.files[file])))
                for key, node in self._scanned[file].items():
                    found.setdefault(key, Where(file, node.line, node.column))
        return tuple(sorted(found.items()))


def declares(text: str) -> bool:
    """Whether a YAML text declares things of dbt's."""
    return _WORTH_READING.search(text) is not None


def _reached(node: YamlNode, steps: list[str], done: int, lines: list[str]) -> bool:
    """Whether the steps lead to the node: to the last one, or to the only text where the last one is a number."""
    if done == len(steps):
        return True
    only = done == len(steps) - 1 and steps[-1] == "0" and not node.entries
    return only and lines[node.line - 1][node.column - 1 : node.column] != "["


_UNSAID = frozenset({"config", "type_params", "cumulative_type_params", "conversion_type_params"})
"""Levels of the manifest that YAML may leave out: `meta` stands with or without `config`, and dbt ≥ 1.12 nests none of a metric's parameters."""

_RENAMED = {
    "metrics": "input_metrics",
    "measure": "input_metric",
    "base_measure": "base_metric",
    "conversion_measure": "conversion_metric",
    "window_choice": "window_agg",
    "window_groupings": "group_by",
}
"""Keys of the manifest that dbt ≥ 1.12's YAML calls otherwise."""


def _resolve(index: dict[str, YamlNode], key: str, steps: list[str]) -> tuple[YamlNode | None, int]:
    """The node of `key` and how far `steps` lead into it."""
    node = index.get(key)
    if node is None:
        return None, 0
    found, done = _follow(node, steps, set())
    if done < len(steps) and "config" in steps:
        other, reached = _follow(node, steps, {"config"})
        if reached > done:
            return other, reached
    return found, done


def _follow(node: YamlNode, steps: list[str], without: Collection[str]) -> tuple[YamlNode, int]:
    """The deepest node on the way, and how many steps were taken until there; the levels in `without` are passed over."""
    done = 0
    for number, step in enumerate(steps, 1):
        entry = None if step in without else node.step(step)
        if entry is None and step in _RENAMED:
            entry = node.step(_RENAMED[step])
        if entry is not None:
            node, done = entry, number
        elif step not in _UNSAID:
            break
    return node, done


def _keys(tree: YamlNode) -> Iterator[tuple[str, YamlNode]]:
    for section in ("models", "seeds", "snapshots"):
        for item in tree.items(section):
            yield from _model(item, item.name)
    for source in tree.items("sources"):
        for table in source.items("tables"):
            yield from _model(table, f"{source.name}.{table.name}")
    for item in tree.items("semantic_models"):
        yield from _semantic_model(item, item.name)
    for section, kind in (("metrics", "metric"), ("saved_queries", "saved_query"), ("exposures", "exposure")):
        for item in tree.items(section):
            yield f"{kind}.{item.name}", item


def _semantic_model(item: YamlNode, name: str) -> Iterator[tuple[str, YamlNode]]:
    yield f"semantic_model.{name}", item
    for section, kind in (("entities", "entity"), ("dimensions", "dimension"), ("measures", "measure")):
        for part in item.items(section):
            yield f"{kind}.{name}.{part.name}", part


def _model(item: YamlNode, name: str) -> Iterator[tuple[str, YamlNode]]:
    """A model with its columns, and where dbt ≥ 1.12 puts its semantic model: in the model itself."""
    yield f"model.{name}", item
    semantic = item.entries.get("semantic_model")
    semantic_name = (semantic.name or name) if semantic and semantic.text != "false" else ""
    if semantic and semantic_name:
        yield f"semantic_model.{semantic_name}", semantic if semantic.entries else item
    for column in item.items("columns"):
        yield f"column.{name}.{column.name}", column
        for kind in ("dimension", "entity"):
            part = column.entries.get(kind)
            if semantic_name and part:
                yield f"{kind}.{semantic_name}.{part.name or column.name}", part
    for metric in item.items("metrics"):
        yield f"metric.{metric.name}", metric
