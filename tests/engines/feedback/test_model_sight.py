"""What of a layer counts as told to a language model for an approved question: its prompt, and where there is an index all that it may bring into one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app.model.corrections import Correction
from app.model.ontology import Layer
from app.model.principal import Role
from app.service.deps import Deps, DraftingOptions
from app.service.model_layers import Sight
from app.service.no_retriever import NoRetriever
from tests.engines.feedback.conftest import Person
from tests.engines.feedback.test_models import approved, script, unapproved, with_model
from tests.support.demo import Demo
from tests.support.scripted import Script

__all__ = ["script", "unapproved"]
ORDERS = "fct_orders"


class Searched(NoRetriever):
    """An index as far as what is compared asks of one."""

    @property
    def absent(self) -> str:
        """It is there."""
        return ""


@pytest.fixture
def pair(demo: Demo, script: Script, asker: Person, admin: Person) -> Correction:
    del script
    found = demo.deps.corrections.store.get(approved(demo, asker, admin, "the seen board"), "default")
    assert found is not None
    return found


def changed(layer: Layer, **parts: Any) -> Layer:
    """The layer with other parts of its ontology."""
    return msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, **parts))


def described_metric(layer: Layer) -> Layer:
    """One that the question's words do not bring into a short prompt is described anew."""
    metrics = [
        msgspec.structs.replace(one, description="Quite another.") if one.name == "bounce_rate" else one for one in layer.ontology.metrics
    ]
    return changed(layer, metrics=tuple(metrics))


def described_column(layer: Layer) -> Layer:
    """A column that the question's words do not bring into SQL is described anew."""
    models = []
    for one in layer.ontology.models:
        first, *others = one.columns
        columns = (msgspec.structs.replace(first, description="Quite another."), *others)
        models.append(msgspec.structs.replace(one, columns=columns) if one.name == ORDERS else one)
    return changed(layer, models=tuple(models))


def placed_elsewhere(layer: Layer) -> Layer:
    """A table lies in another schema."""
    first, *others = layer.placements
    relations = tuple((name, msgspec.structs.replace(one, schema="elsewhere") if name == ORDERS else one) for name, one in first.relations)
    return msgspec.structs.replace(layer, placements=(msgspec.structs.replace(first, relations=relations), *others))


def deps_of(demo: Demo, script: Script, *, searched: bool, sql: bool) -> Deps:
    options = DraftingOptions(1.0, most_bytes=1, sql_roles=frozenset({Role.ANALYST}) if sql else frozenset())
    return with_model(demo, script, "seeing", drafting=options, retriever=Searched() if searched else NoRetriever())


CASES = [
    (described_metric, False, False, True),
    (described_metric, True, False, False),
    (described_column, False, True, True),
    (described_column, True, False, True),
    (described_column, True, True, False),
]


@pytest.mark.parametrize(("change", "searched", "sql", "same"), CASES)
def test_what_an_index_may_bring_is_told(
    demo: Demo, script: Script, pair: Correction, change: Callable[[Layer], Layer], searched: bool, sql: bool, same: bool
) -> None:
    layer, deps = demo.deps.serving.layer(), deps_of(demo, script, searched=searched, sql=sql)
    new = change(layer)
    assert new.version != layer.version
    assert Sight(deps, new).unchanged(pair, layer.version) == same


@pytest.mark.parametrize("sql", [False, True])
def test_where_tables_lie_is_told_to_who_has_sql(demo: Demo, script: Script, pair: Correction, sql: bool) -> None:
    layer, deps = demo.deps.serving.layer(), deps_of(demo, script, searched=False, sql=sql)
    there, here = Sight(deps, placed_elsewhere(layer)), Sight(deps, layer)
    assert (there.told(pair) == here.told(pair)) != sql
