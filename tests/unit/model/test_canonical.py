"""Every noun that is stored reads back from its canonical form, and equal content gives equal bytes."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Problem, Severity, Where
from app.model import expr as e
from app.model.audit.event import AuditEvent
from app.model.base import Node
from app.model.expr import Expr
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Exposure, Layer, Ontology, SavedQuery, TimeSpine
from app.model.physical import ColumnReference, Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.records import FeedbackEntry, QueryRecord, RefreshToken, TrainingItem, TrainingKind, User
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.types import Aggregation, DataType, DatePart, Grain
from app.model.versions import Candidate, CandidateState, Cause, Origin, Publication

NAMES = st.text(max_size=12).filter(lambda text: text.isprintable() or not text)
OPS = st.sampled_from(["+", "-", "*", "/", "%", "||", "=", "<>", "<", "<=", ">", ">="])
LEAVES = st.one_of(
    st.builds(e.Literal, st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), NAMES), st.sampled_from(DataType)),
    st.builds(e.Column, NAMES, NAMES),
    st.builds(
        e.Field,
        NAMES,
        st.sampled_from(["dimension", "time_dimension", "entity", "metric"]),
        st.tuples(NAMES),
        st.sampled_from(["", *Grain]),
        st.one_of(st.none(), st.sampled_from(DatePart)),
    ),
    st.builds(e.Attribute, NAMES),
    st.builds(e.Parameter, NAMES, st.sampled_from(DataType)),
)


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Every node that holds others."""
    some = st.lists(inner, max_size=3).map(tuple)
    flag = st.booleans()
    return st.one_of(
        st.builds(e.Call, NAMES, some, flag),
        st.builds(e.Binary, OPS, inner, inner),
        st.builds(e.And, some),
        st.builds(e.Or, some),
        st.builds(e.Not, inner),
        st.builds(e.Negate, inner),
        st.builds(e.In, inner, some, flag),
        st.builds(e.Between, inner, inner, inner, flag),
        st.builds(e.IsNull, inner, flag),
        st.builds(e.Like, inner, inner, flag, flag),
        st.builds(e.Case, st.lists(st.tuples(inner, inner), max_size=2).map(tuple), st.one_of(st.none(), inner)),
        st.builds(
            e.Cast, inner, st.sampled_from(DataType), st.one_of(st.none(), st.integers(1, 38)), st.one_of(st.none(), st.integers(0, 38))
        ),
        st.builds(e.Truncate, inner, st.sampled_from(Grain)),
        st.builds(e.Extract, inner, st.sampled_from(DatePart)),
        st.builds(e.Shift, inner, st.integers(-1000, 1000), st.sampled_from(Grain)),
    )


