"""Policies in a pull request: who sees more or less, and the project's own tests of it."""

from __future__ import annotations

from tests.engines.check.conftest import Check, body, of
from tests.support.pull_request import Clone, change

TESTS = """
policy_tests:
  - name: admins see all orders
    as: {role: admin}
    model: orders
    expect: {readable: true, rows: all}
"""


def test_who_sees_more_is_told_and_may_stop_the_change(repo: Clone, check: Check) -> None:
    change(repo)
    file = repo.root.parent / "comment.md"
    told = check("--base", "main", "--json", "--fail-on", "none", "--comment", str(file))
    assert told.code == 0
    found = of(told, "access")
    assert [one["direction"] for one in found["result"]["differences"]].count("loosened") >= 1
    assert {(one["code"], one["severity"]) for one in found["problems"]} == {("DM7052", "warning")}
    comment = file.read_text()
    assert "#### Who sees more or less" in comment
    assert "| who | sees | of | before | after |" in comment
    stopped = check("--base", "main", "--json", "--fail-on-gain")
    assert of(stopped, "access")["state"] == "failed"


def test_the_projects_policy_tests_are_made(repo: Clone, check: Check) -> None:
    folder = repo.project / "policy_tests"
    folder.mkdir()
    (folder / "people.yml").write_text(TESTS)
    failed = check("--base", "main", "--json")
    assert (failed.code, of(failed, "policies")["state"]) == (1, "failed")
    assert [(one["code"], one["file"]) for one in of(failed, "policies")["problems"]] == [("DM7051", "the project/policy_tests/people.yml")]
    (folder / "people.yml").write_text(TESTS.replace("rows: all", "rows: none"))
    assert of(check("--base", "main", "--json"), "policies")["state"] == "passed"
    (folder / "people.yml").write_text("policy_tests: 1")
    assert [one["code"] for one in of(check("--base", "main", "--json"), "policies")["problems"]] == ["DM7050"]
    assert "policies" in [one["name"] for one in body(check("--json", "--policy-tests", str(folder)))["checks"]]
