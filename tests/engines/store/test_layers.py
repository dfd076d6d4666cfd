"""Published layers in the store."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from app.adapters.store.database import Database
from app.adapters.store.layers import CODES, StoredLayers
from app.errors import InternalError, Problem, UserError, Where
from app.model.ids import new_id
from app.model.ontology import Exposure, Layer, Ontology
from app.model.versions import Origin, Publication

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


@pytest.fixture
def layers(database: Database) -> StoredLayers:
    return StoredLayers(database)


def layer(name: str) -> Layer:
    ontology = Ontology("shop", exposures=(Exposure(name, "dashboard", description="Größe 🙂"),))
    return Layer(
        ontology, locations=((f"exposure.{name}", Where("x.yml", 3, 1)),), problems=(Problem("DM2104", "x", where=Where("a.yml")),)
    )


def put(layers: StoredLayers, found: Layer, project_id: str, base: str | None = None, **fields: Any) -> Publication | None:
    """Keep a layer and publish it over what is current (or over `base`)."""
    kept = layers.keep(project_id, found, fields.pop("code", b""))
    current = layers.current(project_id)
    over = (current.document_hash if current else "") if base is None else base
    event = Publication(new_id("pub"), project_id, kept.layer_hash, kept.document_hash, NOW, "ana", "c0ffee", code_hash=kept.code_hash)
    return layers.publish(replace(event, **fields), base=over)


def test_what_was_published_is_current_and_comes_back(layers: StoredLayers) -> None:
    project, one = new_id("prj"), layer("one")
    assert layers.current(project) is None
    event = put(layers, one, project, origin=Origin.FORCED, reason="it must", worst="breaking")
    assert event is not None
    assert (event.number, event.layer_hash, event.document_hash) == (1, one.ontology.fingerprint(), one.fingerprint())
    assert layers.current(project) == event
    assert layers.load(event.document_hash) == one
    assert layers.load("0" * 64) is None


def test_the_current_layer_is_not_published_again(layers: StoredLayers) -> None:
    project, one = new_id("prj"), layer("one")
    event = put(layers, one, project)
    assert put(layers, one, project) is None
    assert put(layers, one, project, base="") is None
    assert layers.current(project) == event


def test_an_earlier_layer_can_become_current_again(layers: StoredLayers) -> None:
    project, one, two = new_id("prj"), layer("one"), layer("two")
    assert [put(layers, found, project).number for found in (one, two, one)] == [1, 2, 3]
    assert layers.current(project).document_hash == one.fingerprint()


def test_what_was_compared_with_another_layer_is_refused(layers: StoredLayers) -> None:
    project, one, two, three = new_id("prj"), layer("one"), layer("two"), layer("three")
    put(layers, one, project)
    put(layers, two, project)
    for base in (one.fingerprint(), ""):
        with pytest.raises(UserError) as caught:
            put(layers, three, project, base=base)
        assert caught.value.problem.code == "DM8007"
    assert layers.current(project).number == 2


def test_the_newest_is_the_last_one_published_whatever_its_id(layers: StoredLayers) -> None:
    project, one, two = new_id("prj"), layer("one"), layer("two")
    put(layers, one, project, id="pub_f" + new_id("x")[3:])
    early = put(layers, two, project, id="pub_0" + new_id("x")[3:])
    assert layers.current(project) == early


def test_publications_come_in_pages_newest_first(layers: StoredLayers) -> None:
    project = new_id("prj")
    for number in range(5):
        put(layers, layer(f"n{number}"), project)
    assert [one.number for one in layers.page(project, 0, 2)] == [5, 4]
    assert [one.number for one in layers.page(project, 4, 9)] == [3, 2, 1]
    assert layers.page(new_id("prj"), 0, 9) == []


def test_projects_are_apart(layers: StoredLayers) -> None:
    one, here, there = layer("one"), new_id("prj"), new_id("prj")
    assert put(layers, one, here, code=b"mine")
    assert layers.current(there) is None
    assert put(layers, one, there).number == 1
    assert layers.code(here, layers.current(here).code_hash) == b"mine"
    assert layers.code(there, layers.current(here).code_hash) is None


def test_code_and_reports_come_back_as_they_were_kept(layers: StoredLayers, store_url: str) -> None:
    project, one = new_id("prj"), layer("one")
    event = put(layers, one, project, code=b"select 1" * 1000)
    assert layers.code(project, event.code_hash) == b"select 1" * 1000
    layers.keep_report(project, "a", "b", b"{}")
    layers.keep_report(project, "a", "b", b"another")
    assert layers.report(project, "a", "b") == b"{}"
    assert layers.report(project, "b", "a") is None
    with psycopg.connect(store_url) as connection:
        connection.execute("UPDATE layer.codes SET code = 'x' WHERE project_id = %s", (project,))
    with pytest.raises(InternalError) as caught:
        layers.code(project, event.code_hash)
    assert caught.value.problem.code == "DM8014"


def test_the_code_of_the_last_versions_is_kept(layers: StoredLayers) -> None:
    project = new_id("prj")
    events = [put(layers, layer(f"n{number}"), project, code=f"c{number}".encode()) for number in range(CODES + 2)]
    layers.forget(project)
    held = [layers.code(project, event.code_hash) is not None for event in events]
    assert held == [False, False, *[True] * CODES]


def test_of_many_who_publish_the_same_at_once_one_succeeds(layers: StoredLayers) -> None:
    """Several rounds with a layer that is stored already, so that nothing but the lock makes them take turns."""
    one, two = layer("one"), layer("two")
    for _ in range(10):
        project = new_id("prj")
        for found in (one, two):
            put(layers, found, project)
        start, done = threading.Barrier(4), []

        def publish(project: str = project, start: threading.Barrier = start, done: list[bool] = done) -> None:
            start.wait()
            done.append(put(layers, one, project, base=two.fingerprint()) is not None)

        threads = [threading.Thread(target=publish) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == [False, False, False, True]


def test_what_was_not_kept_is_not_published(layers: StoredLayers) -> None:
    project = new_id("prj")
    with pytest.raises(InternalError) as caught:
        layers.publish(Publication(new_id("pub"), project, "0" * 64, "0" * 64, NOW, "ana"), base="")
    assert caught.value.problem.code == "DM8013"
    assert layers.current(project) is None


def test_bytes_that_changed_in_the_store_are_not_served(layers: StoredLayers, store_url: str) -> None:
    project, one = new_id("prj"), layer("altered")
    put(layers, one, project)
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
