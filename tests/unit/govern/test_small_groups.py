"""Each kind of step of a plan carries the sizes of protected columns on, or the query is refused."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.errors import UserError
from app.govern.access import access
from app.govern.small_groups import guard_sizes
from app.model.expr import And, Column, Literal
from app.model.ontology import Ontology, TimeSpine
from app.model.physical import Model, ModelColumn
from app.model.plan import Aggregate, Aggregated, Combine, JoinKind, JoinTo, LogicalPlan, Named, Rows, Scan, Select, Step, Union, values
from app.model.policy import ColumnPolicy, Mask, MaskKind, SizePolicy
from app.model.query import SemanticQuery
from app.model.types import Aggregation, DataType, Grain
from tests.unit.govern.world import ANALYST

INTEGER = DataType.INTEGER
PAY = Scan("p", "pay", columns=(("amount", INTEGER), ("person", INTEGER)))
PEOPLE = Scan("q", "people", columns=(("bonus", INTEGER),))
DAYS = Scan("d", "days", columns=(("day", DataType.DATE),))


def table(name: str, *columns: str, **more: object) -> Model:
    return Model(name, f"model.w.{name}", columns=tuple(ModelColumn(one, INTEGER) for one in columns), **more)


def sized(model: str, column: str, least: int) -> tuple[SizePolicy, ...]:
    return (SizePolicy(f"{model}.few", model, column, least),)


def world(**people: object) -> Ontology:
    held = {"primary_key": ("id",), "size_policies": sized("people", "bonus", 3), **people}
    models = (
        table("pay", "amount", "person", size_policies=sized("pay", "amount", 5)),
        table("people", "id", "bonus", **held),
        table("days", "day"),
    )
    return Ontology("w", models=models, time_spines=(TimeSpine("days", "day", Grain.DAY),), default_access="allow")


def guarded(*steps: Step, of: Ontology | None = None) -> tuple[LogicalPlan, int]:
    of = of or world()
    plan = LogicalPlan(steps, parts=(steps[-1].name,))
    return guard_sizes(plan, SemanticQuery(), of, access(ANALYST, of))


def total(name: str, scan: Scan = PAY, column: str = "amount", *joins: JoinTo) -> Aggregate:
    return Aggregate(
        name, Rows(scan, joins), values=(Aggregated(f"{name}_v", Aggregation.SUM, Column(column, scan.alias), INTEGER, INTEGER),)
    )


def read(step: str, name: str, *columns: str) -> Select:
    scan = Scan("s", step=step, columns=tuple((column, INTEGER) for column in columns))
    return Select(name, Rows(scan), columns=(Named("v", Column(columns[0], "s"), INTEGER),))


def sizes_of(step: Step) -> list[str]:
    return [name for name, _kind in values(step) if name.startswith("dm_size")]


def refused(*steps: Step, of: Ontology | None = None) -> None:
    with pytest.raises(UserError) as raised:
        guarded(*steps, of=of)
    assert raised.value.problem.code == "DM4026"


def test_a_plan_that_reads_nothing_protected_stays_as_it_is() -> None:
    plain = Aggregate("a", Rows(Scan("p", "pay", columns=(("person", INTEGER),))), keys=(Named("k", Column("person", "p"), INTEGER),))
    plan, least = guarded(plain, Union("u", (read("a", "x", "k"),)))
    assert (plan.steps[0], plan.having, least) == (plain, None, 0)


def test_rows_and_values_are_counted_and_held_against_the_least() -> None:
    plan, least = guarded(total("a"))
    assert sizes_of(plan.steps[0]) == ["dm_size1", "dm_size2"]
    assert [value.agg for value in plan.steps[0].values] == [Aggregation.SUM, Aggregation.COUNT, Aggregation.COUNT]
    assert isinstance(plan.having, And)
    assert (len(plan.having.args), least) == (2, 5)


def test_sizes_go_along_side_by_side_through_reads_and_one_under_the_other() -> None:
    a, b, under = total("a"), total("b"), total("c", Scan("p", "pay", columns=(("person", INTEGER),)), "person")
    both = Combine("both", ("a", "b"), columns=(Named("v", Column("a_v", "a"), INTEGER),))
    plan, _ = guarded(a, b, both)
    assert sizes_of(plan.steps[-1]) == ["dm_size1", "dm_size2", "dm_size3", "dm_size4"]
    plan, _ = guarded(a, read("a", "s", "a_v"))
    assert sizes_of(plan.steps[-1]) == ["dm_size1", "dm_size2"]
    assert dict(plan.steps[-1].rows.base.columns).keys() >= {"dm_size1", "dm_size2"}
    plan, _ = guarded(a, under, Union("u", (read("a", "x", "a_v"), read("c", "y", "c_v"))))
    first, second = plan.steps[-1].parts
    assert sizes_of(first) == sizes_of(second) == ["dm_size1", "dm_size2"]
    assert [one.expr for one in second.columns[1:]] == [Literal(None, INTEGER)] * 2


def test_sizes_of_a_step_add_up_in_the_next() -> None:
    again = Aggregate(
        "z", Rows(Scan("s", step="a", columns=(("a_v", INTEGER),))), values=(Aggregated("z_v", Aggregation.MAX, Column("a_v", "s")),)
    )
    plan, _ = guarded(total("a"), again)
    assert [value.agg for value in plan.steps[-1].values[1:]] == [Aggregation.SUM, Aggregation.SUM]


def test_of_a_joined_model_keys_are_counted_which_do_not_add_up() -> None:
    joined = total("j", Scan("p", "pay", columns=(("person", INTEGER),)), "person", JoinTo(PEOPLE, entity="person"))
    plan, least = guarded(joined)
    assert (plan.steps[0].values[-1].agg, least) == (Aggregation.COUNT_DISTINCT, 3)
    assert ("id", INTEGER) in plan.steps[0].rows.joins[0].scan.columns
    refused(
        joined,
        Aggregate(
            "z", Rows(Scan("s", step="j", columns=(("j_v", INTEGER),))), values=(Aggregated("v", Aggregation.MAX, Column("j_v", "s")),)
        ),
    )


@pytest.mark.parametrize(
    "people",
    [
        {"primary_key": ()},
        {"primary_key": ("id", "bonus")},
        {"column_policies": (ColumnPolicy("x", "people", "id", Mask(MaskKind.NULL)),)},
        {"column_policies": (ColumnPolicy("x", "people", "id"),)},
    ],
)
def test_a_joined_model_without_a_key_that_can_be_counted_is_refused(people: dict[str, object]) -> None:
    joined = total("j", Scan("p", "pay", columns=(("person", INTEGER),)), "person", JoinTo(PEOPLE, entity="person"))
    refused(joined, of=world(**people))


def test_a_unique_column_is_a_key_too() -> None:
    of = world(primary_key=())
    models = tuple(
        replace(one, columns=tuple(replace(column, unique=column.name == "id", not_null=True) for column in one.columns))
        for one in of.models
    )
    joined = total("j", Scan("p", "pay", columns=(("person", INTEGER),)), "person", JoinTo(PEOPLE, entity="person"))
    assert guarded(joined, of=replace(of, models=models))[1] == 3


def test_single_rows_and_rows_that_repeat_are_refused() -> None:
    refused(Select("s", Rows(PAY), columns=(Named("v", Column("amount", "p"), INTEGER),)))
    refused(total("a"), total("b", PAY, "amount", JoinTo(Scan("s", step="a", columns=(("a_v", INTEGER),)))))
    refused(total("a", PAY, "amount", JoinTo(Scan("o", "people", columns=(("id", INTEGER),)), kind=JoinKind.INNER)))
    plan, least = guarded(total("a", PAY, "amount", JoinTo(DAYS, kind=JoinKind.CROSS)))
    assert (sizes_of(plan.steps[0]), least) == (["dm_size1", "dm_size2"], 5)
    days = Aggregate("days", Rows(DAYS), keys=(Named("day", Column("day", "d"), DataType.DATE),))
    assert (
        guarded(days, total("a", PAY, "amount", JoinTo(Scan("s", step="days", columns=(("day", DataType.DATE),)), kind=JoinKind.INNER)))[1]
        == 5
    )
