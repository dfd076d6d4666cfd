"""What the tables of one engine are, where another engine's differ."""

from __future__ import annotations

import msgspec
import pytest

from app.errors import UserError
from app.model.ontology import Layer
from tests.unit.govern.world import LAYER, checked


def with_types(layer: Layer, here: tuple[str, ...], there: tuple[str, ...]) -> Layer:
    """The layer where the catalogs of PostgreSQL and of ClickHouse have these columns of `orders`."""
    of = {"postgres": here, "clickhouse": there}
    places = tuple(
        msgspec.structs.replace(place, column_types=tuple(("orders", column, "text") for column in of[place.engine]))
        for place in layer.placements
    )
    return msgspec.structs.replace(layer, placements=places)


def test_a_column_of_another_engine_is_neither_starred_nor_named() -> None:
    model = LAYER.ontology.model("orders")
    assert model is not None
    names = tuple(column.name for column in model.columns)
    layer = with_types(LAYER, names[:-1], names)
    assert checked(f"SELECT {names[-1]} FROM orders", "clickhouse", of=layer)
    with pytest.raises(UserError) as error:
        checked(f"SELECT {names[-1]} FROM orders", of=layer)
    assert error.value.problem.code == "DM4022"
    assert checked(f"SELECT {names[-1]} FROM orders", of=with_types(LAYER, names[:-1], ()))  # one catalog alone tells nothing
