"""A bar for work that has steps: on a terminal it moves and goes away, elsewhere nothing is shown of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from app.cli.manners import LogFormat, LogLevel, manners

S = TypeVar("S", bound=str)


@contextmanager
def step_bar(what: str, steps: Sequence[S]) -> Iterator[Callable[[S], None]]:
    """A function to tell each step as it begins."""
    if not sys.stderr.isatty() or not manners().says(LogLevel.INFO) or manners().log_format is LogFormat.JSON:
        yield lambda _step: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from app.cli.console import err

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task(what, total=len(steps), step="")
        yield lambda step: bar.update(task, completed=list(steps).index(step), step=str(step))
