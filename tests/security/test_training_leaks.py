"""What is retrieved for drafting names nothing that the asker may not know of, whatever the index holds."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from app.govern.access import access
from app.govern.visible import visible_ontology
from app.model.ids import new_id
from app.model.ontology import Layer
from app.model.physical import Model
from app.model.policy import ColumnPolicy
from app.model.principal import Role
from app.model.versions import Publication
from app.service.compile import training_of
from app.service.training import Retrieved, train
from app.sql.joins import JoinGraph
from tests.engines.training.place import Place, placed, texts
from tests.support.demo import Demo

ALL = 10_000
DENIED = ("cost_amount", "is_bounce")
UNPOLICED = "dim_products"
PERSONAL = "ann@example.com"
COUNTRY = "Utopia"
QUESTIONS = ("cost of goods", "web sessions", "secret country Utopia", "revenue by month", *DENIED, PERSONAL)


def guarded(layer: Layer) -> Layer:
    """The demo's layer with columns that analysts may not know of, and values that are data."""

    def changed(model: Model) -> Model:
        priced = tuple(ColumnPolicy(name, model.name, name, roles=("analyst",)) for name in DENIED if model.column(name))
        model = replace(model, column_policies=(*model.column_policies, *priced))
        if model.name == "dim_customers":  # its rows are filtered, and `email` is masked
            values = {"email": (PERSONAL,), "country": (COUNTRY,)}
            return replace(model, columns=tuple(replace(c, accepted_values=values.get(c.name, c.accepted_values)) for c in model.columns))
        return model

    models = tuple(map(changed, layer.ontology.models))
    owners = tuple(
        replace(one, dimensions=tuple(replace(d, values=(COUNTRY,)) if d.name == "country" else d for d in one.dimensions))
        if one.model == "dim_customers"
        else one
        for one in layer.ontology.semantic_models
    )
    return replace(layer, ontology=replace(layer.ontology, models=models, semantic_models=owners))


@pytest.fixture(scope="module")
def place(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with placed(demo, tmp_path_factory.mktemp("guarded")) as found:
        layer, deps = guarded(demo.deps.serving.layer()), found.deps
        kept = deps.layers.keep(deps.project_id, layer)
        publication = Publication(new_id("pub"), deps.project_id, kept.layer_hash, kept.document_hash, deps.clock.now(), "test")
        assert deps.layers.publish(publication, base="")
        trained, problems = train(deps, publication.document_hash, training_of(layer))
        assert (problems, trained.removed) == ((), 0)
        yield found


def everything(place: Place, role: Role, **attributes: str) -> Retrieved:
    """All that can be retrieved at all."""
    return place.found("everything", place.view(role, **attributes), ALL)


def says(found: Retrieved, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", texts(found)) is not None


HIDDEN = (*DENIED, "cost_of_goods", "gross_profit", "gross_margin", "bounces", "bounce_rate")


def test_the_index_holds_what_is_to_be_hidden(place: Place) -> None:
    """Else the rest would prove nothing."""
    found = everything(place, Role.ADMIN)
    for word in (*HIDDEN, COUNTRY):
        assert says(found, word), word
    assert not says(found, PERSONAL)  # items are without the values of columns that somebody sees masked


@pytest.mark.parametrize("word", [*HIDDEN, COUNTRY, PERSONAL])
@pytest.mark.parametrize("role", [Role.ANALYST, Role.VIEWER])
def test_what_is_hidden_is_not_retrieved(place: Place, role: Role, word: str) -> None:
    assert says(everything(place, role, region="DACH"), word) == (role is Role.VIEWER and word in HIDDEN)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_brings_it_up(place: Place, question: str) -> None:
    found = place.found(question, place.view(Role.ANALYST, region="DACH"), 5)
    assert len(found.documentation) == 5
    for word in (*HIDDEN, COUNTRY, PERSONAL):
        assert not says(found, word)


@pytest.mark.parametrize("role", Role)
def test_all_that_may_be_known_is_found(place: Place, role: Role) -> None:
    """Fewer rows or masked values are no reason to find less."""
    view = place.view(role, region="DACH").visible
    found = everything(place, role, region="DACH")
    assert {item.subject for item in found.ddl} == {model.name for model in view.models if model.columns}
    words = {item.subject for item in found.documentation}
    assert {name for name in words if name.startswith("metric.")} == {f"metric.{metric.name}" for metric in view.listed_metrics}
    dimensions = {f"dimension.{one.name}.{dimension.name}" for one in view.semantic_models for dimension in one.dimensions}
    not_for_all = {name for name in dimensions if name.rpartition(".")[2] in DENIED}
    assert dimensions - not_for_all <= {name for name in words if name.startswith("dimension.")} <= dimensions
    assert {item.subject for item in found.question_sql} == {f"saved_query.{query.name}" for query in view.saved_queries}


def test_models_that_nobody_is_given_are_not_found(place: Place) -> None:
    """The items were trained while every model without a policy was open to all."""
    served = place.view()
    assert says(place.found("products", served, ALL), UNPOLICED)
    shut = replace(served.layer.ontology, default_access="deny")
    visible = visible_ontology(shut, access(place.demo.caller().principal, shut))
    found = place.found("products", dataclasses.replace(served, visible=visible, joins=JoinGraph.of(visible)), ALL)
    assert found.ddl
    assert not says(found, UNPOLICED)
    assert {item.subject for item in found.ddl} == {model.name for model in visible.models}
