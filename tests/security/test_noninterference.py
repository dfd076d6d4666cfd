"""What random statements answer does not depend on what is hidden: rows, their order where one was asked for, errors and truncation are those of the twin."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.security.grammar import queries
from tests.security.live import ENGINES, Twins
from tests.security.walks import Walks

EXAMPLES = int(os.environ.get("DATAMIND_EXAMPLES", "150"))


@pytest.mark.parametrize("engine", ENGINES)
def test_no_answer_depends_on_what_is_hidden(live: Twins, engine: str) -> None:
    walks = Walks(live, engine)
    answered = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        nonlocal answered
        text = data.draw(queries(engine))
        wrong = walks.wrong(text, seed=text)
        assert not wrong, (text, wrong)
        answered += walks.refused(text) == ""

    run()
    assert answered > EXAMPLES / 10, "most were refused or failed: the grammar asks nothing"
