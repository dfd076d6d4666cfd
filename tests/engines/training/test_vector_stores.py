"""What every vector store does alike, and what each does by itself."""

from __future__ import annotations

import hashlib
import math

import pytest

from app.adapters.store.database import Database
from app.adapters.vectors.chroma import ChromaVectors
from app.adapters.vectors.pgvector import PgVectors
from app.adapters.vectors.qdrant import QdrantVectors
from app.errors import DataMindError
from app.model.ids import new_id
from app.model.records import TrainingKind
from app.ports import Space, VectorStore
from tests.support.store import StoreCluster

pytestmark = pytest.mark.filterwarnings("ignore:Local mode")  # of Qdrant's client, whose search is exact there without being asked

DDL, WORDS = TrainingKind.DDL, TrainingKind.DOCUMENTATION


def key(name: object) -> str:
    """An id as items have it."""
    return hashlib.sha256(str(name).encode()).hexdigest()


def space(embedder: str = "two 1", dims: int = 2) -> Space:
    return Space(new_id("prj"), embedder, dims)


def at(degrees: float) -> list[float]:
    return [math.cos(math.radians(degrees)), math.sin(math.radians(degrees))]


def test_the_nearest_come_first(vectors: VectorStore) -> None:
    here = space()
    vectors.put(here, DDL, {key(n): at(n) for n in (0, 50, 20, 90)})
    assert vectors.nearest(here, DDL, at(85), 3) == [key(90), key(50), key(20)]
    assert vectors.nearest(here, DDL, at(85), 100) == [key(90), key(50), key(20), key(0)]


def test_kinds_do_not_mix(vectors: VectorStore) -> None:
    here = space()
    vectors.put(here, DDL, {key(0): at(0)})
    vectors.put(here, WORDS, {key(1): at(1)})
    assert vectors.nearest(here, DDL, at(1), 10) == [key(0)]
    assert vectors.nearest(here, WORDS, at(0), 10) == [key(1)]
    assert vectors.nearest(here, TrainingKind.QUESTION_SQL, at(0), 10) == []
    assert vectors.ids(here) == {key(0), key(1)}


def test_putting_again_overwrites(vectors: VectorStore) -> None:
    here = space()
    vectors.put(here, DDL, {key("a"): at(0), key("b"): at(40)})
    vectors.put(here, DDL, {key("a"): at(90)})
    assert vectors.nearest(here, DDL, at(0), 10) == [key("b"), key("a")]


def test_what_is_removed_is_gone(vectors: VectorStore) -> None:
    here = space()
    vectors.put(here, DDL, {key(n): at(n) for n in range(5)})
    vectors.remove(here, {key(0), key(3), key("never there")})
    assert vectors.ids(here) == {key(1), key(2), key(4)}
    assert vectors.nearest(here, DDL, at(0), 10) == [key(1), key(2), key(4)]
    vectors.remove(here, set())
    assert len(vectors.ids(here)) == 3


def test_an_empty_space_has_nothing(vectors: VectorStore) -> None:
    here = space()
    vectors.remove(here, {key(0)})
    vectors.keep_only(here)
    assert vectors.ids(here) == frozenset()
    assert vectors.nearest(here, DDL, at(0), 5) == []


def test_spaces_do_not_mix(vectors: VectorStore) -> None:
    one = space()
    other_project, other_embedder = space(), Space(one.project_id, "three 1", 3)
    vectors.put(one, DDL, {key(0): at(0)})
    vectors.put(other_project, DDL, {key(1): at(0)})
    vectors.put(other_embedder, DDL, {key(0): [0, 0, 1]})
    assert vectors.nearest(one, DDL, at(0), 10) == [key(0)]
    vectors.remove(one, {key(0)})
    assert vectors.ids(other_embedder) == {key(0)}
    vectors.put(one, DDL, {key(0): at(0)})
    vectors.keep_only(other_embedder)
    assert vectors.ids(one) == frozenset()
    assert vectors.ids(other_embedder) == {key(0)}
    assert vectors.ids(other_project) == {key(1)}


def test_thousands_are_kept_whole(vectors: VectorStore) -> None:
    here = space()
    many = {key(n): at(n * 360 / 2500) for n in range(2500)}
    vectors.put(here, DDL, many)
    assert vectors.ids(here) == many.keys()
    assert len(set(vectors.nearest(here, DDL, at(10), 2500))) == 2500
    vectors.remove(here, list(many)[:2400])
    assert vectors.ids(here) == set(list(many)[2400:])


def test_it_is_up(vectors: VectorStore) -> None:
    assert vectors.health().up


@pytest.mark.parametrize(
    "down", [lambda: ChromaVectors("http://127.0.0.1:1", "secret"), lambda: QdrantVectors("http://127.0.0.1:1", "secret")]
)
def test_a_server_that_is_away_is_a_problem(down) -> None:
    vectors = down()
    health = vectors.health()
    assert not health.up
    assert "secret" not in health.detail
    for call in (
        lambda: vectors.ids(space()),
        lambda: vectors.put(space(), DDL, {key(0): at(0)}),
        lambda: vectors.nearest(space(), DDL, at(0), 1),
    ):
        with pytest.raises(DataMindError) as raised:
            call()
        assert raised.value.problem.code == "DM8051"
    vectors.close()


def test_a_server_that_says_something_else_is_a_problem(chroma_url: str) -> None:
    vectors = ChromaVectors(f"{chroma_url}/nothing/here")
    with pytest.raises(DataMindError) as raised:
        vectors.put(space(), DDL, {key(0): at(0)})
    assert raised.value.problem.code == "DM8051"
    vectors.close()


def test_a_store_without_pgvector_is_a_problem_until_it_has_it(store_cluster: StoreCluster) -> None:
    url = store_cluster.migrated()
    database = Database(url)
    vectors = PgVectors(database)
    health = vectors.health()
    assert not health.up
    assert "CREATE EXTENSION vector" in health.detail
    with pytest.raises(DataMindError) as raised:
        vectors.ids(space())
    assert raised.value.problem.code == "DM8055"
    with store_cluster.superuser(url.rpartition("/")[2]) as connection:
        connection.execute('CREATE SCHEMA "odd ""schema"; CREATE EXTENSION vector SCHEMA "odd ""schema"')
        connection.execute('GRANT USAGE ON SCHEMA "odd ""schema" TO datamind')
    here = space()
    vectors.put(here, DDL, {key(n): at(n) for n in range(3)})
    assert vectors.nearest(here, DDL, at(2), 1) == [key(2)]
    database.close()


def test_vectors_are_in_the_store_and_not_in_the_process(database: Database) -> None:
    here = space()
    PgVectors(database).put(here, DDL, {key(0): at(0)})
    assert PgVectors(database).ids(here) == {key(0)}
