"""What policies are to one principal. Each is asked once, and rows are merged once, however many models share them: a layer may hold hundreds of policies for
every model."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from app.govern.attributes import bind_attributes, compared_columns
from app.model.expr import FALSE, And, Expr, Or
from app.model.policy import Policy, RowPolicy
from app.model.principal import Principal
from app.model.sql import BoundValue
from app.model.types import DataType

P = TypeVar("P", bound=Policy)
Seen = tuple[Expr | None, tuple[BoundValue, ...]]
"""Which rows are seen: a predicate, None for every row; and the values of its Parameters, sorted by name."""
Types = Mapping[str, DataType]


class Hold(Enum):
    """What a policy is to the principal: it binds, it does not exist for them, or it is for others."""

    BINDS = "binds"
    EXEMPT = "exempt"
    OTHERS = "others"


class Bound:
    """For one merge of rights. Policies, and tuples of them, are remembered by identity: whoever merges holds the layer meanwhile."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self._holds: dict[int, Hold] = {}
        self._among: dict[int, object] = {}
        self._compared: dict[int, tuple[str, ...]] = {}
        self._admitted: dict[tuple[int, tuple[DataType, ...]], tuple[Expr, tuple[BoundValue, ...]]] = {}
        self._seen: dict[tuple[int, tuple[DataType, ...]], Seen] = {}

    def hold(self, policy: Policy) -> Hold:
        """What the policy is to the principal."""
        found = self._holds.get(id(policy))
        if found is None:
            exempt, binds = policy.exempts(self.principal), policy.binds(self.principal)
            found = self._holds[id(policy)] = Hold.EXEMPT if exempt else Hold.BINDS if binds else Hold.OTHERS
        return found

    def among(self, policies: tuple[P, ...]) -> tuple[P, ...]:
        """Those that bind, in order."""
        found: tuple[P, ...] | None = self._among.get(id(policies))  # type: ignore[assignment]  # of the same policies
        if found is None:
            found = self._among[id(policies)] = tuple([policy for policy in policies if self.hold(policy) is Hold.BINDS])
        return found

    def rows(self, policies: tuple[RowPolicy, ...], types: Types) -> Seen:
        """The rows that are seen of a model with these filters and columns of these types."""
        compared = self._compared.get(id(policies))
        if compared is None:
            compared = tuple(sorted({name for policy in policies for name in self._columns_of(policy)}))
            self._compared[id(policies)] = compared
        key = (id(policies), self._types(compared, types))
        if key not in self._seen:
            self._seen[key] = self._merged(policies, types)
        return self._seen[key]

    def _merged(self, policies: tuple[RowPolicy, ...], types: Types) -> Seen:
        permissive: list[Expr] = []
        restrictive: list[Expr] = []
        taken: list[Expr] = []
        values: dict[str, BoundValue] = {}
        for policy in self.among(policies):
            predicate, needed = self._admits(policy, types)
            (permissive if policy.permissive else taken if policy.takes else restrictive).append(predicate)
            values.update((one.name, one) for one in needed)
        found = tuple(values[name] for name in sorted(values))
        living = [policy for policy in policies if self.hold(policy) is not Hold.EXEMPT]
        if all(policy.takes for policy in living):
            return (And(tuple(taken)) if taken else None), found
        if not permissive:
            exempted = any(policy.permissive for policy in policies if self.hold(policy) is Hold.EXEMPT)
            others = any(policy.permissive for policy in living)
            if others or not exempted or not restrictive:
                return FALSE, ()
            return And((*restrictive, *taken)), found
        admitted: Expr = permissive[0] if len(permissive) == 1 else Or(tuple(permissive))
        return (And((admitted, *restrictive, *taken)) if restrictive or taken else admitted), found

    def _admits(self, policy: RowPolicy, types: Types) -> tuple[Expr, tuple[BoundValue, ...]]:
        """The policy's predicate, or FALSE where it reads what the principal does not have."""
        key = (id(policy), self._types(self._columns_of(policy), types))
        found = self._admitted.get(key)
        if found is None:
            try:
                found = bind_attributes(policy.predicate, self.principal, types)
            except LookupError:
                found = FALSE, ()
            self._admitted[key] = found
        return found

    def _columns_of(self, policy: RowPolicy) -> tuple[str, ...]:
        found = self._compared.get(id(policy))
        if found is None:
            found = self._compared[id(policy)] = compared_columns(policy.predicate)
        return found

    def _types(self, names: tuple[str, ...], types: Types) -> tuple[DataType, ...]:
        return tuple([types.get(name, DataType.OTHER) for name in names])
