"""Server processes: started under a keeper, waited for until they answer, stopped by pid; and what they and their children weigh."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded.identity import KEEPER, Identity

HOST = "127.0.0.1"
_POLL_SECONDS = 0.01
_PORT_ATTEMPTS = 5
_PORT_TAKEN = re.compile(rb"address already in use", re.IGNORECASE)  # in these words in the log of each of the three servers


@dataclass(frozen=True, slots=True)
class Kept:
    """One running server: its keeper, its own pid, and the port where it listens."""

    keeper: subprocess.Popen[bytes]
    pid: int
    port: int = 0

    def ended(self) -> bool:
        """Whether the server (and so its keeper) has ended."""
        return self.keeper.poll() is not None

    def tell(self) -> None:
        """Ask the server to stop, without waiting."""
        if not self.ended():
            self.keeper.terminate()

    def wait(self) -> int:
        """Wait until the server and all that it started are gone; the server's exit status."""
        return self.keeper.wait()


def keep(
    argv: Sequence[str | Path],
    *,
    log: Path,
    lock: int,
    identity: Identity | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    death_signal: signal.Signals = signal.SIGKILL,
    grace: float = 15.0,
    port: int = 0,
    environment: dict[str, str] | None = None,
) -> Kept:
    """Start `argv` under a keeper that ends it with this process.

    `lock` is the descriptor of the directory's lock: the keeper holds it too, so a directory stays locked until its last server is gone.
    `stop_signal` asks the server to stop, and after `grace` seconds it is killed; `death_signal` reaches it if the keeper itself is killed.
    """
    run_as = identity or Identity()
    plan = {
        "argv": [str(word) for word in argv],
        "log": str(log),
        "launcher": os.getpid(),
        "stop_signal": int(stop_signal),
        "death_signal": int(death_signal),
        "grace": grace,
        "identity": run_as.kind,
        "uid": run_as.uid,
        "gid": run_as.gid,
    }
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", str(KEEPER), json.dumps(plan)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"} if environment is None else environment,
        pass_fds=(lock,),
        start_new_session=True,  # Ctrl-C reaches the launcher alone, which stops the servers in order
    )
    said = b""
    if keeper.stdout is not None:
        with keeper.stdout as pipe:
            said = pipe.readline()
    return Kept(keeper, int(said or 0), port)


def on_free_port(launch: Callable[[int], Kept], log: Path, ready: bytes, *, seconds: float = 60.0) -> Kept | None:
    """Launch a server on a free port and wait until it writes `ready` to its log; None when it does not get there.

    Its own word counts, not an answer at the port: if another process took that port meanwhile, that one would answer. Then the launch is repeated.
    """
    for _attempt in range(_PORT_ATTEMPTS):
        begin = log.stat().st_size if log.exists() else 0
        kept = launch(free_port())
        try:
            if _until_said(kept, log, begin, ready, seconds):
                return kept
        except BaseException:
            stop_all([kept])
            raise
        stop_all([kept])
        if not _PORT_TAKEN.search(_said(log, begin)):
            return None
    return None


def _until_said(kept: Kept, log: Path, begin: int, ready: bytes, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not kept.ended():
        if ready in _said(log, begin):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _said(log: Path, begin: int) -> bytes:
    try:
        with log.open("rb") as lines:
            lines.seek(begin)
            return lines.read()
    except OSError:  # not begun
        return b""


def free_port() -> int:
    """A loopback port that was free a moment ago: starters retry when another process was quicker."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def stop_all(servers: Iterable[Kept]) -> None:
    """Stop servers at the same time, and wait for all of them."""
    running = list(servers)
    for kept in running:
        kept.tell()
    for kept in running:
        kept.wait()


def descendants(pid: int) -> list[int]:
    """The pids of a process and of all below it that live now (Linux; elsewhere only `pid`)."""
    found = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            children = Path(f"/proc/{pid}/task/{task}/children").read_text()
            for child in children.split():
                found += descendants(int(child))
    except OSError:
        pass
    return found


def memory_mb(pids: Iterable[int]) -> float:
    """The proportional memory (PSS: shared pages count once, split among their users) of processes and their descendants, in MiB; 0.0 where unknown."""
    total = 0
    for process in {below for pid in pids for below in descendants(pid)}:
        try:
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def started_at(pid: int) -> str:
    """What tells a process from a later one with the same pid: its start in clock ticks since boot; "" when there is no such process or it is unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def alive(pid: int) -> bool:
    """Whether a process exists (whoever owns it)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
