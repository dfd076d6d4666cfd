"""Primary keys → entities, and references to unique columns → joins: each entity leads to one model only, so that no name means two things."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from app.compile.derive.words import depth, identifier, singular, subject_of_key, subject_of_model
from app.model.expr import Call, Column, Expr
from app.model.physical import Model, ModelColumn
from app.model.semantics import Entity, EntityType, SemanticModel
from app.model.types import DataType

Target = tuple[str, str]
"""A model and one of its columns (both as spelled)."""
_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT})


@dataclass(slots=True)
class Keys:
    """What the entities of one model are: `primary` is the name that prefixes its dimensions; `entities` are its columns that are keys."""

    model: Model
    key: tuple[str, ...]
    names: Mapping[str, str]
    """Column → the name that a dimension of it would have."""
    primary: str = ""
    entities: dict[str, Entity] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    """Columns that an entity stands for, and no dimension."""

    def allows(self, name: str, column: str) -> bool:
        """Whether an entity of that column may have the name here: no other entity, and no dimension of another column, has it."""
        return name not in self.entities and not any(other == name and real != column for real, other in self.names.items())


@dataclass(frozen=True, slots=True)
class Missed:
    """A reference that gives no join, why, and what would help."""

    model: str
    column: str
    reason: str
    hint: str = ""


def derive_entities(
    models: Iterable[Model], defined: Iterable[SemanticModel], others: Mapping[str, Model], disproved: Collection[Target]
) -> tuple[dict[str, Keys], tuple[Missed, ...]]:
    """The entities of each model by its name, and the references that give none.

    `defined` are the project's own semantic models: theirs are the names that are taken, and their keys are joined to by their names. `others` are all
    models of the layer. A column in `disproved` had two rows of one value when its test last ran, so nothing is joined to it.
    """
    defined = list(defined)
    registry = _Registry({entity.name for model in defined for entity in model.entities} | {m.primary for m in defined})
    found = {model.name: _keys(model, disproved) for model in models}
    for keys in sorted(found.values(), key=_claim):
        _name_primary(keys, registry)
    own_keys = {
        (model.model, entity.expr.name): entity.name
        for model in defined
        for entity in model.entities
        if entity.type in (EntityType.PRIMARY, EntityType.UNIQUE) and isinstance(entity.expr, Column)
    }
    missed = [one for name in sorted(found) for one in _join(found[name], found, own_keys, others, disproved, registry)]
    return found, tuple(missed)


@dataclass(slots=True)
class _Registry:
    """Which names are given: those of the project's own entities, and the others with the one column that each means."""

    taken: Collection[str]
    means: dict[str, Target] = field(default_factory=dict)

    def gives(self, name: str, target: Target) -> bool:
        """Whether the name may mean the column."""
        return bool(name) and name not in self.taken and self.means.get(name, target) == target


def _keys(model: Model, disproved: Collection[Target]) -> Keys:
    key = model.primary_key
    certain = not any((model.name, column) in disproved for column in key)
    return Keys(model, key if certain else (), {column.name: identifier(column.name) for column in model.columns})


def _claim(keys: Keys) -> tuple[bool, int, str]:
    """Who is first to be called after its subject: a model that is about what its key says, then the one that people look at."""
    about = len(keys.key) == 1 and subject_of_key(keys.key[0]) == subject_of_model(keys.model.name)
    return not about, depth(keys.model.name), keys.model.name


def _name_primary(keys: Keys, registry: _Registry) -> None:
    model, single = keys.model, keys.key[0] if len(keys.key) == 1 else ""
    of_key = subject_of_key(single) if single else ""
    own = identifier(model.name)
    wanted = (of_key, subject_of_model(model.name), singular(own), own, f"{own}_row")
    target = (model.name, single)
    numbered = (f"{own or 'model'}_{n}" for n in range(2, 1_000_000))
    for name in map(identifier, filter(None, wanted)):
        if registry.gives(name, target) and name not in registry.means and keys.allows(name, single):
            break
    else:
        name = next(n for n in numbered if registry.gives(n, target) and n not in registry.means and keys.allows(n, single))
    registry.means[name] = target
    keys.primary = name
    if keys.key:
        columns = tuple(Column(column) for column in keys.key)
        expr: Expr = columns[0] if single else Call("tuple", columns)
        keys.entities[name] = Entity(name, EntityType.PRIMARY, expr, description=_described(model, single) if single else "")
        keys.columns |= {single} if single else set()


