"""What is said of a question that comes to nothing, by what further queries give."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from app.errors import Problem, Severity
from app.language.reading import Reading
from app.language.say import Labels
from app.model.answer import Answer, Outcome
from app.model.expr import And, Binary, Field, Literal
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.result import Result, ResultColumn
from app.model.types import DataType
from app.service.empty import told_if_empty
from tests.unit.language.layers import shop

WEB = Binary("=", Field("order__sales_channel"), Literal("web", DataType.TEXT))
YEAR = TimeRange(dt.date(1998, 1, 1), dt.date(1998, 12, 31), "1998")
MAY = TimeRange(dt.date(2026, 5, 1), dt.date(2026, 5, 31), "May")


@dataclass
class Rows:
    """Revenue by month, and whether there is any on the web."""

    months: tuple[tuple[str, int], ...] = (("2024-01-01", 5), ("2026-06-01", 7))
    on_web: bool = True
    asked: list[SemanticQuery] = field(default_factory=list)

    def __call__(self, query: SemanticQuery) -> Result:
        self.asked.append(query)
        if query.group_by:
            dates, values = zip(*((dt.date.fromisoformat(day), value) for day, value in self.months), strict=True)
            return table(("metric_time__month", dates), ("revenue", values))
        return table(("revenue", (None if query.where == WEB and not self.on_web else 12,)))


def table(*columns: tuple[str, tuple[Any, ...]]) -> Result:
    return Result(tuple(ResultColumn(name, DataType.DECIMAL) for name, _ in columns), tuple(data for _, data in columns))


def turn(query: SemanticQuery, value: int | None, *problems: Problem) -> Any:
    """What `told_if_empty` looks at of a turn."""
    answer = Answer("qry_1", Outcome.ANSWER, query=query, problems=problems)
    found = SimpleNamespace(
        reading=Reading(Outcome.ANSWER, query), query=query, answer=answer, problems=problems, result=table(("revenue", (value,))),
        served=SimpleNamespace(lexicon=SimpleNamespace(labels=Labels(shop()))),
    )  # fmt: skip
    found.with_ = lambda **new: SimpleNamespace(**{**vars(found), **new})
    return found


def test_a_period_without_data_is_told_with_the_time_of_which_there_is() -> None:
    told = told_if_empty(turn(SemanticQuery(("revenue",), time=YEAR), None), Rows())
    assert (told.answer.outcome, told.result, [problem.code for problem in told.problems]) == (Outcome.REFUSE, None, ["DM6018"])
    assert "it goes from 1 Jan 2024 to 30 Jun 2026" in told.answer.text
    assert told.answer.nearest == ("Revenue, 1 Jan 2024 to 31 Jan 2024",)
    (choice,) = told.answer.choices
    assert choice.query == SemanticQuery(("revenue",), time=TimeRange(dt.date(2024, 1, 1), dt.date(2024, 1, 31)))


@pytest.mark.parametrize("value", [0, None])
def test_nothing_within_that_time_is_an_answer(value: int | None) -> None:
    asked = turn(SemanticQuery(("revenue",), time=MAY), value)
    told = told_if_empty(asked, Rows())
    assert told.answer.outcome is Outcome.ANSWER
    assert told.result is asked.result
    (nearest,) = told.answer.follow_ups
    assert nearest.text == "And 1 Jun 2026 to 30 Jun 2026, the nearest month with any?"
    assert nearest.query.time == TimeRange(dt.date(2026, 6, 1), dt.date(2026, 6, 30))


def test_a_condition_that_never_holds_is_named() -> None:
    told = told_if_empty(turn(SemanticQuery(("revenue",), where=WEB, time=MAY), None), Rows(on_web=False))
    assert told.answer.text == "there is no revenue where sales channel is web"
    assert told.answer.nearest == ("Revenue, 1 May 2026 to 31 May 2026",)


def test_a_condition_that_holds_at_another_time_is_not_blamed() -> None:
    asked = turn(SemanticQuery(("revenue",), where=WEB, time=MAY), None)
    told = told_if_empty(asked, Rows())
    assert told.answer.outcome is Outcome.ANSWER
    assert [one.query.where for one in told.answer.follow_ups] == [WEB]


def test_nothing_is_said_of_what_is_left_out_for_its_size() -> None:
    asked = turn(SemanticQuery(("revenue",), time=YEAR), None, Problem("DM4027", "groups are left out", Severity.NOTE))
    rows = Rows()
    assert told_if_empty(asked, rows) is asked
    assert rows.asked == []


def test_an_answer_with_numbers_asks_nothing_more() -> None:
    asked = turn(SemanticQuery(("revenue",), (GroupBy("customer__country"),), time=YEAR), 4)
    rows = Rows()
    assert told_if_empty(asked, rows) is asked
    assert rows.asked == []


def test_of_many_conditions_only_the_first_are_looked_at() -> None:
    """A caller may send as many as a query holds: each would be two queries more."""
    conditions = tuple(Binary("=", Field("customer__country"), Literal(f"Land {n}", DataType.TEXT)) for n in range(100))
    rows = Rows()
    told_if_empty(turn(SemanticQuery(("revenue",), where=And(conditions), time=MAY), None), rows)
    assert len(rows.asked) <= 20
