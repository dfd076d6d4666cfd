"""A test of the data fails: the page says so beside the answers that stand on it, and nothing once it passes again."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Page, plain
from tests.engines.quality.conftest import Sick
from tests.support.demo import Demo

QUESTION = "orders in 2025"
TEST = "accepted_values_fct_orders_sales_channel__web__app__store"


def warnings(page: Page) -> list[str]:
    """The warnings of the answer that is shown."""
    assert page.at.session_state["answer"]["outcome"] == "answer"
    return [plain(warning.value) for warning in page.at.warning]


@pytest.fixture
def artifacts(demo: Demo) -> Iterator[None]:
    """Puts back what dbt writes: a run of a few nodes leaves a manifest without the compiled code of the others."""
    folder = demo.settings.dbt_project_path / "target"
    held = {path: (path.read_bytes(), path.stat()) for path in folder.glob("*/*manifest.json")}
    yield
    for path, (content, at) in held.items():
        path.write_bytes(content)
        os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))


@pytest.mark.usefixtures("artifacts")
def test_an_answer_on_a_failed_test_shows_its_name_and_time(demo: Demo, page: Page, people: dict[str, str]) -> None:
    sick = Sick(demo)
    page.sign_in(people["admin"]).ask(QUESTION)
    engine = page.at.session_state["answer"]["engine"]
    assert sick.dbt("test", TEST, target=engine).status == "succeeded"
    assert warnings(page.ask(QUESTION)) == []
    with sick.wrong(engine, "marts.fct_orders", "sales_channel", "fax", "order_id"):
        (failed,) = sick.dbt("test", TEST, target=engine).not_passed
        at = f"failed at {failed.at:%Y-%m-%d %H:%M} UTC"
        assert warnings(page.ask(QUESTION)) == [f"Test `{TEST}` on `fct_orders` {at}."]
        # Whose rows are filtered learns no values, which the name tells.
        page.click("Sign out").sign_in(people["analyst"])
        assert warnings(page.ask(QUESTION)) == [f"A test on `fct_orders` {at}."]
        assert TEST not in page.sent
    assert sick.dbt("test", TEST, target=engine).status == "succeeded"
    assert warnings(page.ask(QUESTION)) == []
