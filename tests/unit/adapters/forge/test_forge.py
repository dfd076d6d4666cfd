"""The comment on a pull request: made once, renewed after, nobody else's touched, and no token told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.adapters.forge.here import forge_here, write_summary
from app.errors import Severity, UserError
from tests.unit.adapters.forge.conftest import Api

TOKEN = "ghs_correct-horse-battery"
MARKER = "<!-- datamind --><!-- shop -->"
OTHER = "<!-- datamind --><!-- another -->"


@pytest.fixture
def github(api: Api, tmp_path: Path) -> dict[str, str]:
    """A runner's variables."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"number": 7, "pull_request": {"number": 7}}))
    return {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": "acme/shop", "GITHUB_EVENT_PATH": str(event), "GITHUB_TOKEN": TOKEN}


@pytest.fixture
def gitlab(api: Api) -> dict[str, str]:
    """A job's variables."""
    api.user = {"id": 5}
    return {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": api.url,
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "3",
        "DATAMIND_GITLAB_TOKEN": TOKEN,
    }


def test_made_once_and_renewed_after(api: Api, github: dict[str, str]) -> None:
    address = forge_here(github).post(MARKER, f"{MARKER}\none")
    assert forge_here(github).post(MARKER, f"{MARKER}\ntwo") == address == "https://forge.example/c/900"
    assert [one["body"] for one in api.comments] == [f"{MARKER}\ntwo"]
    assert [(method, path) for method, path, _ in api.seen if path != "/user"] == [
        ("GET", "/repos/acme/shop/issues/7/comments"),
        ("POST", "/repos/acme/shop/issues/7/comments"),
        ("GET", "/repos/acme/shop/issues/7/comments"),
        ("PATCH", "/repos/acme/shop/issues/comments/900"),
    ]
    assert {headers["AUTHORIZATION"] for *_, headers in api.seen} == {f"Bearer {TOKEN}"}


def test_found_behind_hundreds_of_others(api: Api, github: dict[str, str]) -> None:
    api.comments = [{"id": number, "body": "hello", "user": {"login": "ann", "type": "User"}} for number in range(230)]
    api.comments[217] |= {"body": f"{MARKER}\nold", "user": api.bot}
    forge_here(github).post(MARKER, f"{MARKER}\nnew")
    assert (len(api.comments), api.comments[217]["body"]) == (230, f"{MARKER}\nnew")


@pytest.mark.parametrize(
    "theirs",
    [
        {"body": f"{MARKER}\nall is well", "user": {"login": "mallory", "type": "User"}},
        {"body": f"> {MARKER}", "user": {"login": "github-actions[bot]", "type": "Bot"}},
        {"body": f"{OTHER}\nits own", "user": {"login": "github-actions[bot]", "type": "Bot"}},
        {"body": None, "user": None},
    ],
)
def test_what_is_not_ours_stays(api: Api, github: dict[str, str], theirs: dict) -> None:
    api.comments = [{"id": 1} | theirs]
    forge_here(github).post(MARKER, f"{MARKER}\nnew")
    assert [one["body"] for one in api.comments] == [theirs["body"], f"{MARKER}\nnew"]


def test_a_persons_token_renews_that_persons_comment(api: Api, github: dict[str, str]) -> None:
    api.user = {"login": "robot", "type": "User"}
    api.comments = [
        {"id": 1, "body": f"{MARKER}\nof another bot", "user": api.bot},
        {"id": 2, "body": f"{MARKER}\nours", "user": {"login": "robot", "type": "User"}},
    ]
    forge_here(github).post(MARKER, f"{MARKER}\nnew")
    assert [one["body"] for one in api.comments] == [f"{MARKER}\nof another bot", f"{MARKER}\nnew"]


@pytest.mark.parametrize(("method", "status"), [("POST", 403), ("GET", 401), ("GET", 500), ("POST", 302), ("GET", 204)])
def test_a_refusal_is_a_warning_without_the_token(api: Api, github: dict[str, str], method: str, status: int) -> None:
    api.refused[method] = status
    with pytest.raises(UserError) as raised:
        forge_here(github).post(MARKER, "text")
    problem = raised.value.problem
    assert (problem.code, problem.severity) == ("DM1072", Severity.WARNING)
    assert TOKEN not in str(problem)
    assert TOKEN not in repr(forge_here(github))
    assert ("permissions: pull-requests: write" in problem.hint) is (status in (401, 403))


def test_nobody_answers(github: dict[str, str]) -> None:
    for address in ("http://127.0.0.1:1", "no address"):
        with pytest.raises(UserError) as raised:
            forge_here(github | {"GITHUB_API_URL": address}).post(MARKER, "text")
        assert raised.value.problem.code == "DM1072"


def test_gitlab(api: Api, gitlab: dict[str, str]) -> None:
    api.comments = [{"id": 1, "body": f"{MARKER}\nall is well", "author": {"id": 6}}]
    forge_here(gitlab).post(MARKER, f"{MARKER}\none")
    forge_here(gitlab).post(MARKER, f"{MARKER}\ntwo")
    assert [one["body"] for one in api.comments] == [f"{MARKER}\nall is well", f"{MARKER}\ntwo"]
    assert [(method, path) for method, path, _ in api.seen if method in ("POST", "PUT")] == [
        ("POST", "/projects/12/merge_requests/3/notes"),
        ("PUT", "/projects/12/merge_requests/3/notes/901"),
    ]
    assert {headers["PRIVATE-TOKEN"] for *_, headers in api.seen} == {TOKEN}


def test_nowhere_to_post(github: dict[str, str], gitlab: dict[str, str], tmp_path: Path) -> None:
    push = tmp_path / "push.json"
    push.write_text(json.dumps({"ref": "refs/heads/main"}))
    for environ in (
        {},
        github | {"GITHUB_TOKEN": ""},
        github | {"GITHUB_EVENT_PATH": str(push)},
        github | {"GITHUB_EVENT_PATH": ""},
        gitlab | {"CI_MERGE_REQUEST_IID": ""},
        gitlab | {"DATAMIND_GITLAB_TOKEN": ""},
    ):
        with pytest.raises(UserError) as raised:
            forge_here(environ)
        assert (raised.value.problem.code, raised.value.problem.severity) == ("DM1071", Severity.WARNING)


def test_summary_and_outputs_are_added(tmp_path: Path) -> None:
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    summary.write_text("before\n")
    environ = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    write_summary(environ, "text\n", {"verdict": "failed", "worst": "breaking"})
    assert summary.read_text() == "before\ntext\n\n"
    assert outputs.read_text() == "verdict=failed\nworst=breaking\n"
    write_summary({}, "text", {})
    write_summary({"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "where")}, "text", {})
