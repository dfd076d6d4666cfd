"""What the planner writes passes governance, and gives the same rows once policy stands under every table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.govern.access import access
from app.govern.govern import govern
from app.model.ontology import Layer
from app.model.principal import Principal, Role
from app.model.sql import Limits
from app.ports import Cancel
from tests.goldens.business import ONTOLOGY, placement
from tests.goldens.compare import same_rows
from tests.goldens.conftest import Warehouses, rendered
from tests.goldens.test_goldens import CASES, query_of, read

LAYER = Layer(ONTOLOGY, tuple(placement(engine) for engine in ("clickhouse", "postgres")))
ANALYST = Principal("usr_1", "analyst@example.com", Role.ANALYST, "prj_1")


@pytest.mark.parametrize(("path", "number"), CASES)
def test_governed(path: Path, number: int, warehouses: Warehouses) -> None:
    golden: dict[str, Any] = read(path)[number]
    allowed = access(ANALYST, ONTOLOGY)
    for dialect, sql in rendered(query_of(golden)).items():
        governed = govern(sql, LAYER, dialect.value, allowed, Limits())
        engine = next(e for e in warehouses.both if e.dialect is dialect)
        result = engine.execute(governed, Cancel())
        assert [c.name for c in result.columns] == golden["columns"]
        assert same_rows(result.rows(), golden["rows"]), governed.text
