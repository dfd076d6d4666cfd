"""`datamind schema`, the schemas that the repository keeps, and docs/editor.md: what is shown there is what comes out."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from app.cli.schema import every
from app.compile.json_schema.files import file_name
from app.compile.json_schema.generate import text
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n\$ (.*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
YAMLS = re.findall(r"^```yaml (\w+)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


def datamind(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "app.cli.main", *args], cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def test_the_repository_keeps_them_up_to_date() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schemas").iterdir()}
    assert kept == {file_name(name): text(schema) for name, schema in every().items()}, "run `datamind schema --out schemas`"


def test_the_page_has_its_blocks() -> None:
    assert len(CONSOLE) == PAGE.count("```console") == 3
    assert sorted(kind for kind, _ in YAMLS) == ["dbt", "dbt_project", "policies", "policy_tests", "refused"]


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_a_command_of_the_page(command: str, shown: str) -> None:
    program, *args = command.split()
    called = [sys.executable, "-m", "app.cli.main"] if program == "datamind" else [program]
    done = subprocess.run([*called, *args], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout + done.stderr, done.returncode) == (shown, 0)


@pytest.mark.parametrize(("kind", "block"), YAMLS, ids=[kind for kind, _ in YAMLS])
def test_a_file_of_the_page(kind: str, block: str) -> None:
    name = "dbt" if kind == "refused" else kind
    errors = list(Draft7Validator(every()[name]).iter_errors(YAML(typ="safe").load(block)))
    assert len(errors) == (3 if kind == "refused" else 0), errors


def of_toml(value: Any) -> Any:
    """As a TOML server hands values to a schema: dates are texts."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return {key: of_toml(part) for key, part in value.items()} if isinstance(value, dict) else value


def settings_pass(text_of_file: str) -> bool:
    return bool(Draft7Validator(every()["settings"]).is_valid(of_toml(tomllib.loads(text_of_file))))


def test_the_settings_file_passes() -> None:
    text_of_file = (ROOT / "datamind.toml").read_text(encoding="utf-8")
    header = text_of_file.splitlines()[0]
    assert header == "#:schema schemas/settings.schema.json"
    assert (ROOT / header.split()[1]).is_file()
    assert settings_pass(text_of_file)


@pytest.mark.parametrize("wrong", ["max_row = 5", "max_rows = 'many'", "engines = ['duckdb']", "max_rows = 0", "db_host = 'x'"])
def test_wrong_settings_do_not_pass(wrong: str) -> None:
    assert not settings_pass(wrong)


def test_every_setting_of_the_file_is_in_the_schema() -> None:
    assert set(every()["settings"]["properties"]) == {name for name in Settings.model_fields if not name.startswith("db_")}


def test_one_is_printed() -> None:
    done = datamind("schema", "metrics")
    assert json.loads(done.stdout) == json.loads(json.dumps(every()["metrics"]))
    assert [entry["name"] for entry in json.loads(datamind("schema", "--json").stdout)] == list(every())


def test_an_unknown_one_gets_a_suggestion() -> None:
    done = datamind("schema", "metric")
    assert done.returncode == 1
    assert "DM1045" in done.stderr
    assert "`metrics`" in done.stderr


@pytest.mark.parametrize(("words", "hint"), [(("--check",), "--check"), (("metrics", "--out", "here"), "--out")])
def test_options_that_would_do_nothing_are_wrong_usage(words: tuple[str, ...], hint: str, tmp_path: Path) -> None:
    done = datamind("schema", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for {hint}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_writing_and_checking(tmp_path: Path) -> None:
    assert datamind("schema", "--out", "here", "--check", cwd=tmp_path).returncode == 1
    assert not (tmp_path / "here").exists()
    assert datamind("schema", "--out", "here", cwd=tmp_path).returncode == 0
    assert datamind("schema", "--out", "here", "--check", cwd=tmp_path).returncode == 0
    (tmp_path / "here" / "metrics.schema.json").write_text("{}")
    assert datamind("schema", "--out", "here", "--check", cwd=tmp_path).returncode == 1
