"""A join that ends its reading early leaves nothing behind that makes later filters of the same text miss rows.

ClickHouse's query condition cache did that: after the join below, `region = 'DACH'` found no row of the table, for whoever asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import clickhouse_connect
import pytest

from app.adapters.embedded.stack import Part, Stack

ROWS = "region = 'DACH' LIMIT 18446744073709551615"  # the fence that governance sets around filtered rows
JOIN = f"""SELECT count() AS n FROM (SELECT c FROM ended_a WHERE {ROWS}) AS a
JOIN (SELECT c, city FROM ended_b WHERE {ROWS}) AS b ON a.c = b.c WHERE b.city = 'nowhere'"""


@pytest.fixture
def owner(warehouses: Stack) -> Iterator[clickhouse_connect.driver.Client]:
    url = urlsplit(warehouses.owner_urls[Part.CLICKHOUSE])
    client = clickhouse_connect.get_client(
        host=url.hostname, port=url.port, username=url.username, password=url.password, database=url.path.strip("/")
    )
    client.command(
        "CREATE TABLE ended_a ENGINE = MergeTree ORDER BY id AS SELECT number AS id, 'DACH' AS region, id % 10 AS c FROM numbers(1000)"
    )
    client.command(
        "CREATE TABLE ended_b ENGINE = MergeTree ORDER BY c AS SELECT number AS c, 'DACH' AS region, toString(c) AS city FROM numbers(10)"
    )
    yield client
    client.command("DROP TABLE ended_a")
    client.command("DROP TABLE ended_b")
    client.close()


def test_a_filter_finds_the_same_rows_after_a_join_that_found_none(owner, clickhouse, ask):
    counted = "SELECT count() AS n FROM ended_b WHERE region = 'DACH'"
    for asked in (counted, JOIN, counted):
        found = ask(clickhouse, asked)
        assert list(found.data[0]) == [0 if asked is JOIN else 10]
    for _ in range(2):  # and so does dbt, which builds what is asked of later
        assert owner.query(counted).result_rows == [(10,)]
        assert owner.query(JOIN).result_rows == [(0,)]
