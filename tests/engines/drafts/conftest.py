"""dbt itself, warm over all that is parsed here, and the projects that it parses."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.runner import DbtCall, DbtProcess
from app.compile.drafts.suggest import Suggestion, suggest
from app.compile.project import Compilation, compile_project
from tests.support.bare import stripped
from tests.support.demo import ROOT

Parse = Callable[[Path], Compilation]


@pytest.fixture(scope="session")
def dbt() -> Iterator[DbtProcess]:
    with DbtProcess() as process:
        yield process


@pytest.fixture(scope="session")
def parsed(dbt: DbtProcess) -> Parse:
    """Have dbt parse a project, and compile what it wrote. dbt must succeed, without a warning that speaks of semantics."""

    def parse(project: Path) -> Compilation:
        run = dbt.run(
            DbtCall(
                ["parse", "--no-partial-parse"],
                project_dir=project,
                profiles_dir=project,
                target="postgres",
                target_path=project / "target" / "postgres",
            )
        )
        assert run.success, run.messages
        targets, sources = DbtFolder(project, {"postgres": None}).read()
        return compile_project(targets, sources)

    return parse


@pytest.fixture(scope="session")
def bare_project(parsed: Parse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's project without its semantic layer, parsed; not to be changed."""
    folder = tmp_path_factory.mktemp("bare")
    shutil.copytree(ROOT / "dbt_project", folder / "whole", ignore=shutil.ignore_patterns("target", "logs"))
    project = stripped(folder / "whole", folder / "dbt_project")
    parsed(project)
    return project


def suggested(project: Path, ids: set[str] | None = None, dbt_version: str = "") -> Suggestion:
    """What is suggested for a parsed project."""
    targets, sources = DbtFolder(project, {"postgres": None}).read()
    ontology = compile_project(targets, sources).layer.ontology
    return suggest(targets[0], sources, ontology, ids, dbt_version)
