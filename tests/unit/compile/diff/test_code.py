"""Whether a model's code says something else: compiled statements, what was written, and macros."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.diff.code import code_changes, read_code
from app.compile.diff.report import Kind
from app.compile.diff.sql_text import plain_words, same_sql
from app.compile.diff.template_text import template_words
from tests.support.pace import paces

MODEL = "model.shop.orders"
MADE = {"resource_type": "model"}


def changed(
    old: dict[str, Any], new: dict[str, Any], old_macros: dict[str, Any] | None = None, new_macros: dict[str, Any] | None = None
) -> Kind | None:
    sides = [
        read_code(json.dumps({"metadata": {"adapter_type": "postgres"}, "nodes": {MODEL: MADE | node}, "macros": macros or {}}).encode())
        for node, macros in ((old, old_macros), (new, new_macros))
    ]
    return code_changes(*sides)[MODEL]


def macro(sql: str, package: str = "shop", *calls: str) -> dict[str, Any]:
    return {"package_name": package, "macro_sql": sql, "depends_on": {"macros": list(calls)}}


COMPILED = [
    ("select a from t", "SELECT a\n  FROM t -- all", Kind.COSMETIC),
    ("select (a) from t where ((a)) = 1", "select a from t where a = 1", Kind.COSMETIC),
    ("select A from T", "select a from t", Kind.COSMETIC),
    ("select a from t", "select b from t", Kind.MEANING),
    ("select 'a' from t", "select 'A' from t", Kind.MEANING),
    ('select "A" from t', "select a from t", Kind.MEANING),
    ("select 1 -- x", "select 1 /* y */", Kind.COSMETIC),
    ("select '--x' from t", "select '--y' from t", Kind.MEANING),
    ("select $$ --x $$ as a", "select $$ --y $$ as a", Kind.MEANING),
    ("select a from t where a - (b - c) > 0", "select a from t where a - b - c > 0", Kind.MEANING),
    ("not even sql (", "not even SQL (", Kind.MEANING),
    (r"select '\' || ' a  b'", r"select '\' || ' a b'", Kind.MEANING),
    (r"select '\', '--1'", r"select '\', '--2'", Kind.MEANING),
    (r"select '\', 'x' from t", r"select  '\', 'x'  FROM t", Kind.COSMETIC),
    (r"select E'\'', '  a'", r"select E'\'', ' a'", Kind.MEANING),
    ("select 1 /* /* ' */ ' */, ' a'", "select 1 /* /* ' */ ' */, '  a'", Kind.MEANING),
    ("select '{# a #}'", "select '{# b #}'", Kind.MEANING),
]


@pytest.mark.parametrize(("old", "new", "kind"), COMPILED)
def test_compiled(old: str, new: str, kind: Kind) -> None:
    assert changed({"compiled_code": old, "raw_code": old}, {"compiled_code": new, "raw_code": new}) is kind
    assert changed({"compiled_code": old}, {"compiled_code": old}) is None


def test_where_models_are_built_is_no_part_of_what_they_say() -> None:
    """A pull request is built in a schema of its own."""

    def side(schema: str, code: str) -> Any:
        nodes = {
            MODEL: MADE
            | {
                "compiled_code": code,
                "relation_name": f'"wh"."{schema}"."orders"',
                "depends_on": {"nodes": ["model.shop.raw", "source.shop.x.y"]},
            },
            "model.shop.raw": MADE | {"relation_name": f'"wh"."{schema}"."raw"'},
        }
        return read_code(json.dumps({"nodes": nodes, "sources": {"source.shop.x.y": {"relation_name": '"wh"."x"."y"'}}}).encode())

    code = 'select * from "wh"."{0}"."raw" join "wh"."x"."y" using (id)'
    prod, own = side("prod", code.format("prod")), side("pr_7", code.format("pr_7"))
    assert code_changes(prod, own)[MODEL] is None
    assert code_changes(prod, side("pr_7", code.format("elsewhere")))[MODEL] is Kind.MEANING
    assert code_changes(prod, side("pr_7", code.format("pr_7") + " where 1 = 0"))[MODEL] is Kind.MEANING


def both(compiled: str, old: str, new: str, **config: str) -> Kind | None:
    """What becomes of a model that was written otherwise and compiled to the same."""
    return changed(*({"compiled_code": compiled, "raw_code": raw, "config": config} for raw in (old, new)))


def test_a_statement_that_holds_all_that_was_written_decides() -> None:
    assert both("select 1 from t", "select 1 from {{ ref('t') }}", "SELECT (1) FROM {{ ref('t') }}") is Kind.COSMETIC
    assert both("select 1 from t", "{{ config(tags='x') }} select 1 from {{ ref('t') }}", "select 1 from t") is Kind.COSMETIC
    assert both("select 1", "select {{ one() }}", "SELECT {{ one() }}") is Kind.COSMETIC


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("select 1 {% if is_incremental() %} where a > 1 {% endif %}", "select 1 {% if is_incremental() %} where a > 2 {% endif %}"),
        ("select 1 {{ 'where a' if is_incremental() }}", "select 1 {{ 'where b' if is_incremental() }}"),
        ("select 1 {{ recent() }}", "select 1 {{ recent(days=3) }}"),
    ],
)
def test_a_branch_that_was_not_taken_is_in_no_statement(old: str, new: str) -> None:
    """Continuous integration compiles without the table, or on another target: `is_incremental()` is false there."""
    assert both("select 1", old, new) is Kind.MEANING
    assert both("select 1", old, old) is None


def test_a_macro_may_hold_the_branch_of_an_incremental_model() -> None:
    node = {"raw_code": "{{ late() }}", "compiled_code": "select 1", "depends_on": {"macros": ["macro.shop.late"]}}
    sides = [{"macro.shop.late": macro(f"{{% if is_incremental() %}} where a > {n} {{% endif %}}")} for n in (1, 2)]
    incremental = node | {"config": {"materialized": "incremental"}}
    assert changed(incremental, incremental, *sides) is Kind.MEANING
    assert changed(node, node, *sides) is None


def test_a_variable_that_only_the_statement_shows_is_seen() -> None:
    assert changed({"compiled_code": "select 1", "raw_code": "x"}, {"compiled_code": "select 2", "raw_code": "x"}) is Kind.MEANING


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("select {{ x }} from t", "select {{x}}\nfrom t {# why #}", Kind.COSMETIC),
        ("select {{ x }} from t", "select {{ X }} from t", Kind.MEANING),
        ("select a from t", "SELECT a from t", Kind.MEANING),
        ("select a from t -- one", "select a\nfrom t /* two */", Kind.COSMETIC),
        ("select 1 -- {% if a %}\n + 1 -- {% endif %}", "select 1 -- {% if b %}\n + 1 -- {% endif %}", Kind.MEANING),
        ("select 1 /* {{ a() }} */", "select 1 /* {{ b() }} */", Kind.MEANING),
        ("select 1 -- {# a #}", "select 1 -- {# b #}", Kind.COSMETIC),
        ("select amount{{ s }} from t", "select amount {{ s }} from t", Kind.MEANING),
        ("select {{ s }}_net from t", "select {{ s }} _net from t", Kind.MEANING),
        ("select a{# #}b", "select a b", Kind.MEANING),
        ("select {{ a }}  , ( {{ b }} )", "select {{a}},({{b}})", Kind.COSMETIC),
        ("select '{{ v('a  b') }}'", "select '{{ v('a b') }}'", Kind.MEANING),
        ("select {{ v('it\\'s  a') }}", "select {{ v('it\\'s a') }}", Kind.MEANING),
        ("{% set x %}a  b{% endset %} '{{ x }}'", "{% set x %}a b{% endset %} '{{ x }}'", Kind.MEANING),
        ("select '{% if a %}x'{% else %}y'{% endif %}, ' a'", "select '{% if a %}x'{% else %}y'{% endif %}, '  a'", Kind.MEANING),
        (r"select '\', '--1'", r"select '\', '--2'", Kind.MEANING),
    ],
)
def test_written(old: str, new: str, kind: Kind) -> None:
    assert changed({"raw_code": old}, {"raw_code": new}) is kind
    assert changed({"raw_code": old, "compiled_code": "select 1"}, {"raw_code": new}) is kind


def test_files_without_code_are_known_by_their_checksum() -> None:
    one, other = {"checksum": {"checksum": "1"}}, {"checksum": {"checksum": "2"}}
    assert changed(one, other) is Kind.MEANING
    assert changed(one, one) is None
    python = {"language": "python", "raw_code": "x = 1"}
    assert changed(python, python | {"raw_code": "x  = 1"}) is Kind.MEANING


def test_macros_count_at_any_depth_and_dbts_own_do_not() -> None:
    node = {"raw_code": "{{ outer() }}", "depends_on": {"macros": ["macro.shop.outer", "macro.dbt.ref"]}}
    outer = {"macro.shop.outer": macro("{{ inner() }}", "shop", "macro.shop.inner")}
    old = outer | {"macro.shop.inner": macro("1"), "macro.dbt.ref": macro("a", "dbt")}
    assert changed(node, node, old, old | {"macro.shop.inner": macro("2")}) is Kind.MEANING
    assert changed(node, node, old, old | {"macro.shop.inner": macro(" 1 {# one #}")}) is None
    assert changed(node, node, old, old | {"macro.dbt.ref": macro("b", "dbt")}) is None
    assert changed(node, node, old, old | {"macro.shop.other": macro("b")}) is None
    elsewhere = node | {"depends_on": {"macros": ["macro.pkg.outer"]}}
    assert changed(node, elsewhere, old, old) is Kind.MEANING


def test_what_a_side_does_not_have_is_not_known() -> None:
    nothing, test = read_code(b'{"nodes": {}}'), read_code(b'{"nodes": {"test.shop.x": {"resource_type": "test"}}}')
    assert code_changes(nothing, test) == code_changes(test, nothing) == code_changes(test, test) == {}


def test_texts_too_long_to_parse_are_compared_word_by_word() -> None:
    long = "select " + ", ".join(f"a{n}" for n in range(40_000)) + " from t"
    assert same_sql(long, long.replace(",", " ,\n"), "postgres")
    assert not same_sql(long, long.upper(), "postgres")


def test_words() -> None:
    text = "select 'it''s' -- x\n, {{ ref('a') }}{# no #}"
    assert template_words(text, "postgres") == ["select", "'it''s'", ",", "{{", "ref", "(", "'a'", ")", "}}"]
    assert plain_words("select 'it''s' -- x\n, $a$ -- $a$", "postgres") == ["select", "'it''s'", ",", "$a$ -- $a$"]
    assert plain_words("select 'open", "postgres") is None
    assert same_sql("select a from t", "select A from t", "nothing known")
    assert not same_sql(r"select '\'", r"select  '\'", "nothing known")


@pytest.mark.parametrize("text", ["select 1 # it's", "select 5 --1"])
def test_comments_of_some_dialects(text: str) -> None:
    assert plain_words(text, "mysql") is None


@pytest.mark.parametrize("start", ["'", '"', "`", "/*", "{{ ", "{% ", "{#"])
def test_what_is_never_closed_is_read_in_no_time(start: str) -> None:
    """Backtracking over each of the blocks would take for ever."""
    text = f"select {start}" + " {{ v('a', 2) }} 'x' " * 300 + ("'" if start == "'" else "")

    def read() -> None:
        assert not same_sql(text, text + " x", "postgres")
        template_words(text, "postgres")
        template_words(text.replace("}", ""), "postgres")

    assert paces(read, 300) <= 300
