"""`datamind validate`: what it tells, how it ends, and what `--fix` changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.graft import Grafted
from tests.unit.cli.validate.conftest import Run

METRICS = "models/metrics/metrics_00.yml"


def test_problems_are_told_at_their_lines(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    done = run()
    assert done.returncode == 0
    assert done.stdout == (
        f"{METRICS}:20:5 warning DM2707 metric `sales` computes the same as `revenue` [duplicate-metric]\n"
        "  20 |   - name: sales\n"
        "           ^\n"
        "  → keep one; another word for it is a synonym: `meta: {datamind: {synonyms: [sales]}}` of `revenue`\n"
        f"{METRICS}:32:24 warning DM2709 metric `aov` divides by `orders` without a guard: where that is zero it is NULL here, an error or infinity"
        " in dbt's semantic layer [unguarded-division]\n"
        '  32 |       expr: "revenue / orders"\n'
        "                              ^\n"
        "  → write `nullif(orders, 0)`\n"
        "2 warnings; 1 can be fixed with --fix\n"
    )
    assert done.stderr == ""


def test_errors_end_with_1(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.metrics["sales"]["type_params"]["measure"]["name"] = "amuont"
    grafted.write(tmp_path)
    done = run("--rule", "DM2709")
    assert done.returncode == 1
    assert "error DM2402 metric `sales` uses the measure `amuont`" in done.stdout
    assert "did you mean `amount`?" in done.stdout
    assert "DM2707" not in done.stdout


@pytest.mark.parametrize(("args", "variables"), [(["--warn-error"], {}), ([], {"DBT_WARN_ERROR": "1"})])
def test_warnings_are_errors_where_asked(grafted: Grafted, run: Run, tmp_path: Path, args: list[str], variables: dict[str, str]) -> None:
    grafted.write(tmp_path)
    done = run(*args, **variables)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "2 errors; 1 can be fixed with --fix")


@pytest.mark.parametrize("args", [["--format", "xml"], ["--rule", "unused-mesure"], ["--nothing"]])
def test_wrong_usage_ends_with_2(grafted: Grafted, run: Run, tmp_path: Path, args: list[str]) -> None:
    grafted.write(tmp_path)
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")


def test_an_unknown_rule_is_answered_with_a_near_one(run: Run) -> None:
    assert "unused-measure" in run("--ignore", "unused-mesure").stderr


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_without_artifacts_the_format_holds(run: Run, tmp_path: Path, form: str) -> None:
    done = run("--project-dir", str(tmp_path), "--format", form)
    assert done.returncode == 1
    assert "DM1022" in done.stdout
    if form in ("json", "sarif"):
        json.loads(done.stdout)


def test_selected_and_ignored(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    only = run("--rule", "duplicate-metric", "--json")
    assert [one["code"] for one in json.loads(only.stdout)["problems"]] == ["DM2707"]
    without = run("--ignore", "DM2707,unguarded-division", "--format", "json")
    assert json.loads(without.stdout)["problems"] == []


def test_a_manifest_alone_is_enough(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_bytes(grafted.manifest().replace(b'"postgres"', b'"trino"'))
    done = run("--project-dir", str(tmp_path), "--json")
    assert done.returncode == 0
    assert [(one["code"], one["file"], one["line"]) for one in json.loads(done.stdout)["problems"]] == [
        ("DM2707", METRICS, 0),
        ("DM2709", METRICS, 0),
    ]


def test_an_engine_that_settings_name_and_that_was_never_parsed(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    done = run(DATAMIND_ENGINES='["postgres", "clickhouse"]')
    assert done.returncode == 0
    assert "target/clickhouse/manifest.json warning DM2001 there is no manifest.json of the engine clickhouse" in done.stdout


def test_the_fix_changes_its_line_and_nothing_else(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    file = tmp_path / METRICS
    before = file.read_text()
    done = run("--fix")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:3] == [
        f"{METRICS}:32:24 fixed DM2709 metric `aov` divides by `orders` without a guard: where that is zero it is NULL here, an error or infinity"
        " in dbt's semantic layer",
        "  - orders",
        "  + nullif(orders, 0)",
    ]
    assert "DM2014" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 warnings; 1 fixed"
    assert file.read_text() == before.replace('"revenue / orders"', '"revenue / nullif(orders, 0)"')
    again = run("--fix")
    assert (again.stdout.splitlines()[-1], again.stderr) == ("2 warnings", "")


def test_the_fix_keeps_marks_and_line_ends(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    file = tmp_path / METRICS
    windows = b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n")
    file.write_bytes(windows)
    assert json.loads(run("--fix", "--json").stdout)["summary"]["fixed"] == 1
    assert file.read_bytes() == windows.replace(b"revenue / orders", b"revenue / nullif(orders, 0)")


def test_mixed_line_ends_are_left_alone(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    file = tmp_path / METRICS
    mixed = file.read_bytes().replace(b"\n", b"\r\n", 3)
    file.write_bytes(mixed)
    assert json.loads(run("--fix", "--json").stdout)["summary"] == {"errors": 0, "warnings": 3, "notes": 0, "fixable": 1, "fixed": 0}
    assert file.read_bytes() == mixed


def test_a_process_ends_as_dbt_s_does(grafted: Grafted, process: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    assert [process(*args).returncode for args in ([], ["--warn-error"], ["--format", "xml"])] == [0, 1, 2]


def test_rules_are_listed(run: Run) -> None:
    done = run("--rules")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines == sorted(lines)
    assert any(line.startswith("DM2709 warning unguarded-division") and line.endswith("(fixable)") for line in lines)


def test_paths_are_said_from_where_one_stands(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path / "dbt")
    assert run("--project-dir", "dbt").stdout.startswith(f"dbt/{METRICS}:20:5 ")


def test_only_what_is_wrong_with_the_nodes_that_are_selected(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)

    def codes(*args: str) -> list[str]:
        return [one["code"] for one in json.loads(run("--json", *args).stdout)["problems"]]

    assert codes("--select", "metric:sales") == ["DM2707"]
    assert codes("-s", "metric:aov", "metric:revenue") == ["DM2709"]
    assert codes("--exclude", "metric:sales") == ["DM2709"]
    assert codes("--select", "metric:revenue", "--rule", "duplicate-metric") == []
    grafted.metrics["sales"]["type_params"]["measure"]["name"] = "amuont"
    grafted.write(tmp_path)
    assert run("--select", "metric:revenue").returncode == 0
    assert run("--select", "metric:sales").returncode == 1
    assert "finds nothing" in run("--select", "metric:nothing").stderr


def test_only_the_nodes_that_are_selected_are_mended(grafted: Grafted, run: Run, tmp_path: Path) -> None:
    grafted.write(tmp_path)
    before = (tmp_path / METRICS).read_bytes()
    run("--fix", "--select", "metric:revenue")
    assert (tmp_path / METRICS).read_bytes() == before
    run("--fix", "--select", "metric:aov")
    assert (tmp_path / METRICS).read_bytes() != before
