"""Of a semantic manifest alone no column's type is known: what is computed of its columns goes together on ClickHouse all the same."""

from __future__ import annotations

import pytest

from app.service.request import QueryRequest
from tests.conformance.conftest import Conformance

ENGINES = ("postgres", "clickhouse")


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_and_floats_are_added_up(conformance: Conformance, engine: str) -> None:
    turn = conformance.ask("simple_manifest", engine, QueryRequest(("account_balance", "test_simple_derived_metric")))
    assert turn.result is not None
    assert turn.result.row_count == 1
