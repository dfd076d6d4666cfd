"""A metric's description as a comment: in the text that people read, never in the tree, and unable to become SQL."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp, tokenize

from app.model.expr import Column
from app.model.physical import Placement, Relation
from app.model.plan import Aggregate, Aggregated, LogicalPlan, OutputColumn, Rows, Scan
from app.model.types import Aggregation, DataType, Dialect
from app.plan.comments import MOST, comment_text
from app.plan.render import render
from app.sql.render import render_sql
from app.sql.tree import nodes

ENGINES = [*Dialect]
PLAN = LogicalPlan(
    (
        Aggregate(
            "orders",
            Rows(Scan("orders", "orders", columns=(("amount", DataType.INTEGER),))),
            values=(Aggregated("amount", Aggregation.SUM, Column("amount", "orders"), DataType.INTEGER, DataType.INTEGER),),
        ),
    ),
    ("orders",),
    columns=(OutputColumn("revenue", Column("amount", "orders"), DataType.INTEGER, metric=True),),
)
HOSTILE = (
    "*/ DROP TABLE orders; --",
    "/* opened",
    "*/*",
    "/*/",
    "a\n; DELETE FROM orders",
    "-- \u2028 SELECT 1",
    "+ hint */",
    "\u202e*/ tceles\u202c",
    "%(dm_p1)s \ue000dm_p1\ue001 {dm_p1:String} $1",
    "ends with *",
    "/ starts with a stroke",
)


def text(dialect: Dialect, comment: str) -> str:
    placement = Placement(dialect.value, (("orders", Relation("marts", "orders")),))
    sql = render(PLAN, dialect, placement, limit=10, comments={"revenue": comment})
    assert not any(node.comments for node in nodes(sql.tree))
    assert render_sql(sql.tree, dialect, pretty=True) == plain(dialect)
    return sql.text


def plain(dialect: Dialect) -> str:
    placement = Placement(dialect.value, (("orders", Relation("marts", "orders")),))
    return render(PLAN, dialect, placement, limit=10).text


def code(sql: str, dialect: Dialect) -> list[tuple[object, str]]:
    """What an engine reads of it."""
    return [(token.token_type, token.text) for token in tokenize(sql, read=dialect.value)]


@pytest.mark.parametrize("dialect", ENGINES)
def test_the_comment_stands_at_its_column(dialect: Dialect) -> None:
    line = next(line for line in text(dialect, "What was charged.").splitlines() if "revenue" in line)
    assert line.endswith("AS revenue /* What was charged. */")


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize("comment", HOSTILE)
def test_no_comment_becomes_code(dialect: Dialect, comment: str) -> None:
    shown = text(dialect, comment)
    assert code(shown, dialect) == code(plain(dialect), dialect)
    assert shown.count("/*") == shown.count("*/") == 1


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("*/-;'\"\\\n\r#{}+!")), max_size=60))
def test_any_text_is_one_closed_comment(comment: str) -> None:
    for dialect in ENGINES:
        assert code(text(dialect, comment), dialect) == code(plain(dialect), dialect)
    inside = f" {comment_text(comment)} "
    assert "*/" not in inside
    assert "/*" not in inside
    assert inside.isprintable()


def test_a_long_description_is_cut() -> None:
    cut = comment_text("word " * 500)
    assert len(cut) <= MOST
    assert cut.endswith("…")


@pytest.mark.parametrize("dialect", ENGINES)
def test_an_empty_description_leaves_no_comment(dialect: Dialect) -> None:
    assert text(dialect, " \n ") == plain(dialect)
    assert isinstance(render(PLAN, dialect, Placement("x", (("orders", Relation("", "orders")),)), limit=1, comments={}).tree, exp.Select)
