"""Policies that admins write into the store, beside those of the dbt project: what is written, and what becomes of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.model.base import Node
from app.model.policy import Mask, MaskKind

STORE = "store"
"""The source of these policies; their names begin with it."""


class Effect(StrEnum):
    """What a policy does. Each policy does one thing."""

    ROWS = "rows"
    MASK = "mask"
    DENY = "deny"
    MIN_GROUP_SIZE = "min_group_size"
    LIMITS = "limits"


class Bounds(Node, frozen=True):
    """Bounds of a query: rows returned, seconds, rows read from storage; 0 leaves that bound to others."""

    rows: int = 0
    seconds: float = 0.0
    scanned_rows: int = 0


class PolicyDefinition(Node, frozen=True, kw_only=True):
    """What an admin writes: where it holds, one effect, and whom it binds (as `Policy` says).

    It looks at `models`, or where it names none at every one. In these, `columns` (`column` or `model.column`), `tags` (of columns, or of models as a
    whole) and `pii` classes select; where all are empty each model is selected as a whole. `rows` and `limits` hold for each model of which anything is
    selected; `mask` and `min_group_size` for each selected column, of a whole model every one; `deny` hides selected columns and closes whole models.
    """

    name: str
    description: str = ""
    enabled: bool = True
    models: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pii: tuple[str, ...] = ()
    rows: str = ""
    permissive: bool = True
    mask: Mask | None = None
    deny: bool = False
    min_group_size: int = 0
    limits: Bounds | None = None
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    exempt_roles: tuple[str, ...] = ()
    exempt_groups: tuple[str, ...] = ()
    exempt_users: tuple[str, ...] = ()

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects that are given; a policy that may be kept has exactly one."""
        given = {
            Effect.ROWS: self.rows,
            Effect.MASK: self.mask is not None,
            Effect.DENY: self.deny,
            Effect.MIN_GROUP_SIZE: self.min_group_size,
            Effect.LIMITS: self.limits is not None and self.limits != Bounds(),
        }
        return tuple(effect for effect, there in given.items() if there)

    @property
    def effect(self) -> Effect:
        """The one effect; a denial where there are none or several: what is kept may have been altered, and then shows least."""
        effects = self.effects
        return effects[0] if len(effects) == 1 else Effect.DENY

    @property
    def whole(self) -> bool:
        """Whether it selects models as a whole."""
        return not (self.columns or self.tags or self.pii)

    @property
    def audience(self) -> dict[str, tuple[str, ...]]:
        """Whom it binds, by the names of `Policy`'s fields."""
        return {name: getattr(self, name) for name in AUDIENCE}

    def said(self) -> str:
        """The effect in a few words, for lists."""
        match self.effect:
            case Effect.ROWS:
                return f"{'rows' if self.permissive else 'only rows'} where {self.rows}"
            case Effect.MASK:
                return f"mask {self.mask.kind if self.mask else MaskKind.NULL}"
            case Effect.MIN_GROUP_SIZE:
                return f"groups of at least {self.min_group_size}"
            case Effect.LIMITS:
                bounds = self.limits or Bounds()
                told = (("rows", bounds.rows), ("seconds", bounds.seconds), ("scanned rows", bounds.scanned_rows))
                return ", ".join(f"at most {number:g} {word}" for word, number in told if number)
            case _:
                return "deny"


AUDIENCE = ("roles", "groups", "users", "exempt_roles", "exempt_groups", "exempt_users")


class WrittenPolicy(Node, frozen=True, kw_only=True):
    """A policy of the store. `revision` counts its changes from 1: who changes it says which revision they saw."""

    id: str
    project_id: str
    definition: PolicyDefinition
    created_at: dt.datetime
    created_by: str
    changed_at: dt.datetime
    changed_by: str
    revision: int = 1


class Change(StrEnum):
    """What was done with a policy."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class PolicyChange(Node, frozen=True, kw_only=True):
    """One change of a policy, kept for ever: `number` counts the changes of the whole store, `before` and `after` are None where it was not there."""

    policy_id: str
    project_id: str
    at: dt.datetime
    by: str
    change: Change
    revision: int
    before: PolicyDefinition | None = None
    after: PolicyDefinition | None = None
    number: int = 0
