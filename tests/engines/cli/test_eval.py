"""`datamind eval` on the demo: questions of every kind, judged by queries and by rows."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.adapters.dbt.artifacts import FILES
from app.errors import UserError
from app.model.answer import Outcome
from app.model.principal import Role
from app.service.audit import Caller
from app.service.evaluation.conversation import Conversation
from app.service.evaluation.lines import read_questions
from app.service.evaluation.question import Kind
from app.service.evaluation.run import Asking, evaluate, gold_tables
from tests.engines.cli.conftest import Cli
from tests.support.demo import ROOT, TODAY, Demo

DOZEN = ROOT / "tests" / "fixtures" / "questions" / "dozen.jsonl"
REVENUE = {"id": "a", "question": "revenue", "kind": "answerable", "metrics": ["revenue"], "today": TODAY}


def written(*lines: dict[str, Any]) -> Path:
    file = Path("questions.jsonl")
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return file


def test_a_dozen_of_every_kind(cli: Cli) -> None:
    ran = cli("eval", str(DOZEN), "--answers", "answers.jsonl", "--show", "all", "--json")
    assert ran.code == 0, ran.err
    found = {one["id"]: one for one in ran.json["questions"]}
    asked = [json.loads(line)["id"] for line in DOZEN.read_text(encoding="utf-8").splitlines()]
    assert list(found) == asked
    right = [name for name in asked if name not in ("w1", "c1")]
    assert [name for name in right if not found[name]["right"]] == []
    assert [found[name]["outcome"] for name in ("t1", "m1", "u1", "x1")] == ["answer", "clarify", "refuse", "refuse"]
    assert found["t1"]["rows"] != found["t2"]["rows"], "each is asked on its own day"
    assert not found["w1"]["right"]
    assert re.fullmatch(r"got 1 row, gold has 1 row; not in gold: \(\d+\); missing: \(1\)", found["w1"]["why"])
    assert found["c1"]["context"] == ["orders last month"]
    score = ran.json["score"]
    assert (score["clarified"]["value"], score["refused"]["value"], score["governed"]["value"]) == (1, 1, 1)
    assert score["accuracy"]["of"] == 9
    assert sum(one["count"] for one in ran.json["reliability"]) == score["precision"]["of"]
    lines = [json.loads(line) for line in Path("answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == asked
    assert all(set(line) == {"id", "outcome", "columns", "rows", "query", "confidence"} for line in lines)
    months = next(line for line in lines if line["id"] == "g2")
    assert (months["rows"][0][0], months["columns"][0]) == ("2025-01-01", "metric_time__month")
    assert months["query"]["metrics"] == ["orders"]
    assert (lines[-1]["rows"], lines[-1]["query"], lines[-1]["confidence"]) == ([], None, 0.0)


def test_what_people_read(cli: Cli) -> None:
    ran = cli("eval", str(DOZEN))
    assert (ran.code, ran.out.count("wrong w1"), ran.out.count("right t1")) == (0, 1, 0)
    assert re.search(r"│ all +│ +12 │ 9/9 100.0% │", ran.out)
    assert "expected calibration error: 0." in ran.out
    assert re.search(r"12 questions asked in \d", ran.err)
    assert "w1" not in cli("eval", str(DOZEN), "--show", "none").out
    assert "right t1" in cli("eval", str(DOZEN), "--show", "all").out


def test_thresholds(cli: Cli) -> None:
    ran = cli("eval", str(DOZEN), "--show", "none", "--min-accuracy", "0.99", "--min-clarified", "1", "--max-calibration-error", "0.01")
    assert ran.code == 1
    assert re.findall(r"^missed (\S+) (\S+): 0\.\d{3}$", ran.out, re.MULTILINE) == [
        ("--min-accuracy", "0.99"),
        ("--max-calibration-error", "0.01"),
    ]
    met = cli("eval", str(DOZEN), "--min-refused", "1", "--min-precision", "0.1", "--json")
    assert (met.code, met.json["verdict"], met.json["missed"]) == (0, "passed", [])
    nothing = cli("eval", str(written(REVENUE)), "--min-refused", "0.5", "--json")
    assert (nothing.code, nothing.json["missed"]) == (1, [{"name": "refused", "wanted": 0.5, "found": None}])
    assert cli("eval", str(DOZEN), "--min-accuracy", "85").code == 2


def test_lines_that_are_none(cli: Cli) -> None:
    file = written(REVENUE, REVENUE | {"kind": "answerble"}, REVENUE)
    ran = cli("eval", str(file), "--answers", "answers.jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert re.findall(r"^questions.jsonl:(\d) \w+ error DM6050 ", ran.err, re.MULTILINE) == ["2", "3"]
    assert not Path("answers.jsonl").exists()
    as_json = cli("eval", str(file), "--json")
    assert (as_json.code, [one["code"] for one in as_json.json["problems"]]) == (2, ["DM6050", "DM6050"])
    absent = cli("eval", "absent.jsonl", "--json")
    assert (absent.code, absent.problem["where"]["file"]) == (2, "absent.jsonl")


def test_gold_queries_that_can_not_be_answered(cli: Cli) -> None:
    file = written(REVENUE, REVENUE | {"id": "b", "metrics": ["revenu"]}, REVENUE | {"id": "c", "where": ["no such"]})
    ran = cli("eval", str(file), "--json")
    assert ran.code == 2
    assert [(one["code"], one["where"]["line"]) for one in ran.json["problems"]] == [("DM6051", 2), ("DM6051", 3)]
    assert "DM3001" in ran.problem["message"]
    assert "did you mean `revenue`" in ran.problem["hint"]


def test_answers_that_can_not_be_written(cli: Cli) -> None:
    assert cli("eval", str(written(REVENUE)), "--answers", "no/such/folder.jsonl", "--json").problem["code"] == "DM1074"


def test_that_rows_leave_is_recorded(cli: Cli) -> None:
    def exports() -> list[Any]:
        return cli("audit", "list", "--event", "query.export", "--limit", "1000", "--json").json

    before = len(exports())
    file = written(REVENUE, REVENUE | {"id": "b", "question": "how many employees are there?", "kind": "unanswerable"})
    assert cli("eval", str(file)).code == 0
    assert len(exports()) == before
    assert cli("eval", str(file), "--answers", "answers.jsonl").code == 0
    assert len(exports()) == before + 2, "the beginning and the end of one export"


def test_somebody_who_sees_less(cli: Cli) -> None:
    """Gold and answer are those of the one who asks."""
    file = written(REVENUE)
    rows = [
        cli("eval", str(file), "--show", "all", "--json", *who).json["questions"][0]
        for who in ((), ("--as", "analyst", "--attr", "region=DACH"))
    ]
    assert [one["right"] for one in rows] == [True, True]
    assert rows[0]["rows"] != rows[1]["rows"]


@pytest.fixture
def bare(demo: Demo, tmp_path: Path) -> Path:
    """The demo's project without artifacts, with a profile that leads nowhere."""
    project = tmp_path / "bare"
    shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    output = "{type: postgres, host: localhost, port: 1, user: nobody, password: none, dbname: none, schema: marts, threads: 1}"
    (project / "profiles.yml").write_text(f"kettle_and_crane:\n  target: ci\n  outputs:\n    ci: {output}\n", encoding="utf-8")
    return project


