"""Root, ordinary users, users without a passwd entry, and machines that forbid user namespaces."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from app.adapters.embedded import identity
from app.adapters.embedded.identity import Identity
from app.adapters.embedded.stack import Part
from app.errors import UserError

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
NOBODYS_UID = 12345  # has no passwd entry


def passable(path: str) -> bool:
    """Whether every user can reach `path` and run what is there."""
    real = Path(path).resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [real, *real.parents])


@pytest.fixture(scope="module")
def any_users_python() -> str:
    """An interpreter of this version that any user can run."""
    for candidate in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        if Path(candidate).exists() and passable(candidate) and passable(identity.__file__.rpartition("/")[0]):
            return candidate
    pytest.skip("no interpreter here that another user may run")


def test_who_runs_it_here() -> None:
    chosen = identity.choose()
    assert chosen.kind == "own" if os.geteuid() else chosen.kind in ("namespace", "account")
    if chosen.kind != "own":
        assert chosen.uid > 0


@AS_ROOT
@pytest.mark.parametrize("uid", [NOBODYS_UID, 65534])
def test_an_ordinary_user_runs_all_parts(
    uid: int, open_folder: Path, launch: Callable[..., object], any_users_python: str, clickhouse: Callable[..., object]
) -> None:
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, uid, uid)
    launched = launch(home / "stack", list(Part), python=any_users_python, user=uid, group=uid, extra_groups=[])
    assert set(launched.said.get("pids", ())) == set(Part), launched.said
    for process in psutil.Process(launched.process.pid).children(recursive=True):
        assert process.uids().real == uid
    for url in (launched.said["urls"]["store"], launched.said["urls"]["postgres"]):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    client = clickhouse(launched.said["urls"]["clickhouse"])
    assert client.query("SELECT 1").result_rows == [(1,)]
    client.close()
    processes = psutil.Process(launched.process.pid).children(recursive=True)
    launched.process.kill()
    assert not psutil.wait_procs(processes, timeout=20)[1]


def in_a_namespace_that_allows_no_other(uid: int) -> list[str]:
    """A command prefix that runs what follows where `unshare` of user namespaces fails, as `uid` (0 or another)."""
    code = f"""
import ctypes, os, sys
ready, go = os.pipe(), os.pipe()
libc = ctypes.CDLL(None)
child = os.fork()
if child == 0:
    assert libc.unshare(0x10000000) == 0
    os.write(ready[1], b"x"); os.read(go[0], 1)
    os.setgroups([]); os.setgid(0); os.setuid(0)
    open("/proc/sys/user/max_user_namespaces", "w").write("0")
    os.setgid({uid}); os.setuid({uid})
    os.execv(sys.argv[1], sys.argv[1:])
os.read(ready[0], 1)
for name in ("uid_map", "gid_map"):
    open(f"/proc/{{child}}/{{name}}", "w").write("0 0 70000")
os.write(go[1], b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    return [sys.executable, "-I", "-S", "-c", code]


@AS_ROOT
def test_root_without_namespaces_runs_postgresql_as_nobody(open_folder: Path, launch: Callable[..., object], any_users_python: str) -> None:
    launched = launch(open_folder / "stack", [Part.STORE], python=any_users_python, prefix=in_a_namespace_that_allows_no_other(0))
    assert "pids" in launched.said, launched.said
    server = psutil.Process(launched.said["pids"]["store"])
    assert server.uids().real == 65534
    assert stat.S_IMODE((open_folder / "stack" / "store").stat().st_mode) == 0o700
    with psycopg.connect(launched.said["urls"]["store"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert launched.finish() == 0
    assert not server.is_running()


@AS_ROOT
def test_root_without_namespaces_is_told_of_a_directory_that_nobody_reaches(
    open_folder: Path, launch: Callable[..., object], any_users_python: str
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    launched = launch(closed / "stack", [Part.STORE], python=any_users_python, prefix=in_a_namespace_that_allows_no_other(0))
    assert launched.said["code"] == "DM1104"
    assert str(closed) in launched.said["message"]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@AS_ROOT
def test_a_user_without_entry_and_namespaces_is_told(open_folder: Path, launch: Callable[..., object], any_users_python: str) -> None:
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, NOBODYS_UID, NOBODYS_UID)
    launched = launch(home, [Part.STORE], python=any_users_python, prefix=in_a_namespace_that_allows_no_other(NOBODYS_UID))
    assert launched.said["code"] == "DM1104"
    assert str(NOBODYS_UID) in launched.said["message"]


@AS_ROOT
def test_as_root_files_stay_roots_and_no_account_is_made(open_folder: Path, launch: Callable[..., object]) -> None:
    accounts = Path("/etc/passwd").read_bytes()
    launched = launch(open_folder / "stack", [Part.STORE])
    assert "pids" in launched.said
    if identity.choose().kind == "namespace":
        assert {path.stat().st_uid for path in (open_folder / "stack").rglob("*")} == {0}
    assert Path("/etc/passwd").read_bytes() == accounts


def test_only_another_account_needs_to_reach_the_directories(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    identity.check_reachable(Identity(), tmp_path)
    identity.check_reachable(Identity("namespace", 1, 1), tmp_path)
    with pytest.raises(UserError):
        identity.check_reachable(Identity("account", 54321, 54321), tmp_path)
