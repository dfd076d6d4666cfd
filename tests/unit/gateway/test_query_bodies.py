"""What the bodies of metric queries take, and that nothing which is sent is passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import UserError
from app.gateway.schemas.feedback import ApproveRequest
from app.gateway.schemas.query import MetricQuery, MetricQueryRequest
from app.model.query import SemanticQuery
from app.service.request import QueryRequest

WHOLE = {"metrics": ["revenue"]}


@pytest.mark.parametrize("beside", [{"question": "revenue by country"}, {"source": "postgres"}, {"comments": True}])
def test_a_correction_takes_no_part_of_asking(beside: dict[str, Any]) -> None:
    query = {"metrics": ["revenue"], **beside}
    assert MetricQueryRequest.model_validate(query).to_query() == QueryRequest(("revenue",))
    with pytest.raises(ValidationError) as raised:
        ApproveRequest.model_validate({"flagged_entry_id": "fbk_" + "0" * 32, "question": "x", "corrected_query": query})
    assert [(one["type"], one["loc"]) for one in raised.value.errors()] == [("extra_forbidden", ("corrected_query", *beside))]


@pytest.mark.parametrize(
    "beside",
    [{"metrics": ["orders"]}, {"where": ["x = 1"]}, {"limit": 3}, {"totals": "grand"}, {"apply_group_by": False}, {"top": {"count": 1}}],
)
def test_nothing_is_said_beside_a_whole_query(beside: dict[str, Any]) -> None:
    with pytest.raises(UserError) as raised:
        MetricQuery.model_validate({"semantic_query": WHOLE, **beside}).to_query()
    problem = raised.value.problem
    assert (problem.code, problem.where.path if problem.where else "") == ("DM7031", *beside)


def test_what_is_sent_as_it_is_without_it_says_nothing() -> None:
    """Clients that write every field of a form."""
    plain = {"metrics": [], "order": [], "limit": None, "apply_group_by": True, "top": None, "totals": ""}
    request = MetricQueryRequest.model_validate({"semantic_query": WHOLE, **plain, "source": "postgres", "comments": True})
    assert request.to_query() == SemanticQuery(("revenue",))