def test_a_project_that_nobody_parsed(cli: Cli, demo: Demo, bare: Path) -> None:
    before = sorted(bare.rglob("*"))
    ran = cli(
        "eval",
        str(DOZEN),
        "--project",
        str(bare),
        "--postgres-url",
        demo.servers.engines["postgres"],
        "--json",
        DATAMIND_DBT_PROJECT_PATH="",
    )
    assert ran.code == 0, ran.out + ran.err
    assert ran.json["score"]["accuracy"]["hits"] >= 7
    assert sorted(path for path in bare.rglob("*") if path.name != ".user.yml") == before


def test_a_manifest_of_another_adapter(cli: Cli, demo: Demo, bare: Path) -> None:
    """The warehouse is named, so that it does not matter who wrote the manifest."""
    built = demo.settings.dbt_project_path / "target" / "postgres"
    (bare / "target").mkdir()
    for name in FILES:
        if (built / name).exists():
            text = (built / name).read_text(encoding="utf-8").replace('"adapter_type": "postgres"', '"adapter_type": "duckdb"')
            (bare / "target" / name).write_text(text, encoding="utf-8")
    ran = cli("eval", str(DOZEN), "--project", str(bare), "--postgres-url", demo.servers.engines["postgres"], "--json")
    assert ran.code == 0, ran.out + ran.err
    assert ran.json["score"]["accuracy"]["hits"] >= 7


