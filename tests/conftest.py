"""Fixtures that every test may use."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog

if TYPE_CHECKING:
    from tests.support.demo import Demo

ROOT = Path(__file__).resolve().parent.parent

UNTRACED = (
    "conformance",
    "goldens",
    "security/test_plans.py",
    "security/test_live_corpus.py",
    "security/test_mutants.py",
    "security/test_bombs.py",
    "security/test_bombs_at_every_door.py",
    "security/test_schemathesis.py",
    "security/test_noninterference.py",
    "security/test_hidden_rows_in_plans.py",
    "security/test_demo_policies.py",
    "security/test_attack_corpus.py",
    "engines/lineage/test_metrics_depend_on_their_lineage.py",
    "engines/lineage/test_queries_depend_on_their_lineage.py",
    "engines/questions/test_gold_rows.py",
    "unit/test_architecture.py",
    "unit/cli/test_diff_large.py",
    "unit/cli/validate/test_large_projects.py",
    "unit/compile/test_corpora.py",
    "unit/compile/test_mutations.py",
    "unit/compile/test_properties.py",
    "unit/compile/test_asked_by_time.py",
    "unit/compile/diff/test_nothing_is_missed.py",
    "unit/compile/diff/test_protection.py",
    "unit/language/test_hostile_questions.py",
    "unit/plan/test_invariants.py",
    "unit/service/test_expressions.py",
    "unit/sql/joins/test_random_worlds.py",
    "unit/sql/test_parse_bounds.py",
    "unit/sql/test_spell_growth.py",
)
"""Tests that go over the same lines thousands of times with other data: coverage, which counts a line once, would double their time."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Leave the untraced tests out of the coverage. The marker `no_cover` does not, in the workers of a parallel run: a second tracer waits below the first."""
    path = item.path.relative_to(ROOT / "tests").as_posix()
    if not path.startswith(UNTRACED) or not item.config.pluginmanager.hasplugin("_cov"):
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(autouse=True)
def _logging() -> None:
    """Every test finds logging as a process does: commands that ran in this one have set it up for themselves."""
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _main_as_before() -> Iterator[None]:
    """Streamlit's tests put their page in the place of the main module, and every process that is spawned later would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    """What a test sets up of logging goes with it: a handler that it leaves writes to a stream that is closed, into whatever test comes next."""
    root = logging.getLogger()
    handlers, level, factory = root.handlers[:], root.level, logging.getLogRecordFactory()
    yield
    root.handlers, root.level = handlers, level
    logging.setLogRecordFactory(factory)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _demo_as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """What tests share stays as it was: whoever edits or parses takes a copy."""
    if "demo" not in request.fixturenames:
        yield
        return
    target = request.getfixturevalue("demo").settings.dbt_project_path / "target"
    before = _written(target)
    yield
    assert _written(target) == before, "this test wrote into the demo's artifacts, which others read"


def _written(target: Path) -> dict[str, tuple[int, int]]:
    """When each artifact was written, and how long it is."""
    return {path.parent.name + path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in target.glob("*/*manifest.json")}


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test data beside the repository; absent, its tests skip, or fail where DATAMIND_REQUIRE_SHARED is 1."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        if os.environ.get("DATAMIND_REQUIRE_SHARED") == "1":
            pytest.fail("../shared is absent and DATAMIND_REQUIRE_SHARED=1")
        pytest.skip("../shared is absent")
    return folder


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built demo that all workers of this run share; read it, never change it."""
    from tests.support.demo import prepared

    base = tmp_path_factory.getbasetemp()
    return prepared((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "demo")


@pytest.fixture(scope="session")
def demo(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo of this worker's own."""
    from tests.support.demo import running

    with running(demo_folder, tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="session")
def clinics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running group of clinics (`tests/projects/clinics`), of this worker's own."""
    yield from _project("clinics", tmp_path_factory)


@pytest.fixture(scope="session")
def utility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running utility company whose tables have cryptic names (`tests/projects/utility`), of this worker's own."""
    yield from _project("utility", tmp_path_factory)


@pytest.fixture(scope="session")
def freight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running freight forwarder (`tests/projects/freight`), of this worker's own."""
    yield from _project("freight", tmp_path_factory)


@pytest.fixture(scope="session")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running group of hotels (`tests/projects/hotel`), of this worker's own."""
    yield from _project("hotel", tmp_path_factory)


def _project(name: str, paths: pytest.TempPathFactory) -> Iterator[Demo]:
    """A small project, built by whichever worker comes first and copied for this one."""
    from tests.support import projects

    base = paths.getbasetemp()
    shared_by_all = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / f"project_{name}"
    with projects.running(name, projects.prepared(name, shared_by_all), paths.mktemp(name)) as found:
        yield found
