"""Pull requests of many kinds: what is found, where, and with which exit code."""

from __future__ import annotations

import json

import pytest

from tests.engines.check.conftest import Check, body, of
from tests.support.pull_request import METRICS, Clone, change, clone


def places(found: dict) -> dict[str, tuple[str, int]]:
    """Code and place of each Problem."""
    return {f"{one['code']} {one['message'].split(':')[0]}": (one["file"], one["line"]) for one in found["problems"]}


def test_nothing_changes(repo: Clone, check: Check) -> None:
    (repo.root / "elsewhere.txt").write_text("a dirty tree that is none of dbt's business")
    ended = check("--base", "main", "--json")
    assert ended.code == 0, ended.err
    assert (body(ended)["verdict"], body(ended)["worst"]) == ("passed", "")
    assert of(ended, "diff")["result"]["changes"] == []
    assert [one["state"] for one in body(ended)["checks"]] == ["passed", "passed", "passed"]


def test_a_change_is_told_at_its_lines(repo: Clone, check: Check) -> None:
    """A dirty tree is what is checked: people look before they commit."""
    change(repo)
    ended = check("--base", "main", "--json")
    found = of(ended, "diff")
    assert (ended.code, body(ended)["verdict"], body(ended)["worst"]) == (1, "failed", "breaking")
    stood = METRICS[: METRICS.index("- name: cancelled_orders")].count("\n") + 1
    assert places(found) == {
        "DM2373 breaking": ("the project/models/metrics.yml", stood),
        "DM2374 meaning": ("the project/models/semantic.yml", 11),
        "DM2375 loosened": ("the project/models/models.yml", 2),
    }
    assert found["result"]["counts"] == {"breaking": 1, "meaning": 2, "additive": 1, "cosmetic": 0}
    assert {one["severity"] for one in found["problems"] if one["code"] == "DM2373"} == {"error"}


@pytest.mark.parametrize(("fail_on", "code", "errors"), [("none", 0, 0), ("breaking", 1, 1), ("meaning", 1, 3)])
def test_what_fails(repo: Clone, check: Check, fail_on: str, code: int, errors: int) -> None:
    change(repo)
    ended = check("--base", "main", "--json", "--fail-on", fail_on)
    assert ended.code == code
    assert sum(one["severity"] == "error" for one in of(ended, "diff")["problems"]) == errors


def test_annotations_and_comment(repo: Clone, check: Check) -> None:
    change(repo)
    file = repo.root.parent / "out" / "comment.md"
    ended = check("--base", "main", "--format", "github", "--comment", str(file), "--project-dir", "the project", folder=repo.root)
    assert ended.code == 1
    first = ended.out.splitlines()[0]
    assert first.startswith(
        "::error file=the project/models/metrics.yml,line=20,title=DM2373::breaking: metric `cancelled_orders` is removed"
    )
    assert "::warning file=the project/models/semantic.yml,line=11,col=" in ended.out
    comment = file.read_text()
    assert comment.startswith("<!-- datamind --><!-- the project -->\n### ❌ Semantic layer of the project: this change is stopped\n")
    assert "| `revenue` | `sum(amount)` | `sum(case when status = 'cancelled' then 0 else amount end)` |" in comment
    assert "#### Metrics added\n\n| metric | definition |\n| --- | --- |\n| `paid_orders` |" in comment
    assert "| `board` | exposure |" in comment
    assert "| `weekly` | saved query |" in comment
    assert "| policy `own_region` of model `orders` is changed | loosened |" in comment


def test_gitlab_gets_a_report_and_people_the_text(repo: Clone, check: Check) -> None:
    change(repo)
    file = repo.root.parent / "report.json"
    ended = check("--base", "main", "--format", "gitlab", "--output", str(file))
    report = json.loads(file.read_text())
    assert {(one["severity"], one["location"]["path"], one["location"]["lines"]["begin"]) for one in report} >= {
        ("critical", "the project/models/metrics.yml", 20),
        ("minor", "the project/models/semantic.yml", 11),
    }
    assert len({one["fingerprint"] for one in report}) == len(report)
    assert ended.out.splitlines()[-1] == "failed"


