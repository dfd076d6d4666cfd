"""Stage 5 remembers how a text was governed, for those who would get the very same, and for nobody else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.errors import InternalError, UserError
from app.govern.check import SqlScope, check_sql
from app.model.moment import Moment
from app.model.ontology import Layer, Ontology
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.sql import GovernedSql, Limits, Sql
from app.model.types import Dialect
from app.pipeline.sanitize import sanitize
from app.pipeline.turn import StageDeps, Turn
from app.service.serving import Serving
from app.sql.parse import parse_statement
from tests.unit.govern.world import ADMIN, LAYER, equals, layer, model

DEPS = StageDeps({}, frozenset)
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def who(name: str, region: str = "EU") -> Principal:
    return Principal(name, f"{name}@example.org", Role.ANALYST, "prj_1", attributes=(("region", region),))


def serving(of: Layer = LAYER) -> Serving:
    return Serving(lambda held: None if held else ("1", of), poll_seconds=float("inf"))


def governed(serving: Serving, text: str, principal: Principal, engine: str = "postgres", deps: StageDeps = DEPS) -> GovernedSql:
    served, dialect = serving.view(principal), Dialect(engine)
    sql = check_sql(
        Sql(dialect, parse_statement(text, dialect), text, written=True), SqlScope(served.layer, engine, served.access.of_sql())
    )
    made = sanitize(Turn("qry_1", principal, Moment(NOW, NOW.date()), served, sql=sql, engine=engine), deps).governed
    assert made is not None
    return made


def test_the_same_text_of_people_of_equal_rights_is_governed_once() -> None:
    one = serving()
    made = governed(one, "SELECT amount FROM orders", who("a"))
    assert governed(one, "select  amount\nfrom orders -- again", who("b")) is made
    assert governed(one, "SELECT amount FROM orders WHERE id > 1", who("a")) is not made
    assert governed(one, "SELECT amount FROM orders", who("a"), "clickhouse").dialect is Dialect.CLICKHOUSE


def test_other_rights_attributes_limits_and_keys_get_their_own() -> None:
    one, text = serving(), "SELECT amount FROM orders"
    assert [governed(one, text, who("a", region)).parameters[0].value for region in ("EU", "US", "EU")] == ["EU", "US", "EU"]
    assert governed(one, text, ADMIN).parameters == ()
    assert governed(one, text, who("a"), deps=replace(DEPS, limits=Limits(rows=5))).text.endswith("LIMIT 6")
    assert governed(one, text, who("a")).text.endswith("LIMIT 10001")
    hashed = model("m", "x", column_policies=(ColumnPolicy("h", "m", "x", Mask(MaskKind.HASH)),))
    masked = serving(layer(Ontology("w", models=(hashed,))))
    values = [governed(masked, "SELECT x FROM m", who("a"), deps=replace(DEPS, mask_key=key)).parameters[0].value for key in ("k1", "k2")]
    assert values == ["k1", "k2"]
    with pytest.raises(InternalError, match="DM4040"):
        governed(masked, "SELECT x FROM m", who("a"))


def test_a_policy_that_changes_is_in_force_for_texts_that_were_seen() -> None:
    layers = {
        "1": LAYER,
        "2": layer(Ontology("w", models=(model("orders", "amount", row_policies=(RowPolicy("p", "orders", equals("amount", "no")),)),))),
    }
    now = ["1"]
    one = Serving(lambda held: None if held == now[0] else (now[0], layers[now[0]]), poll_seconds=0)
    before = governed(one, "SELECT amount FROM orders", who("a"))
    now[0] = "2"
    after = governed(one, "SELECT amount FROM orders", who("a"))
    assert "'no'" in after.text
    assert "'no'" not in before.text


def test_what_is_refused_is_refused_again_and_long_texts_are_not_kept() -> None:
    one = serving()
    for _ in range(2):
        with pytest.raises(UserError, match="DM4013"):
            governed(one, "SELECT pg_sleep(1) FROM orders", who("a"))
    long = f"SELECT amount FROM orders WHERE note IN ({', '.join(repr(str(number)) for number in range(5_000))})"
    first = governed(one, long, who("a"))
    second = governed(one, long, who("a"))
    assert first == second
    assert first is not second
    assert len(one.view(who("a")).statements) == 0
