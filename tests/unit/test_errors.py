"""Problems as people read them, and suggestions."""

from __future__ import annotations

import pytest

from app.errors import DataMindError, InternalError, Problem, Severity, UserError, Where, did_you_mean


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (Where("models/x.yml", 41, 13), "models/x.yml:41:13"),
        (Where("models/x.yml", 41), "models/x.yml:41"),
        (Where("models/x.yml"), "models/x.yml"),
        (Where(path="group_by[1]"), "group_by[1]"),
        (Where(line=2, column=5, path="where[0]"), "where[0]:2:5"),
        (Where("models/x.yml", 41, path="metrics[0]"), "models/x.yml:41 metrics[0]"),
        (Where(), ""),
    ],
)
def test_a_place_reads_as_editors_read_it(where: Where, text: str) -> None:
    assert str(where) == text


def test_a_problem_is_one_line() -> None:
    assert str(Problem("DM2104", "it is wrong")) == "error DM2104 it is wrong"
    whole = Problem("DM2104", "it is wrong", Severity.WARNING, Where("x.yml", 4, 2), "mend it", "fix")
    assert str(whole) == "x.yml:4:2 warning DM2104 it is wrong (mend it)"


def test_an_error_carries_its_problems() -> None:
    first, second = Problem("DM1001", "one"), Problem("DM1002", "two")
    error = UserError(first, second)
    assert error.problem is first
    assert error.problems == (first, second)
    assert str(error) == "error DM1001 one; error DM1002 two"
    assert isinstance(InternalError(first), DataMindError)
    with pytest.raises(TypeError):
        UserError()


def test_places_sort_by_file_and_line() -> None:
    places = [Where("b", 1), Where("a", 10), Where("a", 2)]
    assert sorted(places) == [Where("a", 2), Where("a", 10), Where("b", 1)]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("revenu", "did you mean `revenue`?"),
        ("REVENU", "did you mean `revenue`?"),
        ("mrr", "did you mean `MRR`?"),
        ("Order", "did you mean `orders` or `Ordered`?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_names_are_suggested_as_they_are_spelled(name: str, hint: str) -> None:
    assert did_you_mean(name, ["revenue", "Ordered", "orders", "sessions", "MRR"]) == hint


def test_without_candidates_nothing_is_suggested() -> None:
    assert did_you_mean("revenue", []) == ""


def test_at_most_so_many_are_suggested() -> None:
    assert did_you_mean("aaaa", ["aaab", "aaac", "aaad", "aaae"], most=2).count("`") == 4
