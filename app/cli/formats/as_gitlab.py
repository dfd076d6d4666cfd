"""Problems as GitLab's Code Quality report, which shows them at the lines of a merge request."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from app.cli.formats.shown import Shown
from app.compile.lint.run import Found
from app.errors import Severity, Where

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}

_NOWHERE = Where("dbt_project.yml")


def as_gitlab(shown: Shown) -> str:
    """A JSON list. A finding keeps its fingerprint while its text and file stay, so that GitLab tells new ones from old ones; one without a file is said
    to be in dbt_project.yml, since GitLab wants one."""
    seen: Counter[str] = Counter()
    return json.dumps([_entry(found, shown, seen) for found in shown.found], ensure_ascii=False, indent=2) + "\n"


def _entry(found: Found, shown: Shown, seen: Counter[str]) -> dict[str, Any]:
    problem = found.problem
    where = problem.where if problem.where is not None and shown.is_file(problem.where.file) else _NOWHERE
    file = where.file
    own = f"{problem.code}\0{shown.path(file)}\0{problem.message}"
    seen[own] += 1
    return {
        "description": f"{problem.message}{f' ({problem.hint})' if problem.hint else ''}",
        "check_name": problem.code + (f" {found.rule.name}" if found.rule else ""),
        "fingerprint": hashlib.sha256(f"{own}\0{seen[own]}".encode()).hexdigest(),
        "severity": _SEVERITIES[problem.severity],
        "location": {"path": shown.path(file), "lines": {"begin": max(1, where.line)}},
    }
