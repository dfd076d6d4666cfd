"""Every command of docs/cli.md on the demo: it ends as the page says, and prints what is shown there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.cli_page import PAGE
from tests.support.console import Command, commands, run
from tests.support.demo import ROOT, Demo

COMMANDS = list(commands("cli.md"))


@pytest.fixture
def folder(demo: Demo, tmp_path: Path) -> Path:
    """A working directory with the demo's project, what the repository keeps of it, and an earlier state of it."""
    (tmp_path / "dbt_project").symlink_to(demo.settings.dbt_project_path.resolve())
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    shutil.copytree(demo.settings.dbt_project_path / "target" / "postgres", tmp_path / "prod-state")
    return tmp_path


def test_the_page_has_its_commands() -> None:
    assert len(COMMANDS) == PAGE.read_text(encoding="utf-8").count("\n$ datamind") > 15


@pytest.mark.parametrize("command", COMMANDS, ids=[f"{command.line}: {' '.join(command.words[1:4])}" for command in COMMANDS])
def test_a_command_of_the_page(command: Command, folder: Path, environment: dict[str, str]) -> None:
    ended = run(command.words, folder, environment)
    assert ended.code == command.code, ended.err
    if command.printed:
        assert ended.out + ended.err == command.printed
    elif command.code == 0 and "--csv" not in command.words:
        assert ended.out or "--check" in command.words or "--state" in command.words
