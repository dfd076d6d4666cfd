"""What looks like personal data and is none: order numbers, dates, UUIDs, decimals, versions, addresses of machines, SQL."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.redaction.found import PiiClass
from app.redaction.redact import find, redact, redact_deep, redact_json

BENIGN = [
    "Order 1234567890 shipped on 2024-11-22 at 10:00:00+01:00",
    "order numbers 10000001, 10000002 and 10000003",
    "invoice INV-2024-000123, PO 4500012345, SKU 978-0-306-40615-7",
    "revenue was 1,234,567.89 EUR, up +12.5% from 1098765.43",
    "p50 0.1234567890123, p95 12345.678901234567",
    "GET /api/v1/metrics/revenue 200 in 12.345 ms",
    "2024-11-22 10:11:12.123456 +0000 UTC [12345] LOG: checkpoint complete",
    "10.0.0.1:5432 192.168.100.200 fe80::1ff:fe23:4567:890a",
    "commit 04dee9a1b2c3d4e5f60718293a4b5c6d7e8f9012 sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "epoch 1732269600, 1732269600123, 1732269600123456, 1732269600123456789",
    "SELECT sum(amount) FROM orders WHERE order_id BETWEEN 4000000000 AND 4999999999 LIMIT 10000",
    "version 1.11.16, python 3.11.7, PostgreSQL 18.6 (Debian 18.6-1), clickhouse 26.9.1.1234",
    "qry_0193a8f0c1d27abc8def0123456789ab inc_0193a8f012347abc",
    "coordinates 52.520008, 13.404954 and -33.868820, 151.209290",
    "widths 100 200 300 400 500 600 700 800 900 1000 1100 1200",
    "lotto 01 12 23 34 45 06; matrix 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
    "week 2024-W47, quarter 2024Q4, range 2023-01-01/2024-12-31, 31.12.2024, 12/31/2024",
    "EAN 4006381333931, ISBN 9783161484100, VIN WVWZZZ1JZXW000001, flight LH 4711, gate B42",
    "user@localhost, @mention, pkg@1.2.3, decorator @pytest.fixture, a @ b",
    "tel aviv 2024, the phone costs 1299.00, call stack depth 12, mobile share 45%",
    "1e10 6.02214076e23 0x1F4 0b1010 1_000_000_000_000",
    "rows 00000000000 to 99999999999, id 000-00-0000, 123-456-789",
    "+12345.678 -98765.4321 +123 +4912.34567890 (+1234567)",
]


@pytest.mark.parametrize("text", BENIGN)
def test_benign_texts_are_left_alone(text: str) -> None:
    assert redact(text) == text


FIRST, LAST = dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)  # noqa: DTZ001 - the zone is drawn beside them


def left(text: str) -> bool:
    return redact(text) == text


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10**10 - 1), st.sampled_from(["order {}", "#{}", "id={}", "{} rows", "[{}]"]))
def test_order_numbers(number: int, text: str) -> None:
    assert left(text.format(number))


@settings(max_examples=400, deadline=None)
@given(st.datetimes(FIRST, LAST), st.sampled_from([None, dt.UTC, dt.timezone(dt.timedelta(hours=-11))]))
def test_dates_and_times(moment: dt.datetime, zone: dt.tzinfo | None) -> None:
    moment = moment.replace(tzinfo=zone)
    assert left(
        f"at {moment.isoformat()} and {moment} or {moment.date()}, {moment:%d.%m.%Y %H:%M}, {moment:%m/%d/%Y}, {moment:%Y%m%d%H%M%S}"
    )


@settings(max_examples=400, deadline=None)
@given(st.uuids())
@example(uuid.UUID("12345678-1234-4111-1111-111111111111"))
@example(uuid.UUID("41111111-1111-1111-1111-111111111111"))
@example(uuid.UUID("ba3024e5-449f-1f7d-0bf3-98db856895b6"))
def test_uuids(one: uuid.UUID) -> None:
    assert left(f"id {one} and {str(one).upper()} in urn:uuid:{one}")


@settings(max_examples=400, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15), st.decimals(-(10**9), 10**9, places=6))
def test_decimals(one: float, other: object) -> None:
    assert left(f"{one!r} {other} {one:+.6f} {one:,.2f}")
    assert redact_deep({"one": one, "n": 12345678901}) == {"one": one, "n": 12345678901}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_marks_stay(text: str) -> None:
    shown = redact(text)
    assert redact(shown) == shown
    places = [(found.start, found.end) for found in find(text)]
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize("unit", ["1 ", "4111-", "4111 ", "a@", "+1", "DE89 ", "a.", "tel ", "12.34.", "AB12", "(0)"])
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Eight times the text takes no more than thirty times as long: what doubles squared would take sixty-four."""

    def took(times: int) -> float:
        text = unit * times + "@x"
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            redact(text)
            best = min(best, time.process_time() - started)
        return best

    small = took(5_000)
    assert took(40_000) <= 30 * max(small, 0.001)


def test_only_the_classes_asked_for() -> None:
    assert redact("ana@example.com 4111111111111111", {PiiClass.CARD}) == "ana@example.com [CARD_MASKED]"


def test_values_of_every_kind() -> None:
    held = {"a@b.org": [("x", b"a@b.org", 4111111111111111, True, None, 1.5, {"y": "a@b.org"})], "error": ValueError("a@b.org")}
    assert redact_deep(held) == {
        "[EMAIL_MASKED]": [["x", "[EMAIL_MASKED]", "[CARD_MASKED]", True, None, 1.5, {"y": "[EMAIL_MASKED]"}]],
        "error": "[EMAIL_MASKED]",
    }
    deep: list[object] = ["a@b.org"]
    for _ in range(30):
        deep = [deep]
    assert "a@b.org" not in str(redact_deep(deep))


def test_json_stays_json() -> None:
    assert redact_json('{"a":"x@y.org","n":4111111111111111}') == '{"a":"[EMAIL_MASKED]","n":"[CARD_MASKED]"}'
    assert redact_json('{"a": 1}') == '{"a": 1}'


HELD = [
    ("4111 1111 1111 1111", "[CARD_MASKED]"),
    ("DE89 3704 0044 0532 0130 00", "[IBAN_MASKED]"),
    ("+49 30 1234567", "[PHONE_MASKED]"),
    ("ana@example.com", "[EMAIL_MASKED]"),
    ("078-05-1120", "[NATIONAL_ID_MASKED]"),
]


@pytest.mark.parametrize("before", ["\n", "\t", "\r", "\f", "\b"])
@pytest.mark.parametrize(("value", "mark"), HELD)
def test_texts_of_json_are_read_as_they_are_and_not_as_json_writes_them(before: str, value: str, mark: str) -> None:
    held = {"note": [f"ssn:{before}{value}{before}x"]}
    assert json.loads(redact_json(json.dumps(held))) == {"note": [f"ssn:{before}{mark}{before}x"]}


@pytest.mark.parametrize("text", ['{ "a" : [1.50, 1e3, "\\u00e9\\n\\/"],\n\t"b":null }', '"x"', "[ ]", '{"a":12345678901234567890}'])
def test_json_without_anything_personal_stays_as_it_is_written(text: str) -> None:
    assert redact_json(text) == text
