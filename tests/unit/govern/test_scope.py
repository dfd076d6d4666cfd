"""Names: what a table reference means, which columns may be asked, and what is refused without telling more than was sent."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from sqlglot import exp

from app.errors import UserError
from app.govern.access import access
from app.govern.catalog import catalog
from app.govern.firewall import inspect
from app.govern.scope import resolve
from app.model.expr import FALSE
from app.model.ontology import Ontology
from app.model.physical import Placement, Relation
from app.model.policy import RowPolicy
from app.model.principal import Principal
from app.model.types import Dialect
from app.sql.parse import parse_statement
from tests.unit.govern.world import ADMIN, ANALYST, LAYER, SHOPS, checked, governed, layer, model

REFUSED = [
    ("postgres", "SELECT 1 FROM nowhere", "DM4020"),
    (
        "postgres",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000000) SELECT count(*) AS c FROM n",
        "DM4015",
    ),
    ("postgres", "SELECT 1 FROM app.shops", "DM4020"),
    ("postgres", "SELECT 1 FROM db.public.shops", "DM4012"),
    ("postgres", "SELECT 1 FROM pg_catalog.pg_class", "DM4020"),
    ("postgres", "SELECT 1 FROM ONLY shops", "DM4012"),
    ("postgres", "SELECT 1 FROM shops TABLESAMPLE BERNOULLI (10)", "DM4012"),
    ("postgres", "SELECT 1 FROM pg_ls_dir('.')", "DM4017"),
    ("postgres", "SELECT 1 FROM ROWS FROM (generate_series(1, 2))", "DM4012"),
    ("postgres", "SELECT 1 FROM shops, LATERAL pg_ls_dir('.') AS x", "DM4017"),
    ("postgres", "SELECT wrong FROM shops", "DM4022"),
    ("postgres", "SELECT shops.wrong FROM shops", "DM4022"),
    ("postgres", "SELECT other.id FROM shops", "DM4022"),
    ("postgres", "SELECT other.* FROM shops", "DM4022"),
    ("postgres", "SELECT public.shops.* FROM shops", "DM4022"),
    ("postgres", "SELECT app.shops.id FROM shops", "DM4022"),
    ("postgres", "SELECT public.s.id FROM shops AS s", "DM4022"),
    ("postgres", "SELECT Region FROM shops", "DM4022"),
    ("postgres", "SELECT salary FROM staff", "DM4022"),
    ("postgres", "SELECT s.salary FROM staff AS s", "DM4022"),
    ("postgres", "SELECT x.salary FROM (SELECT id, name FROM staff) AS x", "DM4022"),
    ("postgres", "SELECT id FROM staff, (SELECT count(*) FROM shops) AS c WHERE salary > 1", "DM4022"),
    ("postgres", "SELECT (SELECT salary FROM shops LIMIT 1) FROM staff", "DM4022"),
    ("postgres", "SELECT s.id FROM staff AS s JOIN (VALUES (1)) AS v(salary) USING (salary)", "DM4022"),
    ("postgres", "SELECT * FROM staff", "DM4023"),
    ("postgres", "SELECT s.* FROM staff AS s", "DM4023"),
    ("postgres", "SELECT row_to_json(s) FROM staff AS s", "DM4023"),
    ("postgres", "SELECT c FROM staff AS s(a, b, c)", "DM4023"),
    ("postgres", "SELECT (s).salary FROM staff AS s", "DM4011"),
    ("postgres", "SELECT s.ctid, xmin FROM shops AS s", "DM4022"),
    ("postgres", "SELECT shops.id FROM shops, shops", "DM4024"),
    ("postgres", "SELECT 1 FROM (shops JOIN staff ON true) AS x", "DM4012"),
    ("postgres", "WITH a AS (SELECT id FROM b), b AS (SELECT 1) SELECT * FROM a", "DM4020"),
    ("postgres", "SELECT x.a FROM (WITH shops AS (SELECT 1 AS a) SELECT a FROM shops) AS x, shops AS y WHERE y.a = 1", "DM4022"),
    ("postgres", "SELECT id FROM shops CROSS JOIN LATERAL (SELECT wrong) AS x", "DM4022"),
    ("clickhouse", "SELECT id FROM shops WHERE id IN vault", "DM4012"),
    ("clickhouse", "SELECT 1 FROM numbers(3) FINAL", "DM4012"),
    ("clickhouse", "WITH x AS (SELECT 1) SELECT 1 FROM x FINAL", "DM4012"),
    ("clickhouse", "SELECT 1 FROM url('http://x')", "DM4017"),
    ("clickhouse", "SELECT 1 FROM (SELECT 1) SAMPLE 0.1", "DM4012"),
    ("clickhouse", "SELECT 1 FROM (SELECT 1) FINAL", "DM4012"),
    ("clickhouse", "SELECT 1 FROM numbers(3) SAMPLE 0.1", "DM4012"),
    ("clickhouse", "SELECT 1 FROM shops FINAL SAMPLE 'x'", "DM4012"),
    ("clickhouse", "WITH salary AS x SELECT x FROM staff", "DM4022"),
    ("clickhouse", "SELECT * EXCEPT (salary) FROM staff", "DM4022"),
    ("clickhouse", "SELECT * EXCEPT (name) FROM staff", "DM4023"),
    ("clickhouse", "SELECT s.* EXCEPT (name) FROM staff AS s", "DM4023"),
    ("clickhouse", "SELECT tuple(*) FROM staff", "DM4023"),
    ("clickhouse", "SELECT other.x FROM shops", "DM4022"),
    ("clickhouse", "SELECT region FROM shops", "DM4022"),
]


@pytest.mark.parametrize(("engine", "sql", "code"), REFUSED)
def test_names_that_are_not_the_callers_are_refused(engine: str, sql: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        checked(sql, engine)
    assert caught.value.problem.code == code


ALLOWED = [
    ("postgres", "SELECT s.id, shops.name FROM shops JOIN staff AS s USING (id)"),
    ("postgres", "SELECT public.shops.id FROM public.shops"),
    ("postgres", "SELECT count(*), count(s.id) FROM staff AS s"),
    ("postgres", "SELECT id FROM shops WHERE EXISTS (SELECT * FROM staff WHERE staff.id = shops.id)"),
    ("postgres", "SELECT b FROM shops AS s(a, b)"),
    ("postgres", "SELECT s FROM shops AS s"),
    ("postgres", "SELECT x.c FROM (SELECT * FROM shops) AS x(a, b, c)"),
    ("postgres", "SELECT * FROM shops NATURAL JOIN (SELECT 1 AS id) AS x"),
    ("postgres", "SELECT id AS k FROM shops GROUP BY k ORDER BY k"),
    ("postgres", "WITH x(a) AS (SELECT id FROM shops) SELECT a FROM x UNION ALL (SELECT 1 ORDER BY 1 LIMIT 1) ORDER BY a LIMIT 3"),
    ("postgres", "WITH x AS (WITH y AS (SELECT id FROM shops) SELECT id FROM y) SELECT id FROM x"),
    ("postgres", "(SELECT id FROM shops LIMIT 1) ORDER BY id"),
    ("postgres", "SELECT count FROM (SELECT count(*) FROM shops) AS x"),
    ("postgres", "SELECT x.count FROM (SELECT count(*) FROM shops) AS x"),
    ("postgres", "SELECT q.id FROM (SELECT a.* FROM shops AS a, shops AS b) AS q"),
    ("postgres", "SELECT shops.id FROM ((shops) JOIN orders ON orders.id = shops.id)"),
    ("clickhouse", "SELECT id FROM shops ARRAY JOIN [1, 2]"),
    ("postgres", "SELECT 1 UNION SELECT count(*) FROM shops ORDER BY count"),
    ("postgres", "SELECT id FROM (shops)"),
    ("postgres", "SELECT shops.id FROM (shops JOIN orders ON orders.id = shops.id)"),
    ("postgres", "SELECT a.id FROM ((SELECT id FROM shops) AS a JOIN shops AS b ON a.id = b.id)"),
    ("postgres", "SELECT v.a FROM (VALUES (1, 2)) AS v(a, b)"),
    ("postgres", "SELECT column1 FROM (VALUES (1)) AS v"),
    ("postgres", "VALUES (1), (2)"),
    ("postgres", "SELECT t.x FROM shops CROSS JOIN LATERAL unnest(string_to_array(shops.name, ',')) AS t(x)"),
    ("postgres", "SELECT x FROM unnest(ARRAY[1, 2]) AS x"),
    ("postgres", "SELECT g FROM shops, LATERAL generate_series(1, 3) AS g"),
    ("postgres", "SELECT first_value(id) OVER w FROM shops WINDOW w AS (PARTITION BY name ORDER BY id)"),
    (
        "postgres",
        "WITH RECURSIVE r AS (SELECT id FROM shops UNION ALL SELECT s.id FROM shops AS s JOIN r ON s.id = r.id + 1) SELECT * FROM r",
    ),
    ("clickhouse", "SELECT x.1, tuple(id, name) AS x FROM shops"),
    ("clickhouse", "SELECT tags.a FROM shops"),
    ("clickhouse", "SELECT id FROM shops FINAL SAMPLE 0.5"),
    ("clickhouse", "SELECT id FROM shops SAMPLE 1/10"),
    ("clickhouse", "SELECT t FROM shops ARRAY JOIN splitByChar(',', tags) AS t"),
    ("clickhouse", "SELECT tags FROM shops ARRAY JOIN tags"),
    ("clickhouse", "SELECT z FROM shops WHERE (name AS z) != ''"),
    ("clickhouse", "SELECT arrayMap(x -> x + id, [1]) FROM shops"),
    ("clickhouse", "WITH 1 AS one, (SELECT max(id) FROM shops) AS top SELECT top + one FROM shops"),
    ("clickhouse", "SELECT * EXCEPT (name) FROM shops"),
    ("clickhouse", "SELECT (SELECT later) FROM shops WHERE (name AS later) = 'x'"),
    ("clickhouse", "SELECT c FROM (SELECT count() AS c, 1 FROM shops)"),
]


@pytest.mark.parametrize(("engine", "sql"), ALLOWED)
def test_names_that_are_the_callers_pass_and_govern_takes_what_was_checked(engine: str, sql: str) -> None:
    assert governed(sql, engine).text
    assert governed(sql, engine, written=False).text


def test_tables_are_named_by_their_schema_and_keep_the_name_by_which_they_were_asked() -> None:
    ontology = Ontology("w", models=(model("mart.customers", "id"), model("shops", "id")))
    relations = (("mart.customers", Relation("gold", "dim_customers")), ("shops", Relation("gold", "shops")))
    made = msgspec.structs.replace(layer(ontology), placements=(Placement("postgres", relations),))
    assert checked('SELECT id FROM "mart.customers"', of=made).text.split() == [
        "SELECT",
        '"id"',
        "FROM",
        '"gold"."dim_customers"',
        "AS",
        '"mart.customers"',
    ]
    assert checked("SELECT id FROM dim_customers", of=made).tree.sql("postgres") == 'SELECT "id" FROM "gold"."dim_customers"'


def test_a_bare_name_must_mean_one_table() -> None:
    ontology = Ontology("w", models=(model("a.users", "id"), model("b.users", "id")))
    relations = (("a.users", Relation("a", "users")), ("b.users", Relation("b", "users")))
    made = msgspec.structs.replace(layer(ontology), placements=(Placement("postgres", relations),))
    with pytest.raises(UserError, match="DM4021"):
        checked("SELECT id FROM users", of=made)
    assert checked("SELECT id FROM b.users", of=made)


def test_a_layer_that_an_engine_does_not_keep_is_said() -> None:
    gone = Placement("postgres", (("gone", Relation("public", "gone")),))
    with pytest.raises(UserError, match="DM4020"):
        checked("SELECT 1 FROM gone", of=msgspec.structs.replace(LAYER, placements=(gone,)))
    made = msgspec.structs.replace(LAYER, placements=())
    with pytest.raises(UserError, match="DM4030"):
        checked("SELECT 1", of=made)


def test_a_model_that_may_not_be_read_is_as_one_that_is_not_there() -> None:
    closed = layer(Ontology("w", models=(model("shops", "id"),), default_access="deny"))
    for name in ("shops", "nowhere"):
        with pytest.raises(UserError) as caught:
            checked(f"SELECT id FROM {name}", of=closed)
        assert caught.value.problem.message == f"the table `{name}` is not one that you can query"


@pytest.mark.parametrize("engine", ["postgres", "clickhouse"])
@pytest.mark.parametrize("who", [ANALYST, ADMIN])
def test_a_model_that_is_closed_to_everybody_is_as_one_that_is_not_there(engine: str, who: Principal) -> None:
    closed = model("shops", "id", row_policies=(RowPolicy("shops.access", "shops", FALSE),))
    for name in ("shops", "nowhere"):
        with pytest.raises(UserError) as caught:
            checked(f"SELECT id FROM {name}", engine, who, of=layer(Ontology("w", models=(closed,))))
        assert caught.value.problem.message == f"the table `{name}` is not one that you can query"


def test_a_model_that_is_closed_to_some_has_no_rows_for_them() -> None:
    closed = model("shops", "id", row_policies=(RowPolicy("shops.access", "shops", FALSE, exempt_roles=("admin",)),))
    assert "FALSE" in governed("SELECT id FROM shops", of=layer(Ontology("w", models=(closed,)))).text


def test_a_suggestion_stands_on_a_misspelt_column_and_never_on_a_hidden_one() -> None:
    with pytest.raises(UserError) as caught:
        checked("SELECT nmae FROM staff")
    assert caught.value.problem.hint == "did you mean `name`?"
    with pytest.raises(UserError) as caught:
        checked("SELECT salary FROM staff")
    assert caught.value.problem.hint == ""
    with pytest.raises(UserError) as caught:
        checked("SELECT salry FROM staff")
    assert caught.value.problem.hint == ""
    with pytest.raises(UserError) as caught:
        checked("SELECT 1 FROM shop")
    assert caught.value.problem.hint == ""


def test_an_admin_whom_a_policy_exempts_may_ask_for_all() -> None:
    assert "salary" in governed("SELECT * FROM staff", who=ADMIN).text


def broken(sql: str, change: Callable[[exp.Expr], object], engine: str = "clickhouse") -> str:
    """The code with which a tree is refused that no text gives."""
    dialect = Dialect(engine)
    tree = inspect(parse_statement(sql, dialect), dialect)
    change(tree)
    with pytest.raises(UserError) as caught:
        resolve(tree, dialect, catalog(LAYER, engine), access(ANALYST, LAYER.ontology))
    return caught.value.problem.code


def test_trees_that_no_text_gives_are_refused_too() -> None:
    name = exp.Identifier(this="x", quoted=True)
    joined = exp.Join(this=exp.Table(this=exp.Identifier(this="orders", quoted=True)))
    assert broken("SELECT id FROM shops FINAL SAMPLE 0.1", lambda tree: tree.set("joins", [joined])) == "DM4012"
    assert broken("SELECT 1", lambda tree: tree.set("from_", exp.From(this=exp.Literal.number(1)))) == "DM4017"
    assert broken("WITH x AS (SELECT 1) SELECT 1", lambda tree: tree.find(exp.CTE).set("this", exp.Literal.number(1))) == "DM4010"
    assert broken("SELECT (SELECT 1)", lambda tree: tree.find(exp.Subquery).set("this", name)) == "DM4012"
    assert broken("SELECT 1 FROM shops, orders", lambda tree: tree.find(exp.Join).set("expressions", [name])) == "DM4012"


def test_case_is_the_engines() -> None:
    assert governed('SELECT "Region" FROM shops').models == (SHOPS.name,)
    assert governed("SELECT Region FROM shops", "clickhouse").models == (SHOPS.name,)
