"""Both warehouses as they are embedded, once for each test process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from app.adapters.embedded.stack import Part, Stack, start
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.model.sql import BoundValue, GovernedSql, Limits, Seal
from app.model.types import Dialect
from app.ports import Cancel, Engine


@pytest.fixture(scope="session")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with start([Part.POSTGRES, Part.CLICKHOUSE], tmp_path_factory.mktemp("warehouses")) as stack:
        yield stack


@pytest.fixture(scope="session")
def postgres(warehouses: Stack) -> Iterator[PostgresEngine]:
    engine = PostgresEngine(warehouses.urls[Part.POSTGRES])
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def clickhouse(warehouses: Stack) -> Iterator[ClickHouseEngine]:
    engine = ClickHouseEngine(warehouses.urls[Part.CLICKHOUSE])
    yield engine
    engine.close()


@pytest.fixture(params=["postgres", "clickhouse"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.getfixturevalue(request.param)


@dataclass(frozen=True)
class Asking:
    """Hands an engine a statement as if governance had made it."""

    def governed(self, dialect: Dialect, text: str, parameters: Sequence[BoundValue] = (), limits: Limits | None = None) -> GovernedSql:
        return GovernedSql(dialect, text, tuple(parameters), limits or Limits(), (), (), "", Seal(object()))

    def __call__(self, engine: Engine, text: str, parameters: Sequence[BoundValue] = (), cancel: Cancel | None = None, **limits: float):
        governed = self.governed(engine.dialect, text, parameters, Limits(**limits))
        return engine.execute(governed, cancel or Cancel())


@pytest.fixture(scope="session")
def ask() -> Asking:
    return Asking()
