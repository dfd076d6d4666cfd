"""What a project says of lint rules: for all of it in dbt_project.yml, for one thing in its `meta.datamind`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.compile.lint.configuration import is_known
from tests.support.graft import Grafted
from tests.unit.cli.validate.conftest import ROOT, Run


def project(grafted: Grafted, folder: Path, variables: str) -> None:
    grafted.write(folder)
    (folder / "dbt_project.yml").write_text(f"name: shop\nvars:\n  {variables}\n")


def told(run: Run, *args: str) -> list[tuple[str, str]]:
    return [(one["code"], one["severity"]) for one in json.loads(run("--json", *args).stdout)["problems"]]


def test_codes_that_there_are_and_codes_that_there_are_not() -> None:
    rooms = (ROOT / "app" / "compile", ROOT / "app" / "sql")
    told = {
        code for room in rooms for file in room.rglob("*.py") for code in re.findall(r'"(DM[1-4]\d{3})"', file.read_text(encoding="utf-8"))
    }
    # of mounts, drafts, templates and interchange, which a validation never writes
    elsewhere = ("DM14", "DM235", "DM236", "DM265", "DM266")
    assert {code for code in told if not is_known(code) and not code.startswith(elsewhere)} == set()
    assert [
        word for word in ("DM99", "DM9", "DM28", "DM2799", "DM2", "DM27", "DM2709", "DM2721", "DM2402", "all") if not is_known(word)
    ] == [
        "DM99",
        "DM9",
        "DM28",
        "DM2799",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ("datamind_lint: {ignore: [duplicate-metric]}", [("DM2709", "warning")]),
        ("datamind_lint: {ignore: DM27}", []),
        ("datamind_lint: {ignore: [DM2709, duplicate-metric]}", []),
        ("datamind_lint: {error: [DM2709]}", [("DM2707", "warning"), ("DM2709", "error")]),
        ("shop: {datamind_lint: {ignore: [all]}}", []),
        ("datamind_lint: {ignore: [all], select: [untransformed-aggregations]}", []),
        ("datamind_lint: {select: [untransformed-aggregations]}", [("DM2707", "warning"), ("DM2709", "warning"), ("DM2433", "note")]),
    ],
)
def test_rules_of_the_project(grafted: Grafted, run: Run, tmp_path: Path, variables: str, expected: list[tuple[str, str]]) -> None:
    project(grafted, tmp_path, variables)
    assert told(run) == expected


def test_what_is_selected_on_the_command_line_is_not_ignored(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    project(grafted, tmp_path, "datamind_lint: {ignore: [duplicate-metric, unguarded-division]}")
    assert told(run, "--rule", "duplicate-metric") == [("DM2707", "warning")]


@pytest.mark.parametrize(
    ("variables", "message", "hint"),
    [
        (
            "datamind_lint: {ignore: [unused-mesure]}",
            "`vars.datamind_lint.ignore` names `unused-mesure`, and there is no such rule",
            "`unused-measure`",
        ),
        ("datamind_lint: {ignored: [all]}", "`vars.datamind_lint` has the unknown key `ignored`", "`ignore`"),
        ("datamind_lint: [all]", "`vars.datamind_lint` is no mapping", "write"),
        ("datamind_lint: {ignore: {a: b}}", "`vars.datamind_lint.ignore` is no list", "write"),
    ],
)
def test_what_means_nothing_is_told(grafted: Grafted, run: Run, tmp_path: Path, variables: str, message: str, hint: str) -> None:
    project(grafted, tmp_path, variables)
    found = next(one for one in json.loads(run("--json").stdout)["problems"] if one["code"] == "DM2721")
    assert (found["message"], found["file"], found["severity"]) == (message, "dbt_project.yml", "warning")
    assert hint in found["hint"]


@pytest.mark.parametrize("word", ["duplicate-metric", "DM2707", "all"])
def test_one_metric_knows_better(grafted: Grafted, run: Run, tmp_path: Path, word: str) -> None:
    grafted.metrics["sales"]["meta"]["datamind"] = {"lint_ignore": [word]}
    grafted.write(tmp_path)
    assert told(run) == [("DM2709", "warning")]


def test_a_dimension_knows_better(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    dimension = {"name": "a__b", "type": "categorical", "expr": "status"}
    grafted.semantic_models["orders"]["dimensions"].append(dimension)
    grafted.write(tmp_path)
    assert ("DM2706", "warning") in told(run)
    dimension["config"] = {"meta": {"datamind": {"lint_ignore": ["colliding-names"]}}}
    grafted.write(tmp_path)
    assert ("DM2706", "warning") not in told(run)


def test_a_measure_knows_better_and_is_not_told_to_be_silent(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    measure = {"name": "refunds", "agg": "sum", "expr": "amount", "config": {"meta": {"datamind": {"lint_ignore": ["unused-measure"]}}}}
    grafted.semantic_models["orders"]["measures"].append(measure)
    grafted.write(tmp_path)
    assert told(run, "--rule", "DM2705,DM2522") == []
    measure["config"]["meta"]["datamind"]["synonyms"] = ["returns"]
    grafted.write(tmp_path)
    assert told(run, "--rule", "DM2705,DM2522") == [("DM2522", "note")]


def test_an_unknown_rule_of_a_metric_is_told_at_the_metric(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.metrics["sales"]["meta"]["datamind"] = {"lint_ignore": ["duplicate-metrik"]}
    grafted.write(tmp_path)
    found = next(one for one in json.loads(run("--json").stdout)["problems"] if one["code"] == "DM2721")
    assert found["message"] == "`lint_ignore` of metric `sales` names `duplicate-metrik`, and there is no such rule"
    assert (found["file"], found["line"] > 20, "duplicate-metric" in found["hint"]) == ("models/metrics/metrics_00.yml", True, True)
