"""What import gives is written into a dbt project, parsed by dbt, compiled, and asked on the demo's PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.runner import DbtCall, DbtProcess
from app.compile.project import Compilation, compile_project
from app.errors import Severity
from app.model.ontology import Layer
from app.model.types import Dialect
from app.plan.build import build
from app.plan.render import render
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.engines.test_demo_answers import plain
from tests.support.bare import stripped
from tests.support.demo import Demo

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Asked:
    """Asks the demo's PostgreSQL by a layer, and by SQL that was written by hand."""

    connection: psycopg.Connection[Any]

    def layer(self, layer: Layer, request: QueryRequest) -> Rows:
        """The rows of a metric query. Raises UserError where the layer can't answer it."""
        joins = JoinGraph.of(layer.ontology)
        plan = build(semantic_query(request, layer.ontology, joins), layer.ontology, joins)
        placement = layer.placement("postgres")
        assert placement is not None
        return self.sql(render(plan, Dialect.POSTGRES, placement, limit=None).text)

    def sql(self, text: str) -> Rows:
        """The rows of a statement, in any order."""
        return sorted((tuple(plain(value) for value in row) for row in self.connection.execute(text).fetchall()), key=repr)


@pytest.fixture(scope="session")
def asked(demo: Demo) -> Iterator[Asked]:
    with psycopg.connect(demo.servers.engines["postgres"], autocommit=True) as connection:
        yield Asked(connection)


@pytest.fixture(scope="session")
def original(demo: Demo) -> Layer:
    """The demo's own layer."""
    targets, sources = DbtFolder(demo.settings.dbt_project_path, {"postgres": None}).read()
    return compile_project(targets, sources).layer


@pytest.fixture(scope="session")
def dbt() -> Iterator[DbtProcess]:
    with DbtProcess() as process:
        yield process


Drafted = Callable[[Mapping[str, str]], Compilation]


@pytest.fixture
def bare_layer(demo: Demo, tmp_path: Path) -> Layer:
    """The layer of the demo's project without its semantic YAML."""
    project = stripped(demo.settings.dbt_project_path, tmp_path / "bare")
    targets, sources = DbtFolder(project, {"postgres": None}).read()
    return compile_project(targets, sources).layer


@pytest.fixture
def drafted(demo: Demo, dbt: DbtProcess, tmp_path: Path) -> Drafted:
    """The demo's project with drafted files in place of its semantic YAML, parsed by dbt and compiled without an error or a warning."""

    def compiled(files: Mapping[str, str]) -> Compilation:
        project = tmp_path / "project"
        shutil.rmtree(project, ignore_errors=True)
        stripped(demo.settings.dbt_project_path, project)
        folder = project / "models" / "drafted"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
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
        found = compile_project(targets, sources)
        assert [str(p) for p in found.problems if p.severity in (Severity.ERROR, Severity.WARNING)] == []
        return found

    return compiled
