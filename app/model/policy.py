"""Who may see what: row filters and column rules, as data. `govern/` merges and applies them."""

from __future__ import annotations

from enum import StrEnum

from app.model.base import Node
from app.model.expr import Expr


class MaskKind(StrEnum):
    """How a hidden value is shown.

    `redact` replaces what `pattern` finds in a text by `replacement`; `partial` keeps `prefix` first and `suffix` last characters around `replacement`;
    `fixed` shows `replacement` for every value; `null` shows NULL; `hash` shows a keyed digest (equal values stay equal).
    """

    REDACT = "redact"
    PARTIAL = "partial"
    FIXED = "fixed"
    NULL = "null"
    HASH = "hash"


class Mask(Node, frozen=True):
    """A mask and its arguments; see `MaskKind`. A NULL stays NULL under `redact`, `partial` and `hash`."""

    kind: MaskKind
    replacement: str = "***"
    prefix: int = 0
    suffix: int = 0
    pattern: str = ""


class RowPolicy(Node, frozen=True):
    """Rows of `model` that the bound roles may see.

    `roles` empty binds every role; `exempt_roles` are not bound. As in PostgreSQL: permissive predicates are OR-ed, restrictive ones
    (`permissive=False`) AND-ed to that; where policies exist but no permissive one admits, nothing is seen.
    `source` is `dbt` or `store`.
    """

    name: str
    model: str
    predicate: Expr
    roles: tuple[str, ...] = ()
    exempt_roles: tuple[str, ...] = ()
    permissive: bool = True
    source: str = "dbt"


class ColumnPolicy(Node, frozen=True):
    """What the bound roles see of a column: the mask, or where `mask` is None nothing (the column is denied)."""

    name: str
    model: str
    column: str
    mask: Mask | None = None
    roles: tuple[str, ...] = ()
    exempt_roles: tuple[str, ...] = ()
    source: str = "dbt"
