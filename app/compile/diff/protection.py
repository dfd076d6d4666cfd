"""What a change of policies does to what people may see: tightened, loosened, or not to be told.

Compared is what the policies make together, for people of each role, group and name, by the rules of merging (permissive filters are OR-ed, restrictive
ones AND-ed to that; a mask hides less than a denial). A filter is wider than another where its form shows that every row of the other passes it. What that
does not prove is `unclear`, and counts as grave as tightened.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.compile.diff.implication import implies, with_needs
from app.compile.diff.normalise import normalised
from app.compile.diff.report import Direction
from app.model.expr import FALSE, TRUE, And, Expr, Or
from app.model.physical import Model
from app.model.policy import AnyPolicy, Mask
from app.model.principal import Principal, Role
from app.model.strictness import hides_more

MOST_GROUPS = 4
"""Of how many named groups every combination is looked at."""
MOST_USERS = 8


def together(directions: Iterable[Direction]) -> Direction:
    """What changes make of which each has a direction."""
    found = {direction for direction in directions if direction is not Direction.SAME}
    return found.pop() if len(found) == 1 else Direction.UNCLEAR if found else Direction.SAME


def rows(old: Model, new: Model, old_default: str, new_default: str) -> Direction:
    """What becomes of the rows that people may see of a model."""
    return _of_all(old, new, lambda who: rows_become(seen(old, who, old_default), seen(new, who, new_default)))


def _of_all(old: Model, new: Model, direction: Callable[[Principal], Direction]) -> Direction:
    """What becomes of all people together: of one of each kind that the policies tell apart, by role, groups and name. Where there are too many kinds to
    look at, it is not to be told."""
    policies = (*old.policies, *new.policies)
    groups = sorted({name for policy in policies for name in (*policy.groups, *policy.exempt_groups)})
    users = sorted({name for policy in policies for name in (*policy.users, *policy.exempt_users)})
    if len(groups) > MOST_GROUPS or len(users) > MOST_USERS:
        return Direction.SAME if old.policies == new.policies and old.columns == new.columns else Direction.UNCLEAR
    among = [found for size in range(len(groups) + 1) for found in combinations(groups, size)]
    return together(direction(Principal(user, user, role, "", member)) for role in Role for member in among for user in ("", *users))


def seen(model: Model, who: Principal, default: str) -> Expr:
    """The condition under which the person sees a row of the model, in normal form."""
    if not model.is_governed and default != "allow":
        return FALSE
    living = [policy for policy in model.row_policies if not policy.exempts(who)]
    bound = [policy for policy in living if policy.binds(who)]
    taken = [with_needs(policy.predicate) for policy in bound if policy.takes]
    restricting = [with_needs(policy.predicate) for policy in bound if not policy.permissive and not policy.takes]
    admitting = [with_needs(policy.predicate) for policy in bound if policy.permissive]
    if all(policy.takes for policy in living):
        return reduced(And(tuple(taken)))
    if any(policy.permissive for policy in living):
        return reduced(And((Or(tuple(admitting)), *restricting, *taken)))
    exempted = any(policy.permissive for policy in model.row_policies if policy.exempts(who))
    return reduced(And((*restricting, *taken))) if exempted and restricting else FALSE


def reduced(condition: Expr) -> Expr:
    """The condition in normal form, where something that is always true or never decides over the whole."""
    form = normalised(condition)
    if isinstance(form, And | Or):
        always, never = (FALSE, TRUE) if isinstance(form, And) else (TRUE, FALSE)
        parts = [reduced(part) for part in form.args]
        if always in parts:
            return always
        return normalised(type(form)(tuple(part for part in parts if part != never)))
    return form


def rows_become(old: Expr, new: Expr) -> Direction:
    """What becomes of the rows, where these conditions say which are seen."""
    if old == new:
        return Direction.SAME
    wider, narrower = implies(old, new), implies(new, old)
    if wider and narrower:
        return Direction.SAME
    return Direction.LOOSENED if wider else Direction.TIGHTENED if narrower else Direction.UNCLEAR


def column(old: Model, new: Model, old_name: str, new_name: str) -> Direction:
    """What becomes of a column's values, where the models' policies and the column's PII class decide."""
    return _of_all(old, new, lambda who: _values(_shown(old, old_name, who), _shown(new, new_name, who)))


