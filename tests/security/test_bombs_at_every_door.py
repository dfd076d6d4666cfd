"""Bombs at every place of the API that takes text: no fault of ours, nothing of the inside, and an answer within six seconds.

A run takes some bombs for each place; DATAMIND_MUTANTS=all takes all of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from app.model.ids import new_id
from tests.gateway.conftest import Gateway
from tests.security.doors import BODIES, Door, doors, operations, with_text
from tests.security.faults import MOST_SECONDS, WORK, fault, late

ALL = os.environ.get("DATAMIND_MUTANTS") == "all"
MEGABYTE = 990_000
IN_A_LINE = 60_000
"""About as much as the server takes before a body: of a path, of parameters, of headers."""
DEEP = ("question", "sql", "where", "having", "calculations", "rows", "select", "semantic_query", "metrics", "group_by", "order")
"""Texts that are parsed: they get more bombs at each run."""
TEXTS: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "a" * n,
    "words": lambda n: "a " * (n // 2),
    "spaces": lambda n: " " * n,
    "a word, spaces, a word": lambda n: "a" + " " * (n - 2) + "b",
    "a word and a sign": lambda n: "a" * (n - 1) + "!",
    "logins": lambda n: "://" * (n // 3),
    "secrets": lambda n: "pass={" * (n // 6),
    "addresses": lambda n: "a@" * (n // 2),
    "digits": lambda n: "9" * n,
    "other digits": lambda n: "٣" * n,
    "an exponent": lambda _: "1e99999999",
    "opening": lambda n: "(" * n,
    "brackets": lambda n: "(" * (n // 2 - 1) + "1" + ")" * (n // 2 - 1),
    "templates": lambda n: "{{ Dimension('customer__country') }} = 'a' AND " * (n // 48),
    "braces": lambda n: "{{" * (n // 2),
    "tags": lambda n: "{% for a in b %}" * (n // 16),
    "not": lambda n: "not " * (n // 4),
    "or": lambda n: "1 = 1 or " * (n // 9),
    "minus": lambda n: "-" * n,
    "sum": lambda n: "1" + "+1" * (n // 2 - 1),
    "calls": lambda n: "abs(" * (n // 5) + "1" + ")" * (n // 5),
    "cases": lambda n: "case when 1 = 1 then " * (n // 25) + "1" + " end" * (n // 25),
    "dots": lambda n: "a." * (n // 2),
    "underscores": lambda n: "a__" * (n // 3),
    "commas": lambda n: "a," * (n // 2),
    "quotes": lambda n: "'" * n,
    "doubled quotes": lambda n: '"' * n,
    "backslashes": lambda n: "\\" * n,
    "percents": lambda n: "%s%(a)s" * (n // 8),
    "repeats": lambda n: "(a*)*" * (n // 5),
    "counts": lambda n: "(((a{1,999}){1,999}){1,999})" * max(1, min(n // 28, 20)),
    "null bytes": lambda n: "\x00" * n,
    "control characters": lambda n: "\x1b[31m\r\n" * (n // 7),
    "half characters": lambda n: "\ud800" * n,
    "combining": lambda n: "e" + "\u0301" * (n - 1),
    "right to left": lambda n: "\u202e" * n,
    "beyond the plane": lambda n: "\U0001f469\u200d" * (n // 2),
    "questions": lambda n: "revenue by country and " * (n // 23),
    "comparisons": lambda n: "revenue vs orders compared with last year " * (n // 42),
    "selections": lambda n: "1+tag:a+1,@b " * (n // 13),
    "dates": lambda n: "2025-02-31" * max(1, n // 10),
    "far dates": lambda _: "99999-12-31",
    "the last moment": lambda _: "9999-12-31T23:59:59.999999+23:59",
    "the first moment": lambda _: "0001-01-01T00:00:00-23:59",
}
JSON: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "lists": b"[" * 400_000,
    "closed lists": b"[" * 400_000 + b"]" * 400_000,
    "objects": b'{"a":' * 150_000,
    "closed objects": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "digits": b"9" * MEGABYTE,
    "a number among them": b'{"limit": ' + b"9" * 100_000 + b"}",
    "an exponent": b'{"limit": 1e999999, "rating": 1e999999}',
    "no number": b'{"limit": NaN, "rating": -Infinity}',
    "one text": b'"' + b"a" * MEGABYTE + b'"',
    "escapes": b'"' + b"\\u0000" * 160_000 + b'"',
    "half characters": b'{"\\ud800": "\\udfff"}',
    "many fields": b"{" + b",".join(b'"f%d":1' % n for n in range(80_000)) + b"}",
    "many items": b"[" + b"1," * 450_000 + b"1]",
    "many lists": b'{"groups": [' + b"[]," * 300_000 + b"[]]}",
    "the same field": b"{" + b",".join([b'"reason":"x"'] * 60_000) + b"}",
    "other encoding": '{"reason": "x"}'.encode("utf-16"),
    "a mark before it": b"\xef\xbb\xbf{}",
    "no text": bytes(range(256)) * 1_000,
    "compressed": b"\x1f\x8b\x08" + b"\x00" * 1_000,
}


@dataclass
class Attacked:
    """A gateway, as somebody signed in as an admin, and things that are there to be named."""

    gateway: Gateway
    names: dict[str, str]

    def document(self) -> dict[str, Any]:
        """What the API says of itself."""
        return self.gateway.client.get("/openapi.json").json()

    def send(self, operation: str, *, named: dict[str, bytes] | None = None, query: str = "", sent: str = "", **request: Any) -> str:
        """Why what comes of it may not be; "" where it may."""
        method, _, path = operation.partition(" ")
        for name, value in {**self.names, **(named or {})}.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        headers = {**self.gateway.bearer("admin"), "If-Match": "1", **request.pop("headers", {})}
        if "content" in request:
            headers = {"Content-Type": "application/json", **headers}

        def ask() -> None:
            with self.gateway.client.stream(method, path + query, headers=headers, timeout=60, **request) as answer:
                if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                    answer.read()
                    wrong.append(fault(answer, sent))

        wrong: list[str] = []
        slow = late(ask, WORK.get(operation, MOST_SECONDS))
        return next(filter(None, wrong), slow)


@pytest.fixture(scope="module")
def attacked(fuzzed: Gateway) -> Attacked:
    user, _ = fuzzed.person("viewer")
    rule = {"name": "kept", "models": ["dim_customers"], "deny": True, "columns": ["email"], "roles": ["viewer"]}
    made = fuzzed.client.post("/api/v1/data-control/policies", json=rule, headers=fuzzed.bearer("admin"))
    assert made.status_code == 201, made.text
    job = fuzzed.client.post("/api/v1/admin/sync", json={}, headers=fuzzed.bearer("admin")).json()["id"]
    asked = fuzzed.client.post("/api/v1/query", json={"metrics": ["revenue"]}, headers=fuzzed.bearer("admin")).json()["query_id"]
    session = fuzzed.client.post("/api/v1/chat", json={"question": "revenue"}, headers=fuzzed.bearer("admin")).json()["session_id"]
    link = fuzzed.client.post(f"/api/v1/answers/{asked}/share", headers=fuzzed.bearer("admin")).json()["id"]
    names = {
        "user_id": user,
        "name": "kept",
        "job_id": job,
        "query_id": asked,
        "command": "run",
        "candidate_id": new_id("cnd"),
        "correction_id": new_id("apr"),
        "entry_id": new_id("fbk"),
    }
    return Attacked(fuzzed, {**names, "session_id": session, "choice_id": new_id("cho"), "share_id": link})


def bombs(door: Door, number: int) -> Iterator[tuple[str, str]]:
    """Names and texts: as long as the door takes, and as long as a request may be."""
    most = MEGABYTE if door.where[0] == "body" else IN_A_LINE
    lengths = sorted({min(door.longest or most, most), most})
    names, many = list(TEXTS), 10 if set(DEEP) & set(door.where) and "explain" not in door.operation else 2
    taken = names if ALL else [names[(number * many + one) % len(names)] for one in range(many)]
    for name in taken:
        for length in lengths if ALL else lengths[: 1 + (hash_of(name, number) % 4 == 0)]:
            if text := TEXTS[name](length):
                yield f"{name} × {length:,}", text


def in_a_line(text: str) -> bytes:
    """As much of the text as an address holds."""
    made = text.encode("utf-8", "replace")
    while len(quote(made, safe="")) > IN_A_LINE:
        made = made[: len(made) // 2]
    return made


def hash_of(name: str, number: int) -> int:
    """A number that is the same at each run."""
    return sum(name.encode()) + number


def test_every_body_has_an_example_that_is_understood(attacked: Attacked) -> None:
    assert {name for name, said in operations(attacked.document()).items() if "requestBody" in said} == set(BODIES)


@pytest.mark.timeout(3600 if ALL else 600)
def test_a_text_that_is_a_bomb_is_answered_soon(attacked: Attacked) -> None:
    found = []
    for number, door in enumerate(doors(attacked.document())):
        body = BODIES.get(door.operation)
        if body is not None and door.operation.endswith("/flag"):
            body = {"query_id": attacked.names["query_id"]}
        for name, text in bombs(door, number):
            request: dict[str, Any] = {} if body is None else {"content": json.dumps(body).encode()}
            kind, *_ = door.where
            if kind == "body":
                assert body is not None
                request["content"] = json.dumps(with_text(body, door, text, min(door.items, MEGABYTE // 6 // len(text) or 1))).encode()
            elif kind == "query":
                request["query"] = f"?{quote(door.where[1])}={quote(in_a_line(text), safe='')}"
            elif kind == "header":
                request["headers"] = {door.where[1]: text.encode("utf-8", "replace")[:IN_A_LINE].translate(None, b"\r\n\x00").strip()}
            else:
                request["named"] = {door.where[1]: in_a_line(text) or b"x"}
            if wrong := attacked.send(door.operation, sent=text, **request):
                found.append(f"{door} {name}: {wrong}")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", JSON)
def test_a_body_that_is_a_bomb_is_answered_soon(attacked: Attacked, name: str) -> None:
    found = [f"{one}: {wrong}" for one in BODIES if (wrong := attacked.send(one, content=JSON[name]))]
    assert found == [], "\n".join(found)
