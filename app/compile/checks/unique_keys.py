"""Whether keys to which rows are joined are unique: declared ones are believed, so what speaks against them is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.compile.dbt.decode import loose
from app.compile.dbt.manifest import Manifest, Node
from app.compile.dbt.run_results import RunResults
from app.compile.naming import Named
from app.compile.proofs import proves
from app.compile.report import Place, Report
from app.model.expr import Column
from app.model.physical import Model, Placement
from app.model.semantics import Entity, SemanticModel
from app.sql.expressions.walk import key_parts
from app.sql.joins.reached import ONE_ROW

_TESTS = ("unique", "unique_combination_of_columns")
_FOUND_TWICE = ("fail", "warn")

Columns = frozenset[str]
"""Columns of a model, in lower case."""


@dataclass(frozen=True, slots=True)
class UniqueTests:
    """Which columns of which models tests say are unique together, and of which of them some rows were found twice when the test last ran."""

    tested: frozenset[tuple[str, Columns]] = frozenset()
    failed: frozenset[tuple[str, Columns]] = frozenset()


def read_unique_tests(runs: Iterable[tuple[Manifest, RunResults]], named: Mapping[str, Named]) -> UniqueTests:
    """The tests of all targets. One that can pass with doubled rows says nothing where it does; rows that it found twice are twice all the same."""
    names = {unique_id: item.name for unique_id, item in named.items()}
    tested: set[tuple[str, Columns]] = set()
    failed: set[tuple[str, Columns]] = set()
    for manifest, results in runs:
        status = {result.unique_id: result.status.lower() for result in results.results}
        for node in manifest.nodes.values():
            key = key_of_test(node, names)
            if key is not None and proves(node):
                tested.add(key)
            if key is not None and status.get(node.unique_id) in _FOUND_TWICE:
                failed.add(key)
    return UniqueTests(frozenset(tested), frozenset(failed))


def key_of_test(node: Node, names: Mapping[str, str]) -> tuple[str, Columns] | None:
    """The model and the columns that a test says are unique together, None for any other node. `names` are models by unique id."""
    test = node.test_metadata
    if test is None or test.name not in _TESTS or node.config.enabled is False:
        return None
    below = [unique_id for unique_id in (node.attached_node, *node.depends_on.nodes) if unique_id in names]
    if test.name == "unique" and node.column_name and below:
        return names[str(below[0])], frozenset({node.column_name.strip('"`').lower()})
    kwargs = loose(test.kwargs, "manifest.json")
    if not below or not isinstance(kwargs, dict):
        return None
    arguments = kwargs | nested if isinstance(nested := kwargs.get("arguments"), dict) else kwargs
    combined = arguments.get("combination_of_columns")
    columns = combined if isinstance(combined, list) else [node.column_name or arguments.get("column_name")]
    if not columns or not all(isinstance(column, str) for column in columns):
        return None
    return names[str(below[0])], frozenset(str(column).strip('"`').lower() for column in columns)


def check_unique_keys(
    semantic_models: Sequence[SemanticModel],
    models: Mapping[str, Model],
    placements: Iterable[Placement],
    tests: UniqueTests,
    report: Report,
) -> None:
    """DM2335 for each key to which rows are joined although something says that several share it."""
    counts = {s.model: int(s.value) for p in placements for s in p.statistics if s.name == "row_count"}
    for semantic_model, entity in joined_to(semantic_models):
        model, columns = models.get(semantic_model.model), key_columns(entity)
        why = _against(model, columns, counts.get(model.name), tests) if model is not None and columns else ""
        if why:
            report.warning(
                "DM2335",
                f"entity `{entity.name}` is {entity.type} in `{semantic_model.name}`, and {why}: joins through it may count rows more than once",
                Place(f"entity.{semantic_model.name}.{entity.name}", semantic_model.file, "type"),
                "mend the data or the key; where several rows share it the entity is `foreign`",
            )


def joined_to(semantic_models: Sequence[SemanticModel]) -> Iterator[tuple[SemanticModel, Entity]]:
    """The entities of which a value is to stand for one row, where another semantic model has them too."""
    shared: dict[str, int] = {}
    for semantic_model in semantic_models:
        for entity in semantic_model.entities:
            shared[entity.name] = shared.get(entity.name, 0) + 1
    for semantic_model in semantic_models:
        if not semantic_model.derived:
            yield from ((semantic_model, e) for e in semantic_model.entities if e.type in ONE_ROW and shared[e.name] > 1)


def key_columns(entity: Entity) -> Columns:
    """The columns of a key; none where an expression is part of it, which no test of columns speaks of."""
    parts = key_parts(entity.expr)
    columns = frozenset(part.name.lower() for part in parts if isinstance(part, Column))
    return columns if len(columns) == len(parts) else frozenset()


def is_told(model: Model, columns: Columns, tests: UniqueTests) -> bool:
    """Whether a test or constraint says that some of these columns tell the rows apart."""
    alone = {column.name.lower() for column in model.columns if column.unique}
    key = {name.lower() for name in model.primary_key}
    return (
        bool(columns & alone)
        or (bool(key) and key <= columns)
        or any(name == model.name and found <= columns for name, found in tests.tested)
    )


def _against(model: Model, columns: Columns, rows: int | None, tests: UniqueTests) -> str:
    """What says that rows share a value of the key, "" where nothing does."""
    for name, found in sorted(tests.failed, key=lambda key: (key[0], sorted(key[1]))):
        if name == model.name and columns <= found:
            return f"rows of `{name}` were found that share {_listed(found)} when the test was last run"
    if is_told(model, columns, tests):
        return ""
    key = [name for name in model.primary_key if name.lower() not in columns]
    if key and len(key) < len(model.primary_key) == len(key) + len(columns):
        return f"rows of `{model.name}` are told apart by {_listed(model.primary_key)} together"
    column = next((c for c in model.columns if {c.name.lower()} == columns), None)
    if column is not None and column.not_null and column.accepted_values and rows is not None and rows > len(column.accepted_values):
        return f"`{column.name}` has {len(column.accepted_values)} accepted values for the {rows} rows of the catalog"
    return ""


def _listed(columns: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(columns))
