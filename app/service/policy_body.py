"""Policies and what is seen by them, as every door writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.compile.policies.schema import written_mask
from app.errors import Problem
from app.model.ontology import Ontology
from app.model.policy import AnyPolicy, SizePolicy
from app.model.written_policy import AUDIENCE, PolicyChange, WrittenPolicy
from app.service.policy_sight import ModelSight, does
from app.service.policy_text import written_out
from app.sql.expressions.text import expression_text


def policy_body(policy: WrittenPolicy, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    """A policy, with warnings of what was just written."""
    return {
        "id": policy.id,
        "revision": policy.revision,
        "effect": str(policy.definition.effect),
        "policy": written_out(policy.definition),
        "created_at": policy.created_at,
        "created_by": policy.created_by,
        "changed_at": policy.changed_at,
        "changed_by": policy.changed_by,
        "warnings": [{"code": one.code, "message": one.message, "hint": one.hint} for one in problems],
    }


def change_body(change: PolicyChange) -> dict[str, Any]:
    """A change of a policy: what was there before and after, null for nothing."""
    return {
        "number": change.number,
        "at": change.at,
        "by": change.by,
        "change": str(change.change),
        "revision": change.revision,
        "before": written_out(change.before) if change.before else None,
        "after": written_out(change.after) if change.after else None,
    }


def sight_body(sight: ModelSight) -> dict[str, Any]:
    """What is seen of a model; a limit is null where the model has none of its own."""
    limits = sight.limits
    return {
        "model": sight.model,
        "readable": sight.readable,
        "rows": sight.rows,
        "columns": [
            {
                "name": one.name,
                "type": one.type,
                "shown": str(one.shown),
                "mask": written_mask(one.mask) if one.mask else None,
                "min_group_size": one.min_group_size or None,
                "policies": [_said(name.name, name.source, name.does) for name in one.policies],
            }
            for one in sight.columns
        ],
        "limits": {"rows": limits.rows or None, "seconds": limits.seconds or None, "scanned_rows": limits.scanned_rows or None},
        "policies": [_said(one.name, one.source, one.does) for one in sight.policies],
    }


def row_rules(ontology: Ontology) -> Iterator[dict[str, Any]]:
    """Every row filter that holds, of both sources."""
    for model in ontology.models:
        for policy in model.row_policies:
            filters = {"filter": expression_text(policy.predicate), "permissive": policy.permissive}
            yield {"model": model.name, **_rule(policy), **filters}


def column_rules(ontology: Ontology) -> Iterator[dict[str, Any]]:
    """Every rule of a column that holds, of both sources."""
    for model in ontology.models:
        for policy in model.of_columns:
            shown: dict[str, Any] = {"column": policy.column, "mask": None, "deny": False, "min_group_size": None}
            if isinstance(policy, SizePolicy):
                shown["min_group_size"] = policy.size
            elif policy.mask is None:
                shown["deny"] = True
            else:
                shown["mask"] = written_mask(policy.mask)
            yield {"model": model.name, **_rule(policy), **shown}


def rule_key(rule: dict[str, Any]) -> str:
    """What tells a rule from all others of its list."""
    return f"{rule['model']}\x1f{rule.get('column', '')}\x1f{rule['name']}\x1f{rule['does']}"


def _rule(policy: AnyPolicy) -> dict[str, Any]:
    people = {name: list(getattr(policy, name)) for name in AUDIENCE}
    return {"name": policy.name, "source": policy.source, "does": does(policy), **people}


def _said(name: str, source: str, did: str) -> dict[str, str]:
    return {"name": name, "source": source, "does": did}
