"""Published layers in the store."""

from __future__ import annotations

import datetime as dt
import threading

import psycopg
import pytest
from msgspec.structs import replace

from app.adapters.store.database import Database
from app.adapters.store.layers import StoredLayers
from app.errors import InternalError, Problem, Where
from app.model.ids import new_id
from app.model.ontology import Exposure, Layer, Ontology
from app.model.records import Publication

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


@pytest.fixture
def layers(database: Database) -> StoredLayers:
    return StoredLayers(database)


def layer(name: str) -> Layer:
    ontology = Ontology("shop", exposures=(Exposure(name, "dashboard", description="Größe 🙂"),))
    return Layer(
        ontology, locations=((f"exposure.{name}", Where("x.yml", 3, 1)),), problems=(Problem("DM2104", "x", where=Where("a.yml")),)
    )


def publication(found: Layer, project_id: str) -> Publication:
    return Publication(new_id("pub"), project_id, found.ontology.fingerprint(), found.fingerprint(), NOW, "ana", "c0ffee")


def test_what_was_published_is_current_and_comes_back(layers: StoredLayers) -> None:
    project, one = new_id("prj"), layer("one")
    event = publication(one, project)
    assert layers.current(project) is None
    assert layers.publish(one, event)
    assert layers.current(project) == event
    assert layers.load(event.document_hash) == one
    assert layers.load("0" * 64) is None


def test_the_current_layer_is_not_published_again(layers: StoredLayers) -> None:
    project, one = new_id("prj"), layer("one")
    event = publication(one, project)
    assert layers.publish(one, event)
    assert not layers.publish(one, publication(one, project))
    assert layers.current(project) == event


def test_an_earlier_layer_can_become_current_again(layers: StoredLayers) -> None:
    project, one, two = new_id("prj"), layer("one"), layer("two")
    for found in (one, two, one):
        assert layers.publish(found, publication(found, project))
    current = layers.current(project)
    assert current is not None
    assert current.document_hash == one.fingerprint()


def test_the_newest_is_the_last_one_published_whatever_its_id(layers: StoredLayers) -> None:
    project, one, two = new_id("prj"), layer("one"), layer("two")
    late = replace(publication(one, project), id="pub_f" + new_id("x")[3:])
    early = replace(publication(two, project), id="pub_0" + new_id("x")[3:])
    layers.publish(one, late)
    layers.publish(two, early)
    assert layers.current(project) == early


def test_projects_are_apart(layers: StoredLayers) -> None:
    one, here, there = layer("one"), new_id("prj"), new_id("prj")
    assert layers.publish(one, publication(one, here))
    assert layers.current(there) is None
    assert layers.publish(one, publication(one, there))


def test_of_many_who_publish_the_same_at_once_one_succeeds(layers: StoredLayers) -> None:
    """Several rounds with a layer that is stored already, so that nothing but the lock makes them take turns."""
    one, two = layer("one"), layer("two")
    for _ in range(10):
        project = new_id("prj")
        for found in (one, two):
            layers.publish(found, publication(found, project))
        start, done = threading.Barrier(4), []

        def publish(project: str = project, start: threading.Barrier = start, done: list[bool] = done) -> None:
            event = publication(one, project)
            start.wait()
            done.append(layers.publish(one, event))

        threads = [threading.Thread(target=publish) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == [False, False, False, True]


@pytest.mark.parametrize("field", ["document_hash", "layer_hash"])
def test_a_publication_of_another_layer_is_refused(layers: StoredLayers, field: str) -> None:
    project, one = new_id("prj"), layer("one")
    with pytest.raises(InternalError) as caught:
        layers.publish(one, replace(publication(one, project), **{field: "0" * 64}))
    assert caught.value.problem.code == "DM8014"
    assert layers.current(project) is None


def test_bytes_that_changed_in_the_store_are_not_served(layers: StoredLayers, store_url: str) -> None:
    project, one = new_id("prj"), layer("altered")
    layers.publish(one, publication(one, project))
    with psycopg.connect(store_url) as connection:
        connection.execute("UPDATE layer.documents SET document = document || '!' WHERE document_hash = %s", (one.fingerprint(),))
    with pytest.raises(InternalError) as caught:
        layers.load(one.fingerprint())
    assert caught.value.problem.code == "DM8014"


def test_a_document_that_this_version_cannot_read(layers: StoredLayers, store_url: str) -> None:
    document = b'{"ontology": 1}'
    with psycopg.connect(store_url) as connection:
        connection.execute("INSERT INTO layer.documents VALUES (encode(sha256(%s), 'hex'), 'p', %s)", (document, document))
        row = connection.execute("SELECT encode(sha256(%s), 'hex')", (document,)).fetchone()
    assert row is not None
    with pytest.raises(InternalError) as caught:
        layers.load(row[0])
    assert caught.value.problem.code == "DM8014"


def test_health(layers: StoredLayers) -> None:
    assert layers.health().up
