"""On which columns metrics stand: held against the planner, which must read none that the lineage leaves out; and case by case."""

from __future__ import annotations

import pytest

from app.compile.lineage.graph import LineageGraph
from app.compile.lineage.trace import roles, trace
from app.errors import UserError
from app.model.lineage import Kind, Link, Point, Reason, Role
from app.model.ontology import Ontology
from app.model.plan import scans
from app.model.query import SemanticQuery
from app.plan.build import build
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY


def graph(ontology: Ontology = ONTOLOGY) -> LineageGraph:
    return LineageGraph(ontology, JoinGraph.of(ontology), lambda _: None)


def columns(metric: str, of: LineageGraph) -> dict[tuple[str, str], tuple[Role, ...]]:
    """The models' columns on which a metric stands."""
    found = trace(of, [Point(Kind.METRIC, metric)])
    return {(point.owner, point.name): given for point, given in roles(found).items() if point.kind in (Kind.COLUMN, Kind.ROWS)}


METRICS = [metric.name for metric in ONTOLOGY.metrics]


@pytest.mark.parametrize("metric", METRICS)
def test_the_planner_reads_nothing_that_the_lineage_leaves_out(metric: str) -> None:
    of = graph()
    held = columns(metric, of)
    planned = 0
    for items in ((), ("metric_time__day",), ("metric_time__month",)):
        try:
            plan = build(SemanticQuery((metric,), tuple(of.joins.group_by(item) for item in items)), ONTOLOGY, of.joins)
        except UserError:
            continue
        planned += 1
        read = {(scan.model, name) for step in plan.steps for scan in scans(step) if scan.model for name, _ in scan.columns}
        timed = any(one.time_of(m) for one in ONTOLOGY.semantic_models for m in one.measures)
        spines = {spine.model for spine in ONTOLOGY.time_spines} if timed else set()
        assert {(model, name) for model, name in read if model not in spines} <= set(held), metric
        models = {scan.model for step in plan.steps for scan in scans(step) if scan.model}
        assert {model for model in models if model not in spines} <= {model for model, name in held if not name}, metric
        if any(model in spines for model, _ in read) and not items:
            assert any(model in spines for model, _ in held), metric
    assert planned, metric


def test_most_of_what_the_lineage_names_is_read() -> None:
    """The other side: it names no columns that the planner never looks at, but the times by which a metric may be asked."""
    of = graph()
    extra = set()
    for metric in METRICS:
        named = {(model, name) for (model, name), given in columns(metric, of).items() if name and given != (Role.TIME,)}
        read: set[tuple[str, str]] = set()
        for items in ((), ("metric_time__day",)):
            try:
                plan = build(SemanticQuery((metric,), tuple(of.joins.group_by(item) for item in items)), ONTOLOGY, of.joins)
            except UserError:
                continue
            read |= {(scan.model, name) for step in plan.steps for scan in scans(step) if scan.model for name, _ in scan.columns}
        extra |= {(metric, *one) for one in named - read}
    assert len(extra) <= 0.05 * len(METRICS), sorted(extra)


def test_types_of_links() -> None:
    of = graph()
    kinds = {
        (point.kind, link.role, link.point.kind)
        for metric in METRICS
        for point in trace(of, [Point(Kind.METRIC, metric)]).points
        for link in of.links(point)
    }
    assert kinds >= {
        (Kind.METRIC, Role.VALUE, Kind.METRIC),
        (Kind.METRIC, Role.VALUE, Kind.MEASURE),
        (Kind.METRIC, Role.FILTER, Kind.DIMENSION),
        (Kind.METRIC, Role.JOIN, Kind.ENTITY),
        (Kind.METRIC, Role.JOIN, Kind.ROWS),
        (Kind.METRIC, Role.TIME, Kind.TIME_SPINE),
        (Kind.METRIC, Role.FILTER, Kind.METRIC),
        (Kind.MEASURE, Role.VALUE, Kind.COLUMN),
        (Kind.MEASURE, Role.ROWS, Kind.ROWS),
        (Kind.MEASURE, Role.TIME, Kind.DIMENSION),
        (Kind.MEASURE, Role.ORDER, Kind.DIMENSION),
        (Kind.DIMENSION, Role.VALUE, Kind.COLUMN),
        (Kind.ENTITY, Role.VALUE, Kind.COLUMN),
    }


def test_a_model_of_which_nothing_was_read_is_unknown() -> None:
    (found,) = graph().links(Point(Kind.COLUMN, "amount", ONTOLOGY.models[0].name))
    assert (found.point.kind, found.point.reason) == (Kind.UNKNOWN, Reason.NO_SQL)
    (found,) = graph().links(Point(Kind.ROWS, owner="nothing"))
    assert found.point.reason is Reason.MODEL


def test_what_is_not_there_stands_on_nothing() -> None:
    for kind in (Kind.METRIC, Kind.MEASURE, Kind.DIMENSION, Kind.ENTITY, Kind.TIME_SPINE, Kind.HIDDEN):
        assert graph().links(Point(kind, "nothing", "nowhere")) == ()


def test_roles_follow_from_the_way() -> None:
    assert Role.VALUE.then(Role.FILTER) is Role.FILTER
    assert Role.VALUE.then(Role.COUNT) is Role.COUNT.then(Role.VALUE) is Role.COUNT
    assert Role.FILTER.then(Role.VALUE) is Role.FILTER
    assert Role.FILTER.then(Role.JOIN) is Role.FILTER
    assert Role.ROWS.then(Role.FILTER) is Role.FILTER
    assert Role.ROWS.then(Role.VALUE) is Role.ROWS


def test_links_are_told_once() -> None:
    of = graph()
    for metric in METRICS:
        links: tuple[Link, ...] = of.links(Point(Kind.METRIC, metric))
        assert len(set(links)) == len(links)
