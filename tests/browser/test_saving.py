"""Saving an answer as a file from the page."""

from __future__ import annotations

import pytest
from psycopg import connect

from tests.browser.conftest import Page
from tests.browser.test_conversation import someone
from tests.support.demo import Demo


@pytest.fixture
def analyst(page: Page, demo: Demo) -> Page:
    return page.sign_in(someone(demo))


def save(page: Page, ending: str) -> None:
    box = next(box for box in page.at.selectbox if box.label == "Save as")
    box.set_value(ending)
    page.at.run()


def test_a_format_is_chosen_and_the_file_is_there(analyst: Page) -> None:
    analyst.ask("revenue by country in 2025")
    for ending, begins in (
        ("csv", b"\xef\xbb\xbfcustomer__country,revenue"),
        ("xlsx", b"PK"),
        ("pdf", b"%PDF"),
        ("png", b"\x89PNG"),
        ("json", b"{"),
    ):
        save(analyst, ending)
        assert not analyst.at.exception
        assert not analyst.at.error
        assert analyst.at.session_state["file"].content.startswith(begins)
        assert analyst.at.get("download_button")
    analyst.ask("orders in 2025")
    assert "file" not in analyst.at.session_state
    assert not analyst.at.get("download_button")


def test_a_chart_is_offered_where_there_is_one(analyst: Page) -> None:
    analyst.ask("revenue in May 2026")
    box = next(box for box in analyst.at.selectbox if box.label == "Save as")
    assert "Chart as PNG" not in box.options
    analyst.ask("why?")
    assert "Save as" not in [box.label for box in analyst.at.selectbox]


def test_what_can_not_be_made_is_said(analyst: Page, demo: Demo) -> None:
    analyst.ask("revenue by country in 2025")
    with connect(demo.servers.store, autocommit=True) as connection:
        connection.execute("UPDATE jobs.queries SET semantic_query = '' WHERE id = %s", [analyst.at.session_state["answer"]["query_id"]])
    save(analyst, "xlsx")
    assert [error.value for error in analyst.at.error] == ["That did not work."]
    assert "file" not in analyst.at.session_state
