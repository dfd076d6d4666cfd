"""docs/lineage.md: its commands run in the demo's project, and what stands there is what comes out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.model.lineage import Reason, Role
from tests.support.console import ROOT, Command, commands, run_here

PAGE = "lineage.md"
COMMANDS = [pytest.param(command, id=f"{command.page}:{command.line}") for command in commands(PAGE)]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_", "FORCE_COLOR"))}


def test_the_page_has_its_commands() -> None:
    assert len(COMMANDS) == 6


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_what_stands_there(command: Command, demo_folder: Path) -> None:
    ended = run_here(command.words, demo_folder / "dbt_project", ENVIRONMENT)
    assert ended.code == command.code, ended.err
    assert (ended.err if command.code else ended.out) == command.printed


def test_the_page_tells_every_role_and_reason() -> None:
    text = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    assert not [name for name in (*Role, *Reason) if f"| `{name}` |" not in text]
