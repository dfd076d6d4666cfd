"""Definitions that were not made by us: their metrics answer as hand-written SQL does, and what does not carry over is reported at its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.compile.interchange.findings import Kind
from app.model.ontology import Layer
from app.service.interchange import Converted, Format, import_files
from app.service.request import QueryRequest
from tests.engines.interchange.conftest import Asked, Drafted

FOLDER = Path(__file__).parents[2] / "fixtures" / "interchange"
ORDERS, LINES, CUSTOMERS, VISITS = "marts.fct_orders", "marts.fct_order_lines", "marts.dim_customers", "marts.fct_web_sessions"
KEPT = "order_status <> 'cancelled' and sales_channel in ('web', 'app')"
SIZE = "case when order_amount >= 100 then 'large' when order_amount >= 30 then 'medium' else 'small' end"
SPINE = "(select generate_series(min(ordered_at)::date, max(ordered_at)::date, '1 day')::date as day from marts.fct_orders) d"

CASES: dict[Format, tuple[list[str], list[tuple[str, tuple[str, ...], str]]]] = {
    Format.CUBE: (
        ["shop.cube.yml", "catalogue.cube.js"],
        [
            ("shop_orders_count", ("order__status",), f"select order_status, count(*) from {ORDERS} group by 1"),
            ("total_amount", ("order__size",), f"select {SIZE}, sum(order_amount) from {ORDERS} group by 1"),
            ("total_amount", ("order__is_large",), f"select ({SIZE}) = 'large', sum(order_amount) from {ORDERS} group by 1"),
            ("kept_count", ("order__status",), f"select order_status, count(*) filter (where {KEPT}) from {ORDERS} group by 1"),
            ("average_amount", ("order__channel",), f"select sales_channel, sum(order_amount) / count(*) from {ORDERS} group by 1"),
            ("kept_share", (), f"select 1.0 * count(*) filter (where {KEPT}) / count(*) from {ORDERS}"),
            (
                "kept_percent",
                ("metric_time__month",),
                f"select date_trunc('month', ordered_at), 100.0 * count(*) filter (where {KEPT}) / count(*) from {ORDERS} group by 1",
            ),
            ("per_line", (), f"select (select sum(order_amount) from {ORDERS}) / (select count(*) from {LINES})"),
            ("buyers", ("order__channel",), f"select sales_channel, count(distinct customer_id) from {ORDERS} group by 1"),
            (
                "median_amount",
                ("order__status",),
                f"select order_status, percentile_cont(0.5) within group (order by order_amount) from {ORDERS} group by 1",
            ),
            (
                "refund_share",
                ("order__channel",),
                f"select sales_channel, sum(refunded_amount) filter (where order_status = 'delivered') / nullif(sum(paid_amount), 0) from {ORDERS} group by 1",
            ),
            (
                "amount_30_days",
                ("metric_time__day",),
                f"select d.day, (select sum(order_amount) from {ORDERS} where ordered_at >= d.day - 29 and ordered_at < d.day + 1) from {SPINE}",
            ),
            (
                "amount_so_far",
                ("metric_time__day",),
                f"select d.day, (select sum(order_amount) from {ORDERS} where ordered_at < d.day + 1) from {SPINE}",
            ),
            (
                "amount_year_before",
                ("metric_time__year",),
                f"select date_trunc('year', ordered_at) + interval '1 year', sum(order_amount) from {ORDERS} group by 1",
            ),
            ("german_orders", (), f"select count(*) from {ORDERS} join {CUSTOMERS} using (customer_id) where country = 'Germany'"),
            (
                "revenue",
                ("customer__land",),
                f"select country, sum(net_amount) from {LINES} left join {CUSTOMERS} using (customer_id) group by 1",
            ),
            (
                "revenue",
                ("order__status",),
                f"select order_status, sum(net_amount) from {LINES} left join {ORDERS} using (order_id) group by 1",
            ),
            ("margin", (), f"select (sum(net_amount) - sum(cost_amount)) / sum(net_amount) from {LINES}"),
            ("list_price_total", ("product__category",), "select product_category, sum(list_price) from marts.dim_products group by 1"),
            (
                "mean_margin",
                ("product__category",),
                "select product_category, avg(list_price - unit_cost) / avg(list_price) from marts.dim_products group by 1",
            ),
            ("decaf_count", (), "select count(*) filter (where is_decaf) from marts.dim_products"),
        ],
    ),
    Format.SUPERSET: (
        ["web.superset.yaml"],
        [
            ("count", ("session__device",), f"select device, count(*) from {VISITS} group by 1"),
            (
                "bounce_rate",
                ("session__depth",),
                f"select case when page_views > 5 then 'deep' else 'flat' end, avg(case when is_bounce then 1.0 else 0 end) from {VISITS} group by 1",
            ),
            ("whole_rate", (), f"select 1.0 * sum(page_views) / count(*) from {VISITS}"),
            (
                "pages_per_visit",
                ("metric_time__month",),
                f"select date_trunc('month', started_at), avg(page_views) from {VISITS} group by 1",
            ),
            ("known", ("session__device",), f"select device, count(distinct customer_id) from {VISITS} group by 1"),
            (
                "phone_pages",
                ("session__is_bounce",),
                f"select is_bounce, coalesce(sum(page_views) filter (where device = 'phone'), 0) from {VISITS} group by 1",
            ),
        ],
    ),
    Format.OSI: (
        ["shop.osi.yaml"],
        [
            ("net_revenue", ("order_line__area",), f"select coalesce(region, 'none'), sum(net_amount) from {LINES} group by 1"),
            (
                "profit_rate",
                ("customer__country",),
                f"select country, sum(net_amount - cost_amount) / sum(net_amount) from {LINES} left join {CUSTOMERS} using (customer_id) group by 1",
            ),
            ("per_customer", (), f"select (select sum(net_amount) from {LINES}) / (select count(distinct customer_id) from {CUSTOMERS})"),
            ("german_revenue", (), f"select sum(net_amount) from {LINES} join {CUSTOMERS} using (customer_id) where country = 'Germany'"),
            (
                "p90",
                ("metric_time__year",),
                f"select date_trunc('year', ordered_at), percentile_cont(0.9) within group (order by net_amount) from {LINES} group by 1",
            ),
        ],
    ),
}


def imported(of: Format, names: Sequence[str], layer: Layer | None) -> Converted:
    return import_files([(name, (FOLDER / name).read_bytes()) for name in names], of, layer)


@pytest.mark.parametrize("of", CASES)
def test_the_metrics_answer_as_hand_written_sql_does(of: Format, bare_layer: Layer, drafted: Drafted, asked: Asked) -> None:
    names, cases = CASES[of]
    layer = drafted(imported(of, names, bare_layer).files).layer
    if of is Format.CUBE:
        assert [segment.name for segment in layer.ontology.segments] == ["delivered"]
        orders = layer.ontology.semantic_model("shop_orders")
        assert orders is not None
        assert orders.description.endswith("no {{ braces }} of dbt's, nor {% tags %}.")
        assert orders.meta == '{"note":"{# kept #}"}'
    for metric, group, sql in cases:
        got, wanted = asked.layer(layer, QueryRequest((metric,), group)), asked.sql(sql)
        if metric == "amount_year_before":
            wanted = [row for row in wanted if row[0] in {key for key, _ in got}]
        if metric in ("amount_so_far", "amount_30_days"):
            got = [row for row in got if row[0] in {key for key, _ in wanted}]
        assert got == wanted, (metric, group)
        assert wanted, sql


def test_what_of_cube_does_not_carry(bare_layer: Layer) -> None:
    found = imported(Format.CUBE, CASES[Format.CUBE][0], bare_layer)
    report = {(f.subject, f.code, f.kind) for f in found.findings}
    orders = "measure `shop_orders."
    assert {
        ("join of `shop_orders` to `campaigns`", "DM2659", Kind.LOST),
        ("dimension `shop_orders.lifetime_value`", "DM2660", Kind.LOST),
        ("dimension `shop_orders.place`", "DM2660", Kind.LOST),
        ("dimension `shop_orders.tenant`", "DM2660", Kind.LOST),
        ("segment `shop_orders.heavy`", "DM2653", Kind.LOST),
        ("pre_aggregations `daily` of cube `shop_orders`", "DM2653", Kind.LOST),
        ("pre_aggregations `main` of cube `Goods`", "DM2653", Kind.LOST),
        ("`refresh_key` of cube `shop_orders`", "DM2653", Kind.LOST),
        ("`data_source` of cube `shop_orders`", "DM2653", Kind.LOST),
        ("view `sales`", "DM2653", Kind.LOST),
        (f"{orders}count`", "DM2653", Kind.LOST),
        ("measure `Goods.count`", "DM2653", Kind.LOST),
        (f"{orders}kept_share`", "DM2656", Kind.CHANGED),
        (f"{orders}buyers`", "DM2656", Kind.CHANGED),
        (f"{orders}german_orders`", "DM2656", Kind.CHANGED),
        (f"{orders}amount_centred`", "DM2660", Kind.LOST),
        (f"{orders}rank_of_amount`", "DM2660", Kind.LOST),
        (f"{orders}stays_upon_itself`", "DM2659", Kind.LOST),
        (f"{orders}spread`", "DM2654", Kind.LOST),
        (f"{orders}totalAmount`", "DM2652", Kind.CHANGED),
        ("dimension `shop_lines.day`", "DM2652", Kind.CHANGED),
    } <= report
    by_subject = {f.subject: f for f in found.findings if f.kind is Kind.LOST}
    lines = (FOLDER / "shop.cube.yml").read_text(encoding="utf-8").splitlines()
    for subject, text in {
        f"{orders}spread`": "STDDEV",
        "dimension `shop_orders.tenant`": "SECURITY_CONTEXT",
        "segment `shop_orders.heavy`": "name: heavy",
        "join of `shop_orders` to `campaigns`": "name: campaigns",
        "pre_aggregations `daily` of cube `shop_orders`": "name: daily",
    }.items():
        where = by_subject[subject].where
        assert where is not None
        assert where.file == "shop.cube.yml"
        assert text in lines[where.line - 1]
    javascript = by_subject["pre_aggregations `main` of cube `Goods`"].where
    assert javascript is not None
    assert (javascript.file, javascript.line) == ("catalogue.cube.js", 31)


def test_what_of_superset_does_not_carry(bare_layer: Layer) -> None:
    found = imported(Format.SUPERSET, ["web.superset.yaml", "orders.superset.json"], bare_layer)
    report = {(f.subject, f.code, f.kind) for f in found.findings}
    metric = "metric `fct_web_sessions."
    assert {
        (f"{metric}mine`", "DM2660", Kind.LOST),
        (f"{metric}running`", "DM2654", Kind.LOST),
        (f"{metric}names`", "DM2654", Kind.LOST),
        (f"{metric}whole_rate`", "DM2656", Kind.CHANGED),
        (f"{metric}Bounce Rate`", "DM2652", Kind.CHANGED),
        ("column `fct_web_sessions.asked_by`", "DM2660", Kind.LOST),
        ("column `fct_web_sessions.day_text`", "DM2654", Kind.LOST),
        ("dataset `fct_web_sessions`", "DM2653", Kind.LOST),
        ("dataset `late_orders`", "DM2655", Kind.LOST),
        ("dataset `late_orders`", "DM2660", Kind.LOST),
    } <= report
    reasons = {f.reason for f in found.findings if f.subject == f"{metric}mine`"}
    assert any("Jinja" in reason for reason in reasons)
    assert {f.lost for f in found.findings if f.subject == "dataset `fct_web_sessions`" and f.kind is Kind.LOST} == {
        "`offset`",
        "`cache_timeout`",
    }


def test_what_of_osi_does_not_carry(bare_layer: Layer) -> None:
    found = imported(Format.OSI, ["shop.osi.yaml"], bare_layer)
    report = {(f.subject, f.code, f.kind) for f in found.findings}
    assert {
        ("field `sales.odd`", "DM2654", Kind.LOST),
        ("dataset `sales`", "DM2653", Kind.LOST),
        ("relationship `broken`", "DM2653", Kind.LOST),
        ("metric `Net Revenue`", "DM2652", Kind.CHANGED),
        ("metric `german_revenue`", "DM2656", Kind.CHANGED),
        ("metric `rows_of_what`", "DM2653", Kind.LOST),
        ("metric `mixed`", "DM2653", Kind.LOST),
        ("metric `cube_only`", "DM2654", Kind.LOST),
        ("metric `p90`", "DM2657", Kind.ASSUMED),
    } <= report
    assert any("SALESFORCE" in f.lost for f in found.findings if f.subject == "dataset `sales`")


@pytest.mark.parametrize("of", CASES)
def test_everything_has_a_place(of: Format, bare_layer: Layer) -> None:
    for finding in imported(of, CASES[of][0], bare_layer).findings:
        assert finding.where is not None, finding
        assert finding.where.line > 0, finding
        assert finding.reason, finding
