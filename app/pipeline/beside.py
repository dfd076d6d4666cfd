"""What stands beside an answer's numbers and is made of complete queries: its parts, and what may be asked next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.errors import UserError
from app.language.editor import Editor
from app.language.follow_ups import follow_ups, greatest
from app.model.answer import Choice, Part
from app.model.query import SemanticQuery
from app.pipeline.generate import generate
from app.pipeline.turn import StageDeps, Turn
from app.pipeline.validate import validate
from app.plan.cache import PlanCache

MOST_BYTES = 200_000
"""So long may all be together that is looked at for an answer's parts, and as much for what may follow: each is a complete query, as long as what was asked."""


class Beside:
    """Asks of queries that are not asked yet whether the person could: by the stages that would plan and validate them, and nothing else."""

    def __init__(self, turn: Turn, deps: StageDeps) -> None:
        self._turn, self._deps = turn, deps
        self._probe = replace(turn.served, plans=PlanCache())  # a turn looks at dozens: none of them may push out what people do ask
        self._known: dict[SemanticQuery, bool] = {}

    def parts(self, query: SemanticQuery) -> tuple[Part, ...]:
        """The query's parts. Remembered for the view and the day: they hang on nothing else."""
        served, today = self._turn.served, self._turn.moment.today
        editor = Editor(served.visible, served.lexicon, served.joins, today, self._bounded())
        return served.remembered(("parts", query, today), lambda: editor.parts(query))

    def follow_ups(self, query: SemanticQuery) -> tuple[Choice, ...]:
        """Up to three queries that go on from this one and its rows."""
        turn, served = self._turn, self._turn.served
        first = greatest(query, turn.result)

        def make() -> tuple[Choice, ...]:
            return follow_ups(query, first, served.visible, served.lexicon, served.joins, turn.moment, self._bounded())

        return served.remembered(("follow_ups", query, turn.moment.today, first), make)

    def _bounded(self) -> Callable[[SemanticQuery], bool]:
        """As `answerable`, until that much was looked at: what a long query is asked beside would else grow with its square."""
        left = MOST_BYTES

        def valid(query: SemanticQuery) -> bool:
            nonlocal left
            left -= len(query.canonical())
            return left >= 0 and self.answerable(query)

        return valid

    def answerable(self, query: SemanticQuery) -> bool:
        """Whether the query can be planned over what the person sees, and governance lets it pass."""
        known = self._known.get(query)
        if known is None:
            probe = replace(self._turn, served=self._probe, reading=None, query=query, plan=None, sql=None, problems=())
            try:
                validate(generate(probe, self._deps), self._deps)
                known = True
            except UserError:
                known = False
            self._known[query] = known
        return known
