"""A checkout that follows a branch: moved on, never bent, mended after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.adapters.dbt.checkout import MARK, Follows, fetch, mend
from app.adapters.git.stale import LOCK_SECONDS
from app.errors import UserError

MAIN = Follows("origin", "main")


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=tests", "-c", "user.email=tests@example.com", "-c", "commit.gpgsign=false"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True, env=environ).stdout.strip()


@pytest.fixture
def author(tmp_path: Path) -> Path:
    """Where people commit; `served` beside it is the checkout, `origin.git` what both know."""
    folder = tmp_path / "author"
    folder.mkdir()
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    commit(folder, {"project/a.yml": "one", "project/gone.yml": "here", "other.txt": "x"})
    git(tmp_path, "clone", "-q", str(tmp_path / "origin.git"), "served")
    return folder


def commit(folder: Path, files: dict[str, str | None]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Go on")
    git(folder, "push", "-q", "origin", "main")
    return git(folder, "rev-parse", "HEAD")


def state(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts}


NEXT: dict[str, str | None] = {"project/a.yml": "two", "project/gone.yml": None, "project/new.yml": "new"}
THERE = {"project/a.yml": "two", "project/new.yml": "new", "other.txt": "x"}


def test_it_moves_on_and_stays_where_nothing_came(author: Path) -> None:
    served = author.parent / "served"
    head = commit(author, NEXT)
    for _ in range(2):
        fetch(served / "project", MAIN)
        assert git(served, "rev-parse", "HEAD") == head
        assert state(served) == THERE
        assert git(served, "status", "--porcelain") == ""
        assert not (served / ".git" / MARK).exists()


def test_edits_elsewhere_stay_and_edits_in_the_way_refuse(author: Path) -> None:
    served = author.parent / "served"
    commit(author, NEXT)
    (served / "other.txt").write_text("mine")
    fetch(served, MAIN)
    assert state(served) == THERE | {"other.txt": "mine"}
    commit(author, {"other.txt": "theirs"})
    before = state(served)
    with pytest.raises(UserError) as raised:
        fetch(served, MAIN)
    assert raised.value.problem.code == "DM2080"
    assert state(served) == before


def test_commits_of_its_own_are_never_given_up(author: Path) -> None:
    served = author.parent / "served"
    (served / "own.txt").write_text("own")
    git(served, "add", "-A")
    git(served, "commit", "-qm", "Own")
    commit(author, NEXT)
    before = git(served, "rev-parse", "HEAD")
    with pytest.raises(UserError):
        fetch(served, MAIN)
    assert git(served, "rev-parse", "HEAD") == before


@pytest.mark.parametrize("written", [(), ("project/a.yml",), ("project/a.yml", "project/new.yml"), tuple(NEXT)])
def test_a_move_that_was_killed_is_done_anew(author: Path, written: tuple[str, ...]) -> None:
    """Git writes files first, then its index, then HEAD: some files are there already, the lock and the mark too."""
    served = author.parent / "served"
    head = commit(author, NEXT)
    git(served, "fetch", "-q", "origin", "main")
    for name in written:
        (served / name).unlink(missing_ok=True)
        if (text := NEXT[name]) is not None:
            (served / name).write_text(text)
    (served / "other.txt").write_text("mine")
    (served / ".git" / MARK).write_text(head)
    lock = served / ".git" / "index.lock"
    lock.touch()
    os.utime(lock, times=(time.time() - LOCK_SECONDS - 1,) * 2)
    later = commit(author, {"project/later.yml": "later"})
    fetch(served, MAIN)
    assert git(served, "rev-parse", "HEAD") == later
    assert state(served) == THERE | {"other.txt": "mine", "project/later.yml": "later"}


def test_a_mark_that_was_half_written_is_none(author: Path) -> None:
    served = author.parent / "served"
    head = commit(author, NEXT)
    (served / ".git" / MARK).write_text("")
    fetch(served, MAIN)
    assert git(served, "rev-parse", "HEAD") == head


def test_a_remote_that_is_away_is_a_problem_without_its_address(author: Path) -> None:
    served = author.parent / "served"
    git(served, "remote", "set-url", "origin", "https://me:secret@127.0.0.1:1/none.git")
    with pytest.raises(UserError) as raised:
        fetch(served, MAIN)
    assert raised.value.problem.code == "DM2080"
    assert "secret" not in str(raised.value)


LOCKS = ("index.lock", "HEAD.lock", "packed-refs.lock", "ORIG_HEAD.lock", "refs/heads/main.lock", "refs/remotes/origin/main.lock")


def locked(served: Path, *names: str) -> None:
    """Locks that a git left a while ago."""
    for name in names:
        lock = served / ".git" / name
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        os.utime(lock, times=(time.time() - LOCK_SECONDS - 1,) * 2)


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_of_a_git_that_was_killed_blocks_for_ever(author: Path, lock: str) -> None:
    served = author.parent / "served"
    head = commit(author, NEXT)
    locked(served, lock)
    fetch(served, MAIN)
    assert git(served, "rev-parse", "HEAD") == head
    assert git(served, "rev-parse", "origin/main") == head
    assert not (served / ".git" / lock).exists()


def test_a_worktrees_locks_are_broken_too(author: Path) -> None:
    served, tree = author.parent / "served", author.parent / "tree"
    git(served, "worktree", "add", "-q", "-b", "other", str(tree))
    head = commit(author, NEXT)
    locked(served, "worktrees/tree/index.lock", "refs/heads/other.lock")
    fetch(tree, MAIN)
    assert git(tree, "rev-parse", "HEAD") == head


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell where a process works")
def test_a_git_that_works_there_keeps_its_lock(author: Path) -> None:
    served = author.parent / "served"
    commit(author, NEXT)
    locked(served, "index.lock")
    with subprocess.Popen(["git", "-C", str(served), "cat-file", "--batch"], stdin=subprocess.PIPE) as works:
        with pytest.raises(UserError) as raised:
            fetch(served, MAIN)
        works.kill()
    assert "another git works there" in raised.value.problem.message
    fetch(served, MAIN)
    assert state(served) == THERE


@pytest.mark.parametrize(
    ("name", "left"),
    [("project/a.yml", "mine"), ("project/new.yml", "mine too"), ("project/gone.yml", "here, and mine")],
)
def test_an_edit_between_the_mark_and_gits_own_check_stays(author: Path, name: str, left: str) -> None:
    """The worker was killed before git began, or git refused for this edit: the file is in the move's way, and nobody's but its author's."""
    served = author.parent / "served"
    head = commit(author, NEXT)
    (served / name).write_text(left)
    (served / ".git" / MARK).write_text(head)
    git(served, "fetch", "-q", "origin", "main")
    with pytest.raises(UserError):
        fetch(served, MAIN)
    assert (served / name).read_text() == left


