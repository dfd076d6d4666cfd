from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.scripted import FAULTS, ScriptedModel
from app.model.prompt import Message
from app.ports.language_models import ModelUnavailable

SCHEMA = {"type": "object"}


def scripted(tmp_path: Path, *rules: dict[str, Any], log: Path | None = None) -> ScriptedModel:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(rules))
    return ScriptedModel(path, log=log)


def asked(model: ScriptedModel, *words: str) -> str:
    messages = [Message("system", "revenue"), *(Message("user", one) for one in words)]
    return Drafter(model).complete(messages, SCHEMA, "usr_1").text


def test_the_first_rule_that_matches_the_last_message_answers(tmp_path: Path) -> None:
    model = scripted(
        tmp_path, {"match": "revenue", "reply": {"metrics": ["revenue"]}}, {"match": "orders?", "reply": 1}, {"match": "", "reply": None}
    )
    assert json.loads(asked(model, "revenue by month")) == {"metrics": ["revenue"]}
    assert asked(model, "revenue", "how many\norders") == "1"
    assert asked(model, "costs") == "null"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_rule_may_be_a_fault(tmp_path: Path, fault: str) -> None:
    with pytest.raises(ModelUnavailable) as raised:
        asked(scripted(tmp_path, {"match": ".", "error": fault}), "x")
    assert raised.value.problem.code.startswith("DM809")


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], "DM8090"),
        ([{"match": "x", "text": "no JSON"}], "DM8094"),
        ([{"match": "x", "text": '{"cut": '}], "DM8094"),
        ([{"match": "("}], "DM8097"),
        ([{"match": "x", "error": "other"}], "DM8097"),
        ([{"match": "x", "answer": 1}], "DM8097"),
    ],
)
def test_what_is_no_answer_is_told_by_its_code(tmp_path: Path, rules: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(ModelUnavailable) as raised:
        asked(scripted(tmp_path, *rules), "x")
    assert raised.value.problem.code == code


def test_a_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as raised:
        asked(ScriptedModel(tmp_path / "none.json"), "x")
    assert raised.value.problem.code == "DM8097"


def test_what_a_vendor_would_have_received_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    model = scripted(tmp_path, {"match": "x", "reply": {}}, log=log)
    asked(model, "x")
    with pytest.raises(ModelUnavailable):
        asked(model, "y")
    first, second = [json.loads(line) for line in log.read_text().splitlines()]
    assert first == {
        "messages": [{"role": "system", "content": "revenue"}, {"role": "user", "content": "x"}],
        "schema": SCHEMA,
    }
    assert second["messages"][-1]["content"] == "y"


def test_the_script_is_read_at_every_call(tmp_path: Path) -> None:
    model = scripted(tmp_path, {"match": "x", "reply": 1})
    assert asked(model, "x") == "1"
    scripted(tmp_path, {"match": "x", "reply": 2})
    assert asked(model, "x") == "2"
