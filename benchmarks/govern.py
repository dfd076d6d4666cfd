"""What governance costs: stage 5 on a query of 50 lines, the barrier under each table when the query runs, and records of the audit trail."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import clickhouse_connect
import psycopg

from app.govern.check import SqlScope, check_sql
from app.govern.verify import ROOM
from app.model.principal import Principal, Role
from app.model.sql import Sql
from app.model.types import Dialect
from app.pipeline.sanitize import sanitize
from app.pipeline.turn import StageDeps, Turn
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.query import query
from app.service.request import QueryRequest, semantic_query
from app.sql.parse import parse_statement, parse_with_tokens
from benchmarks import audit
from benchmarks.demo import running
from benchmarks.measure import p50, p95, rounds, timed
from benchmarks.options import Options

WARM = 20
TIMES = 200
RUNS = 25
FENCE = re.compile(r" UNION ALL SELECT NULL(?:, NULL)* WHERE FALSE OFFSET 0| LIMIT 18446744073709551615")
ASKED = (
    QueryRequest(metrics=("revenue",), group_by=("metric_time__month",)),
    QueryRequest(metrics=("revenue", "orders"), group_by=("customer__country", "metric_time__month")),
    QueryRequest(metrics=("visit_to_order_rate",), group_by=("metric_time__month",)),
    QueryRequest(metrics=("revenue_last_28_days",), group_by=("metric_time__day",)),
)
LINES = """
WITH lines AS (
  SELECT
    l.order_id,
    l.product_id,
    l.customer_id,
    l.region,
    l.quantity,
    l.net_amount,
    l.gross_amount,
    o.sales_channel,
    o.ordered_at
  FROM fct_order_lines AS l
  LEFT JOIN fct_orders AS o
    ON o.order_id = l.order_id
  WHERE l.net_amount > {number}
    AND o.sales_channel IS NOT NULL
),
customers AS (
  SELECT
    n.customer_id,
    n.region,
    COUNT(*) AS bought,
    COUNT(DISTINCT n.order_id) AS orders,
    SUM(n.quantity) AS units,
    SUM(n.net_amount) AS net,
    SUM(n.gross_amount) AS gross,
    MIN(n.ordered_at) AS first_at,
    MAX(n.ordered_at) AS last_at
  FROM lines AS n
  GROUP BY n.customer_id, n.region
),
ranked AS (
  SELECT
    c.*,
    ROW_NUMBER() OVER (PARTITION BY c.region ORDER BY c.net DESC) AS place,
    SUM(c.net) OVER (PARTITION BY c.region) AS of_region
  FROM customers AS c
)
SELECT
  r.region,
  r.customer_id,
  r.orders,
  ROUND(r.net, 2) AS net,
  CASE
    WHEN r.net > 1000 THEN 'large'
    WHEN r.net > 100 THEN 'middle'
    ELSE 'small'
  END AS size,
  r.net / NULLIF(r.of_region, 0) AS share
