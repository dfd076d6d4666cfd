"""Problems as SARIF 2.1.0 (OASIS), which code scanners read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from app.cli.formats.shown import Shown
from app.compile.lint.edit import Edit
from app.compile.lint.rules import RULES
from app.compile.lint.run import Found
from app.errors import Severity, Where

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""The base that code scanners put the repository's root in place of."""
_PAGE = "docs/problems/DM{}xxx.md"


def as_sarif(shown: Shown) -> str:
    """One log with one run."""
    rules = _rules(shown.found)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "datamind", "semanticVersion": version("datamind"), "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(one, shown, index[one.problem.code]) for one in shown.found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rules(found: Iterable[Found]) -> list[dict[str, Any]]:
    """What is known of each code: of lint rules all, of others where they are documented."""
    described = [_rule(rule.code, type(rule).__name__, *rule.text, rule.severity) for rule in RULES]
    others = sorted({one.problem.code for one in found} - {rule.code for rule in RULES})
    return described + [_rule(code, code, f"{code} of the compile.", f"{code} of the compile.", Severity.ERROR) for code in others]


def _rule(code: str, name: str, short: str, full: str, severity: Severity) -> dict[str, Any]:
    page = _PAGE.format(code[2])
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": f"{full} See {code} in {page}.", "markdown": f"{full}\n\nSee `{code}` in `{page}`."},
        "defaultConfiguration": {"level": str(severity)},
    }


def _result(found: Found, shown: Shown, index: int) -> dict[str, Any]:
    problem, where = found.problem, found.problem.where
    text = problem.message + (f" ({problem.hint})" if problem.hint else "")
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": str(problem.severity),
        "message": {"text": text},
        "partialFingerprints": {"problem/v1": _fingerprint(found)},
    }
    if where is not None and shown.is_file(where.file):
        result["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(where.file, shown), **_region(where, shown)}}]
    elif where is not None and str(where):
        result["locations"] = [{"logicalLocations": [{"fullyQualifiedName": str(where)}]}]
    if found.edits:
        result["fixes"] = [{"description": {"text": problem.hint or problem.message}, "artifactChanges": _changes(found.edits, shown)}]
    return result


def _artifact(file: str, shown: Shown) -> dict[str, str]:
    return {"uri": quote(shown.path(file)), "uriBaseId": ROOT}


def _region(where: Where, shown: Shown) -> dict[str, Any]:
    """The place, with the line it is in."""
    if not where.line:
        return {}
    region: dict[str, Any] = {"startLine": where.line} | ({"startColumn": where.column} if where.column else {})
    line = shown.line(where)
    return {"region": region | ({"snippet": {"text": line}} if line is not None else {})}


def _changes(edits: Sequence[Edit], shown: Shown) -> list[dict[str, Any]]:
    return [
        {
            "artifactLocation": _artifact(file, shown),
            "replacements": [{"deletedRegion": _deleted(e), "insertedContent": {"text": e.new}} for e in edits if e.file == file],
        }
        for file in dict.fromkeys(edit.file for edit in edits)
    ]


def _deleted(edit: Edit) -> dict[str, int]:
    whole = edit.old.endswith("\n")
    end = {"endLine": edit.line + 1, "endColumn": 1} if whole else {"endLine": edit.line, "endColumn": edit.column + len(edit.old)}
    return {"startLine": edit.line, "startColumn": edit.column, **end}


def _fingerprint(found: Found) -> str:
    """The same for the same problem when lines above it have moved."""
    where = found.problem.where
    return hashlib.sha256(f"{found.problem.code}\0{where.file if where else ''}\0{found.problem.message}".encode()).hexdigest()