def test_a_conversation_hands_on_what_was_understood(demo: Demo) -> None:
    conversation = Conversation(demo.deps, demo.caller(), "postgres")
    first = conversation.ask("orders last month", until="interpret")
    assert (first.previous, first.result) == (None, None)
    second = conversation.ask("how many employees work in Berlin?")
    assert second.previous == first.query
    assert second.answer is not None
    assert second.answer.outcome is Outcome.REFUSE
    third = conversation.ask("revenue")
    assert third.previous == first.query, "what was not understood changes nothing"
    assert conversation.previous == third.query


def asking(demo: Demo, caller: Caller | None = None) -> Asking:
    return Asking(demo.deps, caller or demo.caller(), "postgres", "q.jsonl")


def test_a_fault_in_one_question_is_the_answer_to_that_one(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [REVENUE, REVENUE | {"id": "b", "kind": "unanswerable"}, REVENUE | {"id": "c"}]
    questions = read_questions("\n".join(map(json.dumps, lines)).encode(), "q.jsonl")
    golds = gold_tables(asking(demo), questions)
    real, asked = Conversation.ask, []

    def ask(self: Conversation, question: str, *, until: str = "explain") -> Any:
        asked.append(question)
        if len(asked) == 2:
            raise KeyError(question)
        return real(self, question, until=until)

    monkeypatch.setattr(Conversation, "ask", ask)
    first, second, third = evaluate(asking(demo), questions, golds)
    assert (first.right, third.right) == (True, True)
    assert (second.question.kind, second.right) == (Kind.UNANSWERABLE, False)
    assert second.why == "it failed: internal error (KeyError)"


def test_a_warehouse_that_is_away_ends_it(cli: Cli) -> None:
    file = written(REVENUE | {"rows": [[1]]})
    ran = cli("eval", str(file), "--postgres-url", "postgresql://nobody@127.0.0.1:1/none", "--answers", "answers.jsonl", "--json")
    assert (ran.code, ran.problem["code"]) == (1, "DM5001")


def test_who_may_not_ask(demo: Demo) -> None:
    with pytest.raises(UserError) as error:
        gold_tables(asking(demo, demo.caller(Role.VIEWER)), ())
    assert error.value.problem.code == "DM7010"


def test_providers_side_by_side(cli: Cli) -> None:
    reply = {"query": {"metrics": ["orders"]}}
    Path("rules.json").write_text(json.dumps([{"match": "", "reply": reply, "tokens_in": 10, "tokens_out": 1}]), encoding="utf-8")
    given = {"DATAMIND_LLM_SCRIPT": "rules.json", "DATAMIND_LLM_SURE": "1"}
    ran = cli("eval", str(DOZEN), "--provider", "scripted", "--provider", "openai:gpt-none", "--json", **given)
    assert ran.code == 0, ran.err
    ways = {one["name"]: one for one in ran.json["ways"]}
    assert list(ways) == ["grounded", "scripted", "openai:gpt-none"]
    assert (ways["grounded"]["drafts"], ways["scripted"]["unavailable"]) == (0, 0)
    assert ways["scripted"]["tokens_in"] == 10 * ways["scripted"]["calls"] > 0
    assert ways["openai:gpt-none"]["unavailable"] == ways["openai:gpt-none"]["drafts"] > 0, "it has no key"
    for name in ("right", "wrong", "asked", "refused"):
        assert ways["openai:gpt-none"][name] == ways["grounded"][name]
    assert all(set(one["ways"]) == set(ways) for one in ran.json["differing"])
    text = cli("eval", str(DOZEN), "--provider", "scripted", "--show", "none", "--min-accuracy", "1", **given)
    assert text.code == 1
    assert re.search(r"│ grounded +│ +11/12 │", text.out)
    assert "scripted: missed --min-accuracy 1" in text.out
    assert "did you mean `openai`?" in cli("eval", str(DOZEN), "--provider", "opnai").err
    assert cli("eval", str(DOZEN), "--provider", "scripted", "--answers", "x").code == 2
