"""Masks on real engines: what is shown is the same on both, NULL keeps its meaning, and types stay what the query around expects."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack
from app.compile.policies.patterns import unportable
from app.govern.access import access
from app.model.expr import And, Attribute, Between, Binary, Column, In, Like, Literal, Not, Or
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.types import DataType
from app.ports import Cancel, Engine
from tests.security.conftest import Door
from tests.unit.compile.test_patterns import PORTABLE

ENGINES = ("postgres", "clickhouse")
KINDS = {"id": DataType.INTEGER, "t": DataType.TEXT, "n": DataType.INTEGER, "d": DataType.DATE}
ROWS = [
    (1, "anna@x.org or bo@y.org", 7, "2025-01-31"),
    (2, "é", 8, "2025-02-01"),
    (3, None, None, None),
    (4, "a'b\\c%s{x}", -9, "1999-12-31"),
]


@pytest.fixture(scope="module", autouse=True)
def _data(stack: Stack) -> None:
    fill(stack)


def fill(stack: Stack) -> None:
    """The table with its rows, on both engines."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS masked CASCADE")
        connection.execute("CREATE SCHEMA masked")
        connection.execute("CREATE TABLE masked.m (id int, t text, n int, d date)")
        connection.cursor().executemany("INSERT INTO masked.m VALUES (%s, %s, %s, %s)", ROWS)
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    client.command("DROP DATABASE IF EXISTS masked SYNC")
    client.command("CREATE DATABASE masked")
    client.command(
        "CREATE TABLE masked.m (id Int32, t Nullable(String), n Nullable(Int32), d Nullable(Date32)) ENGINE = MergeTree ORDER BY id"
    )
    for row in ROWS:
        client.command(
            "INSERT INTO masked.m VALUES ({a:Int32}, {b:Nullable(String)}, {c:Nullable(Int32)}, {d:Nullable(Date32)})",
            parameters=dict(zip("abcd", row, strict=True)),
        )
    client.close()


def door(engine: str, server: Engine, masks: dict[str, Mask], predicate=None, **attributes: str) -> Door:
    model = Model(
        "m",
        "model.x.m",
        columns=tuple(ModelColumn(name, kind) for name, kind in KINDS.items()),
        column_policies=tuple(ColumnPolicy(f"mask_{name}", "m", name, mask) for name, mask in masks.items()),
        row_policies=() if predicate is None else (RowPolicy("rows", "m", predicate),),
    )
    layer = Layer(Ontology("x", models=(model,)), (Placement(engine, (("m", Relation("masked", "m")),)),))
    who = Principal("u", "e", Role.ANALYST, "p", attributes=tuple(sorted(attributes.items())))
    return Door(layer, engine, access(who, layer.ontology), server)


MASKS = [
    (Mask(MaskKind.REDACT, "***", pattern="[^ ]+@[^ ]+"), ["*** or ***", "é", None, "a'b\\c%s{x}"]),
    (Mask(MaskKind.REDACT, "&'%", pattern="b"), ["anna@x.org or &'%o@y.org", "é", None, "a'&'%\\c%s{x}"]),
    (Mask(MaskKind.PARTIAL, "**", 1, 2), ["a**rg", "**", None, "a**x}"]),
    (Mask(MaskKind.PARTIAL, "**"), ["**", "**", None, "**"]),
    (Mask(MaskKind.PARTIAL, "**", 1, 2, short=20), ["a**rg", "**", None, "**"]),
    (Mask(MaskKind.FIXED, "100%'\\"), ["100%'\\"] * 4),
    (Mask(MaskKind.NULL), [None] * 4),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("mask", "shown"), MASKS)
def test_what_a_mask_shows(servers: dict[str, Engine], engine: str, mask: Mask, shown: list[str | None]) -> None:
    analyst = door(engine, servers[engine], {"t": mask})
    assert analyst.outcome("SELECT t FROM m ORDER BY id") == ("answer", repr([(one,) for one in shown]))


CONSTRUCTS = [
    *PORTABLE, "a", ".", "a.b", "a.*b", r"\.", "a*b", "a+", "ab?", "a{2}", "a{2,}", "a{1,3}b", "^a", "a$", "^[ab]+$", "(ab)+", "(?:ab|x)+", "abc|ab|x",
    "[a-c]", "[^a-c]", "[^a]+", r"\d+", r"\D+", r"\w+", r"\W+", r"\s+", r"\S+", r"[\d\s]+", r"[\w-]+", r"[\]\-^]", r"[.*+?$|(){}]+",
    r"\(", r"\)", r"\*", r"\+", r"\?", r"\|", r"\^", r"\$", r"\{", r"\}", r"\[", r"\]", r"\\", r"\-", r"\@",
    *(f"[[:{name}:]]+" for name in ("alnum", "alpha", "digit", "lower", "punct", "space", "upper", "xdigit")),
    *(f"[^[:{name}:]]+" for name in ("alnum", "alpha", "digit", "lower", "punct", "space", "upper", "xdigit")),
]  # fmt: skip
FITTING = [
    "ssn 078-05-1120.",
    "to ana.b+c@x-y.co, ok",
    "DE12 1234 1234 1234 1234",
    "foobar",
    "a[b]c",
    "${HOME}",
    "a" * 256,
    "1x2",
    "a\nb",
    "ab\n",
    "",
]


