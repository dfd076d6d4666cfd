"""Asking on the page: each kind of answer, and what each role sees of it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from app.cli.demo.questions import QUESTIONS
from tests.browser.conftest import Page, plain
from tests.support.demo import Demo

STAGES = ["Interpret", "Generate", "Validate", "Optimize", "Sanitize", "Execute", "Explain"]


@pytest.fixture
def analyst(page: Page, people: dict[str, str], demo: Demo) -> Page:
    """Somebody who chose nothing before."""
    known = demo.deps.people.users.by_email(people["analyst"])
    assert known is not None
    demo.deps.talk.choices.delete_of(known.project_id, known.id)
    return page.sign_in(people["analyst"])


@pytest.fixture
def admin(page: Page, people: dict[str, str]) -> Page:
    return page.sign_in(people["admin"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_demo_questions_are_answered(admin: Page, question: str) -> None:
    admin.ask(question)
    assert not admin.at.error
    assert not admin.at.exception
    assert admin.at.session_state["answer"]["outcome"] == "answer"
    assert admin.headline == admin.at.session_state["answer"]["restated"]


def test_one_number_is_shown_large(admin: Page) -> None:
    admin.ask("What was our revenue in June 2026?")
    answer = admin.at.session_state["answer"]
    (metric,) = admin.at.metric
    assert metric.label == "Revenue"
    assert metric.value.replace("\\", "") == f"{answer['results'][0]['revenue']:,.2f} EUR"
    assert answer["text"] in admin.texts


def test_a_table_with_labels_definition_sql_and_times(admin: Page) -> None:
    admin.ask("What was the gross profit by product category in the second quarter of 2026?")
    answer = admin.at.session_state["answer"]
    assert admin.headline == "Gross profit by product category, 1 Apr 2026 to 30 Jun 2026"
    table, times = (element.value for element in admin.at.dataframe)
    assert list(table["product__product_category"]) == [row["product__product_category"] for row in answer["results"]]
    assert [f"{value:.2f}" for value in table["gross_profit"]] == [f"{row['gross_profit']:.2f}" for row in answer["results"]]
    configured = admin.at.dataframe[0].proto.columns
    for heading in ("Product category", "Gross profit (EUR)", "%,.2f", "right"):
        assert heading in configured
    assert "Revenue less refunds and the cost of goods." in admin.texts
    assert "(revenue - refunded_amount) - cost_of_goods" in admin.codes
    assert answer["sql"] in admin.codes
    assert list(times["Stage"]) == STAGES
    assert all(times["ms"] >= 0)
    assert f"Engine: {answer['engine']}, because {answer['engine_reason']}." in admin.texts


def test_dates_are_dates(admin: Page) -> None:
    admin.ask("Orders by month in 2026")
    table = admin.at.dataframe[0].value
    assert list(table["metric_time__month"])[:2] == [dt.date(2026, 1, 1), dt.date(2026, 2, 1)]
    assert '"Month"' in admin.at.dataframe[0].proto.columns
    assert "MMM YYYY" in admin.at.dataframe[0].proto.columns


def test_governed_sql_is_for_admins_only(page: Page, people: dict[str, str]) -> None:
    question = "Top 5 products by revenue for customers in Germany in 2025"
    page.sign_in(people["analyst"]).ask(question)
    assert page.at.session_state["answer"]["sql"] in page.codes
    assert len([code for code in page.codes if "SELECT" in code]) == 1
    assert "DACH" not in page.sent
    assert "dm_t" not in page.sent
    assert any("hidden from you by policy" in text for text in page.texts)
    page.click("Sign out").sign_in(people["admin"]).ask(question)
    assert page.at.session_state["answer"]["governed_sql"] in page.codes
    assert "dm_t" in page.sent
    assert len([code for code in page.codes if "SELECT" in code]) == 2
    assert not any("hidden from you by policy" in text for text in page.texts)


def test_a_question_back_offers_choices_and_a_click_answers(analyst: Page) -> None:
    analyst.ask("country")
    assert [info.value for info in analyst.at.info] == ["Which one do you mean?"]
    choices = [choice["text"] for choice in analyst.at.session_state["answer"]["choices"]]
    assert choices
    assert [button for button in analyst.buttons if button not in ("Sign out", "Ask")] == choices
    analyst.click("Active customers by country")
    assert not analyst.at.error
    assert analyst.headline == "Active customers by country"
    assert not set(choices) & set(analyst.buttons)


def test_a_part_of_the_question_is_changed_on_the_page(analyst: Page) -> None:
    analyst.ask("revenue by country in Q2 2026")
    parts = {box.label: box for box in analyst.at.selectbox if box.label != "Save as"}
    assert {name: parts[name].options[0] for name in parts} == {
        "Metric": "Revenue",
        "Group": "by country",
        "Period": "1 Apr 2026 to 30 Jun 2026",
    }
    parts["Group"].select_index(parts["Group"].options.index("by sales channel"))
    analyst.at.run()
    assert not analyst.at.exception
    assert analyst.headline == "Revenue by sales channel, 1 Apr 2026 to 30 Jun 2026"
    period = next(box for box in analyst.at.selectbox if box.label == "Period")
    period.select_index(period.options.index("1 Jan 2026 to 31 Mar 2026"))
    analyst.at.run()
    assert analyst.headline == "Revenue by sales channel, 1 Jan 2026 to 31 Mar 2026"


def test_the_chart_has_the_rows_and_a_click_asks_what_follows(analyst: Page) -> None:
    analyst.ask("revenue by country in Q2 2026")
    (chart,) = analyst.at.get("vega_lite_chart")
    spec = json.loads(chart.proto.spec)
    assert spec["encoding"]["y"]["field"] == "customer__country"
    assert [dataset.name for dataset in chart.proto.datasets] == ["results"]
    follow_ups = [one["text"] for one in analyst.at.session_state["answer"]["follow_ups"]]
    assert len(follow_ups) == 3
    analyst.click(follow_ups[0])
    assert analyst.headline == "Revenue compared with 1 quarter before by country, 1 Apr 2026 to 30 Jun 2026"


def test_how_a_number_changed_stands_under_it(analyst: Page) -> None:
    analyst.ask("What was our revenue in May 2026?")
    answer = analyst.at.session_state["answer"]
    (metric,) = analyst.at.metric
    assert metric.delta == f"{float(answer['comparison']['percent']):+.1%}"
    assert "in the month before" in answer["text"]
    assert any("From Fct order lines" in plain(caption.value) for caption in analyst.at.caption)


def test_a_list_without_metrics(analyst: Page) -> None:
    analyst.ask("country").click("List of country")
    assert sorted(analyst.at.dataframe[0].value["customer__country"]) == ["Austria", "Germany", "Switzerland"]
    assert "No metric was asked for." in analyst.texts


def test_a_refusal_gives_the_reason_and_what_is_near(analyst: Page) -> None:
    analyst.ask("revenue by flavour")
    assert [warning.value for warning in analyst.at.warning] == ["This question can't be answered as it is asked."]
    assert "Nothing here explains “flavour”." in analyst.texts
    near = next(text for text in analyst.texts if text.startswith("What comes nearest:"))
    assert "•  Revenue" in near.splitlines()
    assert not analyst.codes


def test_what_the_role_does_not_allow(page: Page, people: dict[str, str]) -> None:
    page.sign_in(people["viewer"]).ask("revenue in 2025")
    assert [error.value for error in page.at.error] == ["You are not allowed to do that."]
    assert "The role viewer may not ask or query." in page.texts
    assert not page.at.metric


def test_no_data_is_said(analyst: Page) -> None:
    analyst.ask("revenue for 2019")
    assert not analyst.at.metric
    assert any("no revenue of that period (1 Jan 2019 to 31 Dec 2019): it goes from" in text for text in analyst.texts)
    assert any("What comes nearest:" in text for text in analyst.texts)


def test_an_empty_question_asks_nothing(analyst: Page) -> None:
    analyst.ask("   ")
    assert "answer" not in analyst.at.session_state
    assert not analyst.at.error


def test_a_failed_question_leaves_no_old_answer(analyst: Page) -> None:
    analyst.ask("revenue in 2025").ask("x" * 10_001)
    assert [error.value for error in analyst.at.error] == ["That did not work."]
    assert not analyst.at.metric
    assert any("DM7031" in caption.value for caption in analyst.at.caption)
