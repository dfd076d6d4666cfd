"""As whom PostgreSQL runs: it refuses root, and its `initdb` refuses a user without a passwd entry.

No account is ever created and no mode of a foreign directory changed. In order of preference:

- an ordinary user with a passwd entry runs it as themselves;
- root, and a user without an entry (containers with arbitrary uids), enter a user namespace where they appear as an account that has one: outside
  of it files keep their owner;
- root where user namespaces are forbidden gives the directories that we made to `nobody` and runs it as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded import problems

KEEPER = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True, slots=True)
class Identity:
    """`kind` is `own`, `namespace` or `account`; uid and gid are what the server appears as (unused for `own`)."""

    kind: str = "own"
    uid: int = -1
    gid: int = -1

    def give(self, path: Path) -> None:
        """Let the server own `path`, which we made: needed only where it runs under another account."""
        if self.kind == "account":
            os.chown(path, self.uid, self.gid)


def choose() -> Identity:
    """The identity for this process's user. Raises UserError DM1104 when there is none."""
    root = os.geteuid() == 0
    if not root and _has_entry(os.geteuid()):
        return Identity()
    ordinary = _ordinary_account()
    if ordinary is None:
        raise problems.no_identity("no account but root has a passwd entry")
    if _namespaces_allowed(ordinary):
        return Identity("namespace", ordinary.pw_uid, ordinary.pw_gid)
    if root:
        return Identity("account", ordinary.pw_uid, ordinary.pw_gid)
    raise problems.no_identity(f"the user {os.geteuid()} has no passwd entry and user namespaces are forbidden")


def check_reachable(identity: Identity, *paths: Path) -> None:
    """Raise UserError DM1104 when the account that runs the server could not reach one of these directories."""
    if identity.kind != "account":
        return
    for path in paths:
        for folder in [path, *path.parents]:
            found = folder.stat()
            shift = 6 if found.st_uid == identity.uid else 3 if found.st_gid == identity.gid else 0
            if not (found.st_mode >> shift) & 0o1:
                raise problems.no_identity(f"user namespaces are forbidden, and the account {identity.uid} cannot reach {folder}")


def _has_entry(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _ordinary_account() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return next((entry for entry in pwd.getpwall() if entry.pw_uid != 0), None)


def _namespaces_allowed(account: pwd.struct_passwd) -> bool:
    if sys.platform != "linux":
        return False
    probe = [sys.executable, "-I", "-S", str(KEEPER), "probe", str(account.pw_uid), str(account.pw_gid)]
    return subprocess.run(probe, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