def test_a_syntax_error_is_told_at_its_character(repo: Clone, check: Check) -> None:
    repo.edit("models/metrics.yml", "    label: Orders\n", "    label: Orders: all\n")
    ended = check("--base", "main", "--json")
    assert ended.code == 1
    (problem,) = of(ended, "parse")["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == ("DM2370", "the project/models/metrics.yml", 9)
    states = {one["name"]: one["state"] for one in body(ended)["checks"]}
    assert states == {"parse": "failed", "validate": "skipped", "diff": "skipped", "access": "skipped"}
    assert check("--base", "main", "--fail-on", "none").code == 1, "nobody knows what it does"


def test_what_dbt_refuses_is_told_where_it_says(repo: Clone, check: Check) -> None:
    text = METRICS[METRICS.index("  - name: orders\n") : METRICS.index("  - name: order_value")]
    repo.edit("models/metrics.yml", text, "")
    (problem,) = of(check("--json"), "parse")["problems"]
    assert (problem["code"], problem["file"]) == ("DM2370", "the project/models/metrics.yml")
    assert problem["line"] == 8, "the metric that is left without an input"
    assert "`orders` does not exist" in problem["message"]


def test_what_a_compile_refuses_fails(repo: Clone, check: Check) -> None:
    repo.edit("models/metrics.yml", "Dimension('order__status')", "Dimension('order__state')")
    ended = check("--base", "main", "--json")
    assert ended.code == 1
    problem = next(one for one in of(ended, "validate")["problems"] if one["severity"] == "error")
    assert (problem["file"], problem["line"]) == ("the project/models/metrics.yml", 25)


def test_without_a_base_the_rest_is_checked(check: Check) -> None:
    ended = check("--json")
    assert (ended.code, [one["state"] for one in body(ended)["checks"]]) == (0, ["passed", "passed", "skipped"])


# --- the base


def test_what_main_got_since_is_not_taken_away(repo: Clone, check: Check) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.edit(
        "models/metrics.yml",
        "saved_queries:",
        "  - {name: more, label: More, type: simple, type_params: {measure: amount}}\n\nsaved_queries:",
    )
    repo.commit("One more")
    repo.git("checkout", "--quiet", "change")
    ended = check("--base", "main", "--json")
    assert (ended.code, of(ended, "diff")["result"]["changes"]) == (0, [])


def test_a_branch_of_the_remote(repo: Clone, check: Check) -> None:
    repo.git("update-ref", "refs/remotes/origin/release", "main")
    ended = check("--base", "release", "--json")
    assert (ended.code, of(ended, "diff")["said"].startswith("nothing changes since release (")) == (0, True)


def test_a_ref_that_is_not_there(check: Check) -> None:
    ended = check("--base", "mian", "--json", "--fail-on", "none")
    (problem,) = of(ended, "diff")["problems"]
    assert (ended.code, problem["code"]) == (1, "DM2371")
    assert "git fetch origin mian" in problem["hint"]


def test_a_shallow_clone(repo: Clone, check: Check) -> None:
    change(repo)
    repo.commit("The change")
    shallow = clone_of(repo, "--depth", "1", "--branch", "change")
    ended = check("--base", "main", "--json", folder=shallow.project)
    (problem,) = of(ended, "diff")["problems"]
    assert (ended.code, problem["code"]) == (1, "DM2371")
    assert "fetch-depth: 0" in problem["hint"]
    shallow.git("fetch", "--quiet", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    ended = check("--base", "main", "--json", folder=shallow.project)
    assert "too shallow" in of(ended, "diff")["problems"][0]["message"]
    shallow.git("fetch", "--quiet", "--unshallow")
    assert of(check("--base", "main", "--json", folder=shallow.project), "diff")["result"]["worst"] == "breaking"


def clone_of(repo: Clone, *options: str) -> Clone:
    """A clone of the clone."""
    folder = repo.root.parent / "shallow"
    repo.git("clone", "--quiet", *options, repo.root.as_uri(), str(folder))
    return Clone(folder, repo.folder)


def test_a_base_without_the_project(tmp_path, environment, check: Check, repo: Clone) -> None:
    repo.git("checkout", "--quiet", "--orphan", "empty")
    repo.git("rm", "-rq", "--cached", ".")
    repo.git("commit", "--quiet", "--allow-empty", "--message", "Nothing")
    repo.git("add", "--all")
    ended = check("--base", "empty", "--json")
    assert (ended.code, of(ended, "diff")["state"]) == (0, "skipped")
    assert "all of this one is new" in of(ended, "diff")["said"]


def test_a_base_that_dbt_can_not_parse(repo: Clone, check: Check) -> None:
    repo.write("models/broken.yml", "models: [\n")
    repo.commit("Broken")
    repo.git("branch", "--force", "main")
    (repo.project / "models/broken.yml").unlink()
    ended = check("--base", "main", "--json")
    (problem,) = of(ended, "diff")["problems"]
    assert (ended.code, problem["code"], problem["file"]) == (1, "DM2372", "")
    assert "models/broken.yml" in problem["message"]
    assert of(ended, "parse")["state"] == "passed"


def test_no_repository(repo: Clone, check: Check, environment) -> None:
    (repo.root / ".git").rename(repo.root / "no-git")
    try:
        from tests.support.console import run

        ended = run(("datamind", "check", "--base", "main", "--json"), repo.project, environment)
    finally:
        (repo.root / "no-git").rename(repo.root / ".git")
    assert (ended.code, of(ended, "diff")["problems"][0]["code"]) == (1, "DM1070")


def test_a_project_at_the_root_and_a_hook_of_git(tmp_path, environment) -> None:
    """A hook's variables name an index that is being written: it is neither read nor touched."""
    from tests.support.console import run

    own = change(clone(tmp_path / "plain"))
    own.git("add", "--all")
    before = own.state()
    ended = run(
        ("datamind", "check", "--base", "main", "--json"),
        own.root,
        environment | {"GIT_DIR": ".git", "GIT_INDEX_FILE": str(tmp_path / "plain" / ".git" / "index"), "GIT_WORK_TREE": "."},
    )
    assert (ended.code, own.state()) == (1, before)
    assert ("DM2374", "models/semantic.yml") in {(one["code"], one["file"]) for one in of(ended, "diff")["problems"]}


def test_kept_artifacts_in_place_of_a_ref(repo: Clone, check: Check, environment) -> None:
    from app.adapters.dbt.runner import run_dbt

    state = repo.root.parent / "prod-state"
    assert run_dbt(["parse"], repo.project, repo.project, "ci", state).success
    change(repo)
    repo.git("update-index", "-q", "--refresh")
    ended = check("--state", str(state), "--format", "github")
    assert ended.code == 1
    assert "::error file=the project/models/metrics.yml,title=DM2373::breaking: metric `cancelled_orders` is removed" in ended.out
    assert check("--state", str(state / "none"), "--json").code == 1


def test_what_dbt_wrote_last(repo: Clone, check: Check) -> None:
    """Who runs dbt elsewhere, or another dbt, need not have it here."""
    from app.adapters.dbt.runner import run_dbt

    assert run_dbt(["parse"], repo.project, repo.project, "ci", repo.project / "target").success
    repo.edit("models/metrics.yml", "type_params: {measure: amount}", "type_params: {measure: order_count}")
    ended = check("--base", "main", "--no-parse", "--json")
    assert (ended.code, of(ended, "diff")["result"]["changes"]) == (0, [])
    assert "DM2014" in {one["code"] for one in of(ended, "validate")["problems"]}
    assert check("--no-parse", "--json", PATH="/nowhere").code == 0


def test_choose_one_of_base_and_state(check: Check) -> None:
    assert check("--base", "main", "--state", "x").code == 2
