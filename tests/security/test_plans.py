"""Every plan that the planner makes, under row filters and masks: the answer is that over tables which hold nothing else than what is seen.

All conformance cases (CTEs over CTEs, window functions, cross, full and inequality joins, time spines, metric filters, validity windows) are asked
by an analyst of a layer with policies, and of the same layer without any over filtered copies of its tables. Where a number would stand on masked
values there is no answer, and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.errors import DataMindError
from app.model.ontology import Layer
from app.model.principal import Principal, Role
from app.model.types import Dialect
from app.service.audit import Caller
from app.service.query import query
from app.service.serving import Serving
from tests.conformance import tables
from tests.conformance.cases import Case, folder, read, request
from tests.conformance.comparison import differences
from tests.conformance.conftest import Conformance
from tests.conformance.tables import Table
from tests.security.copies import SPINE, Kept, attributes, copied, open_to_all, plan_of, restricted

CASES = read(folder())
ENGINES = ("postgres", "clickhouse")
VARIANTS: dict[str, dict[str, bool]] = {"rows": {}, "spines": {"spines": True}, "masks": {"masks": True}}
EACH = [(variant, manifest, engine) for variant in VARIANTS for manifest in sorted({case.model for case in CASES}) for engine in ENGINES]


@dataclasses.dataclass(frozen=True)
class Answer:
    """Columns and rows with the models that were read, or the code of a Problem."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = dataclasses.field(default_factory=list)
    models: tuple[str, ...] = ()
    problem: str = ""


class Copies:
    """The tables in the engines, and beside them a schema for each variant with what is left of them."""

    def __init__(self, conformance: Conformance) -> None:
        self.conformance = conformance
        self.whole = {table.name: table for table in tables.read(conformance.folder)}
        self.plans: dict[str, dict[str, Kept]] = {}
        self.left: dict[str, dict[str, Table]] = {}
        engines = conformance.owners
        for variant, options in VARIANTS.items():
            self.plans[variant] = plan_of(self.whole.values(), **options)
            self.left[variant] = {name: copied(table, self.plans[variant][name]) for name, table in self.whole.items()}
            tables.load_postgres(engines["postgres"], self.left[variant].values(), f"seen_{variant}")
            tables.load_clickhouse(engines["clickhouse"], self.left[variant].values(), f"seen_{variant}")
        self.layer = cache(self._layer)

    def _layer(self, manifest: str, engine: str) -> Layer:
        data = (self.conformance.folder / "manifests" / f"{manifest}.json").read_bytes()
        return ontology_from_semantic_manifest(data, engine, Dialect(engine)).layer


@pytest.fixture(scope="module")
def copies(conformance: Conformance) -> Copies:
    return Copies(conformance)


def asking(conformance: Conformance, layer: Layer, engine: str, given: tuple[tuple[str, str], ...] = ()) -> Any:
    """Somebody who asks the layer as an analyst."""
    caller = Caller(Principal("usr_1", "analyst@example.com", Role.ANALYST, conformance.deps.project_id, attributes=given), "test")

    def current(held: str) -> tuple[str, Layer] | None:
        return None if held else ("1", layer)

    deps = dataclasses.replace(conformance.deps, serving=Serving(current, poll_seconds=3600))

    def ask(case: Case) -> Answer:
        try:
            turn = query(deps, caller, request(case), source=engine)
        except DataMindError as error:
            return Answer(problem=error.problem.code)
        assert turn.result is not None
        assert turn.governed is not None
        return Answer(tuple(column.name for column in turn.result.columns), list(turn.result.rows()), turn.governed.models)

    return ask


def unequal(case: Case, mine: Answer, wanted: Answer) -> list[str]:
    """What is wrong with an answer."""
    if mine.problem or wanted.problem:
        return (
            [] if mine.problem == wanted.problem else [f"{case.title}: {mine.problem or 'rows'} where {wanted.problem or 'rows'} were due"]
        )
    if case.limit is not None and len(mine.rows) == len(wanted.rows) and not case.order_by:
        return []  # any of the rows may be among the first
    return [f"{case.title}: {line}" for line in differences(mine.columns, mine.rows, wanted.columns, wanted.rows)]


@pytest.mark.parametrize(("variant", "manifest", "engine"), EACH)
def test_the_answer_is_that_over_what_is_seen(variant: str, manifest: str, engine: str, copies: Copies) -> None:
    plan, layer = copies.plans[variant], copies.layer(manifest, engine)
    governed = asking(copies.conformance, restricted(layer, plan, copies.whole), engine, attributes(plan))
    seen = asking(copies.conformance, open_to_all(layer, copies.left[variant], f"seen_{variant}"), engine)
    wrong: list[str] = []
    asked = touched = refused = masked = 0
    for case in CASES:
        if case.model != manifest:
            continue
        answer = governed(case)
        if not answer.problem and not any(plan[model].hides for model in answer.models):
            continue
        if variant == "spines" and SPINE not in answer.models:
            continue
        if variant == "masks" and answer.problem == "DM4025":
            masked += 1
            continue
        asked += 1
        refused += bool(answer.problem)
        wrong += unequal(case, answer, seen(case))
        known = case.expected is not None and case.expected.rows is not None
        touched += known and bool(differences(answer.columns, answer.rows, case.expected.columns, case.expected.rows))
    assert not wrong, "\n".join(wrong)
    assert touched >= asked // (4 if variant == "masks" else 2), "the policies touch too few of the answers to show anything"
    assert refused <= asked // 20, "too many cases are refused to show anything"
    assert masked <= max(3, 2 * asked), "too many cases stand on masked values to show anything"


@pytest.mark.parametrize("engine", ENGINES)
def test_without_its_attributes_a_row_filter_admits_nobody(engine: str, copies: Copies) -> None:
    plan = copies.plans["rows"]
    empty = {name: Table(table.name, table.columns, [] if plan[name].column else table.rows) for name, table in copies.whole.items()}
    loaded(copies, engine, empty)
    for manifest in sorted({case.model for case in CASES}):
        layer = copies.layer(manifest, engine)
        governed = asking(copies.conformance, restricted(layer, plan, copies.whole), engine)
        seen = asking(copies.conformance, open_to_all(layer, empty, "seen_nothing"), engine)
        wrong: list[str] = []
        for case in CASES[::3]:
            if case.model == manifest:
                wrong += unequal(case, governed(case), seen(case))
        assert not wrong, "\n".join(wrong)


def loaded(copies: Copies, engine: str, left: Mapping[str, Table]) -> None:
    """Put tables into the schema `seen_nothing` of an engine."""
    load = tables.load_postgres if engine == "postgres" else tables.load_clickhouse
    load(copies.conformance.owners[engine], left.values(), "seen_nothing")
