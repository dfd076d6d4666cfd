"""How many examples are drawn: few and always the same ones in the suite, as many new ones as `DATAMIND_EXAMPLES` says in longer runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings

Test = TypeVar("Test", bound=Callable[..., object])
VARIABLE = "DATAMIND_EXAMPLES"


def examples(few: int) -> Callable[[Test], Test]:
    """The settings of a test over random queries; `few` is what the suite has time for."""
    asked = os.environ.get(VARIABLE)
    return settings(
        max_examples=int(asked) if asked else few,
        derandomize=not asked,
        database=None,
        deadline=None,
        print_blob=bool(asked),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
