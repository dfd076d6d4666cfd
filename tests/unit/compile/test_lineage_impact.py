"""What a change may touch: downstream columns, and all of the semantic layer on them; what can't be seen is said to be touched perhaps."""

from __future__ import annotations

import pytest

from app.compile.lineage.names import starts
from app.compile.project import compile_project
from app.errors import UserError
from app.model.lineage import Impact, Kind, Touched
from app.service.lineage import ProjectReader, project_reader
from tests.support.lineage_project import PACKAGE, artifacts, node
from tests.support.lineage_shop import RAW, shop


@pytest.fixture(scope="module")
def reader() -> ProjectReader:
    target = shop()
    compiled = compile_project([target])
    assert {metric.name for metric in compiled.layer.ontology.metrics} == {"revenue", "orders", "at_home", "average", "best"}, (
        compiled.problems
    )
    return project_reader(compiled)


def names(items: tuple[Touched, ...]) -> dict[str, str]:
    return {
        ".".join(part for part in (one.owner, one.name) if part): ("perhaps " if one.reason else "") + " ".join(one.roles) for one in items
    }


def told(found: Impact) -> dict[str, dict[str, str]]:
    kinds = ("metrics", "measures", "dimensions", "entities", "saved_queries", "exposures", "policies", "columns")
    return {kind: names(getattr(found, kind)) for kind in kinds if getattr(found, kind)}


def test_a_column_of_values(reader: ProjectReader) -> None:
    assert told(reader.impact("raw.orders.amount")) == {
        "metrics": {"revenue": "value", "average": "value", "best": "perhaps rows"},
        "measures": {"orders.amount": "value", "scored.top": "perhaps rows"},
        "entities": {"scored.rank": "perhaps rows"},
        "exposures": {"board": "value"},
        "columns": {
            "stg.amount": "value",
            "facts.amount": "value",
            "scores": "perhaps rows",
            "scores.*": "perhaps rows",
            "ranked": "perhaps rows",
            "ranked.score": "perhaps rows",
        },
    }


def test_a_column_that_filters(reader: ProjectReader) -> None:
    found = told(reader.impact("raw.orders.status"))
    assert found["metrics"] | {"best": ""} == {
        "revenue": "filter",
        "orders": "filter",
        "at_home": "filter",
        "average": "filter",
        "best": "",
    }
    assert found["columns"]["stg"] == "filter"
    assert found["columns"]["facts"] == "filter"
    assert "stg.amount" not in found["columns"]
    assert found["saved_queries"] == {"by_name": "filter"}


def test_a_column_that_nothing_reads_but_a_model_that_nobody_can_read(reader: ProjectReader) -> None:
    found = told(reader.impact("stg.note"))
    assert set(found["columns"]) == {"scores", "scores.*", "ranked", "ranked.score"}
    assert all(roles.startswith("perhaps ") for kind in found.values() for roles in kind.values())
    assert set(found["metrics"]) == {"best"}


def test_a_dimension_by_which_a_metric_is_filtered(reader: ProjectReader) -> None:
    found = told(reader.impact("people.country"))
    assert found == {
        "metrics": {"at_home": "filter"},
        "dimensions": {"customers.country": "value"},
        "exposures": {"sheet": "value"},
        "policies": {"people.own": "filter"},
    }
    assert told(reader.impact("dimension:customers.country")) == {"metrics": {"at_home": "filter"}}


def test_a_key_by_which_a_filter_is_reached(reader: ProjectReader) -> None:
    assert told(reader.impact("raw.people.id"))["metrics"] == {"at_home": "join"}
    assert told(reader.impact("facts.customer_id"))["metrics"] == {"at_home": "join"}


def test_items_of_a_saved_query(reader: ProjectReader) -> None:
    assert told(reader.impact("people.name")) == {
        "saved_queries": {"by_name": "group"},
        "dimensions": {"customers.name": "value"},
        "exposures": {"sheet": "value"},
    }


def test_the_time_of_measures(reader: ProjectReader) -> None:
    assert set(told(reader.impact("facts.placed_at"))["metrics"].values()) == {"time"}


def test_parts_of_the_semantic_layer(reader: ProjectReader) -> None:
    assert told(reader.impact("measure:orders.amount")) == {
        "metrics": {"revenue": "value", "average": "value"},
        "exposures": {"board": "value"},
    }
    assert told(reader.impact("metric:orders")) == {
        "metrics": {"average": "value"},
        "saved_queries": {"by_name": "value"},
        "exposures": {"board": "value"},
    }


def test_a_model_with_all_its_columns(reader: ProjectReader) -> None:
    found = told(reader.impact("facts"))
    assert set(found["metrics"]) == {"revenue", "orders", "at_home", "average"}
    assert set(found["entities"]) == {"orders.order", "orders.customer"}
    assert "columns" not in found


@pytest.mark.parametrize(
    ("text", "code"),
    [("nothing", "DM3096"), ("facts.nothing", "DM3096"), ("column:facts", "DM3096"), ("customer", "DM3097"), ("orders", "DM3097")],
)
def test_names_that_mean_nothing_or_too_much(reader: ProjectReader, text: str, code: str) -> None:
    if text == "orders":
        assert starts("orders", reader.layer.ontology, reader.models)[0].kind is Kind.METRIC  # a semantic model is nothing to start from
        return
    with pytest.raises(UserError) as caught:
        reader.impact(text)
    assert caught.value.problem.code == code


def test_a_hint_names_the_nearest_column(reader: ProjectReader) -> None:
    with pytest.raises(UserError) as caught:
        reader.impact("facts.amonut")
    assert "facts.amount" in caught.value.problem.hint


def test_impact_is_lineage_the_other_way(reader: ProjectReader) -> None:
    """A metric is touched by a column exactly if its own lineage comes to it, or to something that nobody can see."""
    ontology = reader.layer.ontology
    for model in ontology.models:
        for column in model.columns:
            touched = {one.name for one in reader.impact(f"column:{model.name}.{column.name}").metrics if one.reason is None}
            standing = set()
            for one in ontology.metrics:
                points = reader.trace(one.name).points
                if any(point.kind is Kind.COLUMN and (point.owner, point.name) == (model.name, column.name) for point in points):
                    standing.add(one.name)
            assert touched == standing, (model.name, column.name)


def test_a_model_that_reads_itself_is_touched_through_itself() -> None:
    text = "select (select max(s.amount) from main.sums as s) as top, amount from raw.orders"
    target = artifacts(RAW, node("sums", text, f"source.{PACKAGE}.raw.orders", config={"materialized": "incremental"}))
    found = project_reader(compile_project([target])).impact("raw.orders.amount")
    assert told(found) == {"columns": {"sums.top": "value", "sums.amount": "value"}}
