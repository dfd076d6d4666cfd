"""What one principal may see of a layer: every policy merged into one rule per model, computed once and read by all that follows.

How policies merge (the meaning of PostgreSQL's CREATE POLICY, with exemptions and masks added):

- *Whom.* A policy binds a principal who is in its roles, groups or users (or anybody, where it names none), and in none of the exempt ones; for who is
  exempt the policy does not exist. Where a policy was written, in dbt or in the store, makes no difference.
- *Rows.* Permissive predicates that bind are OR-ed, restrictive ones AND-ed to that. Where a model has policies for others only, nothing is seen.
  A restrictive policy of the store takes away from what is seen without it: where no other policy stands, from what the default gives.
  A policy that reads an attribute which the user lacks, or which is no value of the column's type, is false as a whole: it admits nobody and never raises.
- *Columns.* Deny wins over every mask. Of several masks the stricter one is used: null, then fixed, then any other; of two partial masks the one that shows
  fewer characters, and none of a text that either hides whole, of two that redact classes all classes, of two ranges the one that holds whole others, of two
  periods the longer. What cannot be ranked (a hash tells what is equal, a partial mask does not, and that shows letters) becomes `fixed`; a range or a period
  with another kind, or a range that does not fit, `null`. One mask more never shows more, whatever stands beside it.
- *Group size.* The largest size that binds, beside a mask too; the column is denied at the SQL door (`Access.of_sql`).
- *Limits.* Of each bound the smallest that binds.
- *PII.* A column that names a PII class, and that no column policy of dbt addresses for this principal, is masked as a class is (`class_mask`); admins are exempt.
- *Default.* A model without any policy follows the layer's `default_access`. What the store only takes away (masks, restrictive filters …) opens no model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from types import MappingProxyType

import msgspec

from app.govern.bound import Bound, Hold
from app.govern.masks import suited
from app.govern.same import Same
from app.model.expr import And, Expr, Or
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.policy import ColumnPolicy, LimitPolicy, Mask, class_mask
from app.model.principal import Principal, Role
from app.model.sql import BoundValue, Limits
from app.model.strictness import strictest
from app.model.types import DataType

NO_LIMITS = Limits(rows=0, seconds=0.0)
"""Where no policy bounds a query."""


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """What the principal sees of a model.

    `columns` are the readable columns in the model's order; `masks` those of them that are masked; `denied` the rest. `predicate` is None where every row is
    seen; its Parameters are among `values`, and `types` are its columns'. `sizes` are the columns that are seen only aggregated, over how many rows at least;
    `limits` the bounds of queries that read the model, 0 where it has none of its own. `policies` names what applied, for admins only; `fingerprint` is a
    hash of the rest, "" where nothing is hidden or bounded. `closed_to_all`: not only this principal sees no row of it, but nobody does.
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
    sizes: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = NO_LIMITS
    fingerprint: str = ""
    closed_to_all: bool = False

    @property
    def queryable(self) -> bool:
        """Whether a query may name it. What is closed to everybody can't be asked: the account by which the engine is read need not reach it."""
        return self.readable and not self.closed_to_all

    @property
    def restricted(self) -> bool:
        """Whether rows are hidden or values masked (a denied column cannot be named at all, so it restricts no answer)."""
        return self.predicate is not None or bool(self.masks)

    @property
    def closed(self) -> bool:
        """Whether nothing of it can be seen, whatever its rows are: it may not be read, or its filter is false (`access: deny`, or an attribute that the
        person lacks)."""
        return not self.readable or admits_nothing(self.predicate)


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

    def of_sql(self) -> Access:
        """The same for written SQL, where nothing tells how many rows a value stands for: columns with a least group size are denied."""
        return _of_sql(Same(self))


@lru_cache(maxsize=64)
def _of_sql(rights: Same[Access]) -> Access:
    models = rights.it.models
    if not any(rule.sizes for rule in models.values()):
        return rights.it
    return replace(rights.it, models=MappingProxyType({name: _without_sized(rule) for name, rule in models.items()}))


def access(principal: Principal, ontology: Ontology) -> Access:
    """Merge every policy of the layer for this principal. Pure; to be kept by callers under the layer's version and the principal's fingerprint."""
    bound = Bound(principal)
    models = {model.name: _with_fingerprint(_model_access(model, bound, ontology.default_access)) for model in ontology.models}
    digest = hashlib.sha256(principal.role.value.encode())
    for name in sorted(models):
        digest.update(f"{name}\0{models[name].readable}\0{models[name].fingerprint}\0".encode())
    return Access(MappingProxyType(models), principal.is_admin, digest.hexdigest())


