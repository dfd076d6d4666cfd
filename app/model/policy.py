"""Who may see what: row filters and column rules, as data. `govern/` merges and applies them."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import TypeAlias

from app.model.base import Node
from app.model.expr import Expr
from app.model.principal import Principal
from app.model.types import DataType


class MaskKind(StrEnum):
    """How a hidden value is shown.

    `redact` replaces what `pattern` finds in a text by `replacement`, or what is personal of `classes` by marks; `bucket` shows of a number the lower
    bound of its range, `width` wide and counted from 0; `truncate` shows of a time the first day of its `unit`; `partial` keeps `prefix` first and
    `suffix` last characters around `replacement`; `fixed` shows `replacement` for every value; `null` shows NULL; `hash` shows a keyed digest (equal
    values stay equal).
    """

    REDACT = "redact"
    BUCKET = "bucket"
    TRUNCATE = "truncate"
    PARTIAL = "partial"
    FIXED = "fixed"
    NULL = "null"
    HASH = "hash"

    def fits(self, kind: DataType) -> bool:
        """Whether values of that type can be shown so: ranges are of numbers and periods of times."""
        return {MaskKind.BUCKET: kind.is_numeric, MaskKind.TRUNCATE: kind.is_temporal}.get(self, True)


class Mask(Node, frozen=True):
    """A mask and its arguments; see `MaskKind`. A NULL stays NULL under all but `fixed`.

    `width` is a decimal number above 0 as text; `unit` is month, quarter or year; `classes` are sorted names of `redaction`'s classes. `partial` hides whole what has
    no more characters than it shows, nor more than `short`, which nobody writes: it comes of a mask that hides longer texts whole.
    """

    kind: MaskKind
    replacement: str = "***"
    prefix: int = 0
    suffix: int = 0
    pattern: str = ""
    width: str = ""
    unit: str = ""
    classes: tuple[str, ...] = ()
    short: int = 0

    @property
    def hides_whole(self) -> int:
        """Of how many characters at most `partial` shows none."""
        return max(self.prefix + self.suffix, self.short)


def class_mask(kind: DataType) -> Mask:
    """How the values of a PII class are shown where nobody wrote a mask: a text as `***`, any other type as NULL."""
    return Mask(MaskKind.FIXED if kind in (DataType.TEXT, DataType.OTHER) else MaskKind.NULL)


class Policy(Node, frozen=True, kw_only=True):
    """Whom a policy binds, by role, group, and user (their id or e-mail address): who is in any of the three, or everybody where all are empty.

    Who is in any of the `exempt_*` is not bound: for them the policy does not exist. `source` is `dbt` or `store`; one of the store is shared by the models
    that it is for, and names none.
    """

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    exempt_roles: tuple[str, ...] = ()
    exempt_groups: tuple[str, ...] = ()
    exempt_users: tuple[str, ...] = ()
    source: str = "dbt"

    @property
    def is_general(self) -> bool:
        """Whether it binds everybody who is not exempt."""
        return not (self.roles or self.groups or self.users)

    @property
    def has_exempt(self) -> bool:
        """Whether it exempts anybody."""
        return bool(self.exempt_roles or self.exempt_groups or self.exempt_users)

    def binds(self, principal: Principal) -> bool:
        """Whether the policy holds for the person."""
        return not self.exempts(principal) and (self.is_general or _is_among(principal, self.roles, self.groups, self.users))

    def exempts(self, principal: Principal) -> bool:
        """Whether for the person the policy does not exist."""
        return _is_among(principal, self.exempt_roles, self.exempt_groups, self.exempt_users)


def _is_among(principal: Principal, roles: Collection[str], groups: Collection[str], users: Collection[str]) -> bool:
    return (
        principal.role.value in roles
        or not set(principal.groups).isdisjoint(groups)
        or any(user == principal.user_id or user.casefold() == principal.email.casefold() for user in users)
    )


class RowPolicy(Policy, frozen=True):
    """Rows of `model` that those whom it binds may see.

    As in PostgreSQL: permissive predicates are OR-ed, restrictive ones (`permissive=False`) AND-ed to that; where policies exist but no permissive one
    admits, nothing is seen.
    """

    name: str
    model: str
    predicate: Expr
    permissive: bool = True

    @property
    def takes(self) -> bool:
        """Whether it is the store's and restrictive: that takes rows away from what is seen without it, and never decides alone who sees the model."""
        return self.source == "store" and not self.permissive


INHERITED = "lineage"
"""The source of a column's mask that nobody wrote: the column is derived from one that holds personal data."""


class ColumnPolicy(Policy, frozen=True):
    """What those whom it binds see of a column: the mask, or where `mask` is None nothing (the column is denied). `source` may be `lineage` too."""

    name: str
    model: str
    column: str
    mask: Mask | None = None


class SizePolicy(Policy, frozen=True):
    """Of a column those whom it binds see only what is aggregated over at least `size` rows, at the metric door; at the SQL door it is denied."""

    name: str
    model: str
    column: str
    size: int


class LimitPolicy(Policy, frozen=True):
    """Bounds of each query that reads the model: rows returned, seconds, rows read from storage; 0 leaves that bound to others."""

    name: str
    model: str
    rows: int = 0
    seconds: float = 0.0
    scanned_rows: int = 0


AnyPolicy: TypeAlias = RowPolicy | ColumnPolicy | SizePolicy | LimitPolicy
