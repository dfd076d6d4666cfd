"""Schemathesis over every operation of the OpenAPI document, as anybody and as each role: data that fits, and data that does not.

A run takes a few examples of each operation; DATAMIND_MUTANTS=all takes many, and every boundary value that can be told from the document.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.conftest import Gateway

ROOT = Path(__file__).parents[2]
ALL = os.environ.get("DATAMIND_MUTANTS") == "all"
PHASES, EXAMPLES = ("examples,coverage,fuzzing", "100") if ALL else ("examples,fuzzing", "2")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "ignored_auth",
    "tells_nothing_of_the_inside",
    "answers_in_time",
    "is_a_problem_document",
)

SETTINGS = """
auth.auto-signup = false
checks.negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
"""
"""Who is nobody makes no user. What is larger than its field may have is refused as what is larger than a body may be."""


@pytest.mark.timeout(3600 if ALL else 300)
@pytest.mark.parametrize("role", ["", "viewer", "analyst", "admin"], ids=lambda role: role or "nobody")
def test_every_operation_keeps_to_its_document(fuzzed: Gateway, tmp_path: Path, role: str) -> None:
    """Streams, which never end, have tests of their own."""
    who = ["--header", f"Authorization: {fuzzed.bearer(role)['Authorization']}"] if role else []
    options = ["--phases", PHASES, "--max-examples", EXAMPLES, "--checks", ",".join(CHECKS), "--request-timeout", "60"]
    out = ["--exclude-path-regex", "/events$", "--continue-on-failure", "--warnings", "off", "--no-color"]
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{fuzzed.url}/openapi.json", *who, *options, *out]
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.security.schemathesis_checks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 94" in done.stdout
