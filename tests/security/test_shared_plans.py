"""What was planned for one person is nothing that another is given: one memory of plans, people of unequal rights."""

from __future__ import annotations

import dataclasses
from itertools import permutations

import msgspec
import pytest

from app.errors import UserError
from app.model.ontology import Layer
from app.model.policy import ColumnPolicy
from app.model.principal import Principal, Role
from app.pipeline.turn import Turn
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.query import query
from app.service.request import QueryRequest
from app.service.serving import Serving
from tests.support.demo import Demo

BY_SEGMENT = QueryRequest(("revenue",), ("customer__customer_segment",))
PLANS = (
    BY_SEGMENT,
    QueryRequest(("revenue_last_28_days",), ("metric_time__month", "customer__customer_segment")),
    QueryRequest(("visit_to_order_rate",), ("customer__customer_segment",)),
    QueryRequest(group_by=("customer__customer_segment",), min_max_only=True),
    QueryRequest(("orders",), where=("customer__customer_segment = 'business'",)),
)


@pytest.fixture
def deps(demo: Demo) -> Deps:
    """The demo, whose analysts may not see the segment of a customer."""
    layer: Layer = demo.deps.serving.layer()
    hidden = ColumnPolicy("segment", "dim_customers", "customer_segment", roles=("analyst",))
    models = tuple(
        msgspec.structs.replace(m, column_policies=(*m.column_policies, hidden)) if m.name == "dim_customers" else m
        for m in layer.ontology.models
    )
    closed = msgspec.structs.replace(layer, ontology=msgspec.structs.replace(layer.ontology, models=models))

    def current(held: str) -> tuple[str, Layer] | None:
        return None if held else ("1", closed)

    return dataclasses.replace(demo.deps, serving=Serving(current, poll_seconds=3600))


def asked(deps: Deps, who: Principal, request: QueryRequest) -> Turn:
    return query(deps, Caller(who, "test"), request, source="postgres", comments=True)


def person(role: Role, region: str = "") -> Principal:
    return Principal(f"usr_{role}_{region}", "", role, "default", attributes=(("region", region),) if region else ())


@pytest.mark.parametrize("request_", PLANS)
def test_what_an_admin_had_planned_stays_hidden_from_an_analyst(deps: Deps, request_: QueryRequest) -> None:
    for _ in range(2):  # from an empty memory, and from a full one
        assert asked(deps, person(Role.ADMIN), request_).result is not None
        with pytest.raises(UserError) as refused:
            asked(deps, person(Role.ANALYST, "DACH"), request_)
        assert refused.value.problem.code in ("DM3001", "DM3002")
        assert "segment" not in refused.value.problem.hint


def test_people_of_unequal_regions_are_given_their_own_rows(deps: Deps) -> None:
    request = QueryRequest(("revenue", "revenue_all_time"), ("customer__country",))
    people = (person(Role.ADMIN), person(Role.ANALYST, "DACH"), person(Role.ANALYST, "Nordics"), person(Role.ANALYST))
    alone = {}
    layer = deps.serving.layer()
    for who in people:
        fresh = dataclasses.replace(deps, serving=Serving(lambda _held: ("1", layer), poll_seconds=3600))
        result = asked(fresh, who, request).result
        assert result is not None
        alone[who.user_id] = list(result.rows())
    assert len({repr(rows) for rows in alone.values()}) == len(people)
    for order in permutations(people):
        for who in order:
            result = asked(deps, who, request).result
            assert result is not None
            assert list(result.rows()) == alone[who.user_id]


def test_people_of_equal_rights_share_what_was_planned(deps: Deps) -> None:
    """Else the tests above would show nothing."""
    first = asked(deps, person(Role.ANALYST, "DACH"), QueryRequest(("revenue",)))
    other = msgspec.structs.replace(person(Role.ANALYST, "DACH"), user_id="usr_other")
    second = asked(deps, other, QueryRequest(("revenue",)))
    assert first.plan is second.plan
    assert first.sql is second.sql
    assert first.governed is second.governed
    stranger = asked(deps, person(Role.ANALYST, "Nordics"), QueryRequest(("revenue",)))
    assert stranger.governed is not None
    assert first.governed is not None
    assert stranger.governed.parameters != first.governed.parameters


def test_what_was_governed_is_another_under_other_limits_or_another_mask_key(deps: Deps) -> None:
    who, request = person(Role.ANALYST, "DACH"), QueryRequest(("orders",), ("customer__email",))
    first = asked(deps, who, request).governed
    fewer = dataclasses.replace(deps, stage=dataclasses.replace(deps.stage, limits=dataclasses.replace(deps.stage.limits, rows=3)))
    other = dataclasses.replace(deps, stage=dataclasses.replace(deps.stage, mask_key="k" * 40))
    assert asked(deps, who, request).governed is first
    for changed in (fewer, other):
        assert asked(changed, who, request).governed is not first
    result = asked(fewer, who, request).result
    assert result is not None
    assert (result.row_count, result.truncated) == (3, True)
