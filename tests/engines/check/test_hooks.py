""".pre-commit-hooks.yaml: pre-commit installs the hooks from a repository and runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.check.product import OFFLINE, copied
from tests.support.console import ROOT
from tests.support.pull_request import Clone, change

PRE_COMMIT = Path(sys.executable).parent / "pre-commit"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("hooks") / "product")


def commit(repo: Clone, product: Path, environment: dict[str, str], hook: str, **more: object) -> subprocess.CompletedProcess[str]:
    """Run a hook of the product on all files, as a commit of the project would."""
    home = {"PRE_COMMIT_HOME": str(product.parent / "home")}
    config = f"repos: [{{repo: '{product}', rev: {head(product)}, hooks: [{{id: {hook}, args: {list(more.get('args', []))}}}]}}]\n"
    (repo.root / ".pre-commit-config.yaml").write_text(config)
    repo.git("add", "--all")
    return subprocess.run(
        [str(PRE_COMMIT), "run", "--all-files", "--verbose", "--color", "never"],
        cwd=repo.root,
        env=environment | home | OFFLINE,
        capture_output=True,
        text=True,
        check=False,
    )


def head(product: Path) -> str:
    return Clone(product).git("rev-parse", "HEAD").strip()


def test_a_commit_is_checked(repo: Clone, product: Path, environment: dict[str, str]) -> None:
    args = ["--project-dir", "the project", "--base", "main"]
    done = commit(repo, product, environment, "datamind-check", args=args)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing changes since main" in done.stdout
    change(repo)
    done = commit(repo, product, environment, "datamind-check", args=args)
    assert done.returncode == 1
    assert "the project/models/metrics.yml:20 error DM2373 breaking: metric `cancelled_orders` is removed" in done.stdout


def test_what_was_parsed_is_validated(repo: Clone, product: Path, environment: dict[str, str]) -> None:
    from app.adapters.dbt.runner import run_dbt

    assert run_dbt(["parse"], repo.project, repo.project, "ci", repo.project / "target").success
    done = commit(repo, product, environment, "datamind-validate", args=["--project-dir", "the project"])
    assert done.returncode == 0, done.stdout + done.stderr
    environment = environment | {"DATAMIND_ENGINES": '["postgres"]'}
    done = commit(repo, product, environment, "datamind-compile", args=["--project-dir", "the project"])
    assert (done.returncode, "out of date" in done.stdout) == (1, True), done.stdout


def test_the_manifest_and_the_action_are_of_their_schemas() -> None:
    assert subprocess.run([str(PRE_COMMIT), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=False).returncode == 0
    checker = Path(sys.executable).parent / "check-jsonschema"
    assert (
        subprocess.run([str(checker), "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")], check=False).returncode == 0
    )