def admits_nothing(predicate: Expr | None) -> bool:
    """Whether the predicate is false as it stands, whatever a row holds; None admits all."""
    match predicate:
        case And(args=args):
            return any(map(admits_nothing, args))
        case Or(args=args):
            return all(map(admits_nothing, args))
        case _:
            return False


def closed_to_everybody(model: Model, default_access: str) -> bool:
    """Whether nobody sees a row of it, whoever asks: by the default, by a filter that is false for all, or since every filter that opens it is false."""
    if not model.is_governed and default_access != "allow":
        return True
    general = [policy for policy in model.row_policies if not policy.has_exempt]
    if any(admits_nothing(policy.predicate) for policy in general if not policy.permissive and policy.is_general):
        return True
    opening = [policy for policy in model.row_policies if policy.permissive]
    return bool(opening) and all(admits_nothing(policy.predicate) and policy in general for policy in opening)


def _with_fingerprint(rule: ModelAccess) -> ModelAccess:
    if not (rule.denied or rule.masks or rule.predicate is not None or rule.sizes or rule.limits != NO_LIMITS):
        return rule
    content = (
        rule.model, rule.columns, sorted(rule.masks.items(), key=itemgetter(0)), sorted(rule.denied), rule.predicate, rule.values,
        sorted(rule.sizes.items()), rule.limits, rule.closed_to_all,
    )  # fmt: skip
    return replace(rule, fingerprint=hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest())


def _without_sized(rule: ModelAccess) -> ModelAccess:
    if not rule.sizes:
        return rule
    columns = tuple(name for name in rule.columns if name not in rule.sizes)
    return replace(rule, columns=columns, denied=rule.denied | frozenset(rule.sizes), sizes=MappingProxyType({}))


def model_access(model: Model, principal: Principal, default_access: str) -> ModelAccess:
    """What the principal sees of one model."""
    return _model_access(model, Bound(principal), default_access)


def _model_access(model: Model, bound: Bound, default_access: str) -> ModelAccess:
    if not model.is_governed and default_access != "allow":
        return ModelAccess(model.name, readable=False, denied=frozenset(column.name for column in model.columns))
    types = {column.name: column.type for column in model.columns}
    predicate, values = bound.rows(model.row_policies, types)
    used = [policy.name for policy in bound.among(model.row_policies)]
    masks: dict[str, Mask] = {}
    denied: set[str] = set()
    of_column: dict[str, list[ColumnPolicy]] = {}
    for policy in bound.among(model.column_policies):
        of_column.setdefault(policy.column, []).append(policy)
    addressed = {one.column for one in model.column_policies if one.source != "store" and bound.hold(one) is not Hold.OTHERS}
    for column in model.columns:
        policies = of_column.get(column.name, [])
        used.extend([policy.name for policy in policies])
        given = [policy.mask for policy in policies if policy.mask is not None]
        if len(given) < len(policies):
            denied.add(column.name)
            continue
        if column.pii and column.name not in addressed and bound.principal.role is not Role.ADMIN:
            given.append(class_mask(column.type))
            used.append(f"pii:{model.name}.{column.name}")
        if given:
            masks[column.name] = suited(strictest(given), column.type)
    columns = tuple(column.name for column in model.columns if column.name not in denied)
    sizes: dict[str, int] = {}
    for sized in bound.among(model.size_policies):
        if sized.column in columns:
            sizes[sized.column] = max(sizes.get(sized.column, 0), sized.size)
            used.append(sized.name)
    bounds = bound.among(model.limit_policies)
    used.extend([policy.name for policy in bounds])
    return ModelAccess(
        model.name, True, columns, MappingProxyType(masks), frozenset(denied), predicate, values, tuple(dict.fromkeys(used)), types,
        MappingProxyType(sizes), _smallest(bounds), closed_to_all=admits_nothing(predicate) and closed_to_everybody(model, default_access),
    )  # fmt: skip


def _smallest(policies: Sequence[LimitPolicy]) -> Limits:
    """Of each bound the smallest that is given."""
    return Limits(
        rows=min((policy.rows for policy in policies if policy.rows), default=0),
        seconds=min((policy.seconds for policy in policies if policy.seconds), default=0.0),
        scanned_rows=min((policy.scanned_rows for policy in policies if policy.scanned_rows), default=0),
    )