def _join(
    keys: Keys,
    found: Mapping[str, Keys],
    own_keys: Mapping[Target, str],
    others: Mapping[str, Model],
    disproved: Collection[Target],
    registry: _Registry,
) -> Iterable[Missed]:
    """Add the foreign entities of one model. The reference that bears its target's name comes first, of several to one model."""
    references = [(column, column.references) for column in keys.model.columns if column.references]

    def order(item: tuple[ModelColumn, object]) -> tuple[bool, str]:
        column = item[0]
        aim = found.get(column.references.model) if column.references else None
        return aim is None or subject_of_key(column.name) != aim.primary, column.name

    for column, reference in sorted(references, key=order):
        target = others.get(reference.model)
        real = next((c for c in target.columns if c.name.lower() == reference.column.lower()), None) if target else None
        if target is None or real is None:
            yield Missed(keys.model.name, column.name, f"`{reference.model}` has no column `{reference.column}` that is known here")
            continue
        if target.name == keys.model.name:
            yield Missed(keys.model.name, column.name, "it refers to its own model", "a model is not joined to itself")
            continue
        aim = (target.name, real.name)
        unique = real.unique or target.primary_key == (real.name,)
        reason = _why_not(column, real, target, unique=unique, disproved=aim in disproved)
        if reason:
            yield Missed(
                keys.model.name,
                column.name,
                reason,
                "" if unique else f"add a `unique` test of severity error, without `where` or thresholds, to `{target.name}.{real.name}`",
            )
            continue
        derived = found.get(target.name)
        if derived is None and aim not in own_keys:
            continue  # a source, a calendar, or a model that nothing is derived for: no semantic model to join to
        only = sum(held.model == target.name for _, held in references) == 1
        name = _name_join(keys, derived, column, aim, registry, only=only) if derived else own_keys[aim]
        if not name or (derived is None and not keys.allows(name, column.name)):
            reason = f"no entity of `{target.name}` has the column `{real.name}` under a name that is free here"
            yield Missed(keys.model.name, column.name, reason, "define semantic models for both")
            continue
        keys.entities[name] = Entity(name, EntityType.FOREIGN, Column(column.name), description=column.description)
        keys.columns.add(column.name)


def _name_join(keys: Keys, aim: Keys, column: ModelColumn, target: Target, registry: _Registry, *, only: bool) -> str:
    """The entity's name in both models: the target's own where the column is called so or is the `only` way, else one for this way, which the target then
    has too; "" where none is free."""
    subject = subject_of_key(column.name)
    if aim.key == (target[1],) and keys.allows(aim.primary, column.name) and (only or subject == aim.primary):
        return aim.primary
    stem = identifier(column.name)
    for name in (subject, stem, f"{keys.primary}_{subject or stem}"):
        if not registry.gives(name, target) or not keys.allows(name, column.name):
            continue
        held = aim.entities.get(name)
        if held is None and (name == aim.primary or not aim.allows(name, target[1])):
            continue
        if held is None:
            registry.means[name] = target
            aim.entities[name] = Entity(name, EntityType.UNIQUE, Column(target[1]), description=_described(aim.model, target[1]))
        return name
    return ""


def _why_not(column: ModelColumn, real: ModelColumn, target: Model, *, unique: bool, disproved: bool) -> str:
    """Why a reference gives no join, "" where it does."""
    if disproved:
        return f"the test that `{target.name}.{real.name}` is unique failed when it last ran"
    if not unique:
        return f"nothing proves that `{target.name}.{real.name}` is unique: a row could be counted several times"
    kinds = {column.type, real.type}
    if DataType.OTHER not in kinds and len(kinds) > 1 and not kinds <= _NUMBERS:
        return f"it is {column.type} and `{target.name}.{real.name}` is {real.type}"
    return ""


def _described(model: Model, column: str) -> str:
    found = model.column(column)
    return found.description if found else ""
