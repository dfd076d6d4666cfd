"""What one principal may see of a layer: every policy merged into one rule per model, computed once and read by all that follows.

How policies merge (the meaning of PostgreSQL's CREATE POLICY, with exemptions and masks added):

- *Rows.* A policy binds a principal whose role is in `roles` (or any, where `roles` is empty) and not in `exempt_roles`; for an exempt role the policy does
  not exist. Permissive predicates that bind are OR-ed, restrictive ones AND-ed to that. Where a model has policies for others only, nothing is seen.
  A policy that reads an attribute which the user lacks, or which is no value of the column's type, is false as a whole: it admits nobody and never raises.
- *Columns.* Deny wins over every mask. Of several masks the stricter one is used: null, then fixed, hash, partial, redact; of two partial masks the one that
  shows fewer characters; two masks that cannot be ranked otherwise become `fixed`.
- *PII.* A column that names a PII class, and that no column policy addresses for this principal, is masked by the default of its class; admins are exempt.
- *Default.* A model without any policy follows the layer's `default_access`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from types import MappingProxyType

import msgspec

from app.govern.attributes import bind_attributes
from app.govern.masks import pii_mask, stricter
from app.model.expr import FALSE, And, Expr, Or
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.policy import ColumnPolicy, Mask, RowPolicy
from app.model.principal import Principal, Role
from app.model.sql import BoundValue
from app.model.types import DataType


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """What the principal sees of a model.

    `columns` are the readable columns in the model's order; `masks` those of them that are masked; `denied` the rest. `predicate` is None where every row is
    seen; its Parameters are among `values`, and `types` are its columns'. `policies` names what applied, for admins only; `fingerprint` is a hash of the rest,
    "" where nothing is hidden.
    """

    model: str
    readable: bool
    columns: tuple[str, ...] = ()
    masks: Mapping[str, Mask] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    predicate: Expr | None = None
    values: tuple[BoundValue, ...] = ()
    policies: tuple[str, ...] = ()
    types: Mapping[str, DataType] = field(default_factory=dict)
    fingerprint: str = ""

    @property
    def restricted(self) -> bool:
        """Whether rows are hidden or values masked (a denied column cannot be named at all, so it restricts no answer)."""
        return self.predicate is not None or bool(self.masks)


@dataclass(frozen=True, slots=True)
class Access:
    """What a principal may see of every model, by the model's name.

    `fingerprint` is a hash of all of it, values of user attributes included: principals of equal rights have equal fingerprints.
    """

    models: Mapping[str, ModelAccess]
    is_admin: bool
    fingerprint: str

    def of(self, model: str) -> ModelAccess:
        """The access to a model; of one that the layer does not hold: none."""
        return self.models.get(model) or ModelAccess(model, readable=False)


def access(principal: Principal, ontology: Ontology) -> Access:
    """Merge every policy of the layer for this principal. Pure; to be kept by callers under the layer's version and the principal's fingerprint."""
    models = {model.name: _with_fingerprint(model_access(model, principal, ontology.default_access)) for model in ontology.models}
    digest = hashlib.sha256(principal.role.value.encode())
    for name in sorted(models):
        digest.update(f"{name}\0{models[name].readable}\0{models[name].fingerprint}\0".encode())
    return Access(MappingProxyType(models), principal.is_admin, digest.hexdigest())


def _with_fingerprint(rule: ModelAccess) -> ModelAccess:
    if not (rule.denied or rule.masks or rule.predicate is not None):
        return rule
    content = (rule.model, rule.columns, sorted(rule.masks.items(), key=itemgetter(0)), sorted(rule.denied), rule.predicate, rule.values)
    return replace(rule, fingerprint=hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest())


def model_access(model: Model, principal: Principal, default_access: str) -> ModelAccess:
    """What the principal sees of one model."""
    if not model.row_policies and not model.column_policies and default_access != "allow":
        return ModelAccess(model.name, readable=False, denied=frozenset(column.name for column in model.columns))
    used: list[str] = []
    types = {column.name: column.type for column in model.columns}
    predicate = _rows(model, principal, used, types)
    values: tuple[BoundValue, ...] = ()
    if predicate is not None:
        predicate, values = bind_attributes(predicate, principal, types)
    masks: dict[str, Mask] = {}
    denied: set[str] = set()
    for column in model.columns:
        policies = [policy for policy in model.column_policies if policy.column == column.name]
        bound = [policy for policy in policies if _binds(policy, principal.role)]
        if not bound:
            exempt = any(principal.role.value in policy.exempt_roles for policy in policies)
            if column.pii and not exempt and principal.role is not Role.ADMIN:
                masks[column.name] = pii_mask(column.pii)
                used.append(f"pii:{model.name}.{column.name}")
            continue
        used.extend(policy.name for policy in bound)
        given = [policy.mask for policy in bound if policy.mask is not None]
        if len(given) < len(bound):
            denied.add(column.name)
            continue
        mask = given[0]
        for other in given[1:]:
            mask = stricter(mask, other)
        masks[column.name] = mask
    columns = tuple(column.name for column in model.columns if column.name not in denied)
    return ModelAccess(
        model.name, True, columns, MappingProxyType(masks), frozenset(denied), predicate, values, tuple(dict.fromkeys(used)), types
    )


def _rows(model: Model, principal: Principal, used: list[str], types: Mapping[str, DataType]) -> Expr | None:
    """The merged row predicate, attributes not yet bound; None where every row is seen."""
    role = principal.role.value
    living = [policy for policy in model.row_policies if role not in policy.exempt_roles]
    if not living:
        return None
    bound = [policy for policy in living if _binds(policy, principal.role)]
    used.extend(policy.name for policy in bound)
    permissive = tuple(_admits(policy, principal, types) for policy in bound if policy.permissive)
    restrictive = tuple(_admits(policy, principal, types) for policy in bound if not policy.permissive)
    if not permissive:
        exempted = any(policy.permissive for policy in model.row_policies if role in policy.exempt_roles)
        others = any(policy.permissive for policy in living)
        if others or not exempted or not restrictive:
            return FALSE
        return And(restrictive)
    admitted: Expr = permissive[0] if len(permissive) == 1 else Or(permissive)
    return And((admitted, *restrictive)) if restrictive else admitted


def _admits(policy: RowPolicy, principal: Principal, types: Mapping[str, DataType]) -> Expr:
    """The policy's predicate, or FALSE where it reads what the principal does not have."""
    try:
        bind_attributes(policy.predicate, principal, types)
    except LookupError:
        return FALSE
    return policy.predicate


def _binds(policy: RowPolicy | ColumnPolicy, role: Role) -> bool:
    return role.value not in policy.exempt_roles and (not policy.roles or role.value in policy.roles)
