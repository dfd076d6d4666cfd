"""How Problems and results look."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from app.cli.answering import stage_named
from app.cli.answers import show_answer
from app.cli.asker import parse_attributes, role_named
from app.cli.incidents import keep
from app.cli.query_options import items as _items
from app.cli.show import problems_as_json, show_problems, show_text
from app.errors import Problem, Severity, UserError, Where
from app.model.answer import Answer, Choice, Definition, Drafted, Outcome, StageTime, Verdict
from app.model.principal import Role
from app.model.query import SemanticQuery
from app.model.result import Result, ResultColumn
from app.model.types import DataType

RESULT = Result(
    (ResultColumn("country", DataType.TEXT), ResultColumn("revenue", DataType.DECIMAL), ResultColumn("share", DataType.FLOAT)),
    (("Österreich", None, "[red]x[/red]\x1b[2J"), (Decimal("1234567.80"), Decimal(0), None), (0.25, 1.0, 1234.5)),
)


def test_a_problem_points_at_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "m.yml"
    file.write_text("metrics:\n  - name: [x]\n")
    show_problems([Problem("DM2104", "this [b]is[/b] wrong", where=Where(str(file), 2, 11), hint="mend it")])
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert lines[0].endswith("error DM2104 this [b]is[/b] wrong")
    assert lines[1] == "  2 |   - name: [x]"
    assert lines[2].index("^") == lines[1].index("[x]")
    assert lines[3].strip() == "→ mend it"


def test_a_problem_of_a_file_that_is_not_there_has_no_excerpt(capsys: pytest.CaptureFixture[str]) -> None:
    show_problems([Problem("DM2104", "wrong", Severity.WARNING, Where("none.yml", 2, 1)), Problem("DM1001", "no place")])
    assert capsys.readouterr().err.splitlines() == ["none.yml:2:1 warning DM2104 wrong", "error DM1001 no place"]


def test_problems_are_one_json_object() -> None:
    body = json.loads(problems_as_json([Problem("DM1001", "x", where=Where(path="settings"))]))
    assert body["problems"][0]["code"] == "DM1001"
    assert body["problems"][0]["where"]["path"] == "settings"


def test_an_answer_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(
        Answer(
            "qry_1",
            Outcome.ANSWER,
            question="revenue by country",
            restated="Revenue by country",
            text="It is much.",
            result=RESULT,
            definitions=(Definition("revenue", "Revenue", "What was charged", "sum(net_amount)", "simple", "m.yml", "sales"),),
            sql="SELECT 1",
            governed_sql="SELECT 2",
            engine="postgres",
            engine_reason="it was asked for",
            policies_applied=True,
            policies=("own_region",),
            stages=(StageTime("interpret", 1.25),),
            confidence=0.98,
            layer_version="abc",
        )
    )
    text = capsys.readouterr().out
    for part in ("Revenue by country", "(confidence 0.98)", "It is much.", "sum(net_amount)", "owner sales"):
        assert part in text
    assert text.count("SELECT") == 1
    for part in (
        "engine: postgres, because it was asked for",
        "policies: applied (own_region); --explain=sanitize",
        "interpret 1.2 ms",
        "layer abc · qry_1",
    ):
        assert part in text


def test_by_whom_a_question_was_read_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    plain = Answer("qry_1", Outcome.ANSWER, question="revenue", restated="Revenue", sql="SELECT 1")
    show_answer(plain)
    assert "read" not in capsys.readouterr().out
    show_answer(msgspec.structs.replace(plain, drafted=Drafted("ollama", "qwen3", Verdict.AGREED)))
    assert "read by the project's words and by ollama qwen3, which agree" in capsys.readouterr().out.splitlines()
    show_answer(msgspec.structs.replace(plain, restated="", problems=(Problem("DM6079", "x", Severity.WARNING),)))
    assert "read as an admin approved, by SQL that stands on no metric's definition" in capsys.readouterr().out.splitlines()


def test_a_question_back_shows_its_choices(capsys: pytest.CaptureFixture[str]) -> None:
    choices = (Choice("Revenue by month", SemanticQuery()), Choice("Revenue by year", SemanticQuery()))
    show_answer(Answer("qry_1", Outcome.CLARIFY, text="Which?", choices=choices, nearest=("revenue", "orders")))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Which?", "  1. Revenue by month", "  2. Revenue by year", "what can be answered: revenue, orders"]


@pytest.mark.parametrize(("name", "stage"), [("", "explain"), ("plan", "generate"), ("sql", "optimize"), ("sanitize", "sanitize")])
def test_stages_have_names(name: str, stage: str) -> None:
    assert stage_named(name) == stage


@pytest.mark.parametrize("name", ["execute", "explain", "nonsense", "INTERPRET"])
def test_other_names_are_no_stage(name: str) -> None:
    with pytest.raises(UserError) as raised:
        stage_named(name)
    assert raised.value.problem.code == "DM1031"


def test_lists_are_cut_at_commas_outside_parentheses() -> None:
    assert _items("a, b,,TimeDimension('metric_time', 'month') ,c") == ("a", "b", "TimeDimension('metric_time', 'month')", "c")
    assert _items("") == ()


def test_attributes_are_pairs() -> None:
    assert parse_attributes(["region=DACH", " team = a=b "]) == (("region", "DACH"), ("team", "a=b"))
    for item in ("region", "=DACH", ""):
        with pytest.raises(UserError) as raised:
            parse_attributes([item])
        assert raised.value.problem.code == "DM1030"


def test_roles_have_names() -> None:
    assert role_named("analyst") is Role.ANALYST
    with pytest.raises(UserError) as raised:
        role_named("root")
    assert raised.value.problem.code == "DM1030"


def test_a_traceback_is_kept_for_engineers_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_DATA_DIR", str(tmp_path / "data"))
    try:
        raise RuntimeError("a fault")
    except RuntimeError as error:
        path = keep("err_1", error)
    assert "RuntimeError: a fault" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DATAMIND_DATA_DIR", str(tmp_path / "file"))
    assert keep("err_2", RuntimeError()) is None


LONG = "SELECT " + ", ".join(f"'a :cat: [b]{n}[/b]'" for n in range(40))


def test_sql_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither wrapped, which would break a literal in two, nor read as markup, names of emoji, or anything else."""
    show_text(LONG)
    assert capsys.readouterr().out == LONG + "\n"
    show_answer(Answer("qry_1", Outcome.ANSWER, sql=LONG, engine="postgres"))
    assert LONG in capsys.readouterr().out.splitlines()


def test_an_answers_words_are_no_commands_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bad = "\x1b[2J:cat:[b]x"
    definition = Definition("m", bad, description=bad, formula=bad, owner=bad, file=bad, type="simple")
    choice = Choice(bad, SemanticQuery(("m",)))
    show_answer(Answer("qry_1", Outcome.ANSWER, restated=bad, text=bad, definitions=(definition,), policies=(bad,), policies_applied=True))
    show_answer(Answer("qry_1", Outcome.CLARIFY, text=bad, choices=(choice,), nearest=(bad,)))
    show_problems([Problem("DM3001", bad, hint=bad)])
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err
    assert printed.out.count(":cat:[b]x") == 11
    assert printed.err.count(":cat:[b]x") == 2
