"""Completions of a question while it is typed, of what the caller may see."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from app.govern.same import Same
from app.language.completion_index import CompletionIndex
from app.language.completions import Completer, Completion
from app.language.lexicon import Lexicon
from app.language.reading import Reading
from app.model.ontology import Ontology
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.rights import require_asking


def completions(deps: Deps, caller: Caller, text: str, limit: int) -> tuple[Completion, ...]:
    """At most `limit` questions that begin so and are answered; of an empty text, questions to start with.

    Raises UserError DM7010 for who may not ask, and what having a view raises.
    """
    require_asking(caller)
    served = deps.serving.view(caller.principal)
    index, readings = _held(Same(served.lexicon), Same(served.visible))
    return Completer(served.lexicon, served.visible, served.joins, index, deps.calendar.moment(deps.clock), readings).complete(text, limit)


@lru_cache(maxsize=16)
def _held(lexicon: Same[Lexicon], visible: Same[Ontology]) -> tuple[CompletionIndex, dict[tuple[str, dt.date], Reading]]:
    """The index of a view, and the readings made of it, which go with the lexicon: its values are read again from time to time."""
    return CompletionIndex.of(lexicon.it, visible.it), {}
