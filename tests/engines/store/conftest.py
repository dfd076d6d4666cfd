"""The store's adapters over a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.adapters.store.database import Database
from tests.support.store import StoreCluster, cluster


@pytest.fixture(scope="session")
def store_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreCluster]:
    with cluster(tmp_path_factory.mktemp("store")) as found:
        yield found


@pytest.fixture(scope="module")
def store_url(store_cluster: StoreCluster) -> str:
    return store_cluster.migrated()


@pytest.fixture(scope="module")
def database(store_url: str) -> Iterator[Database]:
    found = Database(store_url)
    yield found
    found.close()
