"""The mark of an address: another place is another mark, and nothing secret has a part in it."""

from __future__ import annotations

import pytest

from app.adapters.llm.address import mark_of

OWN = "https://api.openai.com/v1"


@pytest.mark.parametrize("url", ["", OWN, f"{OWN}/", "https://API.openai.com:443/v1", "https://user:secret@api.openai.com/v1?key=secret#x"])
def test_the_vendors_own_address_has_none(url: str) -> None:
    assert mark_of(url, OWN) == ""


def test_every_other_place_has_its_own() -> None:
    places = [
        "https://one.openai.azure.com",
        "https://two.openai.azure.com",
        "https://one.openai.azure.com?api-version=2024-10-21",
        "https://one.openai.azure.com?api-version=2025-01-01",
        "http://one.openai.azure.com",
        "https://one.openai.azure.com:8443",
        "https://one.openai.azure.com/team",
        "not an address",
    ]
    marks = [mark_of(place) for place in places]
    assert len({*marks}) == len(places)
    assert all(len(mark) == 12 for mark in marks)


def test_what_is_secret_changes_nothing() -> None:
    bare = mark_of("https://gate.example/v1")
    assert bare
    assert {mark_of(f"https://{who}gate.example/v1{more}") for who in ("", "me:one@", "me:two@") for more in ("", "?key=s", "#s")} == {bare}


def test_one_azure_resource_however_it_is_written() -> None:
    assert mark_of("https://one.openai.azure.com/openai/v1/") == mark_of("https://one.openai.azure.com")


def test_what_is_no_address_is_told_elsewhere() -> None:
    assert mark_of("http://[half") == mark_of("https://host:port")
