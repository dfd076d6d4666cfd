"""The faults of manifests: one that cannot be used as a whole is refused with its file and place, in bounded memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.compile.artifacts import TargetArtifacts
from app.compile.dbt import decode
from app.compile.project import compile_project
from app.errors import Problem, UserError


@pytest.fixture
def expected(shared: Path) -> dict[str, str]:
    """What each fault must end in, by id."""
    lines = (shared / "faults" / "faults.jsonl").read_text(encoding="utf-8").splitlines()
    return {fault["id"]: fault["expect"] for fault in map(json.loads, lines) if fault["group"] == "manifest"}


def refusal(data: bytes) -> Problem:
    with pytest.raises(UserError) as caught:
        compile_project([TargetArtifacts("postgres", data)])
    return caught.value.problem


def test_a_truncated_manifest(project: Any, expected: dict[str, str]) -> None:
    assert "error names file+offset" in expected["ft-31"]
    data = project.orders().data()
    problem = refusal(data[: len(data) // 2])
    assert problem.code == "DM2002"
    assert problem.where is not None
    assert problem.where.file == "manifest.json"
    assert f"(byte {len(data) // 2})" in problem.message
    garbled = refusal(data.replace(b'"nodes":', b'"nodes" ', 1))
    assert garbled.code == "DM2002"
    assert f"(byte {data.index(b'nodes') + 8})" in garbled.message


def test_a_manifest_too_large_or_too_deep(project: Any, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "size/depth limit" in expected["ft-32"]
    assert refusal(b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}").code == "DM2006"
    monkeypatch.setattr(decode, "MAX_BYTES", 1000)
    assert refusal(project.orders().data()).code == "DM2004"


def test_a_manifest_of_an_unknown_schema_version(project: Any, expected: dict[str, str]) -> None:
    assert "unsupported-version" in expected["ft-35"]
    problem = refusal(project.orders().data().replace(b"manifest/v12.json", b"manifest/v13.json"))
    assert problem.code == "DM2003"
    assert "v13" in problem.message
    assert "v10 to v12" in problem.message