def test_a_file_that_git_had_half_written_is_taken_back(author: Path) -> None:
    served = author.parent / "served"
    head = commit(author, {"project/a.yml": "a long new text", "project/new.yml": "another long text"})
    git(served, "fetch", "-q", "origin", "main")
    (served / "project/a.yml").write_text("a long")
    (served / "project/new.yml").write_text("")
    (served / ".git" / MARK).write_text(head)
    fetch(served, MAIN)
    assert git(served, "rev-parse", "HEAD") == head
    assert state(served)["project/a.yml"] == "a long new text"
    assert git(served, "status", "--porcelain") == ""


def test_names_that_look_like_patterns_are_names(author: Path) -> None:
    served = author.parent / "served"
    odd = {"*": "star", ":(top)x": "top", "project/[a].yml": "class"}
    commit(author, dict(odd))
    fetch(served, MAIN)
    head = commit(author, dict.fromkeys(odd, "new"))
    git(served, "fetch", "-q", "origin", "main")
    for name in odd:
        (served / name).write_text("new")
    (served / "other.txt").write_text("mine")
    (served / ".git" / MARK).write_text(head)
    fetch(served, MAIN)
    assert git(served, "rev-parse", "HEAD") == head
    assert (served / "other.txt").read_text() == "mine"
    assert {name: (served / name).read_text() for name in odd} == dict.fromkeys(odd, "new")


