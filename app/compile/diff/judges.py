"""Classes of changes that depend on the values: each takes the old record, the new one and the field's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.compile.diff.report import Kind, gravest
from app.compile.diff.types import grain_changed, type_changed
from app.model.ontology import SavedQuery
from app.model.physical import ModelColumn
from app.model.semantics import Dimension, DimensionType, SemanticModel
from app.model.types import DataType

_REACH = {"private": 0, "protected": 1, "": 1, "public": 2}
"""How widely dbt lets a model be referenced; without a word it is protected."""
_WITHOUT_RELATION = ("ephemeral", "inline")
_Judge = Callable[[Any, Any, str], Kind | None]


def unordered(kind: Kind) -> _Judge:
    """`kind` where what is held differs, cosmetic where only its order does."""

    def judge(old: Any, new: Any, name: str) -> Kind:
        return Kind.COSMETIC if sorted(getattr(old, name), key=repr) == sorted(getattr(new, name), key=repr) else kind

    return judge


def named(added: Kind = Kind.ADDITIVE) -> _Judge:
    """Names that people ask by: one less is breaking, one more is `added`, another order cosmetic."""

    def judge(old: Any, new: Any, name: str) -> Kind:
        before, after = set(getattr(old, name)), set(getattr(new, name))
        return Kind.BREAKING if before - after else added if after - before else Kind.COSMETIC

    return judge


def levels(old: Any, new: Any, name: str) -> Kind:
    """A drill path: a level less is breaking, one more additive, another order leads elsewhere."""
    before, after = getattr(old, name), getattr(new, name)
    if set(before) - set(after):
        return Kind.BREAKING
    return Kind.ADDITIVE if tuple(level for level in after if level in before) == before else Kind.MEANING


def by_key(changed: Kind) -> _Judge:
    """(name, value) pairs: a name less is breaking, one more additive, another value `changed`."""

    def judge(old: Any, new: Any, name: str) -> Kind:
        before, after = dict(getattr(old, name)), dict(getattr(new, name))
        kinds = [Kind.BREAKING] if before.keys() - after.keys() else []
        kinds += [Kind.ADDITIVE] if after.keys() - before.keys() else []
        kinds += [changed] if any(before[key] != after[key] for key in before.keys() & after.keys()) else []
        return gravest(*kinds)

    return judge


def grain(old: Any, new: Any, name: str) -> Kind:
    """A granularity: see `grain_changed`."""
    return grain_changed(getattr(old, name), getattr(new, name))


def hidden(old: Any, new: Any, name: str) -> Kind:
    """A metric that is no longer listed is gone for those who look for it."""
    return Kind.BREAKING if getattr(new, name) and not getattr(old, name) else Kind.ADDITIVE


def accessible(old: Any, new: Any, name: str) -> Kind:
    """dbt's `access`: private, protected, public."""
    before, after = _REACH.get(getattr(old, name), 0), _REACH.get(getattr(new, name), 0)
    return Kind.BREAKING if after < before else Kind.ADDITIVE if after > before else Kind.COSMETIC


def on_failure(_: Any, new: Any, name: str) -> Kind:
    """What becomes of answers on failed tests: once `block` is said, a question that was answered may be refused; once it is not, numbers are given that were
    held back before."""
    return Kind.BREAKING if getattr(new, name) == "block" else Kind.MEANING


def materialization(old: Any, new: Any, name: str) -> Kind:
    """An ephemeral model has no relation to be asked."""
    before, after = getattr(old, name) in _WITHOUT_RELATION, getattr(new, name) in _WITHOUT_RELATION
    return Kind.COSMETIC if before == after else Kind.BREAKING if after else Kind.ADDITIVE


def native_type(old: ModelColumn, new: ModelColumn, _: str) -> Kind:
    """A column's type as the adapter spells it: see `type_changed`."""
    return type_changed(old.native_type, new.native_type)


def type_alone(old: ModelColumn, new: ModelColumn, _: str) -> Kind | None:
    """The family of types follows from the native type, which tells of the change; where it does not, another family is breaking."""
    if old.native_type != new.native_type:
        return None
    return Kind.MEANING if DataType.OTHER in (old.type, new.type) else Kind.BREAKING


def kind_of_dimension(old: Dimension, new: Dimension, _: str) -> Kind:
    """A time dimension that is one no more can't be asked by grain."""
    return Kind.BREAKING if old.type is DimensionType.TIME and new.type is not DimensionType.TIME else Kind.MEANING


def primary(old: SemanticModel, new: SemanticModel, _: str) -> Kind:
    """The primary entity qualifies the names of all dimensions of a semantic model."""
    return Kind.COSMETIC if old.primary == new.primary else Kind.BREAKING


def order_of_rows(old: SavedQuery, new: SavedQuery, _: str) -> Kind:
    """With a limit the order decides which rows come; without one only how they lie."""
    return Kind.COSMETIC if old.limit is None and new.limit is None else Kind.MEANING
