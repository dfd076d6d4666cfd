"""Ranges of numbers, periods of times, and personal data in free text: the same on both engines, NULL kept, and in the types that are promised."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.govern.access import access
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.ports import Cancel, Engine
from tests.security.conftest import Door

ENGINES = ("postgres", "clickhouse")
KINDS = {
    "id": DataType.INTEGER,
    "n": DataType.INTEGER,
    "m": DataType.DECIMAL,
    "f": DataType.FLOAT,
    "d": DataType.DATE,
    "at": DataType.TIMESTAMP,
    "t": DataType.TEXT,
    "u": DataType.OTHER,
}
ROWS: list[tuple[Any, ...]] = [
    (1, 7, "7.35", 0.3, "2024-05-17", "2024-05-17 23:59:59.5", "mail ana@example.com or bo@x.org, ok", "9"),
    (2, -9, "-0.01", -2.5, "1925-12-31", "1969-12-31 23:59:59", "card 4111 1111 1111 1111; iban DE89 3704 0044 0532 0130 00.", "x"),
    (3, None, None, None, None, None, None, None),
    (4, 10, "10.00", 1e15, "2024-10-01", "2024-12-31 00:00:00", "ring +49 (0)30 123456 or 212-555-0123 in room 42", ""),
    (
        5,
        -9223372036854775808,
        "12345678901.999",
        4.35,
        "2000-02-29",
        "2000-02-29 12:00:00",
        "ssn 078-05-1120, NINO AB123456C, tax 86095742719",
        "z",
    ),
    (6, 9223372036854775807, "0", 0.0, "2024-03-31", "2024-01-01 00:00:00", "nothing here: 12 rows, 3.5 % and C:\\x 'quoted' \\1", "q"),
]


@pytest.fixture(scope="module", autouse=True)
def _data(stack: Stack) -> None:
    fill(stack)


def fill(stack: Stack) -> None:
    """The table with its rows, on both engines."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS ranges CASCADE")
        connection.execute("CREATE SCHEMA ranges")
        connection.execute("CREATE TABLE ranges.m (id int, n bigint, m numeric(20, 3), f float8, d date, at timestamp, t text, u text)")
        connection.cursor().executemany("INSERT INTO ranges.m VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", ROWS)
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    client.command("DROP DATABASE IF EXISTS ranges SYNC")
    client.command("CREATE DATABASE ranges")
    types = ("Int32", "Int64", "Decimal(20, 3)", "Float64", "Date32", "DateTime64(6)", "String", "String")
    named = ", ".join(f"{name} {kind if name == 'id' else f'Nullable({kind})'}" for name, kind in zip(KINDS, types, strict=True))
    client.command(f"CREATE TABLE ranges.m ({named}) ENGINE = MergeTree ORDER BY id")
    places = ", ".join(f"{{p{n}:Nullable({kind})}}" for n, kind in enumerate(types))
    for row in ROWS:
        client.command(f"INSERT INTO ranges.m VALUES ({places})", parameters={f"p{n}": value for n, value in enumerate(row)})
    client.close()


def door(engine: str, server: Engine, **masks: Mask) -> Door:
    model = Model(
        "m",
        "model.x.m",
        columns=tuple(ModelColumn(name, kind) for name, kind in KINDS.items()),
        column_policies=tuple(ColumnPolicy(f"mask_{name}", "m", name, mask) for name, mask in masks.items()),
    )
    layer = Layer(Ontology("x", models=(model,)), (Placement(engine, (("m", Relation("ranges", "m")),)),))
    return Door(layer, engine, access(Principal("u", "e", Role.ANALYST, "p"), layer.ontology), server)


def shown(engine: str, servers: dict[str, Engine], column: str, mask: Mask) -> list[Any]:
    asked = door(engine, servers[engine], **{column: mask})
    result = servers[engine].execute(asked.govern(f"SELECT {column} FROM m ORDER BY id"), Cancel())
    return list(result.data[0])


def bucket(width: str) -> Mask:
    return Mask(MaskKind.BUCKET, width=width)


def period(unit: str) -> Mask:
    return Mask(MaskKind.TRUNCATE, unit=unit)


def redact(*classes: str) -> Mask:
    return Mask(MaskKind.REDACT, classes=classes)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


