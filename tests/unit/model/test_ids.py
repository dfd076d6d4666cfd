"""Ids sort by time and never meet."""

from __future__ import annotations

import re
import time
import uuid

from app.model.ids import new_id, uuid7_hex


def test_an_id_is_a_prefix_and_a_uuid_of_version_7() -> None:
    found = new_id("qry")
    assert re.fullmatch(r"qry_[0-9a-f]{32}", found)
    parsed = uuid.UUID(hex=found.removeprefix("qry_"))
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert abs((parsed.int >> 80) / 1000 - time.time()) < 60


def test_ids_sort_by_time() -> None:
    assert [hex_[:12] for hex_ in map(uuid7_hex, (0, 1, 2**48 - 1))] == ["0" * 12, "0" * 11 + "1", "f" * 12]
    made = [uuid7_hex(milliseconds) for milliseconds in (1000, 2000, 3000)]
    assert sorted(made) == made


def test_ids_of_one_millisecond_differ() -> None:
    assert len({uuid7_hex(1) for _ in range(10_000)}) == 10_000
