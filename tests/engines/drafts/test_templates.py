"""Each template on the demo: what it writes is parsed by dbt, compiled, and gives on both engines what hand-written SQL gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.runner import DbtCall, DbtProcess
from app.compile.drafts.append import appended
from app.compile.drafts.templates.ground import Asked
from app.errors import Severity
from app.service.compile import compile_source
from app.service.deps import Deps
from app.service.metric_templates import new_metric
from app.service.query import query
from app.service.request import QueryRequest
from app.settings import load_settings
from app.wiring.deps import opened
from tests.engines.test_demo_metrics import ENGINES, sorted_rows, written
from tests.support.demo import TODAY, Demo

FIRST, LATER = "{{ Dimension('order__is_first_order') }}", "not {{ Dimension('order__is_first_order') }}"
NEW = {
    "basket_value": ("aov", Asked(numerator="revenue", denominator="orders")),
    "lines_per_order": ("aov", Asked(numerator="quantity", denominator="order_count")),
    "german_share": ("share", Asked(metric="revenue", filter="{{ Dimension('customer__country') }} = 'Germany'")),
    "refunded_share": ("share", Asked(numerator="refunded_amount", denominator="revenue")),
    "monthly_growth": ("growth", Asked(metric="revenue", window="1 month")),
    "churn_rate": ("churn", Asked(lost="churned_subscriptions", active="active_subscriptions")),
    "kept_rate": ("retention", Asked(lost="churned_subscriptions", active="active_subscriptions", window="1 month")),
    "visit_conversion": ("conversion", Asked(base="sessions", conversion="order_count", entity="customer", window="7 days")),
    "repeat_rate": (
        "retention",
        Asked(base="ordering_customers", entity="customer", window="90 days", base_filter=FIRST, conversion_filter=LATER),
    ),
}
MONTH = "CAST(date_trunc('month', {}) AS date)"
SUBSCRIPTIONS = f"""
WITH lost AS (
  SELECT {MONTH.format("occurred_at")} AS month, COUNT(*) AS n FROM marts.fct_subscription_events WHERE event_type = 'cancelled' GROUP BY 1
), active AS (
  SELECT {MONTH.format("month_end")} AS month, COUNT(*) AS n FROM marts.fct_subscription_months GROUP BY 1
)
SELECT active.month + INTERVAL '1 month' AS next, {{}}
FROM active LEFT JOIN lost ON lost.month = active.month + INTERVAL '1 month'
WHERE active.month BETWEEN DATE '2025-01-01' AND DATE '2025-11-01'
"""
CASES = {
    "basket_value": (
        ["metric_time__month"],
        f"""
