"""Problems for programs, version 1 of the shape; docs/validate.md says what each key holds."""

from __future__ import annotations

import json
from typing import Any

from app.cli.formats.shown import Shown
from app.compile.lint.run import Found
from app.errors import Severity

VERSION = 1


def as_json(shown: Shown) -> str:
    """One object, with every key always there."""
    found = [found_body(one, shown) for one in shown.found]
    summary = {f"{severity}s": sum(one["severity"] == severity for one in found) for severity in map(str, Severity)}
    body = {
        "version": VERSION,
        "layer_version": shown.layer_version,
        "summary": summary | {"fixable": sum(bool(one["edits"]) for one in found), "fixed": len(shown.fixed)},
        "problems": found,
        "fixed": [found_body(one, shown) for one in shown.fixed],
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def found_body(found: Found, shown: Shown) -> dict[str, Any]:
    """One of them, as docs/validate.md has it."""
    problem, where = found.problem, found.problem.where
    return {
        "code": problem.code,
        "rule": found.rule.name if found.rule else "",
        "severity": str(problem.severity),
        "message": problem.message,
        "hint": problem.hint,
        "file": shown.path(where.file) if where else "",
        "line": where.line if where else 0,
        "column": where.column if where else 0,
        "path": where.path if where else "",
        "edits": [
            {"file": shown.path(edit.file), "line": edit.line, "column": edit.column, "old": edit.old, "new": edit.new}
            for edit in found.edits
        ],
    }
