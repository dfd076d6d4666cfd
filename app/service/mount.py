"""A layer that comes from schema and policy files, not from a dbt project: looked for in the warehouse, published, and its people made."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from app.errors import Problem, UserError
from app.model.base import Node
from app.model.ontology import Layer
from app.model.principal import Role
from app.service.audit import Caller
from app.service.compile import training_of
from app.service.deps import Deps
from app.service.kept_code import KeptCode
from app.service.publishing import Doer, publish_compiled
from app.service.serving import serving_of
from app.service.sql import execute_sql
from app.service.training import train
from app.service.users import NewUser, UserChanges, change_user, create_user, list_users

REASON = "mounted from files"
_NO_RELATION = ("DM5005", "DM5009")


class Person(Node, frozen=True):
    """Somebody whom the policy file names."""

    email: str
    role: Role
    groups: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a person signs in; `password` is "" where the one that they have stays."""

    email: str
    role: Role
    password: str


def publish_mounted(deps: Deps, caller: Caller, layer: Layer) -> tuple[Problem, ...]:
    """Make the layer the served one, whatever was served before: who starts the gateway over files says what it serves. What could not be trained is a
    warning.

    Raises UserError DM1405 where a table of it can't be read, DM80xx where it can't be published.
    """
    _check_tables(deps, caller, layer)
    current = deps.layers.current(deps.project_id)
    doer = Doer(caller.principal.user_id, caller.correlation_id, force=True, reason=REASON)
    published = publish_compiled(deps, layer, KeptCode(), current, None, "", doer)
    document = published.version.document_hash if published is not None else current.document_hash if current is not None else ""
    return train(deps, document, training_of(layer))[1]


def _check_tables(deps: Deps, caller: Caller, layer: Layer) -> None:
    """Ask each engine for no row of each of its tables, column by column, as governance writes it."""
    held = replace(deps, serving=serving_of(layer))
    missing = []
    for placement in layer.placements:
        names = {(model, column) for model, column, _ in placement.column_types}
        for model, relation in placement.relations:
            columns = ", ".join(f'"{column}"' for one, column in sorted(names) if one == model)
            try:
                execute_sql(held, caller, f'SELECT {columns} FROM "{relation.schema}"."{relation.name}" LIMIT 0', placement.engine)
            except UserError as error:
                missing.append(_missing(model, placement.engine, error.problem))
    if missing:
        raise UserError(*missing)


def _missing(model: str, engine: str, problem: Problem) -> Problem:
    hint = "create it as the schema file does, and let the gateway's user read it"
    return Problem("DM1405", f"the table `{model}` can't be read on {engine}: {problem.message}", hint=hint)


def make_people(deps: Deps, caller: Caller, people: Iterable[Person], *, keep_passwords: bool = False) -> tuple[SignIn, ...]:
    """Make those who are missing, bring the others to what is said of them, and disable everybody else where anybody is named; each has a new generated password, but
    who keeps theirs.

    Raises UserError DM70xx where one can't be made.
    """
    made = []
    people = tuple(people)
    for person in people:
        known = deps.people.users.by_email(person.email)
        if known is None:
            new = NewUser(person.email, person.role, deps.project_id, "", person.groups, person.attributes)
            made.append(SignIn(person.email, person.role, create_user(deps.people, caller, new)[1]))
            continue
        password = "" if keep_passwords else secrets.token_urlsafe(18)
        changes = UserChanges(person.role, person.groups, person.attributes, disabled=False, password=password or None)
        change_user(deps.people, caller, known.id, changes)
        made.append(SignIn(person.email, person.role, password))
    if people:
        _shut_out(deps, caller, {person.email.casefold() for person in people})
    return tuple(made)


def _shut_out(deps: Deps, caller: Caller, named: Collection[str]) -> None:
    """Disable every other user of the project. Its last admin can't be disabled: nobody has their password from now on."""
    after = ""
    while page := list_users(deps.people, caller, project_id=deps.project_id, after=after):
        after = page[-1].id
        for user in page:
            if user.disabled or user.email.casefold() in named:
                continue
            try:
                change_user(deps.people, caller, user.id, UserChanges(disabled=True))
            except UserError as error:
                if error.problem.code != "DM7007":
                    raise
                change_user(deps.people, caller, user.id, UserChanges(password=secrets.token_urlsafe(18)))
