"""Making and changing users. Every action is recorded before it happens and after; what cannot be recorded does not happen."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.errors import Problem, UserError, Where
from app.model.audit.catalogue import EventType
from app.model.base import Node
from app.model.ids import new_id
from app.model.principal import Principal, Role
from app.model.records import User
from app.ports import AuditSink, Clock, Passwords, RefreshTokens, Users
from app.service.audit import Caller, noted
from app.service.rights import require_admin

COMPONENT = "users"
EVERY_PROJECT = "*"
"""The project of the operator at the command line, who may act in all."""
LEAST_PASSWORD, MOST_PASSWORD = 12, 1024

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")
_PROJECT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class UserDeps:
    """The ports that managing users needs."""

    users: Users
    refresh_tokens: RefreshTokens
    passwords: Passwords
    audit: AuditSink
    clock: Clock


class NewUser(Node, frozen=True):
    """A user to make. Without `password` one is generated; without `project_id` it is the caller's."""

    email: str
    role: Role
    project_id: str = ""
    password: str = ""
    groups: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


class UserChanges(Node, frozen=True):
    """What to change; None leaves it. `groups` and `attributes` replace what was there."""

    role: Role | None = None
    groups: tuple[str, ...] | None = None
    attributes: tuple[tuple[str, str], ...] | None = None
    project_id: str | None = None
    disabled: bool | None = None
    password: str | None = None


def operator(project_id: str = EVERY_PROJECT, door: str = "cli") -> Caller:
    """The person at the command line: whoever can read the store's URL may govern it."""
    return Caller(Principal("operator", "", Role.ADMIN, project_id), door)


def create_user(deps: UserDeps, caller: Caller, new: NewUser) -> tuple[User, str]:
    """Make a user; gives it with the generated password ("" where one was given).

    Raises UserError DM7011 (not an admin), DM7006 (a field is wrong), DM7008 (another project), DM7004 (the e-mail is taken).
    """
    require_admin(caller)
    project_id = _project(caller, new.project_id or caller.principal.project_id)
    if not _EMAIL.fullmatch(new.email):
        raise _wrong("email", "an e-mail address looks like name@example.com")
    generated = "" if new.password else secrets.token_urlsafe(18)
    user = User(
        new_id("usr"),
        new.email,
        new.role,
        project_id,
        deps.passwords.hash(_password(new.password or generated)),
        _groups(new.groups),
        _attributes(new.attributes),
        False,
        deps.clock.now(),
    )
    with noted(
        deps.audit, deps.clock, caller, EventType.USER_CREATE, COMPONENT, project_id, target=user.id, door=caller.door, role=new.role.value
    ):
        deps.users.add(user)
    return user, generated


def list_users(deps: UserDeps, caller: Caller, *, project_id: str = "", after: str = "", limit: int = 100) -> Sequence[User]:
    """At most `limit` users of the project (the caller's by default), ids ascending, after the id `after`. Raises UserError DM7011, DM7008."""
    require_admin(caller)
    return deps.users.page(_project(caller, project_id or caller.principal.project_id), after, limit)


def change_user(deps: UserDeps, caller: Caller, user_id: str, changes: UserChanges) -> User:
    """Change a user; it holds from the user's next request on. A new password and disabling also end every sign-in.

    Raises UserError DM7011, DM7006, DM7008, DM7005 (no such user in the caller's project) or DM7007 (the project's last admin).
    """
    require_admin(caller)
    project_id = user_in_reach(deps, caller, user_id).project_id
    given = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not None}
    if "project_id" in given:
        _project(caller, given["project_id"])
    if "groups" in given:
        given["groups"] = _groups(given["groups"])
    if "attributes" in given:
        given["attributes"] = _attributes(given["attributes"])
    fields = sorted(given)
    if "password" in given:
        given["password_hash"] = deps.passwords.hash(_password(given.pop("password")))

    def change(before: User) -> User:
        _reach(caller, before)
        return msgspec.structs.replace(before, **given)

    with noted(
        deps.audit, deps.clock, caller, EventType.USER_CHANGE, COMPONENT, project_id, target=user_id, door=caller.door, fields=fields
    ):
        user = deps.users.change(user_id, change)
        if user.disabled or "password_hash" in given:
            deps.refresh_tokens.revoke_user(user_id)
    return user


def user_in_reach(deps: UserDeps, caller: Caller, user_id: str) -> User:
    """The user as it is. Raises UserError DM7005 where the caller cannot know of it."""
    user = deps.users.by_id(user_id)
    if user is None:
        raise _nobody()
    _reach(caller, user)
    return user


def _reach(caller: Caller, user: User) -> None:
    if caller.principal.project_id not in (EVERY_PROJECT, user.project_id):
        raise _nobody()


def _nobody() -> UserError:
    return UserError(Problem("DM7005", "there is no such user", hint="list the users to see their ids"))


def _project(caller: Caller, project_id: str) -> str:
    if not _PROJECT.fullmatch(project_id):
        raise _wrong("project_id", "a project's id has 1 to 64 letters, digits, `_` or `-`")
    if caller.principal.project_id not in (EVERY_PROJECT, project_id):
        raise UserError(
            Problem(
                "DM7008", "an admin manages the users of the own project only", hint="the operator's command line reaches every project"
            )
        )
    return project_id


def _password(password: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise _wrong("password", f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters")
    return password


def _groups(groups: tuple[str, ...]) -> tuple[str, ...]:
    if len(groups) > 100 or not all(_NAME.fullmatch(group) for group in groups):
        raise _wrong("groups", "at most 100 names of letters, digits, `_`, `.` and `-`")
    return tuple(sorted(set(groups)))


def _attributes(attributes: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    names = [name for name, _value in attributes]
    if len(names) > 100 or len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        raise _wrong("attributes", "at most 100 distinct names of letters, digits, `_`, `.` and `-`")
    if any(len(value) > 256 or "\x00" in value for _name, value in attributes):
        raise _wrong("attributes", "a value has at most 256 characters, none of them NUL")
    return tuple(sorted(attributes))


def _wrong(path: str, hint: str) -> UserError:
    return UserError(Problem("DM7006", f"`{path}` of the user is not valid", where=Where(path=path), hint=hint))
