"""Ways to probe: names that nobody sees whole, stars over nothing, and suggestions beside what is refused."""

from __future__ import annotations

import logging

import pytest

from app.errors import UserError
from tests.unit.govern.world import checked


def refused(text: str, engine: str = "postgres") -> tuple[str, str]:
    with pytest.raises(UserError) as error:
        checked(text, engine)
    return error.value.problem.code, error.value.problem.hint


@pytest.mark.parametrize("space", ["\u200b", "\u200d", "\ufeff", "\u180e", "\ue123"])
def test_a_bare_name_with_what_cannot_be_seen_is_refused(space: str) -> None:
    assert refused(f"SELECT i{space}d FROM shops") == ("DM4016", "")
    assert checked(f'SELECT id AS "i{space}d", name AS größe FROM shops')


@pytest.mark.parametrize("engine", ["postgres", "clickhouse"])
def test_a_star_over_nothing_is_refused(engine: str) -> None:
    assert refused("SELECT *", engine)[0] == "DM4022"
    assert checked("SELECT count(*)", engine)


def test_a_natural_join_of_a_hidden_column_is_refused() -> None:
    assert refused("SELECT 1 FROM staff NATURAL JOIN (SELECT 1 AS salary) AS s")[0] == "DM4023"
    assert checked("SELECT 1 FROM shops NATURAL JOIN (SELECT 1 AS id) AS s")


def test_a_suggestion_helps_who_mistyped() -> None:
    assert "did you mean `name`" in refused("SELECT nam FROM shops")[1]
    assert "did you mean `name`" in refused("WITH x AS (SELECT id FROM shops) SELECT nam FROM shops, x")[1]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT nam, salary FROM staff",
        "SELECT nam, ctid FROM shops",
        "SELECT nam, _part FROM shops",
        "SELECT nam, pg_read_file('/x') FROM shops",
        "SELECT nam, (SELECT 1 FROM nowhere) FROM shops",
    ],
)
def test_a_suggestion_does_not_stand_beside_what_is_refused(text: str) -> None:
    assert refused(text) == ("DM4022", "")


def test_a_recursion_ends_by_a_condition_of_its_join() -> None:
    recursive = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n FROM r {}) SELECT n FROM r"
    assert refused(recursive.format("CROSS JOIN shops"))[0] == "DM4015"
    assert refused(recursive.format("JOIN shops ON true"))[0] == "DM4015"
    assert checked(recursive.format("JOIN shops ON shops.id = r.n"))
    assert checked(recursive.format("JOIN (SELECT id AS n FROM shops) AS s USING (n)"))


def test_the_parser_logs_nothing_of_what_it_reads(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        refused("EXPLAIN SELECT 'a secret'")
        refused("WITH a AS (CREATE STATISTICS s ON 'a secret') SELECT 1")
    assert "a secret" not in caplog.text


@pytest.mark.parametrize(
    ("text", "part", "most"),
    [
        ("SELECT 1", " UNION ALL SELECT 1", 199),
        ("SELECT 1 FROM shops WHERE id = 1", " OR id = 1", 1000),
        ("SELECT 1", " + 1", 1000),
        ("SELECT 1 FROM shops", " CROSS JOIN generate_series(1, 1)", 60),
    ],
)
def test_a_chain_that_is_too_long_is_refused(text: str, part: str, most: int) -> None:
    assert checked(text + part * most)
    assert refused(text + part * (most + 1))[0] == "DM4004"
