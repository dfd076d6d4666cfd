"""Layers that wait for an admin."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from app.adapters.store.candidates import StoredCandidates
from app.adapters.store.database import Database
from app.adapters.store.layers import StoredLayers
from app.model.ids import new_id
from app.model.ontology import Exposure, Layer, Ontology
from app.model.versions import Candidate, CandidateState, Cause, Publication

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


@pytest.fixture
def layers(database: Database) -> StoredLayers:
    return StoredLayers(database)


@pytest.fixture
def waiting(database: Database) -> StoredCandidates:
    return StoredCandidates(database)


def candidate(layers: StoredLayers, project: str, name: str, base: str = "base", code: bytes = b"") -> Candidate:
    kept = layers.keep(project, Layer(Ontology("shop", exposures=(Exposure(name, "dashboard"),))), code)
    return Candidate(
        new_id("cnd"),
        project,
        kept.layer_hash,
        kept.document_hash,
        base,
        NOW,
        "ana",
        "c0ffee",
        "breaking",
        (Cause.BREAKING,),
        kept.code_hash,
    )


def states(waiting: StoredCandidates, project: str) -> list[tuple[str, str]]:
    return [(one.id, str(one.state)) for one in waiting.page(project, tuple(CandidateState), "", 10)]


def test_the_same_layer_on_the_same_base_is_one_candidate(layers, waiting) -> None:
    project = new_id("prj")
    first = candidate(layers, project, "one")
    assert waiting.propose(first) == first
    assert waiting.propose(replace(first, id=new_id("cnd"))) == first
    assert waiting.get(first.id, project) == first
    assert waiting.get(first.id, new_id("prj")) is None


def test_a_new_candidate_takes_the_place_of_the_open_one(layers, waiting) -> None:
    project = new_id("prj")
    first, second = candidate(layers, project, "one"), candidate(layers, project, "two")
    waiting.propose(first)
    waiting.propose(second)
    assert states(waiting, project) == [(second.id, "open"), (first.id, "superseded")]
    again = replace(first, id=new_id("cnd"))
    assert waiting.propose(again) == again


def test_a_decision_is_made_once(layers, waiting) -> None:
    project = new_id("prj")
    first = candidate(layers, project, "one")
    waiting.propose(first)
    said = replace(first, state=CandidateState.REJECTED, decided_at=NOW, decided_by="bob", reason="no")
    assert waiting.reject(said)
    assert not waiting.reject(replace(said, decided_by="eve"))
    assert waiting.get(first.id, project) == said
    assert waiting.propose(replace(first, id=new_id("cnd"))) == said


def test_publishing_settles_candidates_and_what_none_needs_is_forgotten(layers, waiting) -> None:
    project = new_id("prj")
    rejected, wanted = candidate(layers, project, "one", code=b"one"), candidate(layers, project, "two", code=b"two")
    waiting.propose(rejected)
    waiting.reject(replace(rejected, state=CandidateState.REJECTED, decided_by="bob"))
    waiting.propose(wanted)
    other = layers.keep(project, Layer(Ontology("shop")), b"other")
    event = Publication(
        new_id("pub"), project, wanted.layer_hash, wanted.document_hash, NOW, "eve", reason="yes", code_hash=wanted.code_hash
    )
    assert layers.publish(event, base="")
    assert states(waiting, project) == [(wanted.id, "published"), (rejected.id, "rejected")]
    settled = waiting.get(wanted.id, project)
    assert (settled.decided_by, settled.reason) == ("eve", "yes")
    later = candidate(layers, project, "three", code=b"three")
    waiting.propose(later)
    layers.publish(
        replace(event, id=new_id("pub"), layer_hash=other.layer_hash, document_hash=other.document_hash, code_hash=""),
        base=wanted.document_hash,
    )
    assert states(waiting, project)[0] == (later.id, "superseded")
    layers.forget(project)
    assert layers.code(project, wanted.code_hash) == b"two"
    assert layers.code(project, rejected.code_hash) == b"one"
    assert [layers.code(project, kept) for kept in (other.code_hash, later.code_hash)] == [None, None]
    versions = (wanted, other, rejected)
    assert all(layers.load(one.document_hash) for one in versions)
    assert layers.load(later.document_hash) is None
