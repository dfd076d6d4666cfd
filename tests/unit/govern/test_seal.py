"""Only `app/govern/seal.py` makes a GovernedSql or a Seal: the whole source tree is read for anything else that could."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKERS = {"GovernedSql", "Seal", "seal"}


def makers(source: str) -> set[str]:
    """Names in MAKERS that a source calls, decodes into, replaces or passes on as values."""
    tree = ast.parse(source)
    harmless = {id(inner) for node in ast.walk(tree) for part in _harmless(node) for inner in ast.walk(part)}
    found = set()
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in MAKERS and id(node) not in harmless and not (isinstance(node, ast.Attribute) and name == "seal"):
            found.add(name)
        if isinstance(node, ast.alias) and node.name in MAKERS and node.asname:
            found.add(node.name)
    return found


def _harmless(node: ast.AST) -> list[ast.AST]:
    """Annotations, names that are only set, and types that something is compared with: none of them makes anything."""
    parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
        parts.append(node.args[1])
    if isinstance(node, ast.Compare):
        parts.extend(node.comparators)
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        parts.append(node)
    return [part for part in parts if part is not None]


def test_nothing_but_govern_makes_a_governed_statement() -> None:
    allowed = {"app/govern/seal.py": {"GovernedSql", "Seal"}, "app/govern/govern.py": {"seal"}, "app/model/sql.py": {"Seal"}}
    found = {}
    for folder in ("app", "celery_worker", "scripts", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            made = makers(path.read_text())
            if made:
                found[path.relative_to(ROOT).as_posix()] = made
    stray = {path: made - allowed.get(path, set()) for path, made in found.items() if made - allowed.get(path, set())}
    assert stray == {}
    assert found["app/govern/seal.py"] == {"GovernedSql", "Seal"}


@pytest.mark.parametrize(
    "source",
    [
        "GovernedSql(1)",
        "sql.GovernedSql(1)",
        "make = GovernedSql",
        "decode(data, type=GovernedSql)",
        "Seal(object())",
        "from app.model.sql import GovernedSql as G",
        "seal(text='DROP')",
    ],
)
def test_the_scan_sees_every_way_to_make_one(source: str) -> None:
    assert makers(source)


def test_the_scan_lets_annotations_be() -> None:
    assert makers("def f(x: GovernedSql) -> GovernedSql | None: return isinstance(x, GovernedSql)") == set()
