"""What a model's statement names that it was not told of: a whole row holds columns that nobody named."""

from __future__ import annotations

import pytest

from app.language.drafting.sql_form import stray
from app.model.types import Dialect
from app.sql.parse import parse_statement

TOLD = frozenset({"marts", "fct_orders", "sales_channel", "hours"})


@pytest.mark.parametrize(
    "sql",
    [
        "select fct_orders from marts.fct_orders",
        "select fct_orders as r from fct_orders",
        "select o::text as r from marts.fct_orders o",
        "select row_to_json(o) as r from marts.fct_orders as o",
        "select json_agg(fct_orders) as r from marts.fct_orders",
        "select (o).sales_channel from marts.fct_orders o",
        "select count(*) as n from marts.fct_orders o where o::text like '%a%'",
        "select o::text as o from marts.fct_orders o",
        "with x as (select o::text as r from marts.fct_orders o) select r from x",
        'select "O"::text as r from marts.fct_orders "O"',
    ],
)
def test_a_whole_row_is_no_value(sql: str) -> None:
    assert stray(parse_statement(sql, Dialect.POSTGRES), TOLD)


@pytest.mark.parametrize(
    "sql",
    [
        "select o.sales_channel, count(*) as n from marts.fct_orders o group by o.sales_channel",
        "with n as (select count(*) as n from marts.fct_orders) select n from n",
        "select x.n from (select count(*) as n from marts.fct_orders) x",
    ],
)
@pytest.mark.parametrize("dialect", list(Dialect))
def test_columns_of_tables_and_of_its_own_are_values(sql: str, dialect: Dialect) -> None:
    assert stray(parse_statement(sql, dialect), TOLD) == ""
