"""The properties of the code that ARCHITECTURE.md names and that no linter holds."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEALED = {"GovernedSql", "Seal"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def makers(path: Path) -> list[tuple[int, str]]:
    """Where a file calls GovernedSql or Seal, under whatever name it imported them, or copies one with other content."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {name: name for name in SEALED}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in SEALED}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            if names.get(name) in SEALED:
                found.append((node.lineno, name))
            if name in ("__new__", "_replace") and any(isinstance(arg, ast.Name) and arg.id in names for arg in node.args):
                found.append((node.lineno, name))
    return found


def test_only_govern_makes_governed_sql() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in sources("app", "celery_worker", "benchmarks") if makers(path)}
    assert found == {"app/govern/seal.py"}


def test_only_govern_calls_the_sealer() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in sources("app", "celery_worker", "benchmarks")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "app.govern.seal")
        or (isinstance(node, ast.Import) and any(alias.name == "app.govern.seal" for alias in node.names))
    }
    assert importers == {"app/govern/govern.py"}


@pytest.mark.parametrize(
    "text",
    [
        "from app.model.sql import GovernedSql\nGovernedSql()",
        "from app.model.sql import GovernedSql as G\nG()",
        "from app.model import sql\nsql.GovernedSql()",
        "from app.model.sql import Seal\nx = Seal(object())",
        "from app.model.sql import GovernedSql\nobject.__new__(GovernedSql)",
    ],
)
def test_a_maker_is_found(text: str, tmp_path: Path) -> None:
    path = tmp_path / "maker.py"
    path.write_text(text)
    assert makers(path)


def test_governed_sql_is_never_copied_with_other_content() -> None:
    """`dataclasses.replace` keeps the seal; outside govern nobody applies it to what holds one."""
    suspects = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("app", "celery_worker", "benchmarks")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr) == "replace"
        and node.args
        and "governed" in ast.unparse(node.args[0])
    ]
    assert suspects == []


def test_no_file_is_a_god_file() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines for path in sources("app") if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


def test_every_package_is_in_the_layers() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    contract = config["importlinter:contract:layers"]
    assert contract["exhaustive"] == "True"
    named = set(re.findall(r"\w+", contract["layers"]))
    rooms = {
        path.stem
        for path in (ROOT / "app").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }
    assert rooms == named


def test_every_package_has_an_init() -> None:
    """A folder without one is not linted, not installed, and not measured."""
    bare = {path.parent.relative_to(ROOT).as_posix() for path in sources("app") if not (path.parent / "__init__.py").is_file()}
    assert bare == set()


ADDRESSES = re.compile(
    r"https?://(?:[\w.-]+@)?[\w.-]*(?:pypi|pythonhosted|artifactory|nexus|devpi|mirror|proxy\.golang)[\w.-]*|--(?:extra-)?index-url\s+\S|find-links\s+\S"
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|home/\w|Users/\w|root)/[\w.]")
ALLOWED_IN = {"scripts/lock", "scripts/check", "tests/unit/test_architecture.py"}
"""They name what they forbid."""


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a checkout")
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_holds_an_address_of_a_registry_or_a_path_of_a_machine() -> None:
    found = []
    for name in tracked():
        if name in ALLOWED_IN:
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", errors="ignore")
        for pattern in (ADDRESSES, MACHINE):
            found += [f"{name}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_no_lock_names_an_address() -> None:
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
