"""What a change of policies does to what people may see: tightened, loosened, or not to be told.

Compared is what the policies make together, for each role, by the rules of merging (permissive filters are OR-ed, restrictive ones AND-ed to that; a
mask hides less than a denial). Filters are compared as sets of conditions in normal form: a set that holds another one lets more through, or less. What
that does not prove is `unclear`, and counts as grave as tightened.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.diff.normalise import normalised
from app.compile.diff.report import Direction
from app.model.expr import FALSE, TRUE, Expr
from app.model.physical import Model
from app.model.policy import ColumnPolicy, Mask, RowPolicy
from app.model.principal import Role

_CLEAR, _MASKED, _DENIED = 0, 1, 2


def together(directions: Iterable[Direction]) -> Direction:
    """What changes make of which each has a direction."""
    found = {direction for direction in directions if direction is not Direction.SAME}
    return found.pop() if len(found) == 1 else Direction.UNCLEAR if found else Direction.SAME


def rows(old: Model, new: Model, old_default: str, new_default: str) -> Direction:
    """What becomes of the rows that people may see of a model."""
    return together(_rows(_seen(old, role, old_default), _seen(new, role, new_default)) for role in Role)


_Seen = tuple[frozenset[Expr], frozenset[Expr]]


def _seen(model: Model, role: Role, default: str) -> _Seen:
    """The conditions of which one must hold, and those that must all hold; of no rows: no condition of which one could."""
    nothing: _Seen = frozenset(), frozenset()
    everything: _Seen = frozenset({TRUE}), frozenset()
    if not model.row_policies and not model.column_policies:
        return everything if default == "allow" else nothing
    living = [policy for policy in model.row_policies if role.value not in policy.exempt_roles]
    if not living:
        return everything
    bound = [policy for policy in living if not policy.roles or role.value in policy.roles]
    admitting = frozenset(_predicate(policy) for policy in bound if policy.permissive) - {FALSE}
    restricting = frozenset(_predicate(policy) for policy in bound if not policy.permissive) - {TRUE}
    if FALSE in restricting:
        return nothing
    if not any(policy.permissive for policy in living):
        exempted = any(policy.permissive for policy in model.row_policies if role.value in policy.exempt_roles)
        return (frozenset({TRUE}), restricting) if exempted and any(not policy.permissive for policy in bound) else nothing
    if TRUE in admitting:
        admitting = frozenset({TRUE})
    return (admitting, restricting) if admitting else nothing


def _predicate(policy: RowPolicy) -> Expr:
    return normalised(policy.predicate)


def _rows(old: _Seen, new: _Seen) -> Direction:
    if old == new:
        return Direction.SAME
    if _within(new, old):
        return Direction.TIGHTENED
    return Direction.LOOSENED if _within(old, new) else Direction.UNCLEAR


def _within(less: _Seen, more: _Seen) -> bool:
    """Whether every row that `less` lets through, `more` does."""
    return (less[0] <= more[0] or TRUE in more[0]) and more[1] <= less[1] if less[0] else True


def column(old: Model, new: Model, old_name: str, new_name: str) -> Direction:
    """What becomes of a column's values, where the models' policies and the column's PII class decide."""
    return together(_values(_shown(old, old_name, role), _shown(new, new_name, role)) for role in Role)


_Shown = tuple[int, tuple[Mask | str, ...]]


def _shown(model: Model, name: str, role: Role) -> _Shown:
    """Whether the column is clear, masked or denied, and by what it is masked."""
    held = model.column(name)
    policies = [policy for policy in model.column_policies if policy.column == name]
    bound = [policy for policy in policies if role.value not in policy.exempt_roles and (not policy.roles or role.value in policy.roles)]
    if any(policy.mask is None for policy in bound):
        return _DENIED, ()
    if bound:
        return _MASKED, tuple(sorted((policy.mask for policy in bound if policy.mask), key=repr))
    exempt = any(role.value in policy.exempt_roles for policy in policies)
    return (_MASKED, (held.pii,)) if held and held.pii and not exempt and role is not Role.ADMIN else (_CLEAR, ())


def _values(old: _Shown, new: _Shown) -> Direction:
    if old == new:
        return Direction.SAME
    if old[0] == new[0]:
        return Direction.UNCLEAR
    return Direction.TIGHTENED if new[0] > old[0] else Direction.LOOSENED


def policies_of(model: Model) -> dict[str, RowPolicy | ColumnPolicy]:
    """A model's policies by name; of one name several are told apart by number."""
    found: dict[str, RowPolicy | ColumnPolicy] = {}
    policies: tuple[RowPolicy | ColumnPolicy, ...] = (*model.row_policies, *model.column_policies)
    for policy in policies:
        name, number = policy.name, 2
        while name in found:
            name, number = f"{policy.name}#{number}", number + 1
        found[name] = policy
    return found