def test_each_construct_of_a_pattern_redacts_texts_alike(stack: Stack, servers: dict[str, Engine]) -> None:
    draw = random.Random(7)
    signs = [chr(code) for code in (*range(32, 127), 9, 10, 11, 12, 13)] + ["a", "b", "ab", "x", "1", "-", " "] * 10
    texts = [*map(chr, range(1, 128)), *FITTING, *("".join(draw.choices(signs, k=draw.randrange(1, 15))) for _ in range(500))]
    differing: dict[str, tuple[str, object, object]] = {}
    with written(stack, texts):
        for pattern in CONSTRUCTS:
            assert unportable(pattern) == "", pattern
            mask = Mask(MaskKind.REDACT, "#", pattern=pattern)
            one, other = (
                list(
                    servers[engine]
                    .execute(door(engine, servers[engine], {"t": mask}).govern("SELECT t FROM m ORDER BY id"), Cancel())
                    .data[0]
                )
                for engine in ENGINES
            )
            assert one != texts or not pattern.isascii(), pattern
            for found in zip(texts, one, other, strict=True):
                if found[1] != found[2]:
                    differing.setdefault(pattern, found)
    assert differing == {}


@contextmanager
def written(stack: Stack, texts: list[str]) -> Iterator[None]:
    """The texts in place of the table's rows, on both engines, until the block ends."""
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute("TRUNCATE masked.m")
        connection.cursor().executemany("INSERT INTO masked.m (id, t) VALUES (%s, %s)", list(enumerate(texts)))
    client = clickhouse_connect.get_client(dsn=stack.owner_urls[Part.CLICKHOUSE])
    client.command("TRUNCATE TABLE masked.m")
    client.insert("m", [(number, text) for number, text in enumerate(texts)], column_names=["id", "t"], database="masked")
    client.close()
    try:
        yield
    finally:
        fill(stack)


def test_a_digest_is_the_same_on_both_engines_and_needs_the_key(servers: dict[str, Engine]) -> None:
    answers = {
        engine: door(engine, servers[engine], {"t": Mask(MaskKind.HASH)}).outcome("SELECT t FROM m ORDER BY id") for engine in ENGINES
    }
    assert answers["postgres"] == answers["clickhouse"]
    rows = eval(answers["postgres"][1])
    assert [len(row[0]) if row[0] else row[0] for row in rows] == [64, 64, None, 64]
    assert len(set(rows)) == 4


@pytest.mark.parametrize("engine", ENGINES)
def test_masks_of_numbers_and_dates(servers: dict[str, Engine], engine: str) -> None:
    text = {name: Mask(MaskKind.PARTIAL, "*", 1) for name in ("n", "d")}
    assert door(engine, servers[engine], text).outcome("SELECT n, d FROM m ORDER BY id")[1] == repr(
        [("*", "2*"), ("*", "2*"), (None, None), ("-*", "1*")]
    )
    null = {name: Mask(MaskKind.NULL) for name in ("n", "d")}
    year = "extract(year FROM d)" if engine == "postgres" else "toYear(d)"
    assert door(engine, servers[engine], null).outcome(f"SELECT sum(n + 1), max({year}) FROM m")[1] == "[(None, None)]"


PREDICATES = [
    (Binary("=", Column("n"), Attribute("a")), {"a": "7"}, [1]),
    (Binary("=", Column("n"), Attribute("a")), {"a": "7 OR TRUE"}, []),
    (Binary("=", Column("n"), Attribute("a")), {}, []),
    (Not(Binary("=", Column("n"), Attribute("a"))), {}, []),
    (Binary(">=", Column("d"), Attribute("a")), {"a": "2025-01-31"}, [1, 2]),
    (In(Column("t"), (Attribute("a"), Literal("é", DataType.TEXT))), {"a": "a'b\\c%s{x}"}, [2, 4]),
    (Like(Column("t"), Attribute("a")), {"a": "%@x.org%"}, [1]),
    (Like(Column("t"), Attribute("a")), {"a": "a'b\\\\c\\%%"}, [4]),
    (Like(Column("t"), Attribute("a")), {"a": "\\é"}, [2]),
    (Like(Column("t"), Attribute("a")), {"a": "a%\\"}, []),
    (Not(Like(Column("t"), Attribute("a"))), {"a": "a%\\"}, []),
    (Or((Like(Column("t"), Attribute("a")), Binary("=", Column("t"), Attribute("a")))), {"a": "a'b\\c%s{x}"}, [4]),
    (
        Or(
            (
                Like(Column("t"), Literal("%@x.org%", DataType.TEXT)),
                Between(Column("n"), Literal(-10, DataType.INTEGER), Literal(0, DataType.INTEGER)),
            )
        ),
        {},
        [1, 4],
    ),
    (
        And(
            (
                Binary("=", Column("t"), Literal("a'b\\c%s{x}", DataType.TEXT)),
                Binary("<", Column("d"), Literal("2000-01-01", DataType.DATE)),
            )
        ),
        {},
        [4],
    ),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("predicate", "attributes", "seen"), PREDICATES)
def test_row_predicates_read_alike_on_both_engines(
    servers: dict[str, Engine], engine: str, predicate, attributes: dict[str, str], seen: list[int]
) -> None:
    # The column that the filter reads is masked as well: the filter reads the value, the query the mask.
    analyst = door(engine, servers[engine], {"t": Mask(MaskKind.FIXED, "x")}, predicate, **attributes)
    assert analyst.outcome("SELECT id, t FROM m WHERE t = 'x' ORDER BY id") == ("answer", repr([(one, "x") for one in seen]))
