"""What schemathesis asks of each answer besides its own checks. It loads this module by SCHEMATHESIS_HOOKS."""

from __future__ import annotations

import schemathesis
from schemathesis import Case, CheckContext, Response

from tests.security.faults import MOST_SECONDS, WORK, fault, late


@schemathesis.check
def tells_nothing_of_the_inside(ctx: CheckContext, response: Response, case: Case) -> None:
    assert not (wrong := fault(response, sent=repr(case))), wrong


@schemathesis.check
def answers_in_time(ctx: CheckContext, response: Response, case: Case) -> None:
    most = WORK.get(case.operation.label, MOST_SECONDS)
    if response.elapsed > most:
        assert not (wrong := late(lambda: case.call(headers=dict(response.request.headers), timeout=10 * most), most)), wrong


@schemathesis.check
def is_a_problem_document(ctx: CheckContext, response: Response, case: Case) -> None:
    """What is refused says why, whatever path, method or header was asked with."""
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        assert response.json()["status"] == response.status_code
