"""On what columns and rows depend, told in SQL of every shape. That it is right is held against engines in tests/engines/lineage."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import lineage as sqlglot_lineage

from app.compile.lineage.reading import Unreadable, parse
from app.model.lineage import Role
from tests.engines.lineage.queries import BOTH, CLICKHOUSE, POSTGRES
from tests.support.sql_lineage import TABLES, columns, flow


def test_values_and_what_decides_about_rows_are_told_apart() -> None:
    found = columns("select a + b as s from t join u on t.id = u.t_id where c > 1 group by a + b, t.k having max(y) > 2")
    assert found == {
        "s": {"value t.a", "value t.b"},
        "": {"rows t", "rows u", "join t.id", "join u.t_id", "filter t.c", "group t.a", "group t.b", "group t.k", "filter u.y"},
    }


@pytest.mark.parametrize(
    "text",
    ["count(a)", "count(distinct a)", "a is null", "a is not null", "sum(case when a is null then 1 else 0 end)", "count(upper(a))"],
)
def test_what_is_only_counted_is_told_apart(text: str) -> None:
    assert columns(f"select {text} as n from t")["n"] == {"count t.a"}


@pytest.mark.parametrize(
    "text", ["uniq(a)", "uniqExactIf(a, a > 1)", "countIf(a > 1)", "countDistinct(a)", "isNull(a)", "uniqCombined64(a)"]
)
def test_what_clickhouse_only_counts(text: str) -> None:
    assert columns(f"select {text} as n from t", "clickhouse")["n"] == {"count t.a"}


@pytest.mark.parametrize(
    "text", ["uniqState(a)", "countSubstrings(a, 'x')", "a = 1", "min(a)", "coalesce(a, 0)", "a is not distinct from 1"]
)
def test_what_tells_of_the_value_is_a_value(text: str) -> None:
    assert columns(f"select {text} as n from t", "clickhouse")["n"] == {"value t.a"}


def test_windows() -> None:
    found = columns("select sum(a) over (partition by k order by b) as s from t")
    assert found["s"] == {"value t.a", "group t.k", "order t.b"}
    assert found[""] == {"rows t"}


def test_qualify_filters() -> None:
    found = columns("select a from t qualify row_number() over (partition by k order by b) = 1", "snowflake")
    assert found[""] == {"rows t", "filter t.k", "filter t.b"}


def test_a_left_join_that_cannot_repeat_rows_is_of_its_own_columns_only() -> None:
    found = columns(
        "with g as (select t_id, sum(x) as s from u where y > 1 group by t_id) select t.a, g.s from t left join g on g.t_id = t.id"
    )
    assert found["a"] == {"value t.a"}
    assert found["s"] == {"value u.x", "filter u.y", "group u.t_id", "rows u", "join u.t_id", "join t.id"}
    assert found[""] == {"rows t"}


def test_a_left_join_that_may_repeat_rows_is_of_them() -> None:
    assert columns("select t.a from t left join u on u.t_id = t.id")[""] == {"rows t", "rows u", "join u.t_id", "join t.id"}


def test_what_filters_within_a_subquery_that_filters_is_a_filter() -> None:
    found = columns("select a from t where k in (select u.k from u join v on u.k = v.k where v.z > 1)")
    assert found[""] == {"rows t", "filter t.k", "filter u", "filter v", "filter u.k", "filter v.k", "filter v.z"}


def test_a_star_over_known_columns_is_expanded() -> None:
    assert list(columns("select * from v")) == ["k", "z", "n", ""]
    assert columns("select * from (select * from v where n > 1) as s")["z"] == {"value v.z"}


def test_a_star_over_one_relation_of_unknown_columns_passes_them_on() -> None:
    found = flow("select *, a + 1 as more from t", "postgres", known=False)
    assert found.passes == ("t",)
    assert {(edge.model, edge.column) for edge in found.lookup("anything")} == {("t", "anything")}
    nested = flow("with s as (select * from t) select * from s", "postgres", known=False)
    assert {(edge.model, edge.column) for edge in nested.lookup("b")} == {("t", "b")}


def test_a_name_that_may_come_from_several_is_unknown_and_never_guessed() -> None:
    assert columns("select a from t join u on t.id = u.t_id", known=False)["a"] == {"? star"}
    assert columns("select t.a from t join u on t.id = u.t_id", known=False)["a"] == {"value t.a"}
    both = flow("select * from t join u on t.id = u.t_id", "postgres", known=False)
    assert {edge.reason for edge in both.lookup("a")} == {"star"}


def test_names_that_are_nowhere() -> None:
    assert columns("select wrong from t")["wrong"] == {"? column"}
    assert columns("select t.a from t join elsewhere.x on x.id = t.id")[""] == {"rows t", "join t.id", "? relation"}


def test_functions_that_read_elsewhere() -> None:
    assert columns("select dictGet('d', 'x', k) as x from t", "clickhouse")["x"] == {"value t.k", "? function"}
    assert "? function" in columns("select a from s3('https://x/y.csv') as f", "clickhouse")["a"]
    assert columns("select number from numbers(3)", "clickhouse") == {"number": set(), "": set()}


def test_sets_over_unknown_columns_say_so() -> None:
    found = columns("select * from t union all select x as a from u", known=False)
    assert "? star" in found["a"]


def test_clickhouse_aliases_come_before_columns() -> None:
    assert columns("select k + 1 as b, b * 2 as twice from t", "clickhouse")["twice"] == {"value t.k"}
    assert columns("select k + 1 as b, b * 2 as twice from t", "postgres")["twice"] == {"value t.b"}


def test_aliases_of_the_same_select_where_the_dialect_has_them() -> None:
    assert columns("select a + 1 as q, q * 2 as r from t", "snowflake")["r"] == {"value t.a"}


def test_pivots_depend_on_all_that_they_name() -> None:
    found = flow("select * from (select k, a, b from t) pivot (sum(a) for b in (1, 2)) as p", "snowflake")
    assert {(e.model, e.column) for e in found.lookup("1")} >= {("t", "a"), ("t", "b")}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("select s.a.b from t as s", "bigquery"),
        ("select f.value from t, lateral flatten(input => t.a) f", "snowflake"),
        ("select item from t lateral view explode(a) e as item", "spark"),
        ("select x from t cross join unnest(t.a) as e (x)", "trino"),
        ("from t select a", "duckdb"),
        ("select * exclude (b, c, k, arr, id) from t", "duckdb"),
        ("select * exclude (b, c, k, arr, id) rename (a as z) from t", "snowflake"),
        ("select a from t union all by name select x as a from u where false", "duckdb"),
        ("SELECT `t`.`a` FROM `t`", "bigquery"),
        ("SELECT T.A FROM T", "snowflake"),
        ("select top 3 a from t order by a", "tsql"),
    ],
)
def test_other_dialects(sql: str, dialect: str) -> None:
    found = columns(sql, dialect)
    (name,) = [name for name in found if name]
    assert "value t.a" in found[name]
    assert not [edge for edge in found[name] if edge.startswith("?")]


def sets_only(sql: str, dialect: str) -> dict[str, set[str]]:
    """The columns that go into the values; sqlglot does not tell apart what is only counted."""
    found = columns(sql, dialect).items()
    return {
        name: {edge.replace("count ", "value ") for edge in edges if edge.startswith(("value", "count"))} for name, edges in found if name
    }


SAME_AS_SQLGLOT = [
    title
    for title in (*BOTH, *POSTGRES)
    if title
    not in {
        "recursive",  # sqlglot leaves the name of the recursive CTE as a leaf
        "recursive that joins",
        "scalar subquery",  # it counts a filter within as a value
        "correlated scalar",
        "lateral",
        "lateral that limits",
        "join using",  # a key of an inner join is a value of both sides to it
        "case",
        "whole row",
        "star of a join",
        "natural join",
        "window",  # PARTITION BY and ORDER BY are values to it
        "named window",
        "latest of each",
        "window of a window",
        "aggregate filter",
        "array_agg",
    }
]


@pytest.mark.parametrize("title", SAME_AS_SQLGLOT)
def test_values_are_those_of_sqlglot(title: str) -> None:
    """For what sqlglot follows, the values are the columns that it finds."""
    sql = (BOTH | POSTGRES)[title]
    schema = {table: dict.fromkeys(names, "int") for table, names in TABLES.items()}
    for name, mine in sets_only(sql, "postgres").items():
        root = sqlglot_lineage.lineage(name, sql, schema=schema, dialect="postgres")
        leaves = {
            f"value {node.source.name}.{node.name.rpartition('.')[2].strip(chr(34))}"
            for node in root.walk()
            if not node.downstream and type(node.source).__name__ == "Table" and "." in node.name and node.source.name in TABLES
        }
        assert leaves <= mine, (name, leaves, mine)
        assert {
            edge for edge in mine if edge.partition(" ")[2] in {f"{t}.{c}" for t, names in TABLES.items() for c in names}
        } <= leaves or not leaves


@pytest.mark.parametrize("title", [*BOTH, *POSTGRES])
def test_unknown_columns_make_nothing_disappear(title: str) -> None:
    """Where less is known, a column depends on no less: what is missing is said to be unknown."""
    sql = (BOTH | POSTGRES)[title]
    known, open_ = flow(sql, "postgres"), flow(sql, "postgres", known=False)
    for name, deps in known.columns.items():
        found = open_.lookup(name) | open_.rows
        if not any(edge.reason for edge in found):
            assert {(e.model, e.column) for e in deps} <= {(e.model, e.column) for e in found}, name


@pytest.mark.parametrize(
    "text", ["", ";", "create table x (a int)", "select 1; select 2", "select (" * 300, "drop table t", "{{ ref('x') }}"]
)
def test_what_is_no_query_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text, "postgres")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(sorted((BOTH | POSTGRES | CLICKHOUSE).values())), min_size=1, max_size=3),
    st.integers(0, 10**6),
    st.sampled_from(["postgres", "clickhouse", "snowflake"]),
)
def test_no_text_breaks_it(texts: list[str], cut: int, dialect: str) -> None:
    """Queries cut and put together: they are read, or said to be unreadable; nothing else."""
    text = " ".join(texts)
    text = text[: cut % (len(text) + 1)] + text[(cut * 7) % (len(text) + 1) :]
    try:
        found = flow(text, dialect)
    except Unreadable:
        return
    assert all(isinstance(edge.role, Role) for deps in (*found.columns.values(), found.rows) for edge in deps)


def test_a_long_chain_of_unions_is_read() -> None:
    found = columns(" union all ".join(f"select a + {n} as a from t" for n in range(300)))
    assert found["a"] == {"value t.a"}
