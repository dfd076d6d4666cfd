"""Policies, PII classes and default access of two layers: what the section on protection tells."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.diff.changes import Changes, Subject
from app.compile.diff.matching import Matched
from app.compile.diff.protection import column, limits, policies_of, rows, together
from app.compile.diff.report import Action, Direction, Kind
from app.model.ontology import Ontology
from app.model.physical import Model, ModelColumn
from app.model.policy import AnyPolicy, ColumnPolicy, LimitPolicy, RowPolicy, SizePolicy

CLASSES = {
    Direction.TIGHTENED: Kind.BREAKING,
    Direction.UNCLEAR: Kind.BREAKING,
    Direction.LOOSENED: Kind.MEANING,
    Direction.SAME: Kind.COSMETIC,
}
"""Who sees less is refused, or counts fewer rows; who sees more reads other numbers under the same names."""

HINTS = {
    Direction.LOOSENED: "more can be seen than before: have it reviewed as a change of rights",
    Direction.UNCLEAR: "whether more or less can be seen can't be proved: have it reviewed as a change of rights",
}


def compare_protection(models: Matched[Model], old: Ontology, new: Ontology, changes: Changes) -> None:
    """Every change of what people may see."""
    if old.default_access != new.default_access:
        direction = Direction.TIGHTENED if new.default_access == "deny" else Direction.LOOSENED
        _tell(Subject("layer", ""), Action.CHANGED, direction, old.default_access, new.default_access, changes, "default_access")
    for before, after in (*models.same, *models.renamed):
        if before.policies != after.policies:
            _policies(before, after, old.default_access, new.default_access, changes)
        if before.columns != after.columns:
            _classes(before, after, changes)
    for gone in models.removed:
        heir = _heir(gone, models.added, new.default_access)
        direction, hint = (
            (Direction.UNCLEAR, f"`{heir}` may be the same under another name: give it the policies too")
            if heir
            else (Direction.TIGHTENED, "")
        )
        for name, policy in policies_of(gone).items():
            changes.protection(_subject(gone, name), Action.REMOVED, Kind.BREAKING, direction, policy, None, hint=hint)
    for come in models.added:
        for name, policy in policies_of(come).items():
            changes.protection(_subject(come, name), Action.ADDED, Kind.ADDITIVE, Direction.LOOSENED, None, policy)


def _policies(old: Model, new: Model, old_default: str, new_default: str, changes: Changes) -> None:
    before, after = policies_of(old), policies_of(new)
    of_rows = rows(old, new, old_default, new_default)
    names = list(dict.fromkeys((*before, *after)))
    differing = [name for name in names if before.get(name) != after.get(name)]
    for name in differing:
        one, other = before.get(name), after.get(name)
        direction, kind = _direction([policy for policy in (one, other) if policy is not None], old, new, of_rows)
        action = Action.ADDED if one is None else Action.REMOVED if other is None else Action.CHANGED
        hint = "" if kind is Kind.ADDITIVE else HINTS.get(direction, "")
        changes.protection(_subject(new, name), action, kind, direction, one, other, hint=hint)
    if not differing:
        subject = Subject("model", new.name)
        changes.protection(subject, Action.CHANGED, Kind.COSMETIC, Direction.SAME, None, None, "policies")


def _direction(policies: Sequence[AnyPolicy], old: Model, new: Model, of_rows: Direction) -> tuple[Direction, Kind]:
    """What becoming another policy, or coming or going, does. That of a column which came or went is told with the column."""
    if all(isinstance(policy, LimitPolicy) for policy in policies):
        direction = limits(old, new)
        return direction, CLASSES[direction]
    names = {policy.column for policy in policies if isinstance(policy, ColumnPolicy | SizePolicy)}
    if not names:
        return of_rows, CLASSES[of_rows]
    if all(old.column(name) is None for name in names):
        return Direction.LOOSENED, Kind.ADDITIVE
    if all(new.column(name) is None for name in names):
        return Direction.TIGHTENED, Kind.BREAKING
    directions = [column(old, new, name, name) for name in sorted(names)]
    directions += [of_rows] if any(isinstance(policy, RowPolicy) for policy in policies) else []
    direction = together(directions)
    return direction, CLASSES[direction]


def _classes(old: Model, new: Model, changes: Changes) -> None:
    """Columns whose PII class is another one: it masks them where no policy of their own does."""
    held: dict[str, ModelColumn] = {found.name: found for found in old.columns}
    for after in new.columns:
        before = held.get(after.name)
        if before is not None and before.pii != after.pii:
            direction = column(old, new, after.name, after.name)
            if direction is Direction.SAME:
                direction = Direction.UNCLEAR if before.pii and after.pii else Direction.TIGHTENED if after.pii else Direction.LOOSENED
                kind = Kind.COSMETIC
            else:
                kind = CLASSES[direction]
            changes.protection(
                Subject("column", after.name, new.name),
                Action.CHANGED,
                kind,
                direction,
                before.pii,
                after.pii,
                "pii",
                HINTS.get(direction, ""),
            )


def _heir(gone: Model, added: Sequence[Model], default_access: str) -> str:
    """The name of a model without policies that came as this one went, and has most of its columns; "" where there is none."""
    names = {column.name.lower() for column in gone.columns}
    if default_access != "allow" or not names:
        return ""
    open_ones = (model for model in added if not model.is_governed)
    return next((one.name for one in open_ones if 2 * len(names & {column.name.lower() for column in one.columns}) > len(names)), "")


def _subject(model: Model, policy: str) -> Subject:
    return Subject("policy", policy.removeprefix(f"{model.name}."), model.name)


def _tell(subject: Subject, action: Action, direction: Direction, before: object, after: object, changes: Changes, name: str) -> None:
    changes.protection(subject, action, CLASSES[direction], direction, before, after, name, HINTS.get(direction, ""))
