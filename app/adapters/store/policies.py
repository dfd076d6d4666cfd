"""Policies that admins write, in the store (`app.ports.Policies`). Changes of a project's policies are made one at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, plain, to_record
from app.adapters.store.tables import policies, policy_changes
from app.errors import Problem, UserError
from app.model.written_policy import Change, PolicyChange, PolicyDefinition, WrittenPolicy
from app.ports import PolicyFilter


class StoredPolicies:
    """The policies of each project. A change and its record are one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, project_id: str, held: int) -> tuple[int, Sequence[WrittenPolicy]] | None:
        """The number of the last change and all policies by name; None where `held` is that number."""
        last = sa.select(sa.func.coalesce(sa.func.max(policy_changes.c.number), 0)).where(policy_changes.c.project_id == project_id)
        every = sa.select(*columns(policies, WrittenPolicy)).where(policies.c.project_id == project_id).order_by(policies.c.name)
        with self._database.transaction() as connection:
            number: int = connection.execute(last).scalar_one()
            if number == held:
                return None
            # A change between the two statements is among the policies and not in the number: it is read again then, and never missed.
            return number, [to_record(row, WrittenPolicy) for row in connection.execute(every)]

    def get(self, policy_id: str, project_id: str) -> WrittenPolicy | None:
        """The policy of that id or name."""
        with self._database.transaction() as connection:
            return _found(connection, policy_id, project_id)

    def page(self, project_id: str, wanted: PolicyFilter, after: str, limit: int) -> Sequence[WrittenPolicy]:
        """At most `limit` policies that are wanted, ids ascending."""
        statement = sa.select(*columns(policies, WrittenPolicy)).where(policies.c.project_id == project_id, policies.c.id > after)
        if wanted.effects:
            statement = statement.where(policies.c.effect.in_([str(effect) for effect in wanted.effects]))
        if wanted.enabled is not None:
            statement = statement.where(policies.c.enabled == wanted.enabled)
        if wanted.text:
            statement = statement.where(policies.c.name.icontains(wanted.text, autoescape=True))
        with self._database.transaction() as connection:
            return [to_record(row, WrittenPolicy) for row in connection.execute(statement.order_by(policies.c.id).limit(limit))]

    def add(self, policy: WrittenPolicy) -> None:
        """Keep a new policy."""
        with self._database.transaction() as connection:
            _one_at_a_time(connection, policy.project_id)
            _check_name(connection, policy)
            connection.execute(sa.insert(policies).values(**_row(policy)))
            _record(connection, policy, Change.CREATE, None, policy.definition)

    def change(
        self, policy_id: str, project_id: str, revision: int, change: Callable[[WrittenPolicy], WrittenPolicy]
    ) -> tuple[WrittenPolicy, WrittenPolicy]:
        """Read, change and keep a policy in one step."""
        with self._database.transaction() as connection:
            before = _locked(connection, policy_id, project_id, revision)
            after = replace(change(before), id=before.id, project_id=project_id, revision=before.revision + 1)
            _check_name(connection, after)
            connection.execute(sa.update(policies).where(policies.c.id == before.id).values(**_row(after)))
            _record(connection, after, Change.UPDATE, before.definition, after.definition)
        return before, after

    def remove(self, policy_id: str, project_id: str, revision: int, gone: Callable[[WrittenPolicy], WrittenPolicy]) -> WrittenPolicy:
        """Take a policy away; its changes stay."""
        with self._database.transaction() as connection:
            before = _locked(connection, policy_id, project_id, revision)
            connection.execute(sa.delete(policies).where(policies.c.id == before.id))
            _record(connection, replace(gone(before), revision=before.revision + 1), Change.DELETE, before.definition, None)
        return before

    def history(self, policy_id: str, project_id: str, before: int, limit: int) -> Sequence[PolicyChange]:
        """At most `limit` changes of the policy, newest first."""
        statement = sa.select(*columns(policy_changes, PolicyChange)).where(
            policy_changes.c.project_id == project_id, policy_changes.c.policy_id == policy_id
        )
        if before:
            statement = statement.where(policy_changes.c.number < before)
        with self._database.transaction() as connection:
            found = connection.execute(statement.order_by(policy_changes.c.number.desc()).limit(limit))
            return [to_record(row, PolicyChange) for row in found]


def _one_at_a_time(connection: sa.Connection, project_id: str) -> None:
    """So that numbers of changes are committed in their order: who has seen one has seen all before it."""
    advisory_lock(connection, "policies", project_id)


def _found(connection: sa.Connection, policy_id: str, project_id: str) -> WrittenPolicy | None:
    named = sa.or_(policies.c.id == policy_id, policies.c.name == policy_id)
    row = connection.execute(sa.select(*columns(policies, WrittenPolicy)).where(policies.c.project_id == project_id, named)).first()
    return to_record(row, WrittenPolicy) if row is not None else None


def _locked(connection: sa.Connection, policy_id: str, project_id: str, revision: int) -> WrittenPolicy:
    _one_at_a_time(connection, project_id)
    found = _found(connection, policy_id, project_id)
    if found is None:
        raise UserError(Problem("DM7040", "there is no such policy", hint="list the policies to see their names and ids"))
    if revision not in (0, found.revision):
        raise UserError(
            Problem(
                "DM7042",
                f"the policy `{found.definition.name}` was changed meanwhile: it is at revision {found.revision}, not {revision}",
                hint="read it again, and change what you find",
            )
        )
    return found


def _check_name(connection: sa.Connection, policy: WrittenPolicy) -> None:
    same = (policies.c.project_id == policy.project_id, policies.c.name == policy.definition.name, policies.c.id != policy.id)
    if connection.execute(sa.select(policies.c.id).where(*same)).first() is not None:
        raise UserError(
            Problem("DM7041", f"there is a policy `{policy.definition.name}` already", hint="change that one, or take another name")
        )


def _row(policy: WrittenPolicy) -> dict[str, Any]:
    definition = policy.definition
    return {
        **msgspec.structs.asdict(policy),
        "definition": _plain(definition),
        "name": definition.name,
        "effect": str(definition.effect),
        "enabled": definition.enabled,
    }


def _record(
    connection: sa.Connection, policy: WrittenPolicy, change: Change, before: PolicyDefinition | None, after: PolicyDefinition | None
) -> None:
    """The last statement of each change: its number is the newest."""
    values = {"before": _plain(before), "after": _plain(after), "change": str(change), "revision": policy.revision}
    connection.execute(
        sa.insert(policy_changes).values(
            policy_id=policy.id, project_id=policy.project_id, at=policy.changed_at, by=policy.changed_by, **values
        )
    )


def _plain(definition: PolicyDefinition | None) -> Any:
    return sa.null() if definition is None else plain(msgspec.to_builtins(definition))
