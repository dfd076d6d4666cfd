"""What a file or a training item must not show: everybody may read them."""

from __future__ import annotations

from collections.abc import Iterable

from app.model.expr import FALSE
from app.model.physical import Model


def hidden_columns(model: Model) -> frozenset[str]:
    """The columns that somebody is denied: not even their names are shown."""
    return frozenset(policy.column for policy in model.column_policies if policy.mask is None)


def masked_columns(model: Model) -> frozenset[str]:
    """The columns that somebody sees masked, or only aggregated: their values are never shown."""
    return model.guarded_columns


def shows_values(model: Model | None, columns: Iterable[str]) -> bool:
    """Whether nobody sees the values of these columns otherwise than they are: none is masked or personal."""
    guarded = masked_columns(model) | {column.name for column in model.columns if column.pii} if model else frozenset()
    return guarded.isdisjoint(columns)


def is_closed(model: Model) -> bool:
    """Whether a malformed policy closes the whole model."""
    return any(policy.predicate == FALSE and not policy.permissive for policy in model.row_policies)
