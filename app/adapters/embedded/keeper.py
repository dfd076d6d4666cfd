"""Keeps one server process for a launcher: starts it, and ends it when told to (SIGTERM) or when the launcher is gone, however it went.

Run as `python -I -S keeper.py PLAN`, PLAN being a JSON object (`Plan` below). It uses the standard library only and imports nothing of ours, so that
it starts in milliseconds. It writes the server's pid as one line to standard output, and exits with the server's status (128 + N after signal N).

Three things hold together so that no process is ever left behind:

- a pidfd on the launcher (elsewhere than on Linux: its parent's pid, looked at twice a second) tells of its death, also by SIGKILL and from any thread;
- the server gets a parent-death signal from its keeper, which has one thread only, set after the last change of credentials (which clears it);
- the keeper is the sub-reaper of its descendants, so what a killed server leaves behind (PostgreSQL's backends leave its process group) is found and ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from typing import Any, NoReturn, TypedDict

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_CLONE_NEWUSER = 0x10000000
_LINUX = sys.platform == "linux"
_PARENT_CHECK_SECONDS = 0.5


class Plan(TypedDict):
    """What to keep: `identity` is `own`, `namespace` or `account`, with the uid and gid to appear as; signals are numbers; `grace` is in seconds."""

    argv: list[str]
    log: str
    launcher: int
    stop_signal: int
    death_signal: int
    grace: float
    identity: str
    uid: int
    gid: int


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def enter_namespace(uid: int, gid: int) -> None:
    """Enter a user namespace of our own where this process appears as `uid`; outside, its rights stay what they were. Raises OSError when forbidden."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if _libc().unshare(_CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "user namespaces are forbidden")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {outer_uid} 1"), ("gid_map", f"{gid} {outer_gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _become(plan: Plan) -> None:
    if plan["identity"] == "namespace":
        enter_namespace(plan["uid"], plan["gid"])
    elif plan["identity"] == "account":
        os.setgroups([])
        os.setgid(plan["gid"])
        os.setuid(plan["uid"])


def _exec(plan: Plan, keeper: int) -> NoReturn:
    """In the forked child: turn into the server, or say on the log why not and exit 127."""
    try:
        log = os.open(plan["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        for number in (signal.SIGPIPE, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.umask(0o077)
        _become(plan)
        if _LINUX:
            _libc().prctl(_PR_SET_PDEATHSIG, plan["death_signal"], 0, 0, 0)
        if os.getppid() != keeper:  # it died before the signal was armed
            os._exit(127)
        os.closerange(3, 1 << 16)  # the lock above all: a server must not hold it
        os.execv(plan["argv"][0], plan["argv"])  # noqa: S606 - a list, no shell wanted
    except BaseException as error:
        os.write(2, f"cannot run {plan['argv'][0]}: {error}\n".encode())
    os._exit(127)


def _orphans() -> list[int]:
    """Processes that became ours because their parent ended."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _reap(server: int) -> int | None:
    """Collect ended children; the server's status when it is among them."""
    status = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == server:
                status = os.waitstatus_to_exitcode(ended[1])
    return status


def _sweep(server: int, grace: float) -> None:
    """After the server ended: give its orphans a moment, then kill what is left."""
    deadline = time.monotonic() + grace
    while orphans := _orphans():
        if time.monotonic() > deadline:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
        _reap(server)


def keep(plan: Plan) -> int:
    """Run the server of `plan` until it ends, the launcher is gone or SIGTERM comes; its exit status."""
    if _LINUX:
        _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    told = False

    def tell(_number: int, _frame: object) -> None:
        nonlocal told
        told = True

    signal.signal(signal.SIGTERM, tell)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    poll = select.poll()
    poll.register(wake_read, select.POLLIN)
    pidfd = -1
    with contextlib.suppress(OSError, AttributeError):  # old kernels and other systems: the parent's pid is looked at instead
        pidfd = os.pidfd_open(plan["launcher"])
        poll.register(pidfd, select.POLLIN)

    keeper = os.getpid()
    server = os.fork()
    if server == 0:
        signal.set_wakeup_fd(-1)
        _exec(plan, keeper)
    with contextlib.suppress(OSError):
        os.write(1, f"{server}\n".encode())
        os.close(1)

    deadline: float | None = None
    while (status := _reap(server)) is None:
        gone = os.getppid() != plan["launcher"]
        if deadline is None and (told or gone):
            os.kill(server, plan["stop_signal"])
            deadline = time.monotonic() + plan["grace"]
        elif deadline is not None and time.monotonic() > deadline:
            os.kill(server, signal.SIGKILL)
        if deadline is not None and pidfd >= 0:
            poll.unregister(pidfd)  # a dead launcher stays readable: do not spin on it
            pidfd = -1
        for descriptor, _event in poll.poll(_PARENT_CHECK_SECONDS * 1000):
            if descriptor == wake_read:
                os.read(wake_read, 4096)
    _sweep(server, grace=2.0)
    return status if status >= 0 else 128 - status


def main(argv: list[str]) -> int:
    """`PLAN` keeps a server; `probe UID GID` tells by its status whether a user namespace can be entered."""
    if argv[0] == "probe":
        try:
            enter_namespace(int(argv[1]), int(argv[2]))
        except OSError:
            return 1
        return 0
    return keep(json.loads(argv[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
