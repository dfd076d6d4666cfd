"""Vector stores and embedders, real ones."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters.store.database import Database
from app.adapters.vectors.chroma import ChromaVectors
from app.adapters.vectors.pgvector import PgVectors
from app.adapters.vectors.qdrant import QdrantVectors
from app.ports import VectorStore
from tests.support.store import StoreCluster, cluster

CHROMA = "DATAMIND_TEST_CHROMA"
"""The program `chroma` of an environment of its own: it wants half a gigabyte of packages that nothing else here needs."""


@pytest.fixture(scope="session")
def store_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreCluster]:
    with cluster(tmp_path_factory.mktemp("store")) as found:
        yield found


@pytest.fixture(scope="session")
def database(store_cluster: StoreCluster) -> Iterator[Database]:
    """A store with pgvector."""
    found = Database(store_cluster.with_vectors())
    yield found
    found.close()


@pytest.fixture(scope="session")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Chroma server."""
    program = os.environ.get(CHROMA, "")
    if not program:
        pytest.skip(f"{CHROMA} names no `chroma` program")
    folder = tmp_path_factory.mktemp("chroma")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        asked = ChromaVectors(url)
        while not asked.health().up:
            assert process.poll() is None
            time.sleep(0.05)
        asked.close()
        yield url
        process.terminate()


@pytest.fixture(params=["pgvector", "chroma", "qdrant"])
def vectors(request: pytest.FixtureRequest) -> Iterator[VectorStore]:
    """Each kind of vector store. Of Qdrant there is no server to be had here: its client's own in-process one stands for it."""
    match request.param:
        case "pgvector":
            found: VectorStore = PgVectors(request.getfixturevalue("database"))
        case "chroma":
            found = ChromaVectors(request.getfixturevalue("chroma_url"))
        case _:
            found = QdrantVectors(":memory:")
    yield found
    found.close()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be looked up on the network, nor connected to."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(Path, "home", refuse)  # where caches of downloads are
