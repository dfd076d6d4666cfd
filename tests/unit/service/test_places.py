"""What is wrong with a query is told at its word in what the person wrote, with the hint that mends it."""

from __future__ import annotations

import pytest

from app.errors import Problem, UserError
from app.model.expr import Field
from app.plan.build import build
from app.service.places import placed
from app.service.request import QueryRequest, semantic_query
from app.sql.expressions.problems import PartError
from app.sql.joins import JoinGraph
from tests.goldens.documents import compilation
from tests.unit.compile.conftest import Project

ONTOLOGY = compilation().layer.ontology
JOINS = JoinGraph.of(ONTOLOGY)


def problem_of(**asked: object) -> Problem:
    """What is said of a query."""
    request = QueryRequest(**{"metrics": ("revenue",), **asked})  # type: ignore[arg-type]
    with pytest.raises(UserError) as raised:
        build(semantic_query(request, ONTOLOGY, JOINS), ONTOLOGY, JOINS)
    return placed(raised.value, request).problem


def caret(text: str, problem: Problem) -> str:
    """The text from the place on."""
    assert problem.where is not None
    return text.split("\n")[problem.where.line - 1][problem.where.column - 1 :]


FILTERS = [
    # names
    ("customer__contry = 'DE'", "DM3002", "customer__contry", "did you mean `customer__country`"),
    ("customer__country = 'contry' and contry = 'x'", "DM3002", "contry = 'x'", ""),
    ("{{ Dimension('customer__contry') }} = 'DE'", "DM3002", "customer__contry'", "did you mean"),
    ("customer__country = 'x'\n  or visit__page = 'y'", "DM3002", "visit__page = ", ""),
    ("{{ Metric('revenue') }} > 2", "DM3016", "revenue') }}", "group_by=['customer']"),
    ("{{ Metric('revenue', ['order', 'customr']) }} > 2", "DM3002", "customr'", "did you mean `customer`"),
    ("{{ Metric('revenu', ['customer']) }} > 2", "DM3001", "revenu'", "did you mean `revenue`"),
    # text and dates without quotes
    ("customer__country = Germany", "DM3002", "Germany", "put text in quotes: `'Germany'`"),
    ("customer__country in (Germany, France)", "DM3002", "Germany,", "put text in quotes: `'Germany'`"),
    ("metric_time >= 2026-02-03", "DM3108", "2026-02-03", "put dates in quotes: `'2026-02-03'`"),
    # metrics where rows are filtered
    ("revenue > 100", "DM3002", "revenue > ", "`revenue` is a metric: `having` filters result rows by it (`--having` on the command line)"),
    ("customer__country = 'revenue' and revenue > 100", "DM3002", "revenue > ", "`--having`"),
    # grains and date parts
    ("metric_time__decade > '2020-01-01'", "DM3006", "decade", "grains are nanosecond, microsecond"),
    ("metric_time__mnth > '2020-01-01'", "DM3006", "mnth", "did you mean `month`"),
    ("{{ TimeDimension('metric_time', 'decade') }} > '2020-01-01'", "DM3006", "decade'", "one of nanosecond"),
    ("metric_time__extract_hour = 3", "DM3006", "extract_hour", "date parts are `extract_year`, `extract_quarter`"),
    ("customer__country__month = 'x'", "DM3006", "month", ""),
    ("order__ordered_on__decade > '2020-01-01'", "DM3006", "decade", "retail_month"),
    # types
    ("metric_time = 'yesterday'", "DM3107", "'yesterday'", "2024-01-31"),
    ("customer__country = 'x'\n or metric_time__day > 'tomorrow'", "DM3107", "'tomorrow'", ""),
    ("not (customer__country = 'x' or (metric_time__day in ('2024-01-01', 'soon')))", "DM3107", "'soon'", ""),
    ("customer__country = '7' and metric_time > 7", "DM3108", "7", ""),
    ("customer__country > 5 and customer__country <> '5'", "DM3108", "5 and", ""),
    ("customer__country between 'a' and 5", "DM3108", "5", ""),
    ("customer__country in ('5', 5)", "DM3108", "5)", ""),
    ("metric_time like 'x%'", "DM3108", "metric_time like", ""),
    ("customer__country = 'x' and metric_time", "DM3111", "metric_time", "compare it"),
    ("customer__country = 'x' and (order__is_gift or customer__country or order__status = customer__country)", "DM3111", "customer__country or", "compare it"),
    ("order__status = 'x' and customer__country is null and not (metric_time is not null and metric_time = 'x')", "DM3107", "'x')", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "start", "hint"), FILTERS, ids=[f"{code}-{text[:40]}" for text, code, _, _ in FILTERS])