SELECT coalesce(l.month, o.month), CAST(l.amount AS double precision) / o.n FROM
  (SELECT {MONTH.format("ordered_at")} AS month, SUM(net_amount) AS amount FROM marts.fct_order_lines
   WHERE CAST(ordered_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31' GROUP BY 1) AS l
  FULL JOIN (SELECT {MONTH.format("ordered_at")} AS month, COUNT(*) AS n FROM marts.fct_orders
   WHERE order_status <> 'cancelled' AND CAST(ordered_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31' GROUP BY 1) AS o
  ON l.month = o.month""",
    ),
    "lines_per_order": (
        [],
        """
SELECT 1.0 * (SELECT SUM(quantity) FROM marts.fct_order_lines WHERE CAST(ordered_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31')
  / (SELECT COUNT(*) FROM marts.fct_orders WHERE CAST(ordered_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31')""",
    ),
    "german_share": (
        ["metric_time__quarter"],
        """
SELECT CAST(date_trunc('quarter', l.ordered_at) AS date), CAST(SUM(CASE WHEN c.country = 'Germany' THEN l.net_amount END) AS double precision) / SUM(l.net_amount)
FROM marts.fct_order_lines AS l LEFT JOIN marts.dim_customers AS c ON c.customer_id = l.customer_id
WHERE CAST(l.ordered_at AS date) BETWEEN DATE '2025-01-01' AND DATE '2025-12-31'
GROUP BY CAST(date_trunc('quarter', l.ordered_at) AS date)""",
    ),
    "refunded_share": (
        ["product__product_category"],
        """
SELECT p.product_category, CAST(SUM(l.refunded_amount) AS double precision) / SUM(l.net_amount)
FROM marts.fct_order_lines AS l LEFT JOIN marts.dim_products AS p ON p.product_id = l.product_id
WHERE CAST(l.ordered_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31' GROUP BY p.product_category""",
    ),
    "monthly_growth": (
        ["metric_time__month"],
        f"""
WITH months AS (SELECT {MONTH.format("ordered_at")} AS month, SUM(net_amount) AS amount FROM marts.fct_order_lines GROUP BY 1)
SELECT a.month, CAST(a.amount - b.amount AS double precision) / nullif(b.amount, 0) FROM months AS a LEFT JOIN months AS b ON b.month = a.month - INTERVAL '1 month'
WHERE a.month BETWEEN DATE '2025-02-01' AND DATE '2025-12-01'""",
    ),
    "churn_rate": (["metric_time__month"], SUBSCRIPTIONS.format("1.0 * coalesce(lost.n, 0) / active.n")),
    "kept_rate": (["metric_time__month"], SUBSCRIPTIONS.format("1 - 1.0 * coalesce(lost.n, 0) / active.n")),
    "visit_conversion": (
        [],
        """
WITH visits AS (
  SELECT session_id, customer_id, CAST(started_at AS date) AS at FROM marts.fct_web_sessions
  WHERE CAST(started_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31'
), led AS (
  SELECT DISTINCT o.order_id AS order_id FROM marts.fct_orders AS o JOIN visits AS v ON v.customer_id = o.customer_id
  WHERE CAST(o.ordered_at AS date) >= v.at AND CAST(o.ordered_at AS date) < v.at + INTERVAL '7 days'
)
SELECT 1.0 * (SELECT COUNT(*) FROM led) / (SELECT COUNT(*) FROM visits)""",
    ),
    "repeat_rate": (
        [],
        """
WITH first AS (
  SELECT customer_id, CAST(ordered_at AS date) AS at FROM marts.fct_orders
  WHERE is_first_order AND CAST(ordered_at AS date) BETWEEN DATE '2025-02-01' AND DATE '2025-12-31'
), back AS (
  SELECT DISTINCT f.customer_id AS customer_id FROM first AS f JOIN marts.fct_orders AS o ON o.customer_id = f.customer_id
  WHERE NOT o.is_first_order AND CAST(o.ordered_at AS date) >= f.at AND CAST(o.ordered_at AS date) < f.at + INTERVAL '90 days'
)
SELECT 1.0 * (SELECT COUNT(*) FROM back) / (SELECT COUNT(DISTINCT customer_id) FROM first)""",
    ),
}


@pytest.fixture(scope="module")
def filled(demo: Demo, dbt: DbtProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deps]:
    """The demo with the new metrics in its YAML, parsed by dbt for both targets, compiled and served."""
    project = tmp_path_factory.mktemp("filled") / "dbt_project"
    shutil.copytree(demo.settings.dbt_project_path, project, ignore=shutil.ignore_patterns("logs", "compiled", "run", "*.msgpack"))
    source = DbtFolder(project, {"postgres": None, "clickhouse": None})
    text, taken = "version: 2\n", set[str]()
    for name, (template, asked) in NEW.items():
        definitions = [one for one in new_metric(source, template, name, asked).definitions if one["name"] not in taken]
        taken |= {one["name"] for one in definitions}
        text, _ = appended(text, definitions, "new.yml")
    (project / "models" / "metrics" / "new.yml").write_text(text, encoding="utf-8")
    for engine in ENGINES:
        run = dbt.run(
            DbtCall(
                ["parse", "--no-partial-parse"],
                project_dir=project,
                profiles_dir=project,
                target=engine,
                target_path=project / "target" / engine,
                env=demo.servers.dbt_environment(),
            )
        )
        assert run.success, run.messages
    compiled = compile_source(source)
    assert [str(p) for p in compiled.problems if p.severity is not Severity.NOTE] == []
    settings = load_settings(data_dir=demo.settings.data_dir, dbt_project_path=project, today=TODAY)
    with opened(settings, demo.servers, local_layer=True) as deps:
        yield deps


def test_every_template_is_tried() -> None:
    from app.compile.drafts.templates.fill import TEMPLATES

    assert {template for template, _ in NEW.values()} == set(TEMPLATES)
    assert set(NEW) == set(CASES)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_the_number_is_that_of_hand_written_sql(filled: Deps, demo: Demo, name: str, engine: str) -> None:
    group_by, sql = CASES[name]
    request = QueryRequest((name,), tuple(group_by), start_time="2025-02-01", end_time="2025-12-31")
    answer = query(filled, demo.caller(), request, source=engine).answer
    assert answer is not None
    assert answer.result is not None
    wanted = sorted_rows(written(demo, engine, {"sql": sql}))
    found = sorted_rows(list(answer.result.rows()))
    assert [row[:-1] for row in found] == [row[:-1] for row in wanted]
    assert [row[-1] for row in found] == [pytest.approx(row[-1], rel=1e-6) for row in wanted]
    assert any(row[-1] for row in wanted)