def reading(old: Model, new: Model, old_names: Sequence[str], new_names: Sequence[str]) -> Direction:
    """What becomes of values that are computed from columns, where another model or other columns are read than before: they show as much as the clearest
    reading of the least clear column does."""
    return _of_all(old, new, lambda who: _values(_least(old, old_names, who), _least(new, new_names, who)))


def _least(model: Model, names: Sequence[str], who: Principal) -> _Shown:
    """What is seen of a value that is computed from the columns: as little as of any of them."""
    found = [_shown(model, name, who) for name in names]
    if any(one.denied for one in found):
        return _Shown(denied=True)
    masks = dict.fromkeys(mask for one in found for mask in one.masks)
    return _Shown(False, tuple(masks), max((one.size for one in found), default=0))


def limits(old: Model, new: Model) -> Direction:
    """What becomes of the bounds of queries."""
    return _of_all(old, new, lambda who: _bounds(_bounded(old, who), _bounded(new, who)))


@dataclass(frozen=True, slots=True)
class _Shown:
    """What somebody sees of a column's values: whether none, by what they are masked (masks, or a PII class), over how many rows they are aggregated."""

    denied: bool = False
    masks: tuple[Mask | str, ...] = ()
    size: int = 0


def _shown(model: Model, name: str, who: Principal) -> _Shown:
    held = model.column(name)
    policies = [policy for policy in model.column_policies if policy.column == name]
    bound = [policy for policy in policies if policy.binds(who)]
    if any(policy.mask is None for policy in bound):
        return _Shown(denied=True)
    masks: list[Mask | str] = sorted((policy.mask for policy in bound if policy.mask), key=repr)
    addressed = any(policy.source != "store" and (policy in bound or policy.exempts(who)) for policy in policies)
    if held and held.pii and not addressed and who.role is not Role.ADMIN:
        masks.append(held.pii)
    return _Shown(False, tuple(masks), max((one.size for one in model.size_policies if one.column == name and one.binds(who)), default=0))


def _values(old: _Shown, new: _Shown) -> Direction:
    if old.denied or new.denied:
        return _by_rank(old.denied, new.denied)
    return together((_masked(old.masks, new.masks), _by_rank(old.size, new.size)))


def _masked(old: tuple[Mask | str, ...], new: tuple[Mask | str, ...]) -> Direction:
    match old, new:
        case (Mask() as before,), (Mask() as after,) if before != after:
            more = hides_more(before, after)
            return Direction.UNCLEAR if more is None else Direction.TIGHTENED if more else Direction.LOOSENED
    return Direction.UNCLEAR if old and new and old != new else _by_rank(len(old), len(new))


def _by_rank(old: float, new: float) -> Direction:
    return Direction.SAME if new == old else Direction.TIGHTENED if new > old else Direction.LOOSENED


def _bounded(model: Model, who: Principal) -> tuple[float, float, float]:
    """The smallest bound of each kind, infinity where there is none."""
    bound = [policy for policy in model.limit_policies if policy.binds(who)]
    kinds = ([policy.rows for policy in bound], [policy.seconds for policy in bound], [policy.scanned_rows for policy in bound])
    rows, seconds, scanned = (min((given for given in kind if given), default=math.inf) for kind in kinds)
    return rows, seconds, scanned


def _bounds(old: tuple[float, ...], new: tuple[float, ...]) -> Direction:
    kinds = zip(old, new, strict=True)
    return together(_by_rank(-before, -after) for before, after in kinds)


def policies_of(model: Model) -> dict[str, AnyPolicy]:
    """A model's policies by name; of one name several are told apart by number."""
    found: dict[str, AnyPolicy] = {}
    for policy in model.policies:
        name, number = policy.name, 2
        while name in found:
            name, number = f"{policy.name}#{number}", number + 1
        found[name] = policy
    return found
