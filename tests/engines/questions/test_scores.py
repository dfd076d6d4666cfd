"""The interpreter's scores on the golden questions of three businesses: what is aimed at on projects that nobody has seen."""

from __future__ import annotations

import pytest

from app.model.principal import Role
from app.service.evaluation.lines import read_questions
from app.service.evaluation.reliability import reliability
from app.service.evaluation.run import Asking, evaluate, gold_tables
from app.service.evaluation.score import score
from app.service.evaluation.thresholds import Thresholds, missed
from tests.support import golden_questions as golden
from tests.support.demo import Demo

AIMS = Thresholds(accuracy=0.85, precision=0.97, clarified=0.75, refused=0.95, calibration_error=0.1)


@pytest.mark.parametrize("name", golden.SETS)
def test_the_questions_are_answered_asked_back_or_refused_as_they_should_be(name: str, request: pytest.FixtureRequest) -> None:
    found: Demo = request.getfixturevalue(name)
    asking = Asking(found.deps, found.caller(Role.ADMIN), "postgres", name)
    questions = read_questions(golden.path_of(name).read_bytes(), name)
    done = list(evaluate(asking, questions, gold_tables(asking, questions)))
    whole = score(done)
    wrong = [f"{one.question.id} {one.question.question}: {one.why}" for one in done if not one.right]
    assert missed(AIMS, whole, reliability(done)) == (), "\n".join(wrong)
    assert whole.governed.hits == whole.governed.of