TREES = st.recursive(LEAVES, grown, max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_every_expression_reads_back(tree: Expr) -> None:
    text = tree.canonical()
    again = msgspec.json.decode(text, type=Expr)
    assert again == tree
    assert type(again) is type(tree)
    assert again.canonical() == text
    assert hash(again) == hash(tree)


@settings(max_examples=60, deadline=None)
@given(TREES, TREES)
def test_different_expressions_have_different_fingerprints(one: Expr, other: Expr) -> None:
    same = msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
    assert (one.fingerprint() == other.fingerprint()) is same


TREE = e.And((e.Binary("=", e.Column("a"), e.Literal("ä", DataType.TEXT)), e.Not(e.IsNull(e.Column("b")))))
INPUT = MeasureInput("orders", "revenue", TREE, 0, True)
PARAMS = (
    Simple(INPUT),
    Ratio(MetricInput("a", "x", TREE), MetricInput("b", offset_window=Window(1, "month"))),
    Derived(TREE, (MetricInput("a", offset_to_grain="month"),)),
    Cumulative(INPUT, Window(7, "day"), "month", "last"),
    Conversion(INPUT, INPUT, "customer", "conversions", Window(3, "day"), (("a", "b"),)),
)
METRICS = tuple(
    Metric(f"m{number}", params, "d", "l", TREE, Grain.MONTH, "g", "o", "EUR", ".2f", ("s",), ("t",), "f", '{"a":1}')
    for number, params in enumerate(PARAMS)
)
MODEL = Model(
    "orders",
    "model.shop.orders",
    columns=(ModelColumn("a", DataType.TEXT, "text", pii="email", not_null=True, references=ColumnReference("customers", "id")),),
    primary_key=("a",),
    row_policies=(RowPolicy("p", "orders", TREE, False, roles=("analyst",), exempt_roles=("admin",), source="store"),),
    column_policies=(ColumnPolicy("c", "orders", "a", Mask(MaskKind.PARTIAL, "*", 1, 2, "x")), ColumnPolicy("d", "orders", "a")),
)
SEMANTIC = SemanticModel(
    "orders",
    "orders",
    (Entity("order", EntityType.PRIMARY, e.Call("tuple", (e.Column("a"), e.Column("b")))),),
    (Dimension("at", DimensionType.TIME, e.Column("at"), Grain.DAY, True, "start", values=("a",)),),
    (Measure("p", Aggregation.PERCENTILE, e.Column("a"), "at", 0.9, True, True, NonAdditive("at", "max", ("x",))),),
)
ONTOLOGY = Ontology(
    "shop",
    "postgres",
    (MODEL,),
    (SEMANTIC,),
    METRICS,
    (SavedQuery("q", ("m0",), ("metric_time",), ("a = 1",), ("m0",), 5),),
    (TimeSpine("days", "day", Grain.DAY, (("retail_week", "rw"),)),),
    (Exposure("e", "dashboard", depends_on=("model.shop.orders",)),),
    "deny",
)
NOW = dt.datetime(2026, 6, 30, 12, 0, 0, 123456, tzinfo=dt.UTC)
NOUNS: tuple[Node, ...] = (
    ONTOLOGY,
    Layer(
        ONTOLOGY,
        (Placement("postgres", (("orders", Relation("marts", "orders", "db")),), (("orders", "a", "text"),)),),
        (("metric.m0", Where("m.yml", 3, 5)),),
        (Problem("DM2090", "a warning", Severity.WARNING, Where("m.yml", 3), "hint", "fix"),),
    ),
    *METRICS,
    SemanticQuery(
        ("m0",),
        (GroupBy("metric_time", "month", DatePart.DOW, ("a", "b")),),
        TREE,
        TimeRange(dt.date(2026, 1, 1), None, "this year"),
        TREE,
        (OrderBy("m0", True),),
        3,
        "q",
    ),
    User("usr_1", "a@example.com", Role.ANALYST, "default", "hash", ("g",), (("region", "DACH"),), True, NOW),
    RefreshToken("rft_1", "usr_1", "default", "fam_1", NOW, True, True),
    QueryRecord("qry_1", "default", "usr_1", "cli", "succeeded", NOW, "why?", row_count=3, elapsed_ms=1.5),
    AuditEvent("aud_1", "default", NOW, "query.execute", "usr_1", "pipeline", "begin", details='{"a":1}'),
    Publication("pub_1", "default", "h", "d", NOW, "me", "c", 3, Origin.ROLLBACK, "why", "breaking", 1, "k"),
    Candidate(
        "cnd_1", "default", "h", "d", "b", NOW, "me", "c", "breaking", (Cause.BREAKING,), "k", CandidateState.REJECTED, NOW, "you", "no"
    ),
    TrainingItem("i", TrainingKind.QUESTION_SQL, "SELECT 1", "one?", "m"),
    FeedbackEntry("fbk_1", "default", "qry_1", "usr_1", -1, "no", "flagged_for_review", NOW),
    Principal("usr_1", "a@example.com", Role.VIEWER, "default", ("g",), (("region", "DACH"),)),
)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_every_stored_noun_reads_back(noun: Node) -> None:
    text = noun.canonical()
    again = type(noun).from_json(text)
    assert again == noun
    assert again.canonical() == text
    assert again.fingerprint() == noun.fingerprint()
    with pytest.raises(AttributeError):
        noun.changed = 1


def test_what_is_not_of_the_type_is_refused() -> None:
    for text in (b"", b"{", b"[]", b'{"project": 1}', b'{"project": "x", "metrics": [{"name": "a", "params": {"node": "nonsense"}}]}'):
        with pytest.raises(msgspec.DecodeError):
            Ontology.from_json(text)


def test_defaults_are_left_out_so_that_a_new_field_changes_no_hash() -> None:
    assert Ontology("shop").canonical() == b'{"project":"shop"}'
    assert e.Column("a").canonical() == b'{"name":"a","node":"column"}'


def test_fingerprints_are_the_same_in_another_process() -> None:
    code = "from app.model.ontology import *; from app.model.physical import Model; print(Layer(Ontology('shop', models=(Model('a','m.a'),))).fingerprint())"
    found = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert set(found) == {Layer(Ontology("shop", models=(Model("a", "m.a"),))).fingerprint()}


def test_a_layers_version_is_that_of_its_meaning() -> None:
    placed = Layer(Ontology("shop"), (Placement("postgres", (("orders", Relation("marts", "orders")),)),))
    assert placed.version == Layer(Ontology("shop")).version == Ontology("shop").fingerprint()[:12]
    assert placed.fingerprint() != Layer(Ontology("shop")).fingerprint()
    assert placed.placement("postgres") == placed.placements[0]
    assert placed.placement("clickhouse") is None


def test_things_are_found_by_name() -> None:
    assert ONTOLOGY.model("orders") is MODEL
    assert ONTOLOGY.semantic_model("orders") is SEMANTIC
    assert ONTOLOGY.metric("m1").type == "ratio"
    assert (ONTOLOGY.model("x"), ONTOLOGY.semantic_model("x"), ONTOLOGY.metric("x")) == (None, None, None)
    assert MODEL.column("a").type is DataType.TEXT
    assert MODEL.column("A") is None
    assert SEMANTIC.primary == "order"
    assert Placement("p", (("a", Relation("s", "a")),)).relation("a") == Relation("s", "a")


def test_group_by_columns_are_named_as_metricflow_names_them() -> None:
    assert GroupBy("metric_time", "month").column == "metric_time__month"
    assert GroupBy("metric_time", date_part=DatePart.DOW).column == "metric_time__extract_dow"
    assert GroupBy("country", path=("order", "customer")).column == "order__customer__country"
