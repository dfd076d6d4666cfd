"""What stands beside an answer is bounded, whatever is asked."""

from __future__ import annotations

from app.model.expr import And, Binary, Field, Literal
from app.model.query import SemanticQuery
from app.model.types import DataType
from app.pipeline.beside import MOST_BYTES, Beside
from tests.unit.pipeline.test_run import DEPS, turn


def refusing(count: int) -> SemanticQuery:
    """Revenue but for so many words."""
    return SemanticQuery(
        ("revenue",), where=And(tuple(Binary("<>", Field("order__status"), Literal(f"word {at}", DataType.TEXT)) for at in range(count)))
    )


def test_the_other_forms_of_a_query_of_many_conditions_stay_within_bounds() -> None:
    query = refusing(300)
    beside = Beside(turn(query=query), DEPS)
    parts = beside.parts(query)
    assert [part.path for part in parts if part.path.startswith("/where")] == [f"/where/args/{at}" for at in range(300)]
    offered = [choice.query for part in parts for choice in part.alternatives]
    assert offered
    assert sum(len(one.canonical()) for one in offered) <= MOST_BYTES
    assert len(beside.follow_ups(query)) == 3


def test_a_query_as_people_ask_it_has_all_its_other_forms() -> None:
    query = refusing(10)
    parts = Beside(turn(query=query), DEPS).parts(query)
    assert all(part.alternatives for part in parts)
