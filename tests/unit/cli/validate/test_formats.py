"""The formats: each says all of a problem, in the way that its readers need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from app.cli.formats.as_github import as_github
from app.cli.formats.as_json import as_json
from app.cli.formats.as_sarif import as_sarif
from app.cli.formats.as_text import as_text
from app.cli.formats.shown import Shown, repository
from app.compile.lint.edit import Edit
from app.compile.lint.rules import RULES
from app.compile.lint.run import Found
from app.errors import Problem, Severity, Where

FILE = "models/a b.yml"
TEXT = "metrics:\n\t- {naïve: 日本 x}\n" + "k: " + "v" * 400 + "\n"


def shown(tmp_path: Path, *problems: Found, fixed: tuple[Found, ...] = ()) -> Shown:
    return Shown(problems, {FILE: TEXT}, tmp_path / "dbt", tmp_path, "0123456789ab", fixed)


def found(where: Where | None = None, severity: Severity = Severity.ERROR, message: str = "it is 100% wrong", **more: Any) -> Found:
    edits = more.pop("edits", ())
    return Found(more.pop("rule", None), Problem("DM2104", message, severity, where, **more), edits)


@pytest.mark.parametrize(
    ("where", "lines"),
    [
        (
            Where(FILE, 2, 13),
            ["dbt/models/a b.yml:2:13 error DM2104 it is 100% wrong", "  2 | \t- {naïve: 日本 x}", "      \t            ^"],
        ),
        (Where(FILE, 1, 1), ["dbt/models/a b.yml:1:1 error DM2104 it is 100% wrong", "  1 | metrics:", "      ^"]),
        (Where(FILE, 1), ["dbt/models/a b.yml:1 error DM2104 it is 100% wrong", "  1 | metrics:"]),
        (Where(FILE, 99, 1), ["dbt/models/a b.yml:99:1 error DM2104 it is 100% wrong"]),
        (Where("manifest.json"), ["manifest.json error DM2104 it is 100% wrong"]),
        (None, ["error DM2104 it is 100% wrong"]),
    ],
)
def test_text_points_at_the_place(tmp_path: Path, where: Where | None, lines: list[str]) -> None:
    assert as_text(shown(tmp_path, found(where))).splitlines() == [*lines, "1 error"]


def test_long_lines_are_cut_around_the_place(tmp_path: Path) -> None:
    _, line, caret, _ = as_text(shown(tmp_path, found(Where(FILE, 3, 300)))).splitlines()
    assert len(line) < 200
    assert line[caret.index("^")] == "v"


def test_text_hands_no_commands_to_a_terminal(tmp_path: Path) -> None:
    text = as_text(shown(tmp_path, found(message="\x1b[2J\u202emetric", hint="\x07")))
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "\x1b[31merror\x1b[0m" in as_text(shown(tmp_path, found()), colours=True)


def test_json_has_every_key(tmp_path: Path) -> None:
    edit = Edit(FILE, 2, 3, "a", "b")
    body = json.loads(as_json(shown(tmp_path, found(Where(FILE, 2, 13), hint="do", edits=(edit,)), fixed=(found(),))))
    assert body == {
        "version": 1,
        "layer_version": "0123456789ab",
        "summary": {"errors": 1, "warnings": 0, "notes": 0, "fixable": 1, "fixed": 1},
        "problems": [
            {
                "code": "DM2104", "rule": "", "severity": "error", "message": "it is 100% wrong", "hint": "do",
                "file": "dbt/models/a b.yml", "line": 2, "column": 13, "path": "",
                "edits": [{"file": "dbt/models/a b.yml", "line": 2, "column": 3, "old": "a", "new": "b"}],
            }
        ],
        "fixed": [
            {
                "code": "DM2104", "rule": "", "severity": "error", "message": "it is 100% wrong", "hint": "", "file": "", "line": 0,
                "column": 0, "path": "", "edits": [],
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (found(Where(FILE, 2, 13), hint="do\r\nthis"), "::error file=dbt/models/a b.yml,line=2,col=13,title=DM2104::it is 100%25 wrong%0Ado%0D%0Athis"),
        (found(Where(FILE, 2), Severity.WARNING, rule=RULES[0]), f"::warning file=dbt/models/a b.yml,line=2,title=DM2104 {RULES[0].name}::it is 100%25 wrong"),
        (found(Where("manifest.json", path="$.nodes"), Severity.NOTE), "::notice title=DM2104::manifest.json $.nodes: it is 100%25 wrong"),
    ],
)  # fmt: skip
def test_github_commands_are_escaped(tmp_path: Path, given: Found, line: str) -> None:
    assert as_github(shown(tmp_path, given)) == line + "\n"


def test_github_properties_are_escaped(tmp_path: Path) -> None:
    name = "models/a,b:c%.yml"
    text = as_github(Shown([found(Where(name, 1, 1))], {name: "x\n"}, tmp_path, tmp_path))
    assert text.startswith("::error file=models/a%2Cb%3Ac%25.yml,line=1,col=1,title=DM2104::")


def sarif(tmp_path: Path, *problems: Found) -> dict[str, Any]:
    return json.loads(as_sarif(shown(tmp_path, *problems)))


def test_sarif_has_the_published_structure(tmp_path: Path) -> None:
    """What the standard (SARIF 2.1.0, sections 3.13 to 3.58) asks of a log, a run, a driver, its rules and its results."""
    rule = RULES[-1]
    log = sarif(
        tmp_path, found(Where(FILE, 2, 13), hint="do"), Found(rule, Problem(rule.code, "m", Severity.NOTE)), found(Where("manifest.json"))
    )
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert driver["name"] == "datamind"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for described in driver["rules"]:
        assert set(described) == {"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"}
        assert described["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert all(described[key]["text"].strip() for key in ("shortDescription", "fullDescription", "help"))
        assert described["shortDescription"]["text"].endswith(".")
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("note", "warning", "error")
        assert result["message"]["text"]
        for location in result.get("locations", ()):
            assert set(location) <= {"physicalLocation", "logicalLocations"}
    assert [result["ruleId"] for result in run["results"]] == ["DM2104", rule.code, "DM2104"]


def test_sarif_says_where(tmp_path: Path) -> None:
    first, second = sarif(tmp_path, found(Where(FILE, 2, 13)), found(Where("manifest.json")))["runs"][0]["results"]
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "dbt/models/a%20b.yml", "uriBaseId": "%SRCROOT%"}
    assert unquote(physical["artifactLocation"]["uri"]) == "dbt/models/a b.yml"
    assert physical["region"] == {"startLine": 2, "startColumn": 13, "snippet": {"text": "\t- {naïve: 日本 x}"}}
    assert second["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "manifest.json"}]}]
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_sarif_fingerprints_do_not_move_with_lines(tmp_path: Path) -> None:
    one, two = sarif(tmp_path, found(Where(FILE, 1, 1)), found(Where(FILE, 2, 1)))["runs"][0]["results"]
    assert one["partialFingerprints"] == two["partialFingerprints"]


def test_sarif_has_the_fixes(tmp_path: Path) -> None:
    edits = (Edit(FILE, 1, 1, "metrics:\n", ""), Edit(FILE, 2, 5, "naïve", "x"))
    (result,) = sarif(tmp_path, found(Where(FILE, 1, 1), hint="do", edits=edits))["runs"][0]["results"]
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert fix["description"] == {"text": "do"}
    assert change["replacements"] == [
        {"deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 2, "endColumn": 1}, "insertedContent": {"text": ""}},
        {"deletedRegion": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 10}, "insertedContent": {"text": "x"}},
    ]


def test_paths_start_at_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "a" / "dbt"
    folder.mkdir(parents=True)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    assert repository(folder) == tmp_path
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "a"))
    assert repository(folder) == tmp_path / "a"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "elsewhere"))
    assert repository(folder) == tmp_path
