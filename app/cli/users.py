"""`datamind users create|list|grant|disable|export|forget`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Json

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.model.records import User
    from app.service.users import UserChanges

Attributes = Annotated[list[str] | None, typer.Option("--attr", help="An attribute that row filters read, NAME=VALUE; may be repeated.")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="A group; may be repeated.")]
Email = Annotated[str, typer.Argument(help="The e-mail address.")]
ProjectId = Annotated[str, typer.Option("--project", help="The project; else the settings say.")]

users = typer.Typer(help="Make and change the people who may sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(users, name="users")


@users.command()
def create(
    email: Email,
    role: Annotated[str, typer.Option(help="viewer, analyst or admin.")] = "analyst",
    attributes: Attributes = None,
    groups: Groups = None,
    project: ProjectId = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input; else one is generated.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a user; a generated password is printed once.

    Example: datamind users create ana@example.com --role analyst --attr region=DACH
    """
    from app.adapters.embedded.stack import Part
    from app.cli.asker import parse_attributes, role_named
    from app.cli.session import session
    from app.service.users import NewUser, create_user, operator

    password = sys.stdin.readline().rstrip("\n") if password_stdin else ""
    with session((Part.STORE,)) as found:
        new = NewUser(
            email, role_named(role), project or found.settings.project_id, password, tuple(groups or ()), parse_attributes(attributes or ())
        )
        user, generated = create_user(found.deps.people, operator(), new)
    _show([user], as_json, password=generated)


@users.command("list")
def list_people(project: ProjectId = "", as_json: Json = False) -> None:
    """List the users of a project.

    Example: datamind users list --json
    """
    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.service.users import list_users, operator

    with session((Part.STORE,)) as found:
        everybody: list[User] = []
        page = list_users(found.deps.people, operator(), project_id=project or found.settings.project_id)
        while page:
            everybody += page
            page = list_users(found.deps.people, operator(), project_id=project or found.settings.project_id, after=page[-1].id)
    _show(everybody, as_json)


@users.command()
def grant(
    email: Email,
    role: Annotated[str, typer.Option(help="viewer, analyst or admin.")] = "",
    attributes: Attributes = None,
    groups: Groups = None,
    project: ProjectId = "",
    as_json: Json = False,
) -> None:
    """Change role, groups, attributes or project; what is given replaces what was there, from the user's next request on.

    Example: datamind users grant ana@example.com --role admin
    """
    from app.cli.asker import parse_attributes, role_named
    from app.service.users import UserChanges

    changes = UserChanges(
        role=role_named(role) if role else None,
        groups=tuple(groups) if groups is not None else None,
        attributes=parse_attributes(attributes) if attributes is not None else None,
        project_id=project or None,
    )
    _change(email, changes, as_json)


@users.command()
def disable(
    email: Email, enable: Annotated[bool, typer.Option("--enable", help="Let the user in again.")] = False, as_json: Json = False
) -> None:
    """End every sign-in of a user and let them in no more.

    Example: datamind users disable ana@example.com
    """
    from app.service.users import UserChanges

    _change(email, UserChanges(disabled=not enable), as_json)


@users.command()
def export(email: Email) -> None:
    """Print all that is kept of a user as one JSON document.

    Example: datamind users export ana@example.com > ana.json
    """
    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.service.personal_data import export as parts_of
    from app.service.users import operator

    with session((Part.STORE,)) as found:
        for part in parts_of(found.deps, operator(), _known(found, email).id):
            sys.stdout.write(part.decode())
    sys.stdout.write("\n")


@users.command()
def forget(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, nothing is removed.")] = False,
    as_json: Json = False,
) -> None:
    """Remove what a user said: conversations, remembered choices, shared answers, and the words of the query log and of feedback.

    Example: datamind users forget ana@example.com --yes
    """
    from dataclasses import asdict

    from app.adapters.embedded.stack import Part
    from app.cli.listing import show_list
    from app.cli.session import session
    from app.errors import Problem, UserError
    from app.service.personal_data import forget as remove
    from app.service.present import to_json
    from app.service.users import operator

    with session((Part.STORE,)) as found:
        known = _known(found, email)
        if not yes:
            raise UserError(
                Problem("DM1034", "this can't be undone, and nothing was removed", hint="say --yes; `datamind users export` keeps a copy")
            )
        removed = asdict(remove(found.deps, operator(), known.id))
    if as_json:
        sys.stdout.write(to_json(removed).decode() + "\n")
        return
    show_list(["removed", "number"], [[name.replace("_", " "), str(number)] for name, number in removed.items()], as_json=False)


def _known(found: Session, email: str) -> User:
    """The user of that e-mail address. Raises UserError DM7005 where there is none."""
    from app.errors import Problem, UserError

    known = found.deps.people.users.by_email(email)
    if known is None:
        raise UserError(Problem("DM7005", "there is no such user", hint="`datamind users list` shows them"))
    return known


def _change(email: str, changes: UserChanges, as_json: bool) -> None:
    """Apply changes to the user of that e-mail address and show the outcome."""
    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.service.users import change_user, operator

    with session((Part.STORE,)) as found:
        user = change_user(found.deps.people, operator(), _known(found, email).id, changes)
    _show([user], as_json)


def _show(people: list[User], as_json: bool, *, password: str = "") -> None:
    """Users as a table or JSON; never their password hashes."""
    from app.cli.console import out
    from app.cli.listing import show_list
    from app.service.present import to_json

    head = ["id", "email", "role", "project", "groups", "attributes", "state"]
    rows = [
        [
            u.id,
            u.email,
            str(u.role),
            u.project_id,
            ", ".join(u.groups),
            ", ".join(f"{n}={v}" for n, v in u.attributes),
            "disabled" if u.disabled else "active",
        ]
        for u in people
    ]
    if as_json:
        items = [dict(zip(head, row, strict=True)) | ({"password": password} if password else {}) for row in rows]
        sys.stdout.write(to_json(items).decode() + "\n")
        return
    show_list(head, rows, as_json=False)
    if password:
        out().print(f"password: {password}", markup=False)
