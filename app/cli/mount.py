"""A gateway over schema and policy files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.adapters.store.migrate import migrate
from app.cli import logs
from app.cli.show import from_threads, progress, show_problems
from app.gateway.serve import run
from app.model.ids import new_id
from app.model.principal import Principal, Role
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.mount import Person, SignIn, make_people, publish_mounted
from app.service.present import to_json
from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.mount import claim, load_mounted, read_mounted
from app.wiring.reader import keep_readers
from app.wiring.servers import Servers, servers


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a mounted gateway stands on, and how its people sign in."""

    settings: Settings
    servers: Servers
    deps: Deps
    people: tuple[SignIn, ...]


@contextmanager
def mounted(settings: Settings, schemas: Sequence[str], policy: Path, *, keep_passwords: bool = False) -> Iterator[Ready]:
    """The files read, their servers running, the tables loaded where the warehouse is embedded, the layer published, and the people made.

    Raises UserError DM1401 to DM1405, and what servers and the store raise.
    """
    said = read_mounted(settings, schemas, policy)
    claim(said)
    with servers(said.settings, said.parts, progress=from_threads()) as found:
        notes = (*said.notes, *load_mounted(said, found, progress))
        migrate(found.store)
        with opened(said.settings, found) as deps:
            caller = Caller(Principal("operator", "", Role.ADMIN, said.settings.project_id), "cli", new_id("cor"))
            show_problems((*notes, *publish_mounted(deps, caller, said.layer)))
            deps.serving.expire()
            keep_readers(deps, found)
            people = [Person(user.email, user.role, user.groups, tuple(sorted(user.attributes.items()))) for user in said.policy.users]
            yield Ready(said.settings, found, deps, make_people(deps, caller, people, keep_passwords=keep_passwords))


def serve_mounted(settings: Settings, schemas: Sequence[str], policy: Path, *, keep_passwords: bool, as_json: bool) -> None:
    """Mount, print how to sign in, and serve until told to stop. Raises as `mounted`, and as `app.gateway.serve.run`."""
    logs.configure()
    with mounted(settings, schemas, policy, keep_passwords=keep_passwords) as ready:
        url = f"http://{ready.settings.host}:{ready.settings.port}"
        progress(f"gateway on {url}/api/v1, its OpenAPI page on {url}/docs")
        _print(ready.people, url, as_json)
        run(ready.settings, ready.servers, ready.deps)


def _print(people: Sequence[SignIn], url: str, as_json: bool) -> None:
    """On standard output, before the first request can come."""
    if as_json:
        users = [{"email": one.email, "role": one.role, **({"password": one.password} if one.password else {})} for one in people]
        sys.stdout.write(to_json({"url": url, "users": users}).decode() + "\n")
    else:
        for one in people:
            sys.stdout.write(f"{one.email}  {one.role}  {one.password or '(unchanged)'}\n")
    sys.stdout.flush()
