"""The table of statuses: what is the caller's to mend is never told as a fault of the server, nor the other way round."""

from __future__ import annotations

import pytest

from app.gateway.status import status_of


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("DM3001", 422),
        ("DM4013", 403),
        ("DM4030", 422),
        ("DM5001", 503),
        ("DM5002", 422),
        ("DM5004", 422),
        ("DM5008", 503),
        ("DM6008", 422),
        ("DM8014", 500),
        ("DM9001", 500),
    ],
)
def test_a_code_has_the_status_of_its_cause(code: str, status: int) -> None:
    assert status_of(code) == status


@pytest.mark.parametrize("code", ["DM4040", "DM4090", "DM4091"])
def test_a_fault_of_governance_itself_is_no_refusal(code: str) -> None:
    assert status_of(code) == 500


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("HEAD", 404), ("POST", 422)])
def test_an_unknown_name_is_not_found_where_it_is_what_is_asked_for(method: str, status: int) -> None:
    assert status_of("DM3002", method) == status
