"""The small projects of `tests/projects` are built, published, and can be asked."""

from __future__ import annotations

import pytest

from app.model.answer import Outcome
from app.service.ask import ask
from app.service.compile import compile_source
from app.service.query import query
from app.service.request import QueryRequest
from tests.support.demo import Demo
from tests.support.projects import TODAY

TWO_HOPS = {
    "clinics": QueryRequest(
        metrics=("visits",), group_by=("clinic__county",), where=("{{ Dimension('insurer__insurer_kind') }} = 'public'",)
    ),
    "utility": QueryRequest(metrics=("m_ums_nto",), group_by=("bz__d_zone",)),
    "freight": QueryRequest(metrics=("claims",), group_by=("customer__account_tier",)),
    "hotel": QueryRequest(metrics=("room_revenue",), group_by=("hotel__brand",)),
}


@pytest.fixture(params=TODAY)
def project(request: pytest.FixtureRequest) -> Demo:
    found: Demo = request.getfixturevalue(request.param)
    return found


def test_the_layer_has_metrics_of_every_plain_type_and_no_problems(project: Demo) -> None:
    compiled = compile_source(project.deps.project)
    assert not compiled.problems, [problem.message for problem in compiled.problems]
    metrics = compiled.layer.ontology.metrics
    assert 15 <= len(metrics) <= 30
    assert {metric.type for metric in metrics} >= {"simple", "ratio", "derived", "cumulative"}


def test_joins_lead_over_two_entities(project: Demo) -> None:
    answer = query(project.deps, project.caller(), TWO_HOPS[project.settings.project_id], source="postgres").answer
    assert answer is not None
    assert answer.result is not None
    assert len(answer.result.data[0]) == 3


def test_it_can_be_asked_in_words(project: Demo) -> None:
    answer = ask(project.deps, project.caller(), "asdf qwer").answer
    assert answer is not None
    assert answer.outcome is not Outcome.ANSWER
