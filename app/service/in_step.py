"""The sync as every door asks for it: the project as it stands now, brought up to its repository where that is asked for, and parsed where it was edited."""

from __future__ import annotations

from collections.abc import Callable

from app.ports import Cancel
from app.service.deps import Deps
from app.service.publishing import Doer
from app.service.renew import renew
from app.service.sync import Step, SyncReport, cancelled, sync_in_turn, turn

STEPS = ("fetch", "parse", *Step)
"""All that a bar of progress counts."""


def in_step(
    deps: Deps,
    doer: Doer,
    *,
    fetch: bool = False,
    dry_run: bool = False,
    seconds: float | None = None,
    cancel: Cancel | None = None,
    tell: Callable[[str], None] = lambda _step: None,
    seen: Callable[[str], None] = lambda _content: None,
) -> SyncReport:
    """Fetch, parse what was edited, compile, and publish where that changed the layer, all in one `turn`, which is waited for so long (None: as every sync does).

    `tell` gets each step as it begins, `seen` the project's content that is about to be worked on, before it is: whatever comes of it, the same content need not be
    looked at again. What is cancelled ends before anything is published. Raises as `turn`, `ProjectSource.fetch`, `renew` and `sync` do.
    """
    with turn(deps, seconds, cancel):
        seen(deps.project.content())
        if fetch:
            tell("fetch")
            deps.project.fetch()
            seen(deps.project.content())
        tell("parse")
        seen(renew(deps, cancel))
        if cancel is not None and cancel.cancelled:
            raise cancelled()
        return sync_in_turn(deps, doer, dry_run=dry_run, tell=tell)
