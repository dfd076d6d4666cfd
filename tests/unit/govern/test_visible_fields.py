"""Every field of every noun of an Ontology is judged: kept, left out, or told only as far as what it speaks of is seen.

A field that is added to a noun fails here until somebody has thought about what it may tell of things that policy hides.
"""

from __future__ import annotations

import typing
from enum import Enum
from typing import Any

import msgspec
import pytest

from app.govern.access import access
from app.govern.visible import visible_ontology
from app.model.base import Node
from app.model.expr import Column, Expr, Field
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Exposure, Group, Hierarchy, Ontology, SavedQuery, Segment, TimeSpine
from app.model.physical import ColumnReference, Model, ModelColumn
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure, NonAdditive, SemanticModel
from app.model.types import Aggregation, DataType, Grain
from tests.unit.govern.world import ADMIN, ANALYST, equals

KEPT, GONE, TOLD = "kept", "left out", "told as far as it is seen"
WORDS = dict.fromkeys(("name", "description", "label"), KEPT)
JUDGED: dict[str, dict[str, str]] = {
    "Ontology": {
        **dict.fromkeys(("project", "adapter", "default_access", "on_failure"), KEPT),
        **dict.fromkeys(("models", "semantic_models", "metrics", "saved_queries", "time_spines", "exposures", "groups"), TOLD),
        **dict.fromkeys(("segments", "hierarchies"), TOLD),
    },
    "Model": {
        **WORDS,
        **dict.fromkeys(("unique_id", "resource_type", "package", "alias", "tags", "group", "owner", "access", "materialized"), KEPT),
        **dict.fromkeys(("contract_enforced", "file", "synonyms", "deprecated", "on_failure"), KEPT),
        **dict.fromkeys(("columns", "primary_key", "depends_on"), TOLD),
        **dict.fromkeys(("row_policies", "column_policies", "size_policies", "limit_policies", "meta"), GONE),
    },
    "ModelColumn": {
        **WORDS,
        **dict.fromkeys(("type", "native_type", "tags", "pii", "synonyms", "not_null", "unique", "grain"), KEPT),
        **dict.fromkeys(("accepted_values", "references"), TOLD),
        **dict.fromkeys(("meta", "declassified"), GONE),
    },
    "SemanticModel": {
        **WORDS,
        **dict.fromkeys(("model", "primary_entity", "group", "file", "derived"), KEPT),
        **dict.fromkeys(("entities", "dimensions", "measures", "agg_time_dimension", "default_paths"), TOLD),
        "meta": GONE,
    },
    "Entity": {**WORDS, **dict.fromkeys(("type", "expr", "role"), KEPT), "meta": GONE},
    "Dimension": {
        **WORDS,
        **dict.fromkeys(("type", "expr", "grain", "is_partition", "validity", "synonyms", "pii", "unit", "format"), KEPT),
        "values": TOLD,
        "meta": GONE,
    },
    "Measure": {
        **WORDS,
        **dict.fromkeys(("agg", "expr", "percentile", "discrete", "approximate", "non_additive"), KEPT),
        "agg_time_dimension": TOLD,
        "meta": GONE,
    },
    "Metric": {
        **WORDS,
        **dict.fromkeys(
            ("params", "filter", "grain", "group", "owner", "unit", "format", "synonyms", "tags", "file", "hidden", "derived"), KEPT
        ),
        "meta": GONE,
    },
    "SavedQuery": {
        **WORDS,
        **dict.fromkeys(("metrics", "group_by", "where", "order_by", "limit", "file", "group", "tags", "exports", "cached"), KEPT),
        "meta": GONE,
    },
    "TimeSpine": {**dict.fromkeys(("model", "column", "grain"), KEPT), "custom": TOLD},
    "Exposure": {
        **WORDS,
        **dict.fromkeys(("type", "owner", "url", "depends_on", "file", "maturity", "tags"), KEPT),
        "meta": GONE,
    },
    "Segment": {**WORDS, **dict.fromkeys(("semantic_model", "where", "file"), KEPT)},
    "Hierarchy": {**WORDS, **dict.fromkeys(("semantic_model", "levels", "file"), KEPT)},
    "Group": {**dict.fromkeys(("name", "owner", "email", "description"), KEPT), "meta": GONE},
}
"""What is kept of a thing that is seen. The thing itself is not seen where anything below it is hidden."""
WHOLE = {
    *("Window", "MeasureInput", "MetricInput", "Simple", "Ratio", "Derived", "Cumulative", "Conversion"),
    *("NonAdditive", "Export", "ColumnReference", "RowPolicy", "ColumnPolicy", "SizePolicy", "LimitPolicy", "Mask"),
}
"""Parts that are seen with the thing to which they belong, or are left out with it."""


