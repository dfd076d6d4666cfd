"""What each format's reader makes of its traps."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from app.compile.interchange.findings import Kind
from app.errors import UserError
from app.service.interchange import Format, import_files
from tests.unit.compile.interchange.drafts import document, drafted, metric, model, told

LIGHTDASH = """
version: 2
models:
  - name: orders
    description: Orders.
    tests: [dbt_utils.unique]
    config:
      meta:
        label: Sales orders
        primary_key: order_id
        sql_filter: ${TABLE}.deleted is false
        default_time_dimension: {field: placed_on, interval: WEEK}
        joins:
          - {join: users, alias: buyer, sql_on: "${orders.buyer_id} = ${buyer.user_id}", relationship: many-to-one}
          - {join: users, alias: seller, type: inner, sql_on: "${orders.seller_id} = ${seller.user_id}", fields: [name]}
        metrics:
          revenue: {type: sum, sql: "${TABLE}.amount", label: Revenue, round: 2, format: "#,##0", ai_hint: "Synonyms: sales, turnover"}
          paid: {type: sum, sql: "${amount}", filters: [{status: paid}, {amount: "> 5"}]}
          open_or_sent: {type: count, sql: "${order_id}", filters: [{status: [open, sent]}]}
          neither: {type: count, sql: "${order_id}", filters: [{status: ["!open", "!sent"]}, {note: "!null"}]}
          like: {type: count, sql: "${order_id}", filters: [{status: "%pa%"}]}
          recent: {type: count, sql: "${order_id}", filters: [{placed_on: inThePast 14 days}]}
          share: {type: number, sql: "${paid} / NULLIF(${revenue}, 0)"}
          p90: {type: percentile, percentile: 90, sql: "${amount}"}
          of_total: {type: percent_of_total, sql: "${revenue}"}
          secret: {type: max, sql: "${amount}", hidden: true}
    columns:
      - name: order_id
      - {name: placed_on, meta: {dimension: {type: date}}}
      - {name: created_on, data_type: date}
      - {name: status, config: {meta: {dimension: {label: State, time_intervals: [DAY]}, metrics: {states: {type: count_distinct}}}}}
      - {name: amount, meta: {dimension: {hidden: true}, additional_dimensions: {big: {type: boolean, sql: "${TABLE}.amount > 100"}}}}
      - {name: note}
      - {name: buyer_id}
      - {name: seller_id}
  - name: users
    meta: {primary_key: user_id}
    columns: [{name: user_id}, {name: name}]
