"""Whoever goes away takes their statement along: it ends on the engine, long before its own limit."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded import credentials
from app.adapters.embedded.stack import Part
from app.model.principal import Role
from tests.gateway.conftest import Gateway, serving, wait_until
from tests.support.demo import Demo

LINES = "fct_order_lines"
ENDLESS = f"SELECT count(*) AS n FROM {LINES} AS a CROSS JOIN {LINES} AS b CROSS JOIN {LINES} AS c WHERE a.net_amount + b.net_amount + c.net_amount = 0.123"


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture(params=["postgres", "clickhouse"])
def running(request: pytest.FixtureRequest, demo: Demo) -> Iterator[tuple[str, Callable[[], int]]]:
    """An engine, and how often the statement runs there (what is asked about its cost ends by itself)."""
    if request.param == "postgres":
        place = urlsplit(demo.servers.owners["postgres"])
        password = credentials.load(demo.settings.data_dir)[Part.POSTGRES]["postgres"]
        with psycopg.connect(
            urlunsplit(place._replace(netloc=f"postgres:{password}@127.0.0.1:{place.port}")), autocommit=True
        ) as connection:
            look = (
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'"
                " AND query ILIKE '%cross join%' AND query NOT ILIKE 'explain%'"
            )
            yield "postgres", lambda: int(connection.execute(look).fetchall()[0][0])
    else:
        client = clickhouse_connect.get_client(dsn=demo.servers.owners["clickhouse"], autogenerate_session_id=False)
        look = "SELECT count() FROM system.processes WHERE query LIKE '%fct_order_lines%' AND query NOT LIKE '%processes%' AND query NOT ILIKE 'explain%'"
        yield "clickhouse", lambda: int(client.query(look).result_rows[0][0])
        client.close()


def test_a_statement_ends_with_its_client(shop: Gateway, running: tuple[str, Callable[[], int]]) -> None:
    source, count = running
    body = json.dumps({"sql": ENDLESS, "source": source}).encode()
    head = [
        "POST /api/v1/sql/execute HTTP/1.1",
        "Host: x",
        f"Authorization: {shop.bearer(Role.ADMIN)['Authorization']}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    place = urlsplit(shop.url)
    with socket.create_connection((place.hostname, place.port)) as client:
        client.sendall("\r\n".join([*head, "", ""]).encode() + body)
        wait_until(lambda: count() == 1)
        time.sleep(0.3)
        assert count() == 1, "it ends by itself: nothing is shown here"
    wait_until(lambda: count() == 0, seconds=10)