def test_a_folder_that_becomes_a_file_and_back_is_moved_on(author: Path) -> None:
    served = author.parent / "served"
    commit(author, {"thing/inner.yml": "inner"})
    fetch(served, MAIN)
    git(author, "rm", "-rq", "thing")
    head = commit(author, {"thing": "a file"})
    git(served, "fetch", "-q", "origin", "main")
    (served / "thing/inner.yml").unlink()
    (served / "thing").rmdir()
    (served / "thing").write_text("a fi")
    (served / ".git" / MARK).write_text(head)
    fetch(served, MAIN)
    assert (served / "thing").read_text() == "a file"
    git(author, "rm", "-q", "thing")
    back = commit(author, {"thing/inner.yml": "inner again"})
    git(served, "fetch", "-q", "origin", "main")
    (served / "thing").unlink()
    (served / "thing").mkdir()
    (served / "thing/inner.yml").write_text("inner a")
    (served / ".git" / MARK).write_text(back)
    fetch(served, MAIN)
    assert git(served, "status", "--porcelain") == ""
    assert (served / "thing/inner.yml").read_text() == "inner again"


def half_moved(author: Path) -> None:
    """The checkout as a worker leaves it that is killed while git writes the second of several files; the remote is away since."""
    served = author.parent / "served"
    head = commit(author, NEXT)
    git(served, "fetch", "-q", "origin", "main")
    (served / "project/a.yml").write_text("two")
    (served / ".git" / MARK).write_text(head)
    (author.parent / "origin.git").rename(author.parent / "gone.git")


OLD = {"project/a.yml": "one", "project/gone.yml": "here", "other.txt": "x"}


def test_a_move_that_was_killed_is_mended_without_the_remote(author: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = author.parent / "served"
    half_moved(author)
    mend(served / "project")
    assert state(served) == OLD
    assert git(served, "status", "--porcelain") == ""
    assert not (served / ".git" / MARK).exists()
    monkeypatch.setenv("PATH", "")
    mend(served / "project")  # where nothing is to be mended, no git is needed
    mend(author.parent)  # nor a repository


def test_a_fetch_mends_before_it_asks_the_remote(author: Path) -> None:
    half_moved(author)
    with pytest.raises(UserError) as raised:
        fetch(author.parent / "served" / "project", MAIN)
    assert "git fetch failed" in raised.value.problem.message
    assert state(author.parent / "served") == OLD


def test_what_was_edited_beside_a_move_that_was_killed_stays(author: Path) -> None:
    served = author.parent / "served"
    half_moved(author)
    (served / "project/gone.yml").write_text("here, and mine")
    (served / "own.txt").write_text("mine")
    mend(served)
    assert state(served) == OLD | {"project/gone.yml": "here, and mine", "own.txt": "mine"}


def test_a_worktree_and_a_folder_behind_a_link_are_mended(author: Path) -> None:
    served, tree, link = author.parent / "served", author.parent / "tree", author.parent / "link"
    git(served, "worktree", "add", "-q", "-b", "other", str(tree))
    link.symlink_to(tree / "project")
    head = commit(author, NEXT)
    git(tree, "fetch", "-q", "origin", "main")
    (tree / "project/a.yml").write_text("two")
    mark = served / ".git" / "worktrees" / "tree" / MARK
    mark.write_text(head)
    mend(link)
    assert state(tree) == OLD
    assert not mark.exists()
