"""What of a policy is refused before it is kept: what would close models by mistake, or protect nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.compile.policies.schema import Malformed, MaskMeta, check_mask
from app.errors import Problem, Severity, UserError, Where, did_you_mean
from app.govern.stored import Selection, Selector
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.policy import Mask
from app.model.types import DataType
from app.model.written_policy import Effect, PolicyDefinition
from app.service.guards import unspelled
from app.service.policy_text import wrong
from app.sql.expressions.predicate import parse_predicate
from app.sql.expressions.walk import columns as columns_of

MOST_NAMES = 1000
MOST_CHARACTERS = 4000
_UNSPELLABLE = frozenset({"DM3104", "DM4002"})
"""Codes of a filter that can be read and never be sent."""
_LIKE_AN_ID = re.compile(r"pol_[0-9a-f]{32}")


def checked(definition: PolicyDefinition, ontology: Ontology | None) -> tuple[Problem, ...]:
    """Warnings of what the policy does that its writer may not mean. Names are held against the layer that is served, where there is one.

    Raises UserError DM7043, or DM31xx with the place in the filter.
    """
    _check_shape(definition)
    needs: set[str] = set()
    if definition.effect is Effect.ROWS:
        needs = _columns_of_filter(definition)
    elif definition.effect is Effect.MASK and definition.mask is not None:
        _check_mask(definition.mask)
    if ontology is None:
        return ()
    selector = Selector(ontology)
    selection = selector.select(definition)
    unknown = [_unknown(kind, name, ontology, definition) for kind, name in selection.missing]
    if unknown:
        raise UserError(*unknown)
    if not selection.models:
        raise wrong("models", "the policy selects nothing: no model that it names has such a column, tag or class")
    if definition.mask is not None:
        for held in (ontology.model(name) for name in selection.models):
            for one in held.columns if held is not None else ():
                if held is not None and (held.name in selection.whole or one.name in selection.columns.get(held.name, ())):
                    _check_mask(definition.mask, f"{held.name}.{one.name}", one.type)
    lacking = [(model, column) for model in selection.models for column in sorted(needs - selector.names(model))]
    if lacking:
        model, column = lacking[0]
        hint = did_you_mean(column, selector.names(model)) or "name the models that the filter is for in `models`, or in `columns`"
        raise wrong("rows", f"the filter names `{column}`, which `{model}` does not have", hint)
    if definition.effect is Effect.ROWS:
        _check_spelled(definition, [held for name in selection.models if (held := ontology.model(name)) is not None])
    return tuple(_widens(definition, selection, ontology))


def _check_shape(definition: PolicyDefinition) -> None:
    effects = definition.effects
    if len(effects) != 1:
        given = f"this one has {' and '.join(effects)}" if effects else "this one has none"
        raise wrong("policy", f"a policy has one of {', '.join(Effect)}: {given}", "write a policy for each")
    if _LIKE_AN_ID.fullmatch(definition.name) or len(definition.name) > 64:
        raise wrong("name", "a name has at most 64 characters and does not look like an id")
    if not definition.permissive and definition.effect is not Effect.ROWS:
        raise wrong("permissive", "`permissive` says something of `rows` only")
    names = (
        *definition.models,
        *definition.columns,
        *definition.tags,
        *definition.pii,
        *(n for p in definition.audience.values() for n in p),
    )
    if len(names) > MOST_NAMES or any(len(name) > 256 for name in names):
        raise wrong("policy", f"a policy names at most {MOST_NAMES} things, each in at most 256 characters")
    if len(definition.rows) > MOST_CHARACTERS or len(definition.description) > MOST_CHARACTERS:
        raise wrong("policy", f"a filter and a description have at most {MOST_CHARACTERS} characters")


def _check_mask(mask: Mask, column: str = "", kind: DataType = DataType.OTHER) -> None:
    try:
        check_mask(MaskMeta.of(mask), kind)
    except Malformed as error:
        raise wrong("mask", f"{error} (`{column}`)" if column else str(error)) from None


def _columns_of_filter(definition: PolicyDefinition) -> set[str]:
    try:
        return {column.name for column in columns_of(parse_predicate(definition.rows))}
    except UserError as error:
        if error.problem.code in _UNSPELLABLE:
            raise wrong("rows", error.problem.message, error.problem.hint) from None
        told = [replace(one, where=replace(one.where or Where(), file="", path="rows")) for one in error.problems]
        raise UserError(*told) from None


def _check_spelled(definition: PolicyDefinition, models: Iterable[Model]) -> None:
    """Spell the filter as each engine would be sent it for each model, so that none fails when the first one asks."""
    predicate = parse_predicate(definition.rows)
    for model in models:
        found = unspelled(predicate, {column.name: column.type for column in model.columns})
        if found is not None:
            raise wrong("rows", f"the filter can't be written for `{model.name}`: {found.message}", found.hint)


def _unknown(kind: str, name: str, ontology: Ontology, definition: PolicyDefinition) -> Problem:
    known: Iterable[str]
    match kind:
        case "models":
            known = [model.name for model in ontology.models]
        case "columns":
            known = {
                spelt for model in ontology.models for column in model.columns for spelt in (column.name, f"{model.name}.{column.name}")
            }
        case "tags":
            known = {tag for model in ontology.models for tag in (*model.tags, *(tag for column in model.columns for tag in column.tags))}
        case _:
            known = {one for model in ontology.models for column in model.columns for one in column.pii_classes}
    known = set(known)
    if name in known:
        models = ", ".join(f"`{model}`" for model in definition.models[:3])
        return Problem("DM7043", f"`{name}` selects nothing in {models}", where=Where(path=kind), hint="name the models that have it")
    message = f"the layer has no `{name}` among its {'PII classes' if kind == 'pii' else kind}"
    return Problem("DM7043", message, where=Where(path=kind), hint=did_you_mean(name, known))


def _widens(definition: PolicyDefinition, selection: Selection, ontology: Ontology) -> Iterator[Problem]:
    """Where a permissive filter lets people see more than the models' own ones admit, or takes from those whom none binds."""
    if definition.effect is not Effect.ROWS or not definition.permissive:
        return
    models = [model for name in selection.models if (model := ontology.model(name)) is not None]
    wider = [model.name for model in models if any(policy.permissive for policy in model.row_policies)]
    if wider:
        yield Problem(
            "DM7047",
            f"the filter is permissive: it admits rows of {_named(wider)} beside those that the project's own filters admit",
            Severity.WARNING,
            Where(path="permissive"),
            "where it is to take rows away, write `permissive: false`",
        )
    alone = [model.name for model in models if not model.row_policies]
    if alone and any(definition.audience.values()):
        yield Problem(
            "DM7047",
            f"the filter is the first one of {_named(alone)}: whom it does not bind see nothing of it, unless they are exempt",
            Severity.WARNING,
            Where(path="permissive"),
            "where others are to go on seeing all, write `permissive: false`",
        )


def _named(models: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in models[:3]) + (f" and {len(models) - 3} more" if len(models) > 3 else "")
