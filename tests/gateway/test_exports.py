"""Answers as files: asked anew as whoever exports, under their policies of now, and recorded with what left."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from app.gateway.schemas.answer import AnswerReply
from app.language.narrate import HIDDEN
from app.model.audit.chain import AuditRecord
from app.model.ids import new_id
from app.model.principal import Role
from app.ports.audit import AuditFilter
from app.service.exports.csv_lines import BOM
from tests.gateway.conftest import Gateway, problem, serving, wait_until
from tests.gateway.person import Person
from tests.support.demo import Demo

QUESTION = "revenue by country in 2025"


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture(scope="module")
def ana(shop: Gateway) -> Person:
    return Person(shop)


@pytest.fixture(scope="module")
def admin(shop: Gateway) -> Person:
    return Person(shop, Role.ADMIN)


@pytest.fixture(scope="module")
def asked(ana: Person) -> dict[str, Any]:
    return ana.say(QUESTION)


def export(person: Person, query_id: str, to: str, **params: Any) -> Any:
    answer = person.call("GET", f"/query/{query_id}/export", format=to, **params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="qry_')
    assert answer.headers["content-disposition"].endswith(f'.{to}"')
    return answer


def test_csv(ana: Person, asked: dict[str, Any]) -> None:
    got = export(ana, asked["query_id"], "csv")
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    assert (got.headers["x-rows"], got.headers["x-truncated"]) == (str(asked["rows_returned"]), "false")
    rows = list(csv.DictReader(io.StringIO(got.text)))
    assert [(row["customer__country"], Decimal(row["revenue"])) for row in rows] == [
        (row["customer__country"], row["revenue"]) for row in asked["results"]
    ]
    assert export(ana, asked["query_id"], "csv", bom="true").content == BOM + got.content


def test_xlsx(ana: Person, asked: dict[str, Any]) -> None:
    book = load_workbook(io.BytesIO(export(ana, asked["query_id"], "xlsx").content))
    head, *rows = book["Answer"].iter_rows(values_only=True)
    assert head == ("customer__country", "revenue")
    assert [(row[0], round(Decimal(row[1]), 2)) for row in rows] == [
        (row["customer__country"], round(row["revenue"], 2)) for row in asked["results"]
    ]
    told = {str(row[0]): str(row[1]) for row in book["About"].iter_rows(max_col=2, values_only=True)}
    assert told["Asked"] == QUESTION
    assert told["Policies"] == HIDDEN
    assert told["Period"] == "1 Jan 2025 to 31 Dec 2025"
    assert told["Defined in"] == "models/metrics/sales_simple.yml"
    assert told["Owner"] == "Commercial analytics"
    assert told["Layer"] == asked["layer_version"]
    assert float(told["Confidence"]) == pytest.approx(float(asked["confidence"]), abs=0.005)


def test_json_is_the_answer_of_the_api(ana: Person, asked: dict[str, Any]) -> None:
    got = export(ana, asked["query_id"], "json")
    AnswerReply.model_validate_json(got.text)
    body = json.loads(got.text, parse_float=Decimal)
    for name in (
        "question",
        "restated",
        "text",
        "query",
        "columns",
        "results",
        "definitions",
        "chart",
        "confidence",
        "layer_version",
        "sources",
    ):
        assert body[name] == asked[name], name
    assert body["correlation_id"] == got.headers["x-correlation-id"]


def test_png_and_pdf(ana: Person, asked: dict[str, Any]) -> None:
    picture = Image.open(io.BytesIO(export(ana, asked["query_id"], "png").content))
    assert (picture.format, picture.width > 1500) == ("PNG", True)
    made = export(ana, asked["query_id"], "pdf")
    assert made.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(made.content)).pages
    found = " ".join(pages[0].extract_text().split())
    assert len(pages) == 1
    for said in (QUESTION, "Germany", HIDDEN, "Commercial analytics", asked["layer_version"], made.headers["x-correlation-id"]):
        assert said in found, said


def test_an_answer_without_a_chart(ana: Person) -> None:
    number = ana.say("revenue in May 2026")
    assert number["chart"] is None
    told = problem(ana.call("GET", f"/query/{number['query_id']}/export", format="png"), 422, "DM6082")
    assert "csv" in str(told["hint"])
    assert len(PdfReader(io.BytesIO(export(ana, number["query_id"], "pdf").content)).pages) == 1


def test_what_is_exported_is_recorded(ana: Person, asked: dict[str, Any], shop: Gateway) -> None:
    export(ana, asked["query_id"], "xlsx")

    def newest() -> Sequence[AuditRecord]:
        return shop.deps.trail.trail.page(shop.deps.project_id, AuditFilter(user_id=ana.id, event_type="query.export"), 0, 2)

    wait_until(lambda: newest()[0].status != "begin")  # it is written once the last byte has left
    found = newest()
    assert [one.status for one in found] == ["succeeded", "begin"]
    told = json.loads(found[1].details)
    assert (told["format"], told["rows"], told["columns"]) == ("xlsx", asked["rows_returned"], ["customer__country", "revenue"])
    assert told["query_id"] != asked["query_id"]
    assert "Germany" not in found[1].details


def test_where_it_cannot_be_recorded_nothing_leaves(ana: Person, asked: dict[str, Any], demo: Demo) -> None:
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION audit.no_export() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.event_type = 'query.export' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$"
        )
        connection.execute("CREATE TRIGGER no_export BEFORE INSERT ON audit.audit_log FOR EACH ROW EXECUTE FUNCTION audit.no_export()")
        try:
            told = ana.call("GET", f"/query/{asked['query_id']}/export", format="csv")
        finally:
            connection.execute("DROP TRIGGER no_export ON audit.audit_log")
            connection.execute("DROP FUNCTION audit.no_export")
    problem(told, 503, "DM8010")
    assert "Germany" not in told.text


def test_only_an_answer_of_ones_own_is_exported(ana: Person, admin: Person, asked: dict[str, Any], shop: Gateway) -> None:
    for person, query_id in ((Person(shop), asked["query_id"]), (admin, asked["query_id"]), (ana, new_id("qry"))):
        problem(person.call("GET", f"/query/{query_id}/export", format="csv"), 404, "DM3091")
    problem(ana.call("GET", f"/query/{ana.say('country')['query_id']}/export", format="csv"), 422, "DM6080")
    written = ana.call("POST", "/sql/execute", {"sql": "select 1 as a from dim_customers", "source": "postgres"}).json()
    problem(ana.call("GET", f"/query/{written['query_id']}/export", format="csv"), 422, "DM6080")
    named = ana.call("POST", "/query", {"metrics": ["revenue"], "where": ["customer__country = 'ana@example.com'"]}).json()
    problem(ana.call("GET", f"/query/{named['query_id']}/export", format="csv"), 422, "DM6080")
    problem(ana.call("GET", f"/query/{asked['query_id']}/export", format="docx"), 422, "DM7031")


def test_a_viewer_exports_what_a_link_showed_them(admin: Person, shop: Gateway) -> None:
    viewer = Person(shop, Role.VIEWER)
    all_rows = admin.say(QUESTION)
    link = admin.call("POST", f"/answers/{all_rows['query_id']}/share").json()
    seen = viewer.get(f"/shared/{link['id']}")
    hidden = {row["customer__country"] for row in all_rows["results"]} - {row["customer__country"] for row in seen["results"]}
    assert hidden
    problem(viewer.call("GET", f"/query/{all_rows['query_id']}/export", format="csv"), 404, "DM3091")
    for to in ("csv", "xlsx", "json", "pdf"):
        found = readable(export(viewer, seen["query_id"], to).content, to)
        assert "Germany" in found
        assert not [country for country in hidden if country in found], to


@contextmanager
def policy(admin: Person, **of: Any) -> Iterator[None]:
    """While a policy of the store binds analysts."""
    made = admin.call("POST", "/data-control/policies", {"name": "exports_test", "roles": ["analyst"], **of})
    assert made.status_code == 201, made.text
    try:
        yield
    finally:
        headers = admin.headers | {"If-Match": f'"{made.json()["revision"]}"'}
        assert admin.shop.client.delete("/api/v1/data-control/policies/exports_test", headers=headers).status_code == 200


@pytest.mark.parametrize("mask", [{"kind": "fixed", "replacement": "***"}, {"kind": "null"}])
def test_a_mask_of_now_is_in_every_format(admin: Person, shop: Gateway, mask: dict[str, str]) -> None:
    person = Person(shop)
    before = person.say(QUESTION)["query_id"]
    assert "Germany" in export(person, before, "csv").text
    with policy(admin, columns=["dim_customers.country"], mask=mask):
        for to in ("csv", "xlsx", "json", "pdf"):
            assert "Germany" not in readable(export(person, before, to).content, to), to


def test_a_row_filter_of_now_is_in_every_format(admin: Person, shop: Gateway) -> None:
    person = Person(shop)
    before = person.say(QUESTION)["query_id"]
    with policy(admin, models=["dim_customers"], rows="country <> 'Germany'", permissive=False):
        for to in ("csv", "xlsx", "json", "pdf"):
            found = readable(export(person, before, to).content, to)
            assert "Austria" in found
            assert "Germany" not in found, to


def test_what_is_denied_by_now_is_refused_without_a_word_of_it(admin: Person, shop: Gateway) -> None:
    person = Person(shop)
    before = person.say(QUESTION)["query_id"]
    with policy(admin, columns=["dim_customers.country"], deny=True):
        told = problem(person.call("GET", f"/query/{before}/export", format="csv"), 403, "DM6081")
    assert "country" not in json.dumps(told)


def test_an_admins_file_names_no_policy(admin: Person) -> None:
    said = admin.say(QUESTION)
    assert said["governed_sql"]
    body = json.loads(export(admin, said["query_id"], "json").content)
    assert (body["governed_sql"], body["policies"]) == ("", [])


def readable(content: bytes, to: str) -> str:
    """All text of a file."""
    if to == "xlsx":
        return str([list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(content))])
    if to == "pdf":
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode()
