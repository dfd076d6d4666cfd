"""No change of a layer is missed, none is without a class, and the way back is the mirror of the way there."""

from __future__ import annotations

import inspect
import random
import typing
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Action, Direction, Kind
from app.compile.diff.rules import RULES
from app.model import ontology
from app.model.base import Node
from app.model.expr import Expr
from app.model.lineage import ModelLineage
from app.model.ontology import Layer, Ontology
from app.model.physical import Placement, Relation, Statistic
from tests.unit.compile.diff.layers import fixture_layer, mutations, nodes

ASIDE = {ontology.LeftOut, ModelLineage, Statistic}
"""Records of fields that stand beside the meaning."""
BACK = {"reach.lost": "reach.gained", "reach.ambiguous": "reach.settled"}
BACK |= {back: there for there, back in BACK.items()}
"""What a change is called on the way back where it is called otherwise."""
EXPRESSIONS = set(typing.get_args(Expr))


def nouns(kind: Any, found: set[type[Node]]) -> set[type[Node]]:
    """The records that a record can hold, at any depth, expressions left out."""
    if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
        if kind in found or kind in EXPRESSIONS or kind in ASIDE:
            return found
        found.add(typing.cast("type[Node]", kind))
        for hint in typing.get_type_hints(kind).values():
            nouns(hint, found)
    for argument in typing.get_args(kind):
        nouns(argument, found)
    return found


@pytest.mark.parametrize("noun", sorted(nouns(Layer, set()), key=lambda noun: noun.__name__), ids=lambda noun: noun.__name__)
def test_every_field_of_every_noun_has_a_class(noun: type[Node]) -> None:
    """Fails for a field that is new in app/model: say in app/compile/diff/rules.py what its change does to those who ask."""
    assert set(RULES.get(noun, {})) == set(noun.__struct_fields__)


def test_the_layer_holds_every_noun() -> None:
    """What the layer does not hold, the mutations below do not bend."""
    held = {type(node) for node in nodes(fixture_layer().ontology)}
    beside = {Layer, Placement, Relation}  # the tests of placements bend these
    assert nouns(Layer, set()) - held - beside == set()


def every() -> list[tuple[str, Ontology]]:
    return list(mutations(fixture_layer().ontology, Ontology))


@pytest.mark.parametrize("part", range(4))
def test_every_change_is_found_and_classed(part: int) -> None:
    layer = fixture_layer()
    for way, other in every()[part::4]:
        report = diff_layers(layer, replace(layer, ontology=other))
        assert report.changes, way
        assert all(change.field != "content" for change in report.changes), way
        assert all(change.message and change.subject for change in report.changes), way


def test_equal_layers_differ_in_nothing() -> None:
    layer = fixture_layer()
    again = Layer.from_json(layer.canonical())
    assert again is not layer
    assert diff_layers(layer, again).changes == ()


def test_order_of_writing_is_no_change_of_meaning() -> None:
    layer = fixture_layer()
    for way, other in every():
        if way.endswith("~") and ".columns~" in way:
            assert {change.kind for change in diff_layers(layer, replace(layer, ontology=other)).changes} == {Kind.COSMETIC}, way


@pytest.mark.parametrize("part", range(4))
def test_the_way_back_mirrors_the_way_there(part: int) -> None:
    """What is added on the way there is removed on the way back, and additive is breaking then; a change of meaning has no direction."""
    layer = fixture_layer()
    chosen = random.Random(part).sample(every(), 250)
    for way, other in chosen:
        there = diff_layers(layer, replace(layer, ontology=other)).changes
        back = diff_layers(replace(layer, ontology=other), layer).changes
        assert mirror(there, Action.ADDED) == mirror(back, Action.REMOVED), way
        assert mirror(there, Action.REMOVED) == mirror(back, Action.ADDED), way
        classes = {(c.subject, c.field): c for c in back if c.action is Action.CHANGED}
        for change in there:
            back_field = BACK.get(change.field, change.field)
            other_way = classes.get((change.subject, back_field))
            if change.field.startswith("reach.") and not way.endswith(".name"):  # where names dangle, the ways differ
                assert other_way is not None, (way, change)
            if change.action is not Action.CHANGED or other_way is None:
                continue
            assert allowed(change.kind, other_way.kind), (way, change, other_way)
            if change.security in (Direction.TIGHTENED, Direction.LOOSENED):
                assert {change.security, other_way.security} == {Direction.TIGHTENED, Direction.LOOSENED}, way


def mirror(changes: tuple[Any, ...], action: Action) -> set[tuple[str, str]]:
    return {(change.subject, change.field) for change in changes if change.action is action}


def allowed(there: Kind, back: Kind) -> bool:
    """Whether a change of the class may be one of the other on the way back."""
    if there is Kind.COSMETIC or back is Kind.COSMETIC:
        return there is back
    return not (there is Kind.ADDITIVE and back is not Kind.BREAKING)
