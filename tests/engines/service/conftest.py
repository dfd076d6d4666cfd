"""Reading back what the services wrote, by plain SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.demo import Demo

Trail = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def trail(demo: Demo) -> Trail:
    """The audit events of a correlation id, oldest first, with `details` decoded."""

    def read(correlation_id: str) -> list[dict[str, Any]]:
        with psycopg.connect(demo.servers.store, row_factory=dict_row) as connection:
            found = connection.execute(
                "SELECT * FROM audit.audit_log WHERE correlation_id = %s ORDER BY at, id", [correlation_id]
            ).fetchall()
        for event in found:
            details = event["details"]
            event["details"] = json.loads(details) if isinstance(details, str) else details
        return found

    return read
