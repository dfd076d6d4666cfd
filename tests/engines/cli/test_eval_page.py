"""docs/eval.md: its commands run on the demo with the questions of the page, and print what stands there; `…` stands for what is left out.

How sure an answer is, is left out of the comparison: calibration may move it, and the page means the form.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.service.evaluation.question import Gold, Question
from tests.engines.cli.conftest import Cli
from tests.support.console import ROOT, commands

PAGE = "eval.md"
TEXT = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
(QUESTIONS,) = re.findall(r"^```jsonl questions.jsonl\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FORM = TEXT.partition("## The form of a line")[2].partition("\n## ")[0]
_BIN = re.compile(r"^│ 0\.\d to .*\n", re.MULTILINE)
_SURE = re.compile(r"(?<=expected calibration error: )0\.\d+")


def settled(printed: str) -> str:
    return _SURE.sub("0.0", _BIN.sub("", printed))


def pattern(printed: str) -> str:
    """What the page shows, with any lines in the place of a line that is `…`."""
    return "".join(r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) for line in settled(printed).splitlines(keepends=True))


def test_the_commands_print_what_stands_there(cli: Cli) -> None:
    Path("questions.jsonl").write_text(QUESTIONS, encoding="utf-8")
    shown = list(commands(PAGE))
    assert len(shown) == TEXT.count("\n$ datamind") == 2
    for command in shown:
        ended = cli(*command.words[1:])
        assert ended.code == command.code, ended.err
        assert re.fullmatch(pattern(command.printed), settled(ended.out)), f"{command.words}:\n{ended.out}"


def test_the_page_shows_every_kind() -> None:
    assert len({json.loads(line)["kind"] for line in QUESTIONS.splitlines()}) == 4


def test_every_key_of_a_line_is_explained() -> None:
    keys = {name for row in re.findall(r"^\| (`.*?) \|", FORM, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert keys == {*Gold.__struct_fields__, *Question.__struct_fields__} - {"line"}
