"""Every command of docs/derive.md, suggest.md and templates.md on the demo: it ends as the page says, and prints what is shown there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.bare import stripped
from tests.support.console import ROOT, Command, commands, run_here
from tests.support.demo import TODAY, Demo

PAGES = {"derive.md": 5, "suggest.md": 3, "templates.md": 10}
COMMANDS = [pytest.param(command, id=f"{page}:{command.line}") for page in PAGES for command in commands(page)]


@pytest.fixture(scope="module")
def folders(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By page a working directory with the demo's project: without its semantic layer where the page speaks of such."""
    found = {page: tmp_path_factory.mktemp(page.removesuffix(".md")) for page in PAGES}
    for page, folder in found.items():
        if page == "templates.md":
            shutil.copytree(
                demo.settings.dbt_project_path, folder / "dbt_project", ignore=shutil.ignore_patterns("logs", "compiled", "run")
            )
        else:
            stripped(demo.settings.dbt_project_path, folder / "dbt_project")
    return found


def test_the_pages_have_their_commands() -> None:
    for page, least in PAGES.items():
        found = len(list(commands(page)))
        assert found == (ROOT / "docs" / page).read_text(encoding="utf-8").count("\n$ datamind") >= least


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page(command: Command, folders: dict[str, Path], demo: Demo, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders[command.page], tmp_path / "own"))
    left = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_", "FORCE_COLOR"))}
    environment = left | {
        "DATAMIND_DATA_DIR": str(demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": "dbt_project",
        "DATAMIND_ENGINES": '["postgres", "clickhouse"]',
        "DATAMIND_TODAY": TODAY,
    }
    ended = run_here(command.words, folder, environment)
    assert ended.code == command.code, ended.err
    if command.printed:
        assert ended.out + ended.err == command.printed
    else:
        assert ended.out or "wrote " in ended.err
