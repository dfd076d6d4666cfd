"""Layers to compare: one that holds every noun, and all the ways to change one value of it."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from app.compile.artifacts import TargetArtifacts
from app.compile.project import compile_project
from app.model.base import Node
from app.model.expr import And, Attribute, Binary, Column, Field, Literal
from app.model.metrics import Window
from app.model.ontology import Group, Hierarchy, Layer, Ontology, SavedQuery, Segment
from app.model.physical import ColumnReference, Model
from app.model.policy import ColumnPolicy, LimitPolicy, Mask, MaskKind, RowPolicy, SizePolicy
from app.model.semantics import NonAdditive
from app.model.types import DataType, Grain

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "dbt"
GROWN: dict[Any, Any] = {
    str: "other",
    int: 7,
    float: 0.25,
    bool: True,
    Grain: Grain.YEAR,
    Window: Window(3, "month"),
    NonAdditive: NonAdditive("ordered_at", "max"),
    ColumnReference: ColumnReference("customers", "id"),
    Mask: Mask(MaskKind.HASH),
    SavedQuery: SavedQuery("more", ("revenue",)),
    Group: Group("more"),
}
"""A value of a type, where there was none."""


@cache
def fixture_layer(version: str = "1.11") -> Layer:
    """The layer of a manifest that dbt wrote, with what it has none of added."""
    layer = compile_project([TargetArtifacts("postgres", (FIXTURES / version / "postgres.json").read_bytes())]).layer
    return replace(layer, ontology=_complete(layer.ontology))


def _complete(ontology: Ontology) -> Ontology:
    """With policies of every kind, segments and hierarchies."""
    first, second, *rest = ontology.models
    owner = next(model for model in ontology.semantic_models if model.primary and len(model.dimensions) > 1)
    names = tuple(owner.dunder(dimension.name) for dimension in owner.dimensions[:2])
    where = Binary("=", Field(names[0]), Literal("x", DataType.TEXT))
    return replace(
        ontology,
        models=(_guarded(first), _guarded(second), *rest),
        segments=(Segment("those", owner.name, where), Segment("these", owner.name, where, "These")),
        hierarchies=(Hierarchy("down", owner.name, names, "Down"), Hierarchy("up", owner.name, names[::-1])),
    )


def _guarded(model: Model) -> Model:
    name = model.columns[0].name
    predicate = And((Binary("=", Column(name), Attribute("region")), Binary(">", Column(name), Literal(1, DataType.INTEGER))))
    rows = (
        RowPolicy("mine", model.name, predicate, roles=("viewer",)),
        RowPolicy("never", model.name, predicate, False, exempt_roles=("admin",)),
    )
    mask = Mask(MaskKind.PARTIAL, "*", 1, 2, "x")
    columns = (ColumnPolicy(f"{model.name}.{name}", model.name, name, mask, roles=("viewer",), exempt_roles=("admin",)),)
    sizes = (SizePolicy(f"{model.name}.{name}.size", model.name, name, 5, groups=("hr",), exempt_users=("ann@example.com",)),)
    limits = (LimitPolicy("few", model.name, 10, 2.5, 1000, users=("bob@example.com",), exempt_groups=("it",)),)
    return replace(model, row_policies=rows, column_policies=columns, size_policies=sizes, limit_policies=limits)


def mutations(value: Any, kind: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every copy of `value` in which one field, at any depth, has another value of its type; with the way to it."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(value, msgspec.Struct):
        hints = typing.get_type_hints(type(value))
        for name in value.__struct_fields__:
            for way, other in mutations(getattr(value, name), hints[name], f"{path}.{name}"):
                yield way, replace(value, **{name: other})
    elif origin in (typing.Union, types.UnionType):
        if value is None:
            grown = next((GROWN[one] for one in arguments if one in GROWN), Column("grown"))
            yield path, grown
        else:
            if type(None) in arguments:
                yield f"{path}=None", None
            yield from mutations(value, type(value), path)
    elif isinstance(value, tuple):
        yield from _of_tuple(value, arguments, path)
    elif isinstance(value, enum.Enum):
        yield path, next(member for member in type(value) if member is not value)
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | float):
        yield path, value + 1
    elif path.endswith(".default_access"):
        yield path, "deny" if value == "allow" else "allow"
    elif isinstance(value, str):
        yield path, '{"other":1}' if path.endswith(".meta") else "other" if not value else value + "_x"


def _of_tuple(value: tuple[Any, ...], arguments: tuple[Any, ...], path: str) -> Iterator[tuple[str, Any]]:
    several = len(arguments) == 2 and arguments[1] is Ellipsis
    if not several:
        for number, item in enumerate(value):
            for way, other in mutations(item, arguments[number], f"{path}[{number}]"):
                yield way, (*value[:number], other, *value[number + 1 :])
        return
    if not value:
        grown = _grown(arguments[0])
        if grown is not None:
            yield f"{path}+", (grown,)
        return
    yield f"{path}-", value[1:]
    if len(value) > 1 and value[0] != value[-1]:
        yield f"{path}~", (*value[1:], value[0])
    for number, item in enumerate(value):
        for way, other in mutations(item, arguments[0], f"{path}[{number}]"):
            yield way, (*value[:number], other, *value[number + 1 :])


def _grown(kind: Any) -> Any:
    if typing.get_origin(kind) is tuple:
        return tuple(GROWN.get(one, "other") for one in typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Node):
        return GROWN.get(kind) or next((node for node in nodes(fixture_layer().ontology) if isinstance(node, kind)), None)
    return GROWN.get(kind)


def nodes(value: Any) -> Iterator[Any]:
    """Every record within, itself included."""
    if isinstance(value, msgspec.Struct):
        yield value
        for name in value.__struct_fields__:
            yield from nodes(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from nodes(item)
