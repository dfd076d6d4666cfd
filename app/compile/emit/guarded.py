"""What a file or a training item must not show: everybody may read them."""

from __future__ import annotations

from app.model.expr import FALSE
from app.model.physical import Model


def hidden_columns(model: Model) -> frozenset[str]:
    """The columns that somebody is denied: not even their names are shown."""
    return frozenset(policy.column for policy in model.column_policies if policy.mask is None)


def masked_columns(model: Model) -> frozenset[str]:
    """The columns that somebody sees masked: their values are never shown."""
    return frozenset(policy.column for policy in model.column_policies)


def is_closed(model: Model) -> bool:
    """Whether a malformed policy closes the whole model."""
    return any(policy.predicate == FALSE and not policy.permissive for policy in model.row_policies)
