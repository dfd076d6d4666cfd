"""A key of several columns joins and is counted, but is no value: engines show and compare rows in ways of their own."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.plan.build import build
from app.service.request import QueryRequest, semantic_query
from tests.goldens.business import ONTOLOGY
from tests.goldens.test_goldens import JOINS

ASKED = {
    "a group-by item": QueryRequest(("pieces",), ("shelf",)),
    "listed": QueryRequest((), ("shelf",)),
    "extremes": QueryRequest((), ("shelf",), min_max_only=True),
    "compared": QueryRequest(("pieces",), (), ("{{ Entity('shelf') }} = '(1,1)'",)),
    "among": QueryRequest(("pieces",), (), ("{{ Entity('shelf') }} IN ('(1,1)')",)),
    "empty": QueryRequest(("pieces",), (), ("{{ Entity('shelf') }} IS NULL",)),
    "grouped by in a filter": QueryRequest(("pieces",), (), ("{{ Metric('pieces', ['shelf']) }} > 2",)),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_it_is_no_value(asked: QueryRequest) -> None:
    with pytest.raises(UserError, match="DM3023"):
        build(semantic_query(asked, ONTOLOGY, JOINS), ONTOLOGY, JOINS)


def test_it_is_not_offered_but_what_it_leads_to_is() -> None:
    found = JOINS.compatible_dimensions(("pieces",))
    assert "shelf" not in found
    assert "shelf__material" in found
