"""Writing the store's policies, for admins. What is done is recorded before and after; what can't be recorded is not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from msgspec.structs import replace

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.ids import new_id
from app.model.ontology import Ontology
from app.model.written_policy import PolicyChange, PolicyDefinition, WrittenPolicy
from app.ports import PolicyFilter
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.policy_checks import checked
from app.service.policy_text import changed
from app.service.rights import require_admin

CHANNEL = "datamind:policies"
"""Where a change is announced; the message is the project's id."""
EVERY = PolicyFilter()


def create_policy(deps: Deps, caller: Caller, definition: PolicyDefinition) -> tuple[WrittenPolicy, tuple[Problem, ...]]:
    """Keep a new policy, and give it with warnings; it holds in every process at once.

    Raises UserError DM7011 (not an admin), DM7043 or DM31xx (it can't be kept as it is), DM7041 (the name is taken).
    """
    require_admin(caller)
    told = checked(definition, _served(deps))
    now, by = deps.clock.now(), caller.principal.user_id
    policy = WrittenPolicy(
        id=new_id("pol"), project_id=deps.project_id, definition=definition, created_at=now, created_by=by, changed_at=now, changed_by=by
    )
    with _audited(deps, caller, EventType.POLICY_CREATE, policy.id, definition, 1):
        deps.policies.add(policy)
    _tell(deps)
    return policy, told


def change_policy(
    deps: Deps, caller: Caller, policy_id: str, revision: int, definition: PolicyDefinition
) -> tuple[WrittenPolicy, tuple[Problem, ...]]:
    """Write a policy anew. `revision` is the one that the caller saw, 0 for whichever there is.

    Raises as `create_policy`, and UserError DM7040 (there is none), DM7042 (it was changed since).
    """
    require_admin(caller)
    known = show_policy(deps, caller, policy_id)
    told = checked(definition, _served(deps))

    def anew(before: WrittenPolicy) -> WrittenPolicy:
        return replace(before, definition=definition, changed_at=deps.clock.now(), changed_by=caller.principal.user_id)

    with _audited(deps, caller, EventType.POLICY_UPDATE, known.id, definition, revision):
        _, after = deps.policies.change(known.id, deps.project_id, revision, anew)
    _tell(deps)
    return after, told


def patch_policy(
    deps: Deps, caller: Caller, policy_id: str, revision: int, changes: Mapping[str, Any]
) -> tuple[WrittenPolicy, tuple[Problem, ...]]:
    """Change the fields that are given, None takes one away. Raises as `change_policy`."""
    known = show_policy(deps, caller, policy_id)
    return change_policy(deps, caller, known.id, revision or known.revision, changed(known.definition, changes))


def remove_policy(deps: Deps, caller: Caller, policy_id: str, revision: int) -> WrittenPolicy:
    """Take a policy away and give it as it was; its history stays. Raises UserError DM7011, DM7040, DM7042."""
    require_admin(caller)
    known = show_policy(deps, caller, policy_id)

    def gone(before: WrittenPolicy) -> WrittenPolicy:
        return replace(before, changed_at=deps.clock.now(), changed_by=caller.principal.user_id)

    with _audited(deps, caller, EventType.POLICY_DELETE, known.id, known.definition, revision):
        removed = deps.policies.remove(known.id, deps.project_id, revision, gone)
    _tell(deps)
    return removed


def show_policy(deps: Deps, caller: Caller, policy_id: str) -> WrittenPolicy:
    """The policy of that id or name. Raises UserError DM7011, DM7040."""
    require_admin(caller)
    found = deps.policies.get(policy_id, deps.project_id)
    if found is None:
        raise UserError(Problem("DM7040", "there is no such policy", hint="list the policies to see their names and ids"))
    return found


def list_policies(
    deps: Deps, caller: Caller, wanted: PolicyFilter = EVERY, *, after: str = "", limit: int = 100
) -> Sequence[WrittenPolicy]:
    """At most `limit` policies that are wanted, ids ascending, after the id `after`. Raises UserError DM7011."""
    require_admin(caller)
    return deps.policies.page(deps.project_id, wanted, after, limit)


def policy_history(deps: Deps, caller: Caller, policy_id: str, *, before: int = 0, limit: int = 100) -> Sequence[PolicyChange]:
    """Its changes, newest first, also of one that is gone. Raises UserError DM7011, DM7040 where there never was one of that id."""
    require_admin(caller)
    known = deps.policies.get(policy_id, deps.project_id)
    found = deps.policies.history(known.id if known is not None else policy_id, deps.project_id, before, limit)
    if not found and not before:
        raise UserError(Problem("DM7040", "there is no such policy", hint="list the policies to see their names and ids"))
    return found


def _served(deps: Deps) -> Ontology | None:
    """The layer that names are held against; None while nothing was ever published."""
    try:
        return deps.serving.layer().ontology
    except UserError as error:
        if error.problem.code != "DM8001":
            raise
        return None


def _tell(deps: Deps) -> None:
    deps.bus.publish(CHANNEL, deps.project_id)
    deps.serving.expire_policies()


def _audited(
    deps: Deps, caller: Caller, event: EventType, policy_id: str, definition: PolicyDefinition, revision: int
) -> AbstractContextManager[object]:
    """Records begin before the block and how it ended after it. What the policy says is kept in its history, literals and all, and not here."""
    return noted(
        deps.audit, deps.clock, caller, event, "policies", deps.project_id, target=policy_id, door=caller.door, name=definition.name,
        effect=str(definition.effect), enabled=definition.enabled, revision=revision,
    )  # fmt: skip