BUCKETS: list[tuple[str, str, list[Any]]] = [
    ("n", "10", [0, -10, None, 10, None, 9223372036854775800]),
    ("n", "1", [7, -9, None, 10, -9223372036854775808, 9223372036854775807]),
    ("n", "2.5", [Decimal("5.0"), Decimal("-10.0"), None, Decimal("10.0"), Decimal("-9223372036854775810.0"), Decimal("9223372036854775805.0")]),
    ("m", "5", [5, -5, None, 10, 12345678900 + 0, 0]),
    ("m", "0.1", [Decimal("7.3"), Decimal("-0.1"), None, 10, Decimal("12345678901.9"), 0]),
    ("f", "0.1", [Decimal("0.3"), Decimal("-2.5"), None, 10**15, Decimal("4.3"), 0]),
    ("f", "0.05", [Decimal("0.30"), Decimal("-2.50"), None, 10**15, Decimal("4.35"), 0]),
]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("column", "width", "expected"), BUCKETS)
def test_ranges(servers: dict[str, Engine], engine: str, column: str, width: str, expected: list[Any]) -> None:
    found = shown(engine, servers, column, bucket(width))
    assert found == expected
    whole = column == "n" and "." not in width
    assert {type(value) for value in found if value is not None} == {int if whole else Decimal}


PERIODS: list[tuple[str, str, list[Any]]] = [
    ("d", "month", ["2024-05-01", "1925-12-01", None, "2024-10-01", "2000-02-01", "2024-03-01"]),
    ("d", "quarter", ["2024-04-01", "1925-10-01", None, "2024-10-01", "2000-01-01", "2024-01-01"]),
    ("d", "year", ["2024-01-01", "1925-01-01", None, "2024-01-01", "2000-01-01", "2024-01-01"]),
    ("at", "month", ["2024-05-01", "1969-12-01", None, "2024-12-01", "2000-02-01", "2024-01-01"]),
    ("at", "year", ["2024-01-01", "1969-01-01", None, "2024-01-01", "2000-01-01", "2024-01-01"]),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("column", "unit", "expected"), PERIODS)
def test_periods(servers: dict[str, Engine], engine: str, column: str, unit: str, expected: list[Any]) -> None:
    days = [day(one) if one else None for one in expected]
    wanted = days if column == "d" else [one and dt.datetime(one.year, one.month, one.day) for one in days]  # noqa: DTZ001 - no zone
    assert shown(engine, servers, column, period(unit)) == wanted


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("mask", [bucket("10"), period("month")])
@pytest.mark.parametrize("column", ["t", "u"])
def test_what_does_not_fit_the_type_shows_nothing(servers: dict[str, Engine], engine: str, column: str, mask: Mask) -> None:
    assert shown(engine, servers, column, mask) == [None] * len(ROWS)


TEXTS = [
    (redact("email"), {1: "mail [EMAIL_MASKED] or [EMAIL_MASKED], ok"}),
    (redact("card", "iban"), {2: "card [CARD_MASKED]; iban [IBAN_MASKED]."}),
    (redact("phone"), {4: "ring [PHONE_MASKED] or [PHONE_MASKED] in room 42"}),
    (redact("national_id"), {5: "ssn [NATIONAL_ID_MASKED], NINO [NATIONAL_ID_MASKED], tax [NATIONAL_ID_MASKED]"}),
    (redact("card", "email", "iban", "national_id", "phone"), {3: None, 6: ROWS[5][6]}),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("mask", "expected"), TEXTS)
def test_free_text(servers: dict[str, Engine], engine: str, mask: Mask, expected: dict[int, str | None]) -> None:
    found = dict(enumerate(shown(engine, servers, "t", mask), 1))
    assert {row: found[row] for row in expected} == expected
    assert found[3] is None


@contextmanager
def written(stack: Stack, texts: list[str]) -> Iterator[None]:
    """The texts in place of the table's rows, on both engines, until the block ends."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("TRUNCATE ranges.m")
        connection.cursor().executemany("INSERT INTO ranges.m (id, t) VALUES (%s, %s)", list(enumerate(texts)))
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    client.command("TRUNCATE TABLE ranges.m")
    client.insert("m", [(number, text) for number, text in enumerate(texts)], column_names=["id", "t"], database="ranges")
    client.close()
    try:
        yield
    finally:
        fill(stack)


PIECES = ["ana@example.com", "a.b+c@x-y.co.uk", "%40", "@", ".", "4111 1111 1111 1111", "DE89370400440532013000", "+49 30", "123", "-", " ", "(0)",
          "078-05-1120", "AB", "\n", "\t", "é", "ß", "_", "'", "\\", "$1", "\\1", "[EMAIL_MASKED]", "12345678901234567890", "x", "7", "X"]  # fmt: skip


def test_any_text_is_shown_alike_on_both_engines(stack: Stack, servers: dict[str, Engine]) -> None:
    draw = random.Random(7)
    texts = ["".join(draw.choices(PIECES, k=draw.randrange(12))) for _ in range(3000)]
    with written(stack, texts):
        for classes in ("email", "card", "iban", "national_id", "phone"), ("email",), ("card",), ("iban",), ("national_id",), ("phone",):
            one, other = (shown(engine, servers, "t", redact(*classes)) for engine in ENGINES)
            differing = [(text, *pair) for text, *pair in zip(texts, one, other, strict=True) if pair[0] != pair[1]]
            assert not differing[:5], classes
            assert one != texts
