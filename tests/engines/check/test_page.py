"""docs/pull-requests.md: each command prints what stands there, and each file is one that its reader takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.support.console import ROOT, Command, commands, run
from tests.support.demo import TODAY, Demo
from tests.support.pull_request import Clone, change, clone

PAGE = (ROOT / "docs" / "pull-requests.md").read_text(encoding="utf-8")
COMMANDS = [pytest.param(command, id=f"line {command.line}") for command in commands("pull-requests.md")]
FILES = dict(re.findall(r"^```yaml ([\w-]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
GOLDEN = re.search(r"^```jsonl questions.jsonl\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
QUESTIONS = re.search(r"^```console questions\n\$ (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NUMBERS = re.search(r"^```console numbers\n\$ (.*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return change(clone(tmp_path_factory.mktemp("page") / "shop"))


def test_the_page_has_its_blocks() -> None:
    assert len(COMMANDS) == 3
    assert set(FILES) == {"workflow", "gitlab", "pre-commit"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page(command: Command, shop: Clone, environment: dict[str, str]) -> None:
    ended = run(command.words, shop.project, environment)
    assert ended.out == command.printed
    assert ended.code == command.code


def test_questions(environment: dict[str, str], tmp_path: Path) -> None:
    assert GOLDEN is not None
    assert QUESTIONS is not None
    asked = change(clone(tmp_path / "asked"))
    asked.write("questions.jsonl", GOLDEN[1])
    ended = run(tuple(QUESTIONS[1].split()), asked.project, environment)
    assert ended.code == 0, ended.err
    shown = "".join(r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) for line in QUESTIONS[2].splitlines(keepends=True))
    assert re.fullmatch(shown, ended.out), ended.out


@pytest.fixture
def business(demo: Demo, tmp_path: Path) -> Clone:
    """The demo's project in a repository: on the branch, revenue counts delivered orders alone."""
    found = Clone(tmp_path / "business")
    shutil.copytree(ROOT / "dbt_project", found.root, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    found.git("init", "--quiet", "--initial-branch", "main")
    found.commit("The business")
    filtered = "      measure: net_amount\n    filter: \"{{ Dimension('order__order_status') }} = 'delivered'\"\n"
    found.edit("models/metrics/sales_simple.yml", "      measure: net_amount\n", filtered)
    return found


def test_numbers(business: Clone, demo: Demo, environment: dict[str, str]) -> None:
    assert NUMBERS is not None
    settings = {"DATAMIND_DATA_DIR": str(demo.settings.data_dir.absolute()), "DATAMIND_TODAY": TODAY}
    ended = run(tuple(NUMBERS[1].split()), business.project, environment | settings)
    assert ended.code == 0, ended.err
    assert re.sub(r"main \([0-9a-f]{8}\)", "main (…)", ended.out) == NUMBERS[2]


def test_the_files_are_of_their_schemas(tmp_path: Path) -> None:
    for name, schema in (("workflow", "vendor.github-workflows"), ("gitlab", "vendor.gitlab-ci")):
        file = tmp_path / f"{name}.yml"
        file.write_text(FILES[name])
        checker = Path(sys.executable).parent / "check-jsonschema"
        extra = ["--data-transform", "gitlab-ci"] if name == "gitlab" else []
        done = subprocess.run([str(checker), "--builtin-schema", schema, *extra, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(FILES["pre-commit"])
    assert subprocess.run([str(Path(sys.executable).parent / "pre-commit"), "validate-config", str(file)], check=False).returncode == 0


def test_the_files_name_one_place_and_the_page_says_to_replace_it() -> None:
    for text in FILES.values():
        assert re.findall(r"[\w-]+/datamind\b", text) == ["your-org/datamind"]
        assert "v0.1.0" in text
    assert "`your-org/datamind` stands for" in PAGE


def test_what_the_files_name_is_there() -> None:
    read = YAML(typ="safe", pure=True).load
    action = read((ROOT / "action.yml").read_text(encoding="utf-8"))
    uses = read(FILES["workflow"])["jobs"]["check"]["steps"][1]
    assert set(uses["with"]) <= set(action["inputs"])
    hooks = {hook["id"] for hook in read((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["id"] for hook in read(FILES["pre-commit"])["repos"][0]["hooks"]} <= hooks
    assert hooks == set(re.findall(r"^\| `(datamind-\w+)` \|", PAGE, re.MULTILINE))
    assert set(action["inputs"]) == {name for name in action["inputs"] if f"`{name}`" in PAGE}


def test_the_job_of_gitlab_runs(shop: Clone, environment: dict[str, str]) -> None:
    """Its script, as the job has the variables; without a token it says so and goes on."""
    (script,) = YAML(typ="safe", pure=True).load(FILES["gitlab"])["semantic layer"]["script"]
    shop.git("update-ref", "refs/remotes/origin/main", "main")
    (shop.root / "ci").mkdir(exist_ok=True)
    shutil.copy(shop.root / "profiles.yml", shop.root / "ci" / "profiles.yml")
    variables = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", script.replace("datamind check", f'"{sys.executable}" -m app.cli.main check')],
        cwd=shop.root,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "DM1071" in done.stderr
    assert '"check_name": "DM2373"' in (shop.root / "gl-code-quality-report.json").read_text()
    assert done.stdout.endswith("\nfailed\n")
    shutil.rmtree(shop.root / "ci")
    (shop.root / "gl-code-quality-report.json").unlink()
