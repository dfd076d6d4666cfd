"""How far work has come whose end is not known: on a terminal a count that moves and goes away, elsewhere nothing is shown of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.cli.manners import LogFormat, LogLevel, manners


@contextmanager
def count_bar(what: str) -> Iterator[Callable[[int], None]]:
    """A function to tell how many were done."""
    if not sys.stderr.isatty() or not manners().says(LogLevel.INFO) or manners().log_format is LogFormat.JSON:
        yield lambda _count: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from app.cli.console import err

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda count: bar.update(task, completed=count)
