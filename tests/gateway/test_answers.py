"""Asking, querying and SQL over HTTP, on the demo business and both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from app.gateway.schemas import answer, explain, feedback, health, layer, query, sql
from app.model.ids import new_id
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.demo import Demo

METRIC_QUERY = {"metrics": ["revenue"], "group_by": ["metric_time__year"], "order": ["metric_time__year"]}
ASKED = "revenue by year"
SELECT = "select country, count(*) as n from dim_customers group by country order by country"


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


def post(shop: Gateway, path: str, body: dict[str, Any], role: str = "analyst"):
    return shop.client.post(f"/api/v1{path}", json=body, headers=shop.bearer(role))


def get(shop: Gateway, path: str, role: str = "analyst", **params: Any):
    return shop.client.get(f"/api/v1{path}", params=params, headers=shop.bearer(role))


def good(reply: Any, model: type, status: int = 200) -> dict[str, Any]:
    """The body, which is what the OpenAPI document promises: every field, and none besides."""
    assert reply.status_code == status, reply.text
    model.model_validate_json(reply.text)
    return json.loads(reply.text, parse_float=Decimal)


def test_a_question_is_answered_whole(shop: Gateway) -> None:
    body = good(post(shop, "/ask", {"question": ASKED, "context": {}}), answer.AnswerReply)
    assert body["outcome"] == "answer"
    assert body["query_id"].startswith("qry_")
    assert body["rows_returned"] == len(body["results"]) > 0
    assert set(body["results"][0]) == {column["name"] for column in body["columns"]}
    assert body["definitions"][0]["metric"] == "revenue"
    assert [stage["stage"] for stage in body["stages"]][:2] == ["interpret", "generate"]
    assert body["sql"]
    assert body["governed_sql"] == ""
    assert good(post(shop, "/ask", {"question": ASKED}, "admin"), answer.AnswerReply)["governed_sql"]


def test_the_same_numbers_through_every_door_and_engine(shop: Gateway) -> None:
    replies = [
        post(shop, "/query", METRIC_QUERY),
        post(shop, "/query", {**METRIC_QUERY, "source": "postgres"}),
        post(shop, "/query", {**METRIC_QUERY, "source": "clickhouse"}),
        post(shop, "/ask", {"question": ASKED, "context": {"source": "postgres"}}),
        post(shop, "/query", {"question": ASKED}),
    ]
    rows = [[row["revenue"] for row in good(reply, answer.AnswerReply)["results"]] for reply in replies]
    assert rows[0]
    assert all(found == rows[0] for found in rows[1:])


@pytest.mark.parametrize("path", ["/query", "/query/explain"])
def test_a_question_has_no_part_of_a_metric_query_beside_it(shop: Gateway, path: str) -> None:
    beside = {"where": ["{{ Dimension('customer__country') }} = 'Germany'"], "limit": 3, "totals": "grand", "apply_group_by": False}
    told = problem(post(shop, path, {"question": ASKED, **beside}), 422, "DM7031")
    assert [one["where"]["path"] for one in told["problems"]] == ["where", "limit", "apply_group_by", "totals"]
    whole = {"question": ASKED, "semantic_query": {"metrics": ["revenue"]}}
    assert "`semantic_query` stands beside `question`" in problem(post(shop, path, whole), 422, "DM7031")["detail"]
    empty = {
        "metrics": [],
        "where": [],
        "limit": None,
        "saved_query": "",
        "apply_group_by": True,
        "semantic_query": None,
        "source": "postgres",
    }
    assert post(shop, path, {"question": ASKED, **empty}).status_code == 200, "what says nothing is nothing beside it"


@pytest.mark.parametrize("source", ["postgres", "clickhouse"])
def test_descriptions_are_told_on_request(shop: Gateway, source: str) -> None:
    asked = {**METRIC_QUERY, "source": source}
    bare = good(post(shop, "/query", asked, "admin"), answer.AnswerReply)
    told = good(post(shop, "/query", {**asked, "comments": True}, "admin"), answer.AnswerReply)
    assert "/*" not in bare["sql"]
    assert "AS revenue /* What was charged for products" in told["sql"]
    assert told["governed_sql"] == bare["governed_sql"]
    assert told["results"] == bare["results"]
    assert "/* What was" in good(post(shop, "/query", {"question": ASKED, "comments": True}), answer.AnswerReply)["sql"]


def test_values_without_metrics(shop: Gateway) -> None:
    listed = {"group_by": ["customer__country"]}
    countries = [row["customer__country"] for row in good(post(shop, "/query", listed), answer.AnswerReply)["results"]]
    (extremes,) = good(post(shop, "/query", {**listed, "min_max_only": True}), answer.AnswerReply)["results"]
    assert extremes == {"customer__country__min": min(countries), "customer__country__max": max(countries)}
    repeated = good(post(shop, "/query", {**listed, "apply_group_by": False}), answer.AnswerReply)["results"]
    assert len(repeated) > len(countries)
    problem(post(shop, "/query", {**METRIC_QUERY, "min_max_only": True}), 422, "DM3017")


def test_each_person_sees_the_own_rows(shop: Gateway) -> None:
    everything = good(post(shop, "/query", METRIC_QUERY, "admin"), answer.AnswerReply)
    own = good(post(shop, "/query", METRIC_QUERY), answer.AnswerReply)
    assert [row["revenue"] for row in own["results"]] < [row["revenue"] for row in everything["results"]]
    assert own["policies_applied"] is True
    assert own["policies"] == []
    stranger = {"Authorization": f"Bearer {shop.login(shop.person('analyst')[1])['access_token']}"}
    reply = shop.client.post("/api/v1/query", json=METRIC_QUERY, headers=stranger)
    assert good(reply, answer.AnswerReply)["results"] == []


def test_a_question_that_cannot_be_answered_is_an_outcome_and_no_error(shop: Gateway) -> None:
    body = good(post(shop, "/ask", {"question": "how many employees work in Brooklyn?"}), answer.AnswerReply)
    assert body["outcome"] in {"refuse", "clarify"}
    assert body["results"] == []
    assert body["problems"] or body["choices"]


def test_a_choice_can_be_sent_back_as_it_came(shop: Gateway) -> None:
    asked = good(post(shop, "/query", METRIC_QUERY), answer.AnswerReply)
    again = good(post(shop, "/query", {"semantic_query": asked["query"]}), answer.AnswerReply)
    assert again["results"] == asked["results"]
    problem(post(shop, "/query", {"semantic_query": {"metrics": "revenue"}}), 422, "DM7031")


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"node": "column", "name": "national_id"}, "DM3002"),
        ({"node": "attribute", "name": "region"}, "DM3102"),
        ({"node": "parameter", "name": "dm_p1", "type": "text"}, "DM3102"),
        ({"node": "call", "name": "pg_sleep", "args": [{"node": "literal", "value": 5, "type": "integer"}]}, "DM3103"),
        ({"node": "literal", "value": "1) or (1=1", "type": "decimal"}, "DM3105"),
        ({"node": "drop"}, "DM7031"),
    ],
)
def test_a_tree_that_no_text_makes_is_refused(shop: Gateway, where: dict[str, object], code: str) -> None:
    for part in ("where", "having"):
        reply = post(shop, "/query", {"semantic_query": {"metrics": ["revenue"], part: where}})
        problem(reply, 422, "DM3015" if (code, part) == ("DM3002", "having") else code)


def test_a_tree_of_any_depth_is_answered(shop: Gateway) -> None:
    where: dict[str, object] = {"node": "field", "name": "customer__country"}
    for _ in range(180):
        where = {"node": "not", "arg": where}
    problem(post(shop, "/query", {"semantic_query": {"metrics": ["revenue"], "where": where}}), 422, "DM3101")


def test_a_period_to_the_end_of_time(shop: Gateway) -> None:
    for body in ({"end_time": "9999-12-31"}, {"end_time": "9999-12-31", "group_by": ["metric_time__year"]}):
        for engine in ("postgres", "clickhouse"):
            good(post(shop, "/query", {"metrics": ["revenue"], "source": engine, **body}), answer.AnswerReply)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/ask", {"question": "   "}, 422, "DM6001"),
        ("/ask", {"question": "x" * 10_001}, 422, "DM7031"),
        ("/query", {"metrics": ["revenu"]}, 422, "DM3001"),
        ("/query", {"metrics": ["revenue"], "limit": 0}, 422, "DM3092"),
        ("/query", {"metrics": ["revenue"], "start_time": "yesterday"}, 422, "DM3092"),
        ("/query", {"metrics": ["revenue"], "where": ["drop table x"]}, 422, None),
        ("/query", {"metrics": ["revenue"], "source": "oracle"}, 422, "DM3031"),
        ("/sql/execute", {"sql": "select", "source": "oracle"}, 422, "DM7031"),
        ("/sql/execute", {"sql": "delete from dim_customers", "source": "postgres"}, 403, None),
        ("/sql/execute", {"sql": "select 1; select 2", "source": "postgres"}, 400, "DM4005"),
        ("/sql/execute", {"sql": "select * from pg_shadow", "source": "postgres"}, 403, None),
        ("/sql/execute", {"sql": "select ((", "source": "clickhouse"}, 400, None),
        ("/sql/execute", {"sql": SELECT, "source": "postgres", "query_id": new_id("qry")}, 404, "DM3091"),
        ("/sql/execute", {"sql": SELECT, "source": "postgres", "query_id": "x"}, 422, "DM7031"),
        ("/feedback/flag", {"query_id": new_id("qry"), "comment": "x", "rating": 1}, 404, "DM3091"),
    ],
)
def test_what_is_wrong_is_said(shop: Gateway, path: str, body: dict[str, Any], status: int, code: str | None) -> None:
    reply = post(shop, path, body)
    assert reply.status_code == status, reply.text
    problem(reply, status, code or reply.json()["code"])


def test_a_name_with_a_typo_is_hinted_at(shop: Gateway) -> None:
    assert "`revenue`" in problem(post(shop, "/query", {"metrics": ["revenu"]}), 422, "DM3001")["hint"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ask", {"question": ASKED}),
        ("/query", METRIC_QUERY),
        ("/query", {"metrics": ["no_such_metric"]}),
        ("/query/explain", METRIC_QUERY),
        ("/sql/generate", {"question": ASKED}),
        ("/sql/validate", {"sql": SELECT, "source": "postgres"}),
        ("/sql/execute", {"sql": SELECT, "source": "postgres"}),
        ("/feedback/flag", {"query_id": new_id("qry")}),
    ],
)
def test_a_viewer_asks_nothing(shop: Gateway, path: str, body: dict[str, Any]) -> None:
    problem(post(shop, path, body, "viewer"), 403, "DM7010")
    problem(shop.client.post(f"/api/v1{path}", json=body), 401, "DM7002")


def test_sql_is_generated_and_not_run(shop: Gateway) -> None:
    body = good(post(shop, "/sql/generate", {"question": ASKED}), sql.GenerateReply)
    assert {"query_id", "sql", "explanation", "confidence_score", "correlation_id", "generated_at"} <= set(body)
    assert "select" in body["sql"].lower()
    assert 0 < body["confidence_score"] <= 1
    assert body["explanation"]
    record = good(get(shop, f"/query/{body['query_id']}"), query.QueryRecordReply)
    assert (record["status"], record["rows_returned"]) == ("generated", 0)
    refused = good(post(shop, "/sql/generate", {"question": "zzz qqq"}), sql.GenerateReply)
    assert (refused["sql"], refused["confidence_score"]) == ("", 0)
    assert refused["outcome"] != "answer"


@pytest.mark.parametrize("source", ["postgres", "clickhouse"])
def test_a_metric_query_is_explained_and_not_run(shop: Gateway, source: str) -> None:
    asked = {"metrics": ["revenue_last_28_days"], "group_by": ["metric_time__day"], "source": source, "comments": True}
    body = good(post(shop, "/query/explain", asked), explain.ExplainReply)
    assert body["restated"] == "Revenue of the last 28 days by day"
    assert body["plan"].splitlines()[-1].strip().startswith("order by metric_time__day")
    assert "/* Revenue of the 28 days up to and including each day. */" in body["sql"]
    assert (body["engine"], body["governed_sql"]) == (source, "")
    assert [stage["stage"] for stage in body["stages"]] == ["interpret", "generate", "validate", "optimize", "sanitize"]
    assert good(post(shop, "/query", asked), answer.AnswerReply)["sql"] == body["sql"]
    assert good(post(shop, "/query/explain", asked, "admin"), explain.ExplainReply)["governed_sql"]
    record = good(get(shop, f"/query/{body['query_id']}"), query.QueryRecordReply)
    assert (record["status"], record["rows_returned"]) == ("generated", 0)


HALF = (
    b'{"semantic_query": {"metrics": ["\\ud800"]}}',
    b'{"semantic_query": {"metrics": ["revenue"], "time": {"start": "2026-01-01", "phrase": "\\ud800"}}}',
    b'{"semantic_query": {"metrics": ["revenue"], "where": {"node": "binary", "op": "=", "left": {"node": "field", "name": "customer__country"},'
    b' "right": {"node": "literal", "value": "\\ud800", "type": "text"}}}}',
)


@pytest.mark.parametrize("body", HALF)
def test_half_a_character_is_no_text(shop: Gateway, body: bytes) -> None:
    """The query was run, and its end could not be recorded."""
    headers = {**shop.bearer("analyst"), "content-type": "application/json"}
    problem(shop.client.post("/api/v1/query", content=body, headers=headers), 422, "DM3094")


def test_a_saved_query_sent_as_a_query_is_told_as_what_it_asks(shop: Gateway) -> None:
    sent = {"semantic_query": {"saved_query": "monthly_trading_by_country", "limit": 3}}
    body = good(post(shop, "/query", sent), answer.AnswerReply)
    assert body["restated"].startswith("Revenue, orders and average order value by month and country")
    assert [found["metric"] for found in body["definitions"]] == ["revenue", "orders", "average_order_value"]


def test_a_question_is_explained_too(shop: Gateway) -> None:
    body = good(post(shop, "/query/explain", {"question": "MoM growth"}), explain.ExplainReply)
    assert body["query"]["metrics"] == ["revenue_growth_month_over_month"]
    assert "scan" in body["plan"]
    unclear = good(post(shop, "/query/explain", {"question": "revenue growth"}), explain.ExplainReply)
    assert (unclear["outcome"], unclear["plan"], unclear["sql"]) == ("clarify", "", "")
    assert len(unclear["choices"]) == 2
    chosen = good(post(shop, "/query/explain", {"semantic_query": unclear["choices"][0]["query"]}), explain.ExplainReply)
    assert chosen["restated"] == unclear["choices"][0]["text"]


def test_what_can_not_be_planned_is_a_problem(shop: Gateway) -> None:
    problem(post(shop, "/query/explain", {"metrics": ["revenue_last_28_days"]}), 422, "DM3021")


@pytest.mark.parametrize("source", ["postgres", "clickhouse"])
def test_written_sql_is_checked_and_run(shop: Gateway, source: str) -> None:
    checked = good(post(shop, "/sql/validate", {"sql": SELECT, "source": source}, "admin"), sql.ValidateReply)
    assert checked["valid"] is True
    body = good(post(shop, "/sql/execute", {"sql": SELECT, "source": source}, "admin"), sql.ExecuteReply)
    assert {"query_id", "results", "rows_returned", "execution_time_ms", "explanation", "correlation_id"} <= set(body)
    assert body["rows_returned"] == len(body["results"]) > 0
    assert set(body["results"][0]) == {"country", "n"}
    assert body["engine"] == source


def test_sql_that_is_refused_is_not_valid(shop: Gateway) -> None:
    body = good(post(shop, "/sql/validate", {"sql": "drop table dim_customers", "source": "postgres"}), sql.ValidateReply)
    assert body["valid"] is False
    assert body["problems"][0]["code"].startswith("DM4")


def test_sql_goes_on_with_the_turn_that_made_it(shop: Gateway) -> None:
    made = good(post(shop, "/sql/generate", {"question": ASKED, "source": "postgres"}), sql.GenerateReply)
    body = good(post(shop, "/sql/execute", {"sql": made["sql"], "source": "postgres", "query_id": made["query_id"]}), sql.ExecuteReply)
    assert body["query_id"] == made["query_id"]
    record = good(get(shop, f"/query/{made['query_id']}"), query.QueryRecordReply)
    assert (record["status"], record["question"]) == ("succeeded", ASKED)


def test_a_record_is_its_owners_and_the_admins(shop: Gateway) -> None:
    query_id = good(post(shop, "/ask", {"question": ASKED}), answer.AnswerReply)["query_id"]
    record = good(get(shop, f"/query/{query_id}"), query.QueryRecordReply)
    assert record["question"] == ASKED
    assert record["answer"]["query_id"] == query_id
    assert "results" not in record["answer"]
    good(get(shop, f"/query/{query_id}", "admin"), query.QueryRecordReply)
    other = {"Authorization": f"Bearer {shop.login(shop.person('analyst')[1])['access_token']}"}
    problem(shop.client.get(f"/api/v1/query/{query_id}", headers=other), 404, "DM3091")
    problem(get(shop, f"/query/{query_id}", "viewer"), 404, "DM3091")


def test_the_layer_can_be_read(shop: Gateway) -> None:
    metrics = good(get(shop, "/metrics", "viewer"), layer.MetricPage)
    names = [item["name"] for item in metrics["items"]]
    assert "revenue" in names
    assert names == sorted(names)
    detail = good(get(shop, "/metrics/revenue", "viewer"), layer.MetricReply)
    assert detail["dimensions"]
    shared = good(get(shop, "/metrics/revenue/dimensions"), layer.DimensionPage)
    assert shared == good(get(shop, "/dimensions", metric="revenue"), layer.DimensionPage)
    every = good(get(shop, "/dimensions"), layer.DimensionPage)
    assert len(every["items"]) >= len(shared["items"]) > 0
    good(get(shop, f"/dimensions/{every['items'][0]['name']}"), layer.DimensionReply)
    entities = good(get(shop, "/entities"), layer.EntityPage)
    good(get(shop, f"/entities/{entities['items'][0]['name']}"), layer.EntityReply)
    terms = good(get(shop, "/glossary"), layer.TermPage)
    good(get(shop, f"/glossary/{terms['items'][0]['term'].upper()}"), layer.TermPage)
    assert good(get(shop, "/semantic/models"), layer.SemanticModelPage)["items"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/metrics/nope", "DM3001"),
        ("/dimensions/nope", "DM3002"),
        ("/entities/nope", "DM3003"),
        ("/glossary/nope", "DM3093"),
        ("/dimensions?metric=nope", "DM3001"),
    ],
)
def test_names_that_are_none(shop: Gateway, path: str, code: str) -> None:
    problem(shop.client.get(f"/api/v1{path}", headers=shop.bearer("viewer")), 404, code)


def test_lists_page_by_cursor(shop: Gateway) -> None:
    for path in ("/metrics", "/dimensions", "/entities", "/glossary", "/semantic/models"):
        whole = get(shop, path).json()["items"]
        found, cursor = [], ""
        while cursor is not None:
            page = get(shop, path, limit=3, cursor=cursor).json()
            found += page["items"]
            cursor = page["next_cursor"]
        assert found == whole
    problem(get(shop, "/metrics", cursor="nope"), 400, "DM7036")


def test_reading_a_question(shop: Gateway) -> None:
    body = good(
        shop.client.post("/api/v1/semantic/interpret", json={"question": ASKED}, headers=shop.bearer("analyst")), layer.ReadingReply
    )
    assert body["outcome"] == "answer"
    assert body["query"]["metrics"] == ["revenue"]
    assert body["unused"] == []


def test_feedback_is_kept(shop: Gateway) -> None:
    query_id = good(post(shop, "/ask", {"question": ASKED}), answer.AnswerReply)["query_id"]
    body = good(post(shop, "/feedback/flag", {"query_id": query_id, "comment": "wrong", "rating": 1}), feedback.FlagReply, 201)
    assert body["status"] == "flagged_for_review"
    kept = shop.deps.feedback.page("default", "flagged_for_review", "", 1)[0]
    assert (kept.id, kept.query_id, kept.comment) == (body["feedback_id"], query_id, "wrong")


def test_probes_of_a_service_that_works(shop: Gateway) -> None:
    body = good(shop.client.get("/api/v1/health"), health.HealthReply)
    assert body["operational_mode"] == "FULL_OPERATIONAL"
    assert body["health_score"] == 1
    assert shop.client.get("/ready").json() == {"status": "ready"}


def test_turns_are_counted_and_audited(shop: Gateway, demo: Demo) -> None:
    correlation = new_id("mine")
    headers = {**shop.bearer("analyst"), "X-Correlation-ID": correlation}
    body = shop.client.post("/api/v1/ask", json={"question": ASKED}, headers=headers).json()
    assert body["correlation_id"] == correlation
    with psycopg.connect(demo.servers.store) as connection:
        rows = connection.execute(
            "SELECT event_type, status, ip_address FROM audit.audit_log WHERE correlation_id = %s ORDER BY seq", (correlation,)
        ).fetchall()
    assert rows == [("query.execute", "begin", "127.0.0.1"), ("query.execute", "succeeded", "127.0.0.1")]
    assert 'datamind_turns_total{door="rest",outcome="answer"}' in shop.client.get("/metrics").text
