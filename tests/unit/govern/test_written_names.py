"""ClickHouse tells some functions apart by their letters' case: a name goes out as it was written."""

from __future__ import annotations

import pytest

from app.govern.firewall import inspect
from app.model.types import Dialect
from app.sql.parse import parse_statement
from app.sql.render import render_sql
from app.sql.tree import copy_tree


@pytest.mark.parametrize(
    "call",
    [
        "format('{}', 1)", "cosh(1)", "cbrt(1)", "translate('a', 'b', 'c')", "DAYOFWEEK(today())", "arrayCompact([1])", "cume_dist() OVER ()",
        "rand()", "rand(1)", "randCanonical()", "now64(3)",
    ],
)  # fmt: skip
def test_a_name_is_kept(call: str) -> None:
    tree = inspect(copy_tree(parse_statement(f"SELECT {call}", Dialect.CLICKHOUSE)), Dialect.CLICKHOUSE)
    assert render_sql(copy_tree(tree), Dialect.CLICKHOUSE) == f"SELECT {call}"