@pytest.mark.parametrize("metrics", [("revenue",), ("average_order", "revenue_to_date")])
def test_a_filter(text: str, code: str, start: str, hint: str, metrics: tuple[str, ...]) -> None:
    problem = problem_of(metrics=metrics, where=("order__status = 'paid'", text))
    assert (problem.code, problem.where.path if problem.where else "") == (code, "where[1]")
    assert caret(text, problem).startswith(start)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "code", "start"),
    [
        ("contry = 'x'", "DM3002", "contry"),
        ("customer__country = 'x' and revenue > 3", "DM3002", "revenue"),
        ("customer__country = Germany", "DM3002", "Germany"),
        ("customer__signed_up_on = 'x'", "DM3107", "'x'"),
    ],
)
def test_a_filter_of_values_that_are_listed(text: str, code: str, start: str) -> None:
    problem = problem_of(metrics=(), group_by=("customer__country",), where=(text,))
    assert (problem.code, str(problem.where).split(":")[0]) == (code, "where[0]")
    assert caret(text, problem).startswith(start)


@pytest.mark.parametrize(
    ("text", "code", "start"),
    [("revenue > 1 and revenu > 5", "DM3015", "revenu >"), ("revenue > 1 and\n revenue < 'x'", "DM3109", "'x'")],
)
def test_having(text: str, code: str, start: str) -> None:
    problem = problem_of(having=text)
    assert (problem.code, problem.where.path if problem.where else "") == (code, "having")
    assert caret(text, problem).startswith(start)


@pytest.mark.parametrize(
    ("item", "code", "hint"),
    [
        ("revenue", "DM3002", "`revenue` is a metric: name it among the metrics"),
        ("metric_time__decade", "DM3006", "grains are"),
        ("metric_time__extract_hour", "DM3006", "date parts are"),
        ("customer__month", "DM3006", ""),
        ("metric_time__hour", "DM3006", "ask by day or coarser"),
        ("Dimension('order__ordered_on').grain('minute')", "DM3006", "ask by day or coarser"),
    ],
)
def test_a_group_by_item(item: str, code: str, hint: str) -> None:
    problem = problem_of(group_by=("order__status", item))
    assert (problem.code, str(problem.where)) == (code, "group_by[1]")
    assert hint in problem.hint


def test_a_hidden_metric_is_no_hint() -> None:
    (hidden, *_) = (metric.name for metric in ONTOLOGY.metrics if metric.hidden)
    assert "is a metric" not in problem_of(where=(f"{hidden} > 1",)).hint


def test_extremes_name_their_options() -> None:
    assert "--min-max-only" in problem_of(min_max_only=True).hint
    assert "--no-group-by" in problem_of(apply_group_by=False).hint
    assert "--order" in problem_of(metrics=(), group_by=("order__status",), order=("order__status",), min_max_only=True).hint


def test_time_is_missing_for_the_metric_that_was_asked() -> None:
    problem = problem_of(metrics=("orders_growth",))
    assert problem.code == "DM3021"
    assert "`orders_growth`" in problem.message
    assert "`orders`" in problem.message
    assert problem_of(metrics=("revenue_30_days",)).message.startswith("metric `revenue_30_days` needs time")


def test_what_no_text_holds_has_no_place() -> None:
    """A name of a metric's own filter is nothing that the person wrote."""
    error = PartError([((Field("of_the_metric"),), 0)], Problem("DM3002", "there is no dimension or entity `of_the_metric`"))
    request = QueryRequest(metrics=("revenue",), group_by=("order__status",), where=("customer__country = 'of_the_metric'",))
    assert placed(error, request).problem.where is None
    plain = UserError(Problem("DM3002", "there is no `x`"))
    assert placed(plain, request) is plain


def test_a_name_of_several_things() -> None:
    project = Project().orders()
    orders = project.manifest["semantic_models"]["semantic_model.shop.orders"]
    for name in ("customer", "store"):
        project.model(f"{name}s", columns=("id", "country"))
        orders["entities"].append({"name": name, "type": "foreign", "expr": f"{name}_id"})
        project.semantic_model(
            f"{name}s",
            model=f"{name}s",
            defaults=None,
            entities=[{"name": name, "type": "primary", "expr": "id"}],
            dimensions=[{"name": "country", "type": "categorical"}],
            measures=[],
        )
    ontology = project.compile().layer.ontology
    joins = JoinGraph.of(ontology)
    text = "order__status = 'country'\n and {{ Dimension('country') }} = 'DE'"
    request = QueryRequest(metrics=("revenue",), where=(text,))
    with pytest.raises(UserError) as raised:
        build(semantic_query(request, ontology, joins), ontology, joins)
    problem = placed(raised.value, request).problem
    assert (problem.code, str(problem.where)) == ("DM3004", "where[0]:2:20")
    assert caret(text, problem).startswith("country')")
