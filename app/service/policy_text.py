"""Policies as people write them, in JSON and YAML alike: the words of dbt's `meta.datamind`, with where they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from app.compile.policies.schema import written_mask
from app.compile.policies.text import PolicyText
from app.errors import Problem, UserError, Where
from app.model.invalid import said_and_path
from app.model.written_policy import AUDIENCE, Bounds, Effect, PolicyDefinition


def read_definition(value: Any) -> PolicyDefinition:
    """The policy that an object describes. Raises UserError DM7043 with the path of what is wrong."""
    try:
        text = msgspec.convert(value, PolicyText)
    except msgspec.ValidationError as error:
        message, path = said_and_path(error)
        raise wrong(path, message) from None
    limits = text.limits
    return PolicyDefinition(
        name=text.name,
        description=text.description,
        enabled=text.enabled,
        models=_set(text.models),
        columns=_set(text.columns),
        tags=_set(text.tags),
        pii=_set(text.pii),
        rows=text.rows.strip(),
        permissive=text.permissive,
        mask=text.mask.mask() if text.mask is not None else None,
        deny=text.deny,
        min_group_size=text.min_group_size or 0,
        limits=Bounds(limits.rows or 0, limits.seconds or 0.0, limits.scanned_rows or 0) if limits is not None else None,
        **{name: _set([str(one) for one in getattr(text, name)]) for name in AUDIENCE},
    )


def written_out(definition: PolicyDefinition) -> dict[str, Any]:
    """The object that describes the policy: what `read_definition` reads, without what says nothing."""
    plain: dict[str, Any] = msgspec.to_builtins(definition)
    if definition.rows and "permissive" not in plain:
        plain["permissive"] = definition.permissive
    if definition.mask is not None:
        plain["mask"] = written_mask(definition.mask)
    return plain


def changed(definition: PolicyDefinition, changes: Mapping[str, Any]) -> PolicyDefinition:
    """The policy with the fields of `changes`; None takes one away. Raises UserError DM7043."""
    whole = {**written_out(definition), **changes}
    if "rows" in changes and changes["rows"] is None and "permissive" not in changes:
        whole["permissive"] = None
    return read_definition({name: value for name, value in whole.items() if value is not None})


def require_effect(definition: PolicyDefinition, *effects: Effect) -> PolicyDefinition:
    """The policy. Raises UserError DM7043 where its effect is none of these."""
    if definition.effects and definition.effect not in effects:
        raise wrong("policy", f"this takes policies of {' or '.join(effects)} only", "write others at /api/v1/data-control/policies")
    return definition


def wrong(path: str, message: str, hint: str = "see docs/policies.md") -> UserError:
    """DM7043: what stands at that path of a policy can't be kept."""
    return UserError(Problem("DM7043", message, where=Where(path=path or "policy"), hint=hint))


def _set(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(items)))
