"""docs/validate.md: its commands run, and what is shown there is what comes out."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from app.compile.lint.rules import RULES
from app.compile.lint.traps import TRAPS
from tests.support.graft import Grafted
from tests.unit.cli.validate.conftest import ROOT, Run

PAGE = (ROOT / "docs" / "validate.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)
YAML = dict(re.findall(r"^```yaml ?(\w*)\n((?:.*\n)*?)```$", PAGE, re.MULTILINE))


@pytest.fixture
def example(grafted: Grafted, tmp_path: Path) -> Grafted:
    """The project of the page."""
    measures = grafted.semantic_models["orders"]["measures"]
    measures.append({"name": "refunded_amount", "agg": "sum", "expr": "refund", "create_metric": True, "description": "…"})
    del grafted.metrics["aov"]
    for spec in grafted.metrics.values():
        del spec["meta"]
    inputs = [{"name": "revenue"}, {"name": "orders"}]
    for name, kind, params in (
        ("order_value", "derived", {"expr": "revenue / orders", "metrics": inputs}),
        ("refunds", "simple", {"measure": {"name": "refunded_amuont"}}),
    ):
        grafted.metrics[name] = {"name": name, "description": "…", "type": kind, "type_params": params}
    grafted.write(tmp_path)
    for file in (tmp_path / "models" / "metrics").iterdir():
        file.unlink()
    (tmp_path / "models" / "metrics.yml").write_text(YAML[""], encoding="utf-8")
    manifest = tmp_path / "target" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("models/metrics/metrics_00.yml", "models/metrics.yml"))
    return grafted


def test_the_page_has_its_blocks() -> None:
    assert len(CONSOLE) == PAGE.count("```console") == 5
    assert set(YAML) == {"", "project", "metric"}


@pytest.mark.parametrize("block", CONSOLE, ids=[block.splitlines()[0] for block in CONSOLE])
def test_a_command_of_the_page(block: str, example: Grafted, run: Run) -> None:
    command, _, shown = block.partition("\n")
    shown, asked_status, status = shown.partition("$ echo $?\n")
    done = run(*shlex.split(command.removeprefix("$ datamind validate")))
    out = re.sub(r'("layer_version": )"[0-9a-f]{12}"', r'\1"…"', done.stdout)
    if shown:
        assert out + done.stderr == shown
    else:
        assert done.stdout.count("\n") == len(RULES)
    if asked_status:
        assert done.returncode == int(status)


def test_the_configuration_of_the_page(example: Grafted, run: Run, tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n" + YAML["project"])
    problems = json.loads(run("--json").stdout)["problems"]
    assert {(one["code"], one["severity"]) for one in problems} >= {("DM2707", "error"), ("DM2433", "note")}
    assert not {one["code"] for one in problems} & {"DM2702", "DM2705", "DM2721"}


def test_the_traps_of_the_page_are_rules() -> None:
    for rule in TRAPS:
        assert f"`{rule.name}`" in PAGE
