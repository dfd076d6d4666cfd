"""What a kind of person sees of a model, policy by policy: what admins check before and after they change one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from app.compile.diff.protection import reduced
from app.errors import Problem, UserError, did_you_mean
from app.govern.access import ModelAccess, model_access
from app.model.base import Node
from app.model.expr import FALSE, TRUE, Expr, Literal, Parameter
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.policy import AnyPolicy, ColumnPolicy, LimitPolicy, Mask, RowPolicy, SizePolicy
from app.model.principal import Principal
from app.model.sql import Limits
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.rights import require_admin
from app.sql.expressions.text import expression_text
from app.sql.expressions.walk import replace_leaves

ALL, NONE = "all", "none"
"""How rows are told where there is no condition."""


class Shown(StrEnum):
    """How a column's values are seen."""

    CLEAR = "clear"
    MASKED = "masked"
    DENIED = "denied"


class Said(Node, frozen=True):
    """A policy that binds the person: its name, where it was written (`dbt` or `store`), and what it does."""

    name: str
    source: str
    does: str


class ColumnSight(Node, frozen=True):
    """How a column is seen; where `min_group_size` is not 0 only aggregated, over so many rows at least, and not in written SQL."""

    name: str
    type: str
    shown: Shown
    mask: Mask | None = None
    min_group_size: int = 0
    policies: tuple[Said, ...] = ()


class ModelSight(Node, frozen=True):
    """What is seen of a model. `rows` is `all`, `none`, or a condition with the person's attributes in it; a limit of 0 is none of this model's own."""

    model: str
    readable: bool
    rows: str
    columns: tuple[ColumnSight, ...] = ()
    limits: Limits = Limits(rows=0, seconds=0.0)
    policies: tuple[Said, ...] = ()


def check_policies(deps: Deps, caller: Caller, who: Principal, models: Sequence[str] = ()) -> tuple[ModelSight, ...]:
    """What the person would see of these models of the served layer, of every one where none is named. Raises UserError DM7011, DM7048."""
    require_admin(caller)
    _, ontology, _ = deps.serving.governed()
    return tuple(sight_of(model, who, ontology.default_access) for model in named_models(ontology, models))


def named_models(ontology: Ontology, names: Sequence[str]) -> Sequence[Model]:
    """The models of these names, all where there are none. Raises UserError DM7048."""
    if not names:
        return ontology.models
    return [_model(ontology, name) for name in names]


def sight_of(model: Model, who: Principal, default: str) -> ModelSight:
    """What the person sees of one model."""
    rule = model_access(model, who, default)
    bound = [policy for policy in model.policies if policy.binds(who)]
    whole = [policy for policy in bound if isinstance(policy, RowPolicy | LimitPolicy)]
    columns = tuple(_column(model, column.name, rule, bound, default) for column in model.columns)
    return ModelSight(model.name, rule.readable, _rows(rule), columns, rule.limits, tuple(map(said, whole)))


def rows_seen(rule: ModelAccess) -> Expr:
    """The condition in normal form, with values of attributes in the place of their parameters."""
    if not rule.readable:
        return FALSE
    if rule.predicate is None:
        return TRUE
    values = {bound.name: Literal(bound.value, bound.type) for bound in rule.values}
    return reduced(replace_leaves(rule.predicate, lambda leaf: values[leaf.name] if isinstance(leaf, Parameter) else leaf))


def said(policy: AnyPolicy) -> Said:
    """The policy in words."""
    return Said(policy.name, policy.source, does(policy))


def does(policy: AnyPolicy) -> str:
    """What a policy does, in words."""
    match policy:
        case RowPolicy():
            return f"{'admits' if policy.permissive else 'keeps only'} rows where {_spelt(policy.predicate)}"
        case ColumnPolicy(mask=None):
            return "denies it"
        case ColumnPolicy(mask=mask):
            return f"masks it: {mask.kind if mask else ''}"
        case SizePolicy():
            return f"aggregated over at least {policy.size}"
        case LimitPolicy():
            return "limits " + ", ".join(limits_said(Limits(policy.rows, policy.seconds, 0, policy.scanned_rows)))


def limits_said(limits: Limits) -> Iterator[str]:
    """The bounds that there are, in words."""
    for number, word in ((limits.rows, "rows"), (limits.seconds, "seconds"), (limits.scanned_rows, "rows read")):
        if number:
            yield f"{number:g} {word}"


def _spelt(predicate: Expr) -> str:
    return expression_text(predicate) if predicate not in (TRUE, FALSE) else "true" if predicate == TRUE else "false"


def _rows(rule: ModelAccess) -> str:
    condition = rows_seen(rule)
    return ALL if condition == TRUE else NONE if condition == FALSE else expression_text(condition)


def _column(model: Model, name: str, rule: ModelAccess, bound: Sequence[AnyPolicy], default: str) -> ColumnSight:
    column = model.column(name)
    own = [said(policy) for policy in bound if isinstance(policy, ColumnPolicy | SizePolicy) and policy.column == name]
    if f"pii:{model.name}.{name}" in rule.policies:
        own.append(Said(f"pii:{model.name}.{name}", "default", f"masks the class {column.pii if column else ''}"))
    if not rule.readable:
        own.append(Said("default_access", "default", default))
    shown = Shown.DENIED if name in rule.denied else Shown.MASKED if name in rule.masks else Shown.CLEAR
    return ColumnSight(name, str(column.type) if column else "", shown, rule.masks.get(name), rule.sizes.get(name, 0), tuple(own))


def _model(ontology: Ontology, name: str) -> Model:
    found = ontology.model(name)
    if found is None:
        hint = did_you_mean(name, [model.name for model in ontology.models]) or "`datamind policy check` without a model shows all"
        raise UserError(Problem("DM7048", f"the layer has no model `{name}`", hint=hint))
    return found
