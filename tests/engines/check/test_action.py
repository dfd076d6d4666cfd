"""action.yml: its scripts run as a runner runs them, from a real installation, against an API on this machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.engines.check.product import OFFLINE, copied
from tests.support.console import ROOT
from tests.support.pull_request import Clone, change
from tests.unit.adapters.forge.conftest import Api, api

__all__ = ["api"]
ACTION: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
TOKEN = "ghs_correct-horse-battery"


@dataclass
class Runner:
    """Does what a runner does with the steps of a composite action that are scripts."""

    folder: Path
    workspace: Path
    environment: dict[str, str]

    def run(self, step: dict[str, Any], **inputs: str) -> subprocess.CompletedProcess[str]:
        given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | inputs
        context = {f"inputs.{name}": value for name, value in given.items()}
        context |= {"github.action_path": str(self.folder / "the product"), "github.base_ref": "main", "github.token": TOKEN}

        def filled(text: str) -> str:
            for _ in range(2):  # a default may hold an expression too
                text = re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", lambda found: context[found[1]], text)
            return text

        env = {name: filled(value) for name, value in step["env"].items()}
        script = self.folder / "script.sh"
        script.write_text(step["run"])
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env=self.environment | env,
            capture_output=True,
            text=True,
            check=False,
        )


def step(name: str) -> dict[str, Any]:
    return next(one for one in STEPS if one.get("name") == name)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the product, and with what the step `Install DataMind` made of it."""
    folder = tmp_path_factory.mktemp("runner")
    copied(folder / "the product")
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "RUNNER_TEMP": str(folder), "HOME": str(folder), **OFFLINE}
    done = Runner(folder, folder, environment).run(step("Install DataMind"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def runner(installed: Path, repo: Clone, environment: dict[str, str], tmp_path: Path, api: Api) -> Runner:
    """A runner with the pull request checked out."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    variables = {
        "RUNNER_TEMP": str(installed),
        "GITHUB_WORKSPACE": str(repo.root),
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": api.url,
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    return Runner(installed, repo.root, environment | variables | OFFLINE)


def test_a_pull_request(runner: Runner, repo: Clone, api: Api, tmp_path: Path) -> None:
    change(repo)
    repo.commit("The change")
    for _ in range(2):
        done = runner.run(step("Check"), **{"project-dir": "the project", "profiles-dir": "the project"})
        assert done.returncode == 1, done.stderr
    assert "::error file=the project/models/metrics.yml,line=20,title=DM2373::breaking" in done.stdout
    (comment,) = api.comments
    assert comment["body"].startswith("<!-- datamind --><!-- the project -->\n### ❌ Semantic layer")
    assert (tmp_path / "summary").read_text().count("### ❌ Semantic layer") == 2
    outputs = (tmp_path / "output").read_text().splitlines()
    assert outputs[:3] == [f"comment={runner.folder}/datamind-comment.md", "verdict=failed", "worst=breaking"]
    assert Path(outputs[0].partition("=")[2]).read_text() == comment["body"]
    assert TOKEN not in done.stdout + done.stderr


def test_a_fork_may_not_comment_and_is_checked_all_the_same(runner: Runner, api: Api, tmp_path: Path) -> None:
    api.refused["POST"] = 403
    done = runner.run(step("Check"), **{"project-dir": "the project"})
    assert done.returncode == 0, done.stderr
    assert "DM1072" in done.stderr
    assert "nothing stops this change" in (tmp_path / "summary").read_text()
    quiet = runner.run(step("Check"), **{"project-dir": "the project", "comment": "false"})
    assert (quiet.returncode, "DM1071" in quiet.stderr) == (0, True)


@pytest.mark.parametrize("name", ["project-dir", "base", "fail-on", "numbers", "role"])
def test_no_input_is_run_as_a_script(runner: Runner, name: str, tmp_path: Path) -> None:
    hostile = f"$(touch {tmp_path}/pwned) `touch {tmp_path}/pwned`; touch {tmp_path}/pwned; \"' --post"
    done = runner.run(step("Check"), **{"project-dir": "the project", name: hostile})
    assert (done.returncode != 0) is (name != "role")
    assert not (tmp_path / "pwned").exists()


def test_packages_are_got(runner: Runner, repo: Clone) -> None:
    (runner.folder / "datamind" / "bin" / "dbt").unlink(missing_ok=True)
    (runner.folder / "datamind" / "bin" / "dbt").symlink_to(Path(sys.executable).parent / "dbt")
    assert runner.run(step("Get the packages of the project"), **{"project-dir": "the project"}).stdout == ""
    repo.write("packages.yml", "packages: [{local: ../extra}]\n")
    (repo.root / "extra").mkdir()
    (repo.root / "extra" / "dbt_project.yml").write_text("name: extra\nversion: '1.0'\n")
    done = runner.run(step("Get the packages of the project"), **{"project-dir": "the project", "profiles-dir": "the project"})
    assert (done.returncode, (repo.project / "dbt_packages" / "extra").exists()) == (0, True), done.stdout


def test_scripts_take_what_people_write_from_the_environment_alone() -> None:
    assert [one["name"] for one in STEPS if "run" in one and "${{" in one["run"]] == []
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one["uses"]) for one in STEPS if "uses" in one)


def test_every_input_is_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8").partition("\nruns:")[2]
    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in text] == []