def nouns(of: Any, found: dict[str, type[Node]]) -> dict[str, type[Node]]:
    """The nouns below a type, less the expressions."""
    for part in typing.get_args(of):
        nouns(part, found)
    if isinstance(of, type) and issubclass(of, Node) and of.__name__ not in found and of not in typing.get_args(Expr):
        found[of.__name__] = of
        for hint in typing.get_type_hints(of).values():
            nouns(hint, found)
    return found


def test_every_noun_and_field_is_judged() -> None:
    found = nouns(Ontology, {})
    assert set(found) == set(JUDGED) | WHOLE
    for name, fields in JUDGED.items():
        assert set(found[name].__struct_fields__) == set(fields), name


def filled(kind: type[Any], **given: Any) -> Any:
    """A noun with something in every field that is not given."""
    return kind(**{name: given[name] if name in given else _some(hint, name) for name, hint in typing.get_type_hints(kind).items()})


def _some(hint: Any, name: str) -> Any:
    args = typing.get_args(hint)
    if hint is str:
        return '{"a":1}' if name == "meta" else f"any {name}"
    if hint is bool:
        return True
    if hint in (int, float):
        return 1
    if typing.get_origin(hint) is tuple:
        return tuple(_some(arg, name) for arg in args if arg is not Ellipsis)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if isinstance(hint, type) and issubclass(hint, Node):
        return Column("id") if hint in typing.get_args(Expr) else filled(hint)
    return Column("id") if Column in args else _some(args[0], name)


EXEMPT = ("admin",)
IDENTITY = Entity("person", EntityType.PRIMARY, Column("id"))
TIME = filled(Dimension, name="hired_on", type=DimensionType.TIME, expr=Column("hired"), grain=Grain.DAY)
TEAM = filled(Dimension, name="team", type=DimensionType.CATEGORICAL, expr=Column("team"), grain=None)
HEADS = filled(
    Measure, name="heads", expr=Column("id"), agg_time_dimension="hired_on", non_additive=NonAdditive("team", "max", ("person",))
)
PLAIN = MeasureInput("staff", "heads")
SEEN = Ontology(
    "w",
    adapter="postgres",
    models=(
        filled(
            Model,
            name="staff",
            unique_id="model.w.staff",
            group="hr",
            columns=(
                filled(ModelColumn, name="id", pii="", references=ColumnReference("staff", "team")),
                filled(ModelColumn, name="team", pii="", references=None),
                filled(ModelColumn, name="hired", pii="", references=None),
            ),
            primary_key=("id",),
            depends_on=("model.w.staff",),
            row_policies=(RowPolicy("none", "staff", equals("id", "0"), roles=EXEMPT, exempt_roles=("analyst",)),),
            column_policies=(ColumnPolicy("team", "staff", "team", None, roles=EXEMPT),),
        ),
    ),
    semantic_models=(
        filled(
            SemanticModel,
            name="staff",
            model="staff",
            entities=(filled(Entity, name="person", type=EntityType.PRIMARY, expr=Column("id")),),
            dimensions=(TIME, TEAM),
            measures=(HEADS,),
            agg_time_dimension="hired_on",
            default_paths=(),
        ),
    ),
    metrics=(filled(Metric, name="heads", params=Simple(PLAIN), filter=Field("person__team")),),
    saved_queries=(filled(SavedQuery, name="all", metrics=("heads",), group_by=("person__team",), where=("1 = 1",), order_by=("heads",)),),
    time_spines=(TimeSpine("staff", "hired", Grain.DAY, (("half", "team"),)),),
    exposures=(filled(Exposure, name="board", depends_on=("model.w.staff", "metric.w.heads")),),
    groups=(filled(Group, name="hr"),),
    segments=(filled(Segment, name="first", semantic_model="staff", where=Field("person__team")),),
    hierarchies=(filled(Hierarchy, name="way", semantic_model="staff", levels=("person__team", "person")),),
)


def pairs() -> list[tuple[str, Node, Node]]:
    """Each thing of `SEEN` with what an analyst sees of it."""
    view = visible_ontology(SEEN, access(ANALYST, SEEN))
    found: list[tuple[str, Node, Node]] = [("Ontology", SEEN, view)]
    for number, name in enumerate(
        ("models", "semantic_models", "metrics", "saved_queries", "time_spines", "exposures", "groups", "segments", "hierarchies")
    ):
        before, after = getattr(SEEN, name), getattr(view, name)
        assert len(before) == len(after), number
        found += [(type(one).__name__, one, other) for one, other in zip(before, after, strict=True)]
    found += [("ModelColumn", one, other) for one, other in zip(SEEN.models[0].columns, view.models[0].columns, strict=True)]
    for part, kind in (("entities", "Entity"), ("dimensions", "Dimension"), ("measures", "Measure")):
        before, after = getattr(SEEN.semantic_models[0], part), getattr(view.semantic_models[0], part)
        found += [(kind, one, other) for one, other in zip(before, after, strict=True)]
    return found


