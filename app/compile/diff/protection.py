"""What a change of policies does to what people may see: tightened, loosened, or not to be told.

Compared is what the policies make together, for each role, by the rules of merging (permissive filters are OR-ed, restrictive ones AND-ed to that; a
mask hides less than a denial). A filter is wider than another where its form shows that every row of the other passes it. What that does not prove is
`unclear`, and counts as grave as tightened.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.diff.implication import implies, with_needs
from app.compile.diff.normalise import normalised
from app.compile.diff.report import Direction
from app.model.expr import FALSE, TRUE, And, Expr, Or
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


def _seen(model: Model, role: Role, default: str) -> Expr:
    """The condition under which the role sees a row of the model, in normal form."""
    if not model.row_policies and not model.column_policies:
        return TRUE if default == "allow" else FALSE
    living = [policy for policy in model.row_policies if role.value not in policy.exempt_roles]
    if not living:
        return TRUE
    bound = [policy for policy in living if not policy.roles or role.value in policy.roles]
    restricting = [with_needs(policy.predicate) for policy in bound if not policy.permissive]
    admitting = [with_needs(policy.predicate) for policy in bound if policy.permissive]
    if any(policy.permissive for policy in living):
        return _settled(And((Or(tuple(admitting)), *restricting)))
    exempted = any(policy.permissive for policy in model.row_policies if role.value in policy.exempt_roles)
    return _settled(And(tuple(restricting))) if exempted and restricting else FALSE


def _settled(condition: Expr) -> Expr:
    """In normal form, where something that is always true or never decides over the whole."""
    form = normalised(condition)
    if isinstance(form, And | Or):
        always, never = (FALSE, TRUE) if isinstance(form, And) else (TRUE, FALSE)
        parts = [_settled(part) for part in form.args]
        if always in parts:
            return always
        return normalised(type(form)(tuple(part for part in parts if part != never)))
    return form


def _rows(old: Expr, new: Expr) -> Direction:
    if old == new:
        return Direction.SAME
    wider, narrower = implies(old, new), implies(new, old)
    if wider and narrower:
        return Direction.SAME
    return Direction.LOOSENED if wider else Direction.TIGHTENED if narrower else Direction.UNCLEAR


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
