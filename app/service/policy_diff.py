"""Who sees more or less of two states: each kind of people that the policies of a model tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from app.compile.diff.implication import without_needs
from app.compile.diff.protection import rows_become, seen
from app.compile.diff.report import Direction
from app.compile.markdown.escape import cell, prose
from app.errors import Problem, Severity
from app.govern.access import ModelAccess, model_access
from app.model.base import Node
from app.model.expr import FALSE, TRUE, Expr
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.policy import AnyPolicy, Mask, MaskKind
from app.model.principal import Principal
from app.model.strictness import hides_more
from app.service.policy_people import Kind, Kinds, called, kinds
from app.service.policy_sight import ALL, NONE, limits_said
from app.sql.expressions.text import expression_text

EVERYBODY = "everybody"
NOTHING = "nothing"
ABSENT = "not there"
"""What anybody saw of a model or column that is new, or sees of one that is gone."""


class Difference(Node, frozen=True):
    """What some people see otherwise: of a model as a whole (`what` is model, rows or limits) or of a `column`. `unclear` where neither more nor less can be
    proved, which counts as more."""

    people: tuple[str, ...]
    model: str
    what: str
    name: str
    before: str
    after: str
    direction: Direction

    @property
    def gains(self) -> bool:
        """Whether these people may see more than before."""
        return self.direction in (Direction.LOOSENED, Direction.UNCLEAR)

    @property
    def is_new(self) -> bool:
        """Whether it is about a model or column that was not there before."""
        return self.before == ABSENT

    @property
    def said(self) -> str:
        """What it is about, in words."""
        return f"column `{self.name}` of `{self.model}`" if self.what == "column" else f"{self.what} of `{self.model}`"

    def body(self) -> dict[str, Any]:
        """For programs."""
        return {
            "people": list(self.people), "model": self.model, "what": self.what, "name": self.name, "before": self.before, "after": self.after,
            "direction": str(self.direction),
        }  # fmt: skip


class Compared(Node, frozen=True):
    """Who sees otherwise, and in words which people of which model were not looked at, where the policies name too many groups and users."""

    differences: tuple[Difference, ...] = ()
    left_out: tuple[str, ...] = ()


def compare(old: Ontology, new: Ontology) -> Compared:
    """What each kind of people sees otherwise, those who see the same change together. A model or column that is new shows what it shows to whoever sees it."""
    found: list[Difference] = []
    left_out: list[str] = []
    for name in sorted({model.name for model in (*old.models, *new.models)}):
        sides = old.model(name), new.model(name)
        if sides[0] == sides[1] and old.default_access == new.default_access:
            continue
        policies = list(_telling(*sides))
        people = kinds(policies)
        found += _of_model(name, sides, policies, people.kinds, (old.default_access, new.default_access))
        if not people.whole:
            left_out.append(_left_out(name, people))
    return Compared(tuple(found), tuple(left_out))


def _left_out(name: str, people: Kinds) -> str:
    return f"the policies of `{name}` tell too many sets of their {people.named} groups and users apart: not all people who are in several of them were looked at"


def _telling(old: Model | None, new: Model | None) -> Iterator[AnyPolicy]:
    """The policies by which people may see something otherwise: those of the rows, limits and columns of which any is another."""
    if old is None or new is None or old.is_governed is not new.is_governed:
        yield from (policy for side in (old, new) if side is not None for policy in side.policies)
        return
    if old.row_policies != new.row_policies:
        yield from (*old.row_policies, *new.row_policies)
    if old.limit_policies != new.limit_policies:
        yield from (*old.limit_policies, *new.limit_policies)
    held: tuple[dict[str, list[AnyPolicy]], dict[str, list[AnyPolicy]]] = ({}, {})
    for model, by_column in zip((old, new), held, strict=True):
        for policy in model.of_columns:
            by_column.setdefault(policy.column, []).append(policy)
    for name in sorted({*held[0], *held[1]}):
        ours, theirs = (by_column.get(name, []) for by_column in held)
        if ours != theirs or old.column(name) != new.column(name):
            yield from (*ours, *theirs)


def _of_model(
    name: str,
    sides: tuple[Model | None, Model | None],
    policies: Sequence[AnyPolicy],
    people: Sequence[Kind],
    defaults: tuple[str, str],
) -> Iterator[Difference]:
    told: dict[tuple[object, ...], list[_Change]] = {}
    changed: dict[_Change, list[Kind]] = {}
    for kind in people:
        who = kind.who
        alike = (kind.role, *((policy.binds(who), policy.exempts(who)) for policy in policies))
        if alike not in told:
            told[alike] = list(_changed(name, *sides, who, defaults))
        for change in told[alike]:
            changed.setdefault(change, []).append(kind)
    for change, found in changed.items():
        yield Difference((EVERYBODY,) if len(found) == len(people) else called(found, people), *change)


_Change = tuple[str, str, str, str, str, Direction]
"""A Difference without the people."""


def _changed(name: str, before: Model | None, after: Model | None, who: Principal, defaults: tuple[str, str]) -> Iterator[_Change]:
    old, new = (model_access(side, who, default) if side else None for side, default in zip((before, after), defaults, strict=True))
    had, has = old is not None and old.readable, new is not None and new.readable
    if had is not has:
        yield (name, "model", "", _whole(old), _whole(new), Direction.LOOSENED if has else Direction.TIGHTENED)
        if has and after is not None:
            yield from _first(name, after, who, defaults[1])
        return
    if before is None or after is None or old is None or new is None or not has:
        return
    rows = seen(before, who, defaults[0]), seen(after, who, defaults[1])
    become = rows_become(*rows)
    if become is not Direction.SAME:
        yield (name, "rows", "", _spelt(rows[0]), _spelt(rows[1]), become)
    for column in dict.fromkeys((*(one.name for one in before.columns), *(one.name for one in after.columns))):
        levels = _level(before, old, column), _level(after, new, column)
        if levels[0] != levels[1]:
            yield (name, "column", column, levels[0].said, levels[1].said, _direction(*levels))
    if old.limits != new.limits:
        tighter, looser = (a.limits.within(b.limits) == a.limits for a, b in ((new, old), (old, new)))
        was, now = (", ".join(limits_said(side.limits)) or "no limits" for side in (old, new))
        yield (name, "limits", "", was, now, Direction.TIGHTENED if tighter else Direction.LOOSENED if looser else Direction.UNCLEAR)


def _whole(side: ModelAccess | None) -> str:
    return ABSENT if side is None else "seen" if side.readable else NOTHING


def _first(name: str, model: Model, who: Principal, default: str) -> Iterator[_Change]:
    """Of which rows a model is seen that was not seen before."""
    condition = seen(model, who, default)
    if condition != TRUE:
        yield (name, "rows", "", NONE, _spelt(condition), Direction.LOOSENED if condition != FALSE else Direction.SAME)


class _Level(Node, frozen=True):
    """How much of a column is kept back: 0 nothing, 1 its values behind a mask, 2 all of it, 3 it is not there; over how many rows it is aggregated, 0 for none."""

    rank: int = 0
    size: int = 0
    mask: Mask | None = None

    @property
    def said(self) -> str:
        """In words."""
        if self.rank > 1:
            return "denied" if self.rank == 2 else ABSENT
        words = [_mask(self.mask)] if self.mask else []
        words += [f"aggregated over {self.size}"] if self.size else []
        return ", ".join(words) or "clear"


def _level(model: Model, rule: ModelAccess, column: str) -> _Level:
    if model.column(column) is None:
        return _Level(3)
    if column in rule.denied:
        return _Level(2)
    mask = rule.masks.get(column)
    told = replace(mask, replacement="***") if mask is not None else None  # what stands in the place of what is hidden tells nothing of it
    return _Level(1 if mask else 0, rule.sizes.get(column, 0), told)


def _direction(old: _Level, new: _Level) -> Direction:
    if {old.rank, new.rank} == {2, 3}:
        return Direction.SAME
    steps = {_step(old.rank, new.rank)}
    if max(old.rank, new.rank) < 2:
        steps |= {_step(old.size, new.size), _step_of_masks(old.mask, new.mask)}
    steps.discard(Direction.SAME)
    return Direction.SAME if not steps else steps.pop() if len(steps) == 1 else Direction.UNCLEAR


def _step_of_masks(old: Mask | None, new: Mask | None) -> Direction:
    if old is None or new is None or old == new or {old.kind, new.kind} == {MaskKind.FIXED, MaskKind.NULL}:
        return Direction.SAME
    more = hides_more(old, new)
    return Direction.UNCLEAR if more is None else Direction.TIGHTENED if more else Direction.LOOSENED


def _step(old: int, new: int) -> Direction:
    return Direction.SAME if old == new else Direction.TIGHTENED if new > old else Direction.LOOSENED


def _mask(mask: Mask) -> str:
    match mask.kind:
        case MaskKind.PARTIAL:
            how = f" ({mask.prefix} and {mask.suffix} characters seen)"
        case MaskKind.BUCKET:
            how = f" (ranges of {mask.width})"
        case MaskKind.TRUNCATE:
            how = f" (to the {mask.unit})"
        case MaskKind.REDACT:
            how = f" ({', '.join(mask.classes) or mask.pattern})"
        case _:
            how = ""
    return f"masked by {mask.kind}{how}"


def _spelt(condition: Expr) -> str:
    return ALL if condition == TRUE else NONE if condition == FALSE else expression_text(without_needs(condition))


def unseen(compared: Compared, severity: Severity) -> list[Problem]:
    """DM7053 for each model of which not everybody was looked at."""
    hint = "name fewer groups and users in its policies, or the same ones in several"
    return [Problem("DM7053", text, severity, hint=hint) for text in compared.left_out]


def as_text(found: Iterable[Difference]) -> Iterator[str]:
    """A line each: who, sees more or less, of what."""
    for one in found:
        word = {Direction.LOOSENED: "more", Direction.TIGHTENED: "less", Direction.SAME: "the same"}.get(one.direction, "perhaps more")
        yield f"{', '.join(one.people)}: {word} {'of ' if one.what == 'model' else ''}{one.said}: {one.before} -> {one.after}"


def as_markdown(found: Iterable[Difference]) -> Iterator[str]:
    """The rows of a table."""
    for one in found:
        word = {Direction.LOOSENED: "more", Direction.TIGHTENED: "less", Direction.SAME: "same"}.get(one.direction, "unclear")
        people = prose(", ".join(one.people), in_cell=True)
        yield f"| {people} | {word} | {prose(one.said, in_cell=True)} | {cell(one.before)} | {cell(one.after)} |"


HEAD = ("| who | sees | of | before | after |", "| --- | --- | --- | --- | --- |")
