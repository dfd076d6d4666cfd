"""Where the command line keeps what was asked last, so that `--follow-up` can go on from it."""

from __future__ import annotations

import getpass
import hashlib
import platform
from typing import TYPE_CHECKING

from app.errors import Problem, UserError
from app.model.query import SemanticQuery
from app.service.conversations import before

if TYPE_CHECKING:
    from app.cli.session import Session


def conversation_here(found: Session) -> str:
    """The id of the one conversation that the person of this account has on this machine. All who use a store by the command line are one user of it, and
    what one asked is not what another goes on from."""
    parts = (found.deps.project_id, found.caller.principal.user_id, platform.node(), getpass.getuser())
    return "cnv_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def asked_before(found: Session) -> tuple[SemanticQuery | None, tuple[Problem, ...]]:
    """What a follow-up goes on from, and what is said where it can't. Raises UserError DM1035 where nothing was asked and answered here."""
    here, who = conversation_here(found), found.caller.principal
    if found.deps.talk.conversations.get(here, who.project_id, who.user_id) is None:
        raise UserError(
            Problem("DM1035", "there is no question here to go on from", hint="ask one without --follow-up first, and get an answer to it")
        )
    return before(found.deps, found.caller, here)
