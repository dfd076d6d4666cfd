"""Files of answers with hidden values: none is in any byte of a picture or a page, in what it was drawn of, or in what the file says of itself."""

from __future__ import annotations

import dataclasses
import io
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pypdf import PdfReader

from app.model.principal import Role
from app.ports import Charts
from tests.gateway.conftest import Gateway, serving
from tests.gateway.person import Person
from tests.support.demo import Demo

QUESTION = "revenue by country"
HIDDEN = "Germany"


class Drawn:
    """Draws, and keeps what it drew."""

    def __init__(self, charts: Charts) -> None:
        self.charts = charts
        self.specs: list[str] = []

    def png(self, spec: dict[str, Any]) -> bytes:
        self.specs.append(repr(spec))
        return self.charts.png(spec)


@pytest.fixture(scope="module")
def drawn(demo: Demo) -> Drawn:
    assert demo.deps.charts is not None
    return Drawn(demo.deps.charts)


@pytest.fixture(scope="module")
def place(demo: Demo, drawn: Drawn) -> Iterator[Gateway]:
    with serving(dataclasses.replace(demo.deps, charts=drawn)) as found:
        yield found


@contextmanager
def policy(admin: Person, **of: Any) -> Iterator[None]:
    """While a policy of the store binds analysts."""
    made = admin.call("POST", "/data-control/policies", {"name": "bytes_test", "roles": ["analyst"], **of})
    assert made.status_code == 201, made.text
    try:
        yield
    finally:
        headers = admin.headers | {"If-Match": f'"{made.json()["revision"]}"'}
        assert admin.shop.client.delete("/api/v1/data-control/policies/bytes_test", headers=headers).status_code == 200


def chunks(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of a PNG."""
    at = 8
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        yield content[at + 4 : at + 8].decode(), content[at + 8 : at + 8 + size]
        at += size + 12


def everything(content: bytes) -> str:
    """All text that a file holds, packed or not, with what it says of itself."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    parts = [content, *(zlib.decompressobj().decompress(one) if one[:1] == b"x" else one for one in streams)]
    if content[:4] == b"%PDF":
        reader = PdfReader(io.BytesIO(content))
        parts += [page.extract_text().encode() for page in reader.pages]
        parts.append(str({**(reader.metadata or {}), "xmp": reader.xmp_metadata}).encode())
    return "\n".join(part.decode(coding, "replace") for part in parts for coding in ("utf-8", "utf-16-be", "utf-16-le"))


def exported(person: Person, query_id: str, to: str) -> bytes:
    told = person.call("GET", f"/query/{query_id}/export", format=to)
    assert told.status_code == 200, told.text
    return bytes(told.content)


HIDING = [
    {"columns": ["dim_customers.country"], "mask": {"kind": "fixed", "replacement": "***"}},
    {"columns": ["dim_customers.country"], "mask": {"kind": "hash"}},
    {"columns": ["dim_customers.country"], "mask": {"kind": "null"}},
    {"models": ["dim_customers"], "rows": f"country <> '{HIDDEN}'", "permissive": False},
]


@pytest.mark.parametrize("hiding", HIDING)
def test_no_hidden_value_is_in_a_picture_or_a_page(place: Gateway, drawn: Drawn, hiding: dict[str, Any]) -> None:
    admin, person = Person(place, Role.ADMIN), Person(place)
    before = person.say(QUESTION)
    assert HIDDEN in str(before["results"])
    assert HIDDEN in everything(exported(person, before["query_id"], "pdf")), "it would be found"
    assert HIDDEN in drawn.specs[-1]
    with policy(admin, **hiding):
        drawn.specs.clear()
        after = person.say(QUESTION)
        for asked in (before, after):
            page = exported(person, asked["query_id"], "pdf")
            assert HIDDEN not in everything(page)
            if after["chart"] is not None:
                picture = exported(person, asked["query_id"], "png")
                assert {name for name, _ in chunks(picture)} <= {"IHDR", "pHYs", "IDAT", "IEND"}, "a picture says nothing but itself"
                assert HIDDEN not in everything(picture)
        assert not [one for one in drawn.specs if HIDDEN in one]
        assert HIDDEN not in str(after)