FROM ranked AS r
WHERE r.place <= 10
ORDER BY r.region, r.place
LIMIT 100
"""


def measure(options: Options) -> dict[str, Any]:
    """Per engine: p50 and p95 in ms of stage 5 on written SQL that was never seen (`stage`), of that in processor time (`stage_cpu`), of its largest part,
    reading the text once more (`read_again`), of stage 3 on the same (`check`) and of stage 5 on a text that comes again (`repeat`); medians in ms of queries as
    planned (`plain`), with the policy's filters and no barrier (`filtered`), and as they run (`barrier`), all by the bare driver; and the ratios, medians
    over the queries. `audit` is what the benchmark of that name tells."""
    figures: dict[str, Any] = {"lines": len(LINES.strip().splitlines())}
    with running(options.scale) as (settings, servers, deps, _):
        analyst = Caller(Principal("bench", "", Role.ANALYST, settings.project_id, attributes=(("region", "DACH"),)), "bench")
        for engine in servers.engines:
            figures[engine] = {**_stage(deps, analyst, engine), **_barrier(deps, analyst, engine, _driver(engine, servers.owners[engine]))}
    trail = audit.measure(options)
    return {**figures, "audit": trail, "failed": trail["failed"]}


def _stage(deps: Deps, analyst: Caller, engine: str) -> dict[str, float]:
    served, stage = deps.serving.view(analyst.principal), replace(deps.stage, mask_key="key")
    dialect, began = Dialect(engine), Turn("bench", analyst.principal, deps.calendar.moment(deps.clock), served, engine=engine)
    samples: dict[str, list[float]] = {"stage": [], "stage_cpu": [], "read_again": [], "check": [], "repeat": []}
    for number in range(WARM + TIMES):
        text = LINES.format(number=number)
        sql = Sql(dialect, parse_statement(text, dialect), text, written=True)
        scope = SqlScope(served.layer, engine, served.access.of_sql())
        samples["check"].append(timed(partial(check_sql, sql, scope)))
        turn = began.with_(sql=check_sql(sql, scope))
        cpu = time.thread_time()
        samples["stage"].append(timed(partial(sanitize, turn, stage)))
        samples["stage_cpu"].append((time.thread_time() - cpu) * 1000)
        samples["repeat"].append(timed(partial(sanitize, turn, stage)))
        samples["read_again"].append(timed(partial(_read_again, turn, stage)))
    return {f"{name}_{said}_ms": figure(sample[WARM:]) for name, sample in samples.items() for said, figure in (("p50", p50), ("p95", p95))}


def _read_again(turn: Turn, stage: StageDeps) -> None:
    """The largest part of it: the governed text is parsed, as it will be sent."""
    governed = sanitize(turn, stage).governed
    if governed is None:
        raise RuntimeError("the query was not governed")
    parse_with_tokens(governed.text.replace("%(dm_p1)s", "$1"), governed.dialect, ROOM)


def _barrier(deps: Deps, analyst: Caller, engine: str, run: Callable[[str, dict[str, Any]], object]) -> dict[str, float]:
    medians: dict[str, list[float]] = {"plain": [], "filtered": [], "barrier": []}
    for asked in ASKED:
        served = deps.serving.view(analyst.principal)
        turn = query(deps, analyst, semantic_query(asked, served.visible, served.joins), source=engine)
        if turn.governed is None or turn.sql is None:
            raise RuntimeError("the query was not governed")
        values = {value.name: value.value for value in turn.governed.parameters}
        plain = turn.sql.text.replace("%", "%%") if engine == "postgres" else turn.sql.text
        texts = (plain, FENCE.sub("", turn.governed.text), turn.governed.text)
        works = [partial(run, text, values) for text in texts]
        for name, sample in zip(medians, rounds(works, times=RUNS, warm=2), strict=True):
            medians[name].append(p50(sample))
    ratios = [after / before for before, after in zip(medians["filtered"], medians["barrier"], strict=True)]
    over_plain = [after / before for before, after in zip(medians["plain"], medians["barrier"], strict=True)]
    return {
        **{f"{name}_ms": round(statistics.median(found), 3) for name, found in medians.items()},
        "barrier_over_filtered_ratio": round(statistics.median(ratios), 2),
        "barrier_over_plain_ratio": round(statistics.median(over_plain), 2),
    }


def _driver(engine: str, url: str) -> Callable[[str, dict[str, Any]], object]:
    """Runs a statement by the bare driver and takes its rows."""
    if engine == "postgres":
        connection = psycopg.connect(url, autocommit=True)
        return lambda text, values: connection.execute(text.encode(), values).fetchall()
    client = clickhouse_connect.get_client(dsn=url.replace("clickhouse://", "http://"))
    return lambda text, values: client.query(text, parameters=values or None, settings={"join_use_nulls": 1}).result_rows
