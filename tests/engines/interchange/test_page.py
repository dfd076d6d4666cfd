"""docs/interchange.md: each command is run in a folder with the page's file, beside the demo's project, and prints what is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.demo import TODAY, Demo

PAGE = Path(__file__).resolve().parents[3] / "docs" / "interchange.md"
_BLOCK = re.compile(r"^```(console|yaml \S+)\n((?:.*\n)*?)```$", re.MULTILINE)


def blocks() -> list[tuple[str, str]]:
    """The kind of each block, and what it holds."""
    return _BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def ran(command: str, folder: Path, demo: Demo) -> str:
    """What a command of the page prints, standard error too."""
    left = {name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_")}
    env = left | {
        "DATAMIND_DATA_DIR": str(demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": str(demo.settings.dbt_project_path),
        "DATAMIND_TODAY": TODAY,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.stdout


def test_the_page_shows_what_comes_out(demo: Demo, tmp_path: Path) -> None:
    text, commands = PAGE.read_text(encoding="utf-8"), 0
    for kind, held in blocks():
        if kind != "console":
            (tmp_path / kind.split()[1]).write_text(held, encoding="utf-8")
            continue
        command = held.split("\n", 1)[0].removeprefix("$ ")
        shown = held.split("\n", 1)[1]
        got = ran(command, tmp_path, demo)
        if os.environ.get("DATAMIND_UPDATE_DOCS"):
            text = text.replace(f"```console\n{held}```", f"```console\n$ {command}\n{got}```")
        else:
            assert got == shown, command
        commands += 1
    assert commands == 4
    PAGE.write_text(text, encoding="utf-8") if os.environ.get("DATAMIND_UPDATE_DOCS") else None
