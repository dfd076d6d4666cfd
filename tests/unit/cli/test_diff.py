"""`datamind diff` and its page: what is printed where, the exit codes, and each command of docs/diff.md."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support import shop
from tests.support.console import ROOT, Command, Ended, commands, run, run_here

PAGE = "diff.md"
COMMANDS = [pytest.param(command, id=f"{command.page}:{command.line}") for command in commands(PAGE)]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_", "FORCE_COLOR"))}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.write(tmp_path_factory.mktemp("diff") / "shop")


@pytest.fixture
def own(project: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(project, tmp_path / "shop"))


def diff(folder: Path, *options: str, state: str = "prod-state", **variables: str) -> Ended:
    return run_here(("datamind", "diff", *(["--state", state] if state else []), *options), folder, ENVIRONMENT | variables)


def same_everywhere(folder: Path) -> None:
    """Make the project what production has."""
    (folder / "target" / "manifest.json").write_text((folder / "prod-state" / "manifest.json").read_text())


def bend(file: Path, *path: str, **values: Any) -> None:
    manifest = json.loads(file.read_text())
    found = manifest
    for step in path:
        found = found[step]
    found.update(values)
    file.write_text(json.dumps(manifest))


# --- the page


def test_the_page_has_its_commands() -> None:
    assert len(COMMANDS) == len(re.findall(r"^\$ ", (ROOT / "docs" / PAGE).read_text("utf-8"), re.MULTILINE)) >= 3


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_prints_what_stands_there(command: Command, project: Path) -> None:
    ended = run_here(command.words, project, ENVIRONMENT)
    assert ended.out == command.printed
    assert ended.code == command.code


def test_the_page_names_every_option() -> None:
    page = (ROOT / "docs" / PAGE).read_text("utf-8")
    for option in ("--state", "--format", "--json", "--fail-on", "--compat", "--last", "--version", "--project-dir", "--target", "--vars"):
        assert f"`{option}" in page or f"{option} " in page, option


# --- exit codes


def test_nothing_changed(own: Path) -> None:
    same_everywhere(own)
    ended = diff(own, "--fail-on", "meaning")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "prod-state → project: nothing changes\nversion 1.4.0 → 1.4.0 (none: nothing changes)\n"


def test_meaning_fails_where_it_is_asked_to(own: Path) -> None:
    same_everywhere(own)
    bend(own / "target" / "manifest.json", "metrics", "metric.shop.revenue", filter=None)
    assert diff(own).code == 0
    ended = diff(own, "--fail-on", "meaning")
    assert ended.code == 1
    assert "models/metrics.yml:6:13 meaning metric `revenue`: `filter` is taken away" in ended.out
    assert diff(own, "--fail-on", "none").code == 0


def test_a_model_whose_code_changed_is_possibly_another(own: Path) -> None:
    same_everywhere(own)
    model = ("nodes", "model.shop.orders")
    bend(own / "target" / "manifest.json", *model, compiled_code="SELECT  *\nFROM stg_orders -- all of them", raw_code="other")
    ended = diff(own, "--fail-on", "meaning")
    assert (ended.code, "cosmetic model `orders`: its SQL is spelled otherwise" in ended.out) == (0, True)
    bend(own / "target" / "manifest.json", *model, compiled_code="select * from stg_orders where amount > 0")
    ended = diff(own, "--fail-on", "meaning")
    assert ended.code == 1
    assert "possibly meaning model `orders`: its SQL or the config of its rows is changed" in ended.out
    assert "touches metrics aov, orders, revenue; saved query weekly; exposure board; policy orders.own_region" in ended.out
    assert "1.5.0 (minor" in ended.out


def test_breaking_fails_unless_nothing_may(project: Path) -> None:
    assert diff(project).code == 1
    assert diff(project, "--fail-on", "breaking").code == 1
    assert diff(project, "--fail-on", "none").code == 0


@pytest.mark.parametrize(
    "options",
    [(), ("--state", "prod-state", "--fail-on", "additive"), ("--state", "prod-state", "--version", "1.4"), ("--state", "prod-state", "--compat", "backwards")],
)  # fmt: skip
def test_wrong_usage(project: Path, options: tuple[str, ...]) -> None:
    assert diff(project, *options, state="").code == 2


def test_a_state_that_is_none(project: Path) -> None:
    ended = diff(project, state="elsewhere")
    assert ended.code == 1
    assert "DM2011" in ended.err
    assert json.loads(diff(project, "--json", state="elsewhere").out)["problems"][0]["code"] == "DM2011"


@pytest.mark.parametrize("said", ["datamind_compat: backwards", "datamind_version: new", "datamind_compat: [{"])
def test_variables_that_are_none(own: Path, said: str) -> None:
    (own / "dbt_project.yml").write_text(f"name: shop\nvars:\n  {said}\n")
    ended = diff(own)
    assert (ended.code, "DM2013" in ended.err) == (1, True)


# --- rules


@pytest.mark.parametrize(
    ("rule", "code"), [("none", 0), ("backward", 0), ("forward", 1), ("full", 1), ("backward_transitive", 0), ("forward_transitive", 1)]
)
def test_a_rule_decides_alone(own: Path, rule: str, code: int) -> None:
    same_everywhere(own)
    manifest = json.loads((own / "target" / "manifest.json").read_text())
    manifest["nodes"]["model.shop.customers"]["columns"]["age"] = {"name": "age", "data_type": "integer"}
    (own / "target" / "manifest.json").write_text(json.dumps(manifest))
    ended = diff(own, "--compat", rule)
    assert ended.code == code
    assert ("not answered before: column.customers.age" in ended.out) is bool(code)
    assert diff(own, "--compat", rule, "--fail-on", "none").code == 0


def test_a_rule_of_the_project(own: Path) -> None:
    same_everywhere(own)
    (own / "dbt_project.yml").write_text("name: shop\nvars:\n  shop: {datamind_compat: forward_transitive}\n")
    ended = diff(own, state="releases")
    assert ended.code == 1
    assert "compatibility forward_transitive with releases/v1.4.0, releases/v1.3.0 is broken" in ended.out
    assert "not answered before (releases/v1.3.0): metric.aov" in ended.out
    assert diff(own, "--last", "1", state="releases").code == 0
    assert diff(own, "--vars", "{datamind_compat: none}", state="releases").code == 0


def test_several_states_newest_first(project: Path) -> None:
    found = json.loads(diff(project, "--state", "releases/v1.4.0", "--compat", "full_transitive", "--json", state="releases/v1.3.0").out)
    assert found["state"] == "releases/v1.3.0"
    assert found["compatibility"]["states"] == ["releases/v1.3.0", "releases/v1.4.0"]


def test_the_environment_names_the_state(project: Path) -> None:
    assert diff(project, "--fail-on", "none", state="", DBT_STATE="prod-state").out == diff(project, "--fail-on", "none").out


# --- forms


def test_json(project: Path) -> None:
    found = json.loads(diff(project, "--format", "json").out)
    assert found["worst"] == "breaking"
    assert found["counts"] == {"breaking": 2, "meaning": 2, "additive": 1, "cosmetic": 1}
    assert [change["class"] for change in found["changes"]] == sorted(
        (c["class"] for c in found["changes"]), key=list(found["counts"]).index
    )
    assert found["version"] == {"current": "1.4.0", "next": "2.0.0", "bump": "major", "reason": "names or abilities go away"}
    assert found["security"] == ["policy.orders.own_region"]
    measure = next(change for change in found["changes"] if change["subject"] == "measure.orders.amount")
    assert measure["touches"]["metrics"] == ["aov", "revenue"]
    assert measure["where"] == {"file": "models/semantic.yml", "line": 14, "column": 15, "path": ""}


def test_markdown_says_nothing_that_the_project_could_make_of_it(own: Path) -> None:
    bend(own / "target" / "manifest.json", "metrics", "metric.shop.revenue", description="`x` | </details> @team [a](b) ``` <script>")
    text = diff(own, "--format", "markdown").out
    outside = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text)
    assert not any(word in outside for word in ("<script>", "@team", "[a]"))
    assert outside.count("</details>") == outside.count("<details")


def test_colours_on_request_only(project: Path) -> None:
    assert "\x1b[" not in diff(project).out
    assert "\x1b[31mbreaking\x1b[0m" in diff(project, "--use-colors").out


def test_control_characters_do_not_reach_the_terminal(own: Path) -> None:
    bend(own / "target" / "manifest.json", "metrics", "metric.shop.revenue", description="x\x1b]0;owned\x07 \u202e")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", diff(own).out)


def test_notes_say_what_is_not_compared(own: Path) -> None:
    (own / "dbt_project.yml").write_text("name: shop\nvars:\n  datamind_default_access: deny\n")
    (own / "target" / "catalog.json").write_text(
        json.dumps({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}, "nodes": {}, "sources": {}})
    )
    ended = diff(own)
    assert "the state prod-state has no catalog.json of postgres" in ended.err
    assert "its `datamind_default_access` is taken to be the project's" in ended.err
    assert "default_access" not in ended.out
    (own / "prod-state" / "dbt_project.yml").write_text("name: shop\n")
    assert "breaking the layer: `default_access` is changed" in diff(own).out


def test_a_project_elsewhere(project: Path, tmp_path: Path) -> None:
    ended = run_here(("datamind", "diff", "--project-dir", str(project), "--state", "prod-state"), tmp_path, ENVIRONMENT)
    assert ended.code == 1
    assert "shop/models/semantic.yml:14:15 meaning" in ended.out


def test_help_has_an_example(project: Path) -> None:
    ended = run_here(("datamind", "diff", "--help"), project, ENVIRONMENT)
    assert "Example: datamind diff --state prod-state" in ended.out


def test_in_a_process_of_its_own(project: Path) -> None:
    """There the state is compiled in a second process, and what comes out is the same."""
    ended = run(("datamind", "diff", "--state", "prod-state"), project, ENVIRONMENT)
    assert ended == diff(project)


def test_what_was_changed_since_the_project_was_parsed_is_told(own: Path) -> None:
    same_everywhere(own)
    assert "was changed after" not in diff(own).err
    file = next(path for path in sorted((own / "models").rglob("*.yml")))
    file.write_text(file.read_text() + "\n# later\n")
    later = (own / "target" / "manifest.json").stat().st_mtime + 5
    os.utime(file, (later, later))
    done = diff(own)
    assert f"`{file.relative_to(own).as_posix()}` was changed after target/manifest.json was written" in done.err
    assert "run `dbt parse`" in done.err
