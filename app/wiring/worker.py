"""What a background worker is wired with: the queue's URL, and Deps for the length of one task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.adapters.embedded.stack import Part, attach
from app.errors import Problem, UserError
from app.service.deps import Deps
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.servers import servers, unnamed


def queue_url(settings: Settings | None = None) -> str:
    """The Redis that queue, results and schedule are kept in: named by URL, or that of the embedded stack that runs on the data directory.

    Raises UserError DM1011 where there is neither: a worker starts no server of its own.
    """
    settings = settings or load_settings()
    _check_found(settings, [Part.REDIS])
    with servers(settings, [Part.REDIS], progress=lambda _line: None) as found:
        return found.redis


@contextmanager
def task_deps(settings: Settings | None = None) -> Iterator[Deps]:
    """Deps for one task, closed at the end of the block, so that a server that moved is found again. Raises UserError DM1011 as `queue_url`."""
    settings = settings or load_settings()
    _check_found(settings, list(Part))
    with servers(settings, list(Part), progress=lambda _line: None) as found, opened(settings, found) as deps:
        yield deps


def _check_found(settings: Settings, need: list[Part]) -> None:
    missing = unnamed(settings, need)
    if missing and attach(settings.data_dir.absolute()) is None:
        variables = ", ".join(f"DATAMIND_{part.name}_URL" for part in missing)
        raise UserError(
            Problem(
                "DM1011", "the worker finds no server", hint=f"set {variables}, or start `datamind demo --serve` on the same data directory"
            )
        )