def test_each_field_of_what_is_seen_is_treated_as_judged() -> None:
    """Nothing is hidden here: what speaks of other things is kept as well, but for nested nouns, which have judgements of their own."""
    tried = set()
    for kind, before, after in pairs():
        tried.add(kind)
        for field, judgement in JUDGED[kind].items():
            mine, theirs = getattr(before, field), getattr(after, field)
            if judgement == GONE:
                assert theirs == type(before)(**_required(before)).__getattribute__(field), (kind, field)
                assert mine != theirs, (kind, field)
            elif judgement == KEPT or not (isinstance(mine, tuple) and mine and isinstance(mine[0], Node)):
                assert mine == theirs, (kind, field)
    assert tried == set(JUDGED)


def _required(one: Node) -> dict[str, Any]:
    return {f.name: getattr(one, f.name) for f in msgspec.structs.fields(type(one)) if f.required}


SECRET = "sekret"
META = f'{{"note":"{SECRET}"}}'


def world() -> Ontology:
    """A layer in which everything that an analyst may not know of has a name or text with `sekret` in it."""
    deny = (ColumnPolicy("p", "staff", f"{SECRET}_pay", None, exempt_roles=EXEMPT),)
    mask = (ColumnPolicy("m", "staff", "mail", Mask(MaskKind.NULL), exempt_roles=EXEMPT),)
    columns = (
        ModelColumn("id", references=ColumnReference(f"{SECRET}s", "id"), meta=META),
        ModelColumn("team", references=ColumnReference("staff", f"{SECRET}_pay")),
        ModelColumn("mail", accepted_values=(SECRET,)),
        ModelColumn("hired", DataType.DATE),
        ModelColumn(f"{SECRET}_pay", accepted_values=("1",)),
    )
    staff = Model(
        "staff", "model.w.staff", columns=columns, primary_key=(f"{SECRET}_pay",), column_policies=(*mask, *deny), meta=META, group="hr",
        depends_on=("model.w.staff", f"model.w.{SECRET}s"),
        row_policies=(RowPolicy(SECRET, "staff", equals("team", SECRET), roles=("viewer",), exempt_roles=("analyst", *EXEMPT)),),
    )  # fmt: skip
    vault = Model(f"{SECRET}s", f"model.w.{SECRET}s", columns=(ModelColumn("id"),), group=SECRET, row_policies=())
    pay_day = Dimension(f"{SECRET}_day", DimensionType.TIME, Column(f"{SECRET}_pay"), Grain.DAY)
    hired = Dimension("hired_on", DimensionType.TIME, Column("hired"), Grain.DAY, meta=META)
    mail = Dimension("mail", DimensionType.CATEGORICAL, Column("mail"), values=(SECRET,))

    def measure(name: str, time: str, column: str = "id", **more: Any) -> Measure:
        return Measure(name, Aggregation.SUM, Column(column), time, meta=META, **more)

    people = SemanticModel(
        "staff", "staff",
        entities=(replace_meta(IDENTITY), Entity(SECRET, EntityType.FOREIGN, Column(f"{SECRET}_pay"))),
        dimensions=(pay_day, hired, mail),
        measures=(
            measure("heads", "hired_on"),
            measure("paid", f"{SECRET}_day"),
            measure(f"{SECRET}_sum", "hired_on", f"{SECRET}_pay"),
            measure(f"{SECRET}_last", "hired_on", non_additive=NonAdditive(f"{SECRET}_day", "max")),
        ),
        agg_time_dimension=f"{SECRET}_day", meta=META,
    )  # fmt: skip
    far = SemanticModel(
        f"{SECRET}s", f"{SECRET}s", entities=(Entity("safe", EntityType.PRIMARY, Column("id")),), measures=(measure("n", ""),)
    )
    other = SemanticModel(
        "hires",
        "staff",
        dimensions=(pay_day, hired),
        measures=(measure(f"{SECRET}_timed", f"{SECRET}_day"),),
        agg_time_dimension="hired_on",
    )
    heads, paid = MeasureInput("staff", "heads"), MeasureInput("staff", "paid")
    last_month = MetricInput("paid", offset_window=Window(1, "month"))

    def hidden(number: int, params: Any, **more: Any) -> Metric:
        return Metric(f"{SECRET}_{number}", params, **more)

    on_time = Field("metric_time", kind="time_dimension", grain="day")
    metrics = (
        Metric("heads", Simple(heads), meta=META, group="hr", owner="Ann"),
        Metric("helper", Simple(heads), hidden=True),
        Metric("paid", Simple(paid)),
        Metric("paid_more", Derived(Column("paid"), (MetricInput("paid"),))),
        hidden(0, Simple(MeasureInput("staff", f"{SECRET}_sum")), hidden=True),
        hidden(1, Simple(MeasureInput("hires", f"{SECRET}_timed"))),
        hidden(2, Cumulative(paid)),
        hidden(3, Conversion(heads, paid, "person")),
        hidden(4, Conversion(heads, heads, "person", constant_properties=(("mail", f"{SECRET}_day"),))),
        hidden(5, Derived(Column("paid"), (last_month,))),
        hidden(6, Ratio(MetricInput("heads"), MetricInput("paid_more", offset_to_grain="month"))),
        hidden(7, Simple(paid), filter=on_time),
        hidden(8, Simple(MeasureInput("staff", "paid", filter=on_time))),
        hidden(9, Derived(Column("paid"), (MetricInput("paid", filter=on_time),))),
        hidden(10, Simple(heads), filter=Field(f"{SECRET}_0", kind="metric")),
        hidden(11, Derived(Column("x"), (MetricInput(f"{SECRET}_10", alias="x"),))),
        hidden(12, Derived(Column("r"), (MetricInput("ratio_of_paid", alias="r", offset_to_grain="month"),))),
        Metric("ratio_of_paid", Ratio(MetricInput("heads"), MetricInput("paid"))),
        hidden(13, Simple(MeasureInput(f"{SECRET}s", "n"))),
    )  # fmt: skip

    def saved(name: str, **more: Any) -> SavedQuery:
        return SavedQuery(name, ("heads",), **more)

    queries = (
        saved("open", group_by=("person__mail", "Dimension('person__hired_on')"), where=("{{ Dimension('person__mail') }} is null",), meta=META),
        saved(f"{SECRET}_a", group_by=(f"Dimension('{SECRET}_day', entity_path=['person'])",)),
        saved(f"{SECRET}_b", where=(f"{{{{ TimeDimension('PERSON__{SECRET.upper()}_DAY', 'day') }}}} is null",)),
        saved(f"{SECRET}_c", where=(f"{{{{ Metric('{SECRET}_0', ['person']) }}}} > 1",)),
        saved(f"{SECRET}_d", order_by=(f"-person__{SECRET}_day",)),
        saved(f"{SECRET}_e", group_by=(f"Entity('{SECRET}')",)),
        SavedQuery(f"{SECRET}_f", ("heads", f"{SECRET}_0")),
    )  # fmt: skip
    return Ontology(
        "w",
        models=(staff, vault),
        semantic_models=(people, other, far),
        metrics=metrics,
        saved_queries=queries,
        time_spines=(TimeSpine("staff", "hired", Grain.DAY, ((SECRET, f"{SECRET}_pay"),)), TimeSpine(f"{SECRET}s", "id", Grain.DAY)),
        exposures=(
            Exposure("board", "dashboard", depends_on=("metric.w.heads",), meta=META),
            Exposure(SECRET, "dashboard", depends_on=(f"metric.w.{SECRET}_0",)),
        ),
        groups=(Group("hr", owner="Ann", meta=META), Group(SECRET, email=f"{SECRET}@example.org")),
        default_access="deny",
    )