"""


def test_lightdash() -> None:
    found = drafted(Format.LIGHTDASH, LIGHTDASH)
    orders = model(found, "orders")
    assert (orders["label"], orders["defaults"]) == ("Sales orders", {"agg_time_dimension": "placed_on"})
    assert {d["name"] for d in orders["dimensions"]} == {
        "order_id",
        "placed_on",
        "created_on",
        "status",
        "big",
        "note",
        "buyer_id",
        "seller_id",
    }
    assert {e["name"]: e.get("expr") for e in orders["entities"]} == {"order": "order_id", "user": "buyer_id", "seller": "seller_id"}
    measures = {m["name"]: m for m in orders["measures"]}
    assert measures["paid"]["expr"] == "case when (status = 'paid') and (amount > 5) then amount end"
    assert measures["open_or_sent"]["expr"] == "case when (status = 'open') or (status = 'sent') then order_id end"
    assert measures["neither"]["expr"] == "case when (status <> 'open') and (status <> 'sent') and (note is not null) then order_id end"
    assert measures["like"]["expr"] == "case when status ilike '%pa%' then order_id end"
    assert measures["p90"]["agg_params"]["percentile"] == 0.9
    assert metric(found, "share")["type_params"] == {"numerator": "paid", "denominator": "revenue"}
    revenue = metric(found, "revenue")["config"]["meta"]
    assert revenue == {"lightdash": {"round": 2}, "datamind": {"synonyms": ["sales", "turnover"], "format": "#,##0"}}
    assert metric(found, "states")["type"] == "simple"
    assert {
        ("DM2653", "model `orders`"),
        ("DM2653", "join of `orders` to `users`"),
        ("DM2660", "metric `orders.recent`"),
        ("DM2660", "metric `orders.of_total`"),
    } == set(told(found, Kind.LOST))
    assert {("DM2656", "join of `orders` to `users`"), ("DM2656", "metric `orders.secret`")} <= set(told(found, Kind.CHANGED))


CUBE = """
cubes:
  - name: base
    sql_table: s.base
    dimensions: [{name: at, sql: at, type: time}, {name: kind, sql: kind, type: string}]
    measures: [{name: total, sql: x, type: sum}]
  - name: child
    extends: base
    sql_table: s.child
    dimensions: [{name: kind, sql: "upper({CUBE}.kind)", type: string}]
    measures:
      - {name: shifted, sql: "{total}", type: number, multi_stage: true, time_shift: [{interval: 1 month, type: next}]}
      - {name: to_date, sql: x, type: sum, rolling_window: {type: to_date, granularity: month}}
      - {name: in_text, sql: "SUM(CASE WHEN a = '{kind}' THEN 1 END)", type: number}
      - {name: jinja, sql: "SUM({{ x }})", type: number}
      - {name: other, sql: "SUM({base}.x)", type: number}
      - {name: ring_a, sql: "{ring_b} + 1", type: number}
      - {name: ring_b, sql: "{ring_a} + 1", type: number}
      - {name: filtered_number, sql: "SUM(x)", type: number, filters: [{sql: "{CUBE}.a = 1"}]}
  - name: query
    sql: SELECT * FROM s.a WHERE b
    dimensions: [{name: at, sql: at, type: time}]
    measures: [{name: total, sql: y, type: sum}]
  - name: no_times
    sql_table: s.nt
    extends: nothing
    measures: [{name: only, type: count}]
"""


def test_cube() -> None:
    found = drafted(Format.CUBE, CUBE)
    child = model(found, "child")
    assert {d["name"]: d.get("expr") for d in child["dimensions"]} == {"at": None, "kind": "upper(kind)"}
    assert {"base_total", "child_total", "query_total"} <= {m["name"] for m in document(found)["metrics"]}, "one name in three cubes"
    assert metric(found, "to_date")["type_params"]["cumulative_type_params"] == {"grain_to_date": "month", "period_agg": "last"}
    assert set(told(found, Kind.LOST)) == {
        ("DM2660", "measure `child.shifted`"),
        ("DM2660", "measure `child.in_text`"),
        ("DM2660", "measure `child.jinja`"),
        ("DM2653", "measure `child.other`"),
        ("DM2659", "measure `child.ring_a`"),
        ("DM2659", "measure `child.ring_b`"),
        ("DM2660", "measure `child.filtered_number`"),
        ("DM2655", "cube `query`"),
        ("DM2653", "cube `no_times`"),
        ("DM2653", "measure `no_times.only`"),
    }


SEGMENTS = """
cubes:
  - name: orders
    sql_table: s.orders
    dimensions:
      - {name: id, sql: id, type: number, primary_key: true}
      - {name: at, sql: at, type: time}
      - {name: status, sql: "{CUBE}.state", type: string}
      - {name: country, sql: country, type: string}
      - {name: city, sql: city, type: string}
    segments:
      - {name: paid, sql: "{CUBE}.state = 'paid' AND {country} <> 'DE'", title: Paid}
      - {name: raw, sql: "{CUBE}.nowhere = 1"}
      - {name: late, sql: "{at} > '2024-01-01'"}
    hierarchies:
      - {name: place, title: Place, levels: [country, city]}
      - {name: bad, levels: [country, moon]}
    measures: [{name: count, type: count}]
"""


def test_segments_and_hierarchies() -> None:
    found = drafted(Format.CUBE, SEGMENTS)
    ours = model(found, "orders")["config"]["meta"]["datamind"]
    where = "(order__status = 'paid') and (order__country <> 'DE')"
    assert ours["segments"] == [{"name": "paid", "label": "Paid", "where": where}]
    assert ours["hierarchies"] == [{"name": "place", "label": "Place", "levels": ["order__country", "order__city"]}]
    assert told(found, Kind.LOST) == [
        ("DM2653", "segment `orders.raw`"),
        ("DM2653", "segment `orders.late`"),
        ("DM2659", "hierarchy `orders.bad`"),
    ]


def test_superset_archive_tells_the_dialect() -> None:
    dataset = """
