"""`datamind models`, on vendors of our own: what docs/models.md shows is what comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.openai import OpenAI
from app.adapters.llm.scripted import FAULTS, Rule, ScriptedModel
from app.adapters.llm.vendor import Access
from app.gateway.schemas.models import UsagePage
from app.model.prompt import Message
from app.service.model_check import PROMPT, SCHEMA
from tests.engines.cli.conftest import Cli
from tests.support.demo import ROOT
from tests.support.vendors import FORMS, KEY, faults
from tests.support.vendors.server import FakeVendor, serving

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
JSON = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CLAUDE, QWEN = "claude-sonnet-5-5", "qwen3:8b"


@pytest.fixture
def claude() -> Iterator[FakeVendor]:
    with serving(FORMS["anthropic"](KEY, CLAUDE)) as found:
        found.says, found.tokens = '{"ready": true}', (412, 28)
        yield found


@pytest.fixture
def given(claude: FakeVendor, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of two providers, and a project of its own, so that its account is empty."""
    with serving(FORMS["ollama"](KEY, QWEN)) as qwen:
        qwen.says, qwen.tokens = '{"ready": true}', (96, 9)
        yield {
            "DATAMIND_PROJECT_ID": f"models_{abs(hash(tmp_path))}",
            "DATAMIND_LLM_PROVIDER": "anthropic",
            "DATAMIND_LLM_MODEL": CLAUDE,
            "DATAMIND_LLM_URL": claude.url,
            "DATAMIND_LLM_KEY": KEY,
            "DATAMIND_LLM_PRICE_IN": "3",
            "DATAMIND_LLM_PRICE_OUT": "15",
            "DATAMIND_LLM_FALLBACKS": json.dumps([{"provider": "ollama", "model": QWEN, "url": qwen.url}]),
        }


def cells(table: str) -> list[list[str]]:
    """The rows of a table, without what differs from run to run: days and milliseconds."""
    rows = [[cell.strip() for cell in line.strip("│\n ").split("│")] for line in table.splitlines() if line.startswith("│")]
    return [
        ["" if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) or (len(row) == 7 and at == 3) else cell for at, cell in enumerate(row)]
        for row in rows
    ]


def shown(command: str) -> list[list[str]]:
    """The table of the page below that command."""
    return cells(PAGE.partition(f"$ {command}\n")[2].partition("```")[0])


def test_the_page_shows_what_the_commands_print(cli: Cli, given: dict[str, str], claude: FakeVendor) -> None:
    ran = cli("models", "check", **given)
    assert (ran.code, cells(ran.out)) == (0, shown("datamind models check"))
    claude.always = faults.status(401)
    refused = cli("models", "check", **given)
    assert refused.code == 1
    assert next(line for line in refused.err.splitlines() if "DM8091" in line) in PAGE
    used = cli("models", "usage", **given)
    assert (used.code, cells(used.out)) == (0, shown("datamind models usage"))
    assert KEY not in ran.out + ran.err + refused.out + refused.err + used.out + used.err
    [line, _] = cli("models", "usage", "--json", **given).json
    example = UsagePage.model_validate_json(JSON[1]).items[0]
    assert {**line, "day": ""} == {**example.model_dump(), "day": ""}


def test_without_a_provider_there_is_nothing_to_ask(cli: Cli) -> None:
    ran = cli("models", "check", "--json")
    assert (ran.code, ran.json) == (0, [])
    assert "no language model is set" in cli("models", "check").err


def test_debug_says_whether_they_are_there(cli: Cli, given: dict[str, str], claude: FakeVendor) -> None:
    found = cli("debug", "--json", **(given | {"DATAMIND_LLM_URL": "http://127.0.0.1:1"})).json["findings"]
    states = {one["subject"]: one["state"] for one in found if "language model" in one["subject"]}
    assert states == {f"language model anthropic {CLAUDE}": "wrong", f"language model ollama {QWEN}": "ok"}
    assert claude.log == []


def test_the_page_shows_what_is_sent() -> None:
    request = OpenAI(Access("gpt-5-mini", "https://x", KEY)).request(PROMPT, SCHEMA)
    assert json.loads(JSON[0]) == request.body


def test_the_page_shows_a_script_that_works(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(JSON[2])
    model = Drafter(ScriptedModel(path))
    drafts = [json.loads(model.complete([Message("user", text)], {}).text) for text in ("revenue by country, please", "anything else")]
    assert drafts[0]["query"] == {"metrics": ["revenue"], "group_by": [{"name": "customer__country"}]}
    assert (drafts[1]["query"], bool(drafts[1]["cannot_answer"])) == (None, True)
    assert [name for name in (*FAULTS, *Rule.__struct_fields__) if f"`{name}`" not in PAGE and f'"{name}"' not in PAGE] == []
