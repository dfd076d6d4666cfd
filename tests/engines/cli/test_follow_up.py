"""`datamind ask --follow-up`, on the running demo."""

from __future__ import annotations

import pytest

from app.cli import going_on
from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo

FIRST = "revenue by country in 2025"


@pytest.fixture(autouse=True)
def _nothing_asked(demo: Demo) -> None:
    demo.deps.talk.conversations.delete_of(demo.settings.project_id, "cli")


def test_a_follow_up_goes_on_from_the_last_answered_question(cli: Cli, demo: Demo) -> None:
    assert cli("ask", "--follow-up", "only Germany", "--json").problem["code"] == "DM1035"
    first = cli("ask", FIRST, "--json").json
    assert cli("ask", "revenue by flavour").code == 1
    onward = cli("ask", "--follow-up", "by month", "--json").json
    assert (onward["outcome"], onward["query"]["metrics"], onward["query"]["time"]) == ("answer", ["revenue"], first["query"]["time"])
    assert cli("ask", "--follow-up", "only Germany", "--json").json["query"]["group_by"] == onward["query"]["group_by"]
    (kept,) = demo.deps.talk.conversations.page(demo.settings.project_id, "cli", "", 10)
    assert (kept.door, kept.turns, kept.title) == ("cli", 3, FIRST)


def test_another_question_begins_anew(cli: Cli) -> None:
    cli("ask", FIRST)
    cli("ask", "orders in 2025")
    assert cli("ask", "--follow-up", "by month", "--json").json["query"]["metrics"] == ["orders"]


def test_another_machine_has_its_own(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("ask", FIRST)
    monkeypatch.setattr(going_on.platform, "node", lambda: "elsewhere")
    assert cli("ask", "--follow-up", "by month", "--json").problem["code"] == "DM1035"


def test_a_stage_that_is_explained_keeps_nothing(cli: Cli) -> None:
    cli("ask", FIRST)
    assert '"phrase":"2025"' in cli("ask", "--follow-up", "by month", "--explain", "interpret").out
    assert cli("ask", "orders in 2025", "--explain", "interpret").code == 0
    assert cli("ask", "--follow-up", "by month", "--json").json["query"]["metrics"] == ["revenue"]
