"""What must be there before the demo can be asked: raw rows, models built by dbt on each engine, a published layer, users."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.adapters.dbt.runner import DbtCall, DbtProcess
from app.adapters.demo.load import load
from app.adapters.embedded.credentials import write_private
from app.adapters.embedded.stack import Part
from app.cli.show import progress
from app.errors import Problem, UserError
from app.model.principal import Role
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.users import NewUser, UserChanges, change_user, create_user
from app.settings import Settings
from app.wiring.servers import Servers

_STEP = re.compile(r"\s*(?P<number>\d+) of (?P<all>\d+) (?P<word>[A-Z-]+)")
PARTS = (Part.POSTGRES, Part.CLICKHOUSE)
PEOPLE: tuple[tuple[str, Role, tuple[tuple[str, str], ...]], ...] = (
    ("admin@example.com", Role.ADMIN, ()),
    ("analyst@example.com", Role.ANALYST, (("region", "DACH"),)),
    ("viewer@example.com", Role.VIEWER, (("region", "DACH"),)),
)
"""The demo's users, with the attributes that its row filters read."""


def load_raw(servers: Servers, scale: float) -> str:
    """Load the raw rows where they are not there already; what tells this data from another. Needs the embedded warehouses' owners.

    Raises UserError DM1050 where a warehouse is named by URL: the demo writes to no server that it did not start.
    """
    if set(servers.owners) != set(servers.engines):
        raise UserError(
            Problem("DM1050", "the demo loads embedded warehouses only", hint="unset DATAMIND_POSTGRES_URL and DATAMIND_CLICKHOUSE_URL")
        )
    report = load(scale, postgres_url=servers.owners.get("postgres"), clickhouse_url=servers.owners.get("clickhouse"), progress=progress)
    return str(report.fingerprint)


def build(settings: Settings, servers: Servers, data: str) -> None:
    """`dbt build` for each engine in its own target path, unless the same project was built on the same data before.

    Raises UserError DM1051 where a build fails; dbt's own lines stand in the progress before it.
    """
    with _alone(settings.data_dir.absolute() / "demo.lock"):
        _build(settings, servers, data)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One demo at a time builds: a second one waits, and then finds the work done."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another demo is building here; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(settings: Settings, servers: Servers, data: str) -> None:
    """Build where the stamp of the last build does not fit."""
    project = settings.dbt_project_path.absolute()
    stamp_file = settings.data_dir.absolute() / "demo-build.json"
    stamp = {"project": _project_hash(project), "data": data, "engines": sorted(servers.owners), "vars": settings.dbt_vars}
    if stamp_file.exists() and json.loads(stamp_file.read_text()) == stamp and _built(project, servers):
        progress("the models are built already")
        return
    with DbtProcess() as dbt:
        for engine in servers.owners:
            progress(f"dbt build on {engine}")
            target_path, environment = project / "target" / engine, servers.dbt_environment()
            call = DbtCall(["build"], project, project, engine, target_path, env=environment, variables=settings.dbt_vars)
            run = dbt.run(call, _tell_step)
            if not run.success:
                raise UserError(Problem("DM1051", f"dbt build failed on {engine}", hint="dbt's lines above say which model or test"))
            progress(f"dbt build on {engine} took {run.seconds:.1f} s")
    write_private(stamp_file, json.dumps(stamp))


def people(settings: Settings, deps: Deps, caller: Caller) -> dict[str, str]:
    """The demo's users with their generated passwords, made where they are missing; kept in the data directory, readable by its owner only."""
    kept = settings.data_dir.absolute() / "demo-users.json"
    passwords: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    for email, role, attributes in PEOPLE:
        known = deps.people.users.by_email(email)
        if known is not None and email in passwords:
            continue
        passwords[email] = secrets.token_urlsafe(12)
        write_private(kept, json.dumps(passwords))
        if known is None:
            create_user(deps.people, caller, NewUser(email, role, settings.project_id, passwords[email], attributes=attributes))
        else:
            change_user(deps.people, caller, known.id, UserChanges(password=passwords[email]))
    return passwords


def _tell_step(line: str) -> None:
    """dbt's lines, but of the steps that went well only every fiftieth."""
    step = _STEP.match(line)
    if step is None or step["word"] not in ("START", "PASS", "OK", "NO-OP"):
        progress(line)
    elif step["word"] != "START" and int(step["number"]) % 50 == 0:
        progress(f"  {step['number']} of {step['all']} steps done")


def _built(project: Path, servers: Servers) -> bool:
    """Whether every target's artifacts are there."""
    return all((project / "target" / engine / "manifest.json").is_file() for engine in servers.owners)


def _project_hash(project: Path) -> str:
    """A hash of the project's own files."""
    digest = hashlib.sha256()
    for path in sorted(project.rglob("*")):
        parts = path.relative_to(project).parts
        if path.is_file() and parts[0] not in ("target", "logs") and not parts[-1].startswith("."):
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
