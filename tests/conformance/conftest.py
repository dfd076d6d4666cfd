"""Both engines with the cases' tables in them and a store for the records, once for each test process; a served layer for each manifest."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.model.ontology import Layer
from app.model.principal import Principal, Role
from app.model.types import Dialect
from app.pipeline.turn import Turn
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.query import query
from app.service.request import QueryRequest
from app.service.serving import Serving
from app.settings import load_settings
from app.wiring.deps import opened
from app.wiring.servers import servers
from tests.conformance import cases, tables


class Conformance:
    """Asks a metric query of an engine, over one of the manifests, as the gateway would. `owners` are the engines' URLs as their owner."""

    def __init__(self, folder: Path, deps: Deps, owners: Mapping[str, str]) -> None:
        self.folder, self.deps, self.owners = folder, deps, owners
        self._deps_of = cache(self._over)
        self._caller = Caller(Principal("usr_1", "analyst@example.com", Role.ANALYST, deps.project_id), "test")

    def ask(self, manifest: str, engine: str, request: QueryRequest) -> Turn:
        """The turn of the request. Raises what the service raises."""
        return query(self._deps_of(manifest, engine), self._caller, request, source=engine)

    def _over(self, manifest: str, engine: str) -> Deps:
        """The Deps that serve the manifest, read in the engine's own SQL."""
        data = (self.folder / "manifests" / f"{manifest}.json").read_bytes()
        layer = ontology_from_semantic_manifest(data, engine, Dialect(engine)).layer

        def current(held: str) -> tuple[str, Layer] | None:
            return None if held else (manifest, layer)

        return dataclasses.replace(self.deps, serving=Serving(current, poll_seconds=3600))


@pytest.fixture(scope="session")
def conformance_folder() -> Path:
    """The folder of cases; absent, their tests skip, or fail where DATAMIND_REQUIRE_SHARED is 1."""
    folder = cases.folder()
    if not (folder / "cases.jsonl").is_file():
        if os.environ.get("DATAMIND_REQUIRE_SHARED") == "1":
            pytest.fail("there are no conformance cases and DATAMIND_REQUIRE_SHARED=1")
        pytest.skip("there are no conformance cases")
    return folder


@pytest.fixture(scope="session")
def conformance(conformance_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conformance]:
    """Running engines with the tables in them."""
    folder = tmp_path_factory.mktemp("conformance")
    settings = load_settings(
        data_dir=folder / "data",
        dbt_project_path=folder / "none",
        store_url=None,
        postgres_url=None,
        clickhouse_url=None,
        redis_url=None,
        max_rows=200_000,
    )
    with servers(settings, (Part.STORE, Part.POSTGRES, Part.CLICKHOUSE), progress=lambda _line: None) as found:
        migrate(found.store)
        loaded = list(tables.read(conformance_folder))
        tables.load_postgres(found.owners["postgres"], loaded)
        tables.load_clickhouse(found.owners["clickhouse"], loaded)
        with opened(settings, found) as deps:
            yield Conformance(conformance_folder, deps, found.owners)
