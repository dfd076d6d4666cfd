"""Questions that belong together: a follow-up is given what those before it came to."""

from __future__ import annotations

from app.model.query import SemanticQuery
from app.pipeline.turn import Turn
from app.service.ask import ask
from app.service.audit import Caller
from app.service.deps import Deps


class Conversation:
    """Asks one question after another, whatever anybody chose before. `previous` is the query that the last one which was understood came to."""

    def __init__(self, deps: Deps, caller: Caller, source: str = "") -> None:
        self._deps, self._caller, self._source = deps, caller, source
        self.previous: SemanticQuery | None = None

    def ask(self, question: str, *, until: str = "explain") -> Turn:
        """Ask the next one; with `until` its walk ends after that stage. Raises as `app.service.ask.ask`."""
        turn = ask(self._deps, self._caller, question, previous=self.previous, anew=True, source=self._source, until=until)
        self.previous = turn.query or self.previous
        return turn
