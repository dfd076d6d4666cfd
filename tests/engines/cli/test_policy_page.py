"""docs/policies.md: its commands run on the demo, one after another, and print what stands there; `…` stands for what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.cli.conftest import Cli
from tests.support.console import ROOT, commands

PAGE = "policies.md"
TEXT = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
TESTS = re.findall(r"^```yaml policy_tests\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _none_left(cli: Cli) -> Iterator[None]:
    yield
    for one in cli("policy", "list", "--json").json:
        cli("policy", "remove", one["policy"]["name"])


def pattern(printed: str) -> str:
    """What the page shows, with any lines in the place of a line that is `…`."""
    return "".join(r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) for line in printed.splitlines(keepends=True))


def test_the_commands_print_what_stands_there(cli: Cli) -> None:
    shown = list(commands(PAGE))
    assert len(shown) == TEXT.count("\n$ datamind") == 3
    (tests,) = TESTS
    Path("policy_tests").mkdir()
    Path("policy_tests/people.yml").write_text(tests, encoding="utf-8")
    for command in shown:
        ended = cli(*command.words[1:])
        assert ended.code == command.code, ended.err
        assert re.fullmatch(pattern(command.printed), ended.out), f"{command.words}:\n{ended.out}"