table_name: things
database_uuid: u1
main_dttm_col: at
columns: [{column_name: at, is_dttm: true}, {column_name: xs}]
metrics: [{metric_name: distinct, expression: uniqExact(xs)}, {metric_name: share, expression: countIf(xs > 1) / count()}]
"""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("e/metadata.yaml", "version: 1.0.0\ntype: SqlaTable\ntimestamp: '2026-01-01'\n")
        archive.writestr("e/databases/w.yaml", "database_name: w\nsqlalchemy_uri: clickhousedb+connect://h/x\nuuid: u1\n")
        archive.writestr("e/datasets/w/t.yaml", dataset)
        archive.writestr("e/charts/c.yaml", "slice_name: c\nviz_type: table\n")
        archive.writestr("e/readme.txt", "no")
    found = import_files([("export.zip", stream.getvalue())], Format.SUPERSET)
    assert metric(found, "share")["type"] == "ratio"
    assert told(found, Kind.LOST) == [("DM2653", "`export.zip/e/charts/c.yaml`")]
    assert told(found, Kind.CHANGED) == [], "ClickHouse does not cut fractions off"


def test_superset_answers_of_the_api() -> None:
    one = {
        "table_name": "things",
        "main_dttm_col": "at",
        "columns": [{"column_name": "at", "is_dttm": True}],
        "metrics": [{"metric_name": "rows", "expression": "COUNT(*)"}],
    }
    for body in ({"result": one}, {"result": [one]}, one):
        assert metric(drafted(Format.SUPERSET, json.dumps(body), "a.json"), "rows")["type_params"] == {"measure": "rows"}


@pytest.mark.parametrize(
    ("of", "name", "content"),
    [
        (Format.OSI, "a.yml", b"a: [1"),
        (Format.OSI, "a.yml", b"a: 1\na: 2"),
        (Format.OSI, "a.yml", b"version: 1"),
        (Format.OSI, "a.yml", b"\xff\xfe\x00"),
        (Format.OSI, "a.yml", b"x: " + b"[" * 100 + b"]" * 100),
        (
            Format.OSI,
            "a.yml",
            b"a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(8)),
        ),
        (Format.CUBE, "a.yml", b"models: []"),
        (Format.CUBE, "a.yml", b"cubes: [{name: a, sql_table: t}, {name: a, sql_table: t}]"),
        (Format.LIGHTDASH, "a.yml", b"version: 2"),
        (Format.LIGHTDASH, "a.yml", b""),
        (Format.SUPERSET, "a.yml", b"slice_name: c"),
        (Format.SUPERSET, "a.zip", b"PK\x05\x06" + b"\x00" * 18),
        (Format.CUBE, "a.js", b"cube("),
    ],
)
def test_files_that_cant_be_read(of: Format, name: str, content: bytes) -> None:
    with pytest.raises(UserError) as refused:
        import_files([(name, content)], of)
    problem = refused.value.problem
    assert problem.code in ("DM2651", "DM2660")
    assert problem.where is not None
    assert problem.where.file == name


def test_names_that_dbt_does_not_take() -> None:
    found = drafted(
        Format.SUPERSET,
        """
        table_name: Größe der Dinge
        main_dttm_col: at
        columns: [{column_name: at, is_dttm: true}, {column_name: day}, {column_name: Day Part}]
        metrics: [{metric_name: "Σ Umsatz (€)", expression: SUM(x)}, {metric_name: "1", expression: MAX(x)}, {metric_name: umsatz, expression: MIN(x)}]
        """,
    )
    assert [m["name"] for m in document(found)["semantic_models"]] == ["grosse_der_dinge"]
    assert {d["name"] for d in model(found, "grosse_der_dinge")["dimensions"]} == {"at", "day_value", "day_part"}
    assert {m["name"] for m in document(found)["metrics"]} == {"grosse_der_dinge_umsatz", "unnamed_1", "grosse_der_dinge_umsatz_2"}
