"""`datamind sync --watch`: the project is parsed and published whenever it was edited, until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.cli.show import progress, show_problems
from app.errors import DataMindError, Problem, UserError
from app.service.deps import Deps
from app.service.jobs import AGAIN, TURNS

LOOK_SECONDS = 0.5
"""How often it is looked for edits."""


def watch(deps: Deps, publish: Callable[[Callable[[str], None]], None]) -> None:
    """Publish now, and again after each edit. `publish` tells the content that it works on. What is refused is shown, and waits for the next edit; what somebody
    else's work or a store that is away is in the way of is shown once, and tried until it goes. Does not return."""
    done: str | None = None
    told: tuple[Problem, ...] = ()

    def seen(content: str) -> None:
        nonlocal done
        done = content

    while True:
        if deps.project.content() != done:
            problems: tuple[Problem, ...] = ()
            try:
                publish(seen)
            except DataMindError as error:
                problems = error.problems
                if not isinstance(error, UserError) or error.problem.code in AGAIN | TURNS:
                    done = None
            if done is not None or problems != told:
                show_problems(problems)
                progress("watching; Ctrl-C ends it")
            told = problems
        time.sleep(LOOK_SECONDS)
