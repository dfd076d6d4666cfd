"""A warehouse on both engines that is the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.adapters.embedded.stack import Part, Stack, start


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with start([Part.POSTGRES, Part.CLICKHOUSE], tmp_path_factory.mktemp("warehouses")) as running:
        yield running