def replace_meta(one: Entity) -> Entity:
    return msgspec.structs.replace(one, meta=META)


def test_nothing_of_what_is_hidden_is_told_anywhere() -> None:
    ontology = world()
    view = visible_ontology(ontology, access(ANALYST, ontology))
    assert SECRET not in view.canonical().decode().lower()
    assert [m.name for m in view.metrics] == ["heads", "helper", "paid", "paid_more", "ratio_of_paid"]
    assert [m.name for m in view.listed_metrics] == ["heads", "paid", "paid_more", "ratio_of_paid"]
    assert [q.name for q in view.saved_queries] == ["open"]
    assert [(g.name, g.owner) for g in view.groups] == [("hr", "Ann")]
    assert [m.name for s in view.semantic_models for m in s.measures] == ["heads", "paid"]


def test_an_admin_sees_what_the_project_says_but_for_its_notes() -> None:
    ontology = world()
    ontology = msgspec.structs.replace(ontology, default_access="allow")
    view = visible_ontology(ontology, access(ADMIN, ontology))
    assert [m.name for m in view.metrics] == [m.name for m in ontology.metrics]
    assert [g.name for g in view.groups] == ["hr", SECRET]
    assert view.models[0].depends_on == ontology.models[0].depends_on
    assert '"note"' not in view.canonical().decode()


@pytest.mark.parametrize("name", ["helper", f"{SECRET}_0"])
def test_a_metric_that_is_not_listed_is_under_policy_like_any_other(name: str) -> None:
    ontology = world()
    assert ontology.metric(name).hidden
    assert (visible_ontology(ontology, access(ANALYST, ontology)).metric(name) is not None) is (name == "helper")
