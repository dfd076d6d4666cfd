"""A question of which one word sounds like several names: which of them is meant is asked back."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.errors import Problem
from app.language.inflect import fold, root, stem
from app.language.lexicon import Lexicon
from app.language.reading import Reading
from app.model.answer import Choice, Outcome


def asked_by_sound(reading: Reading, question: str, lexicon: Lexicon, read: Callable[[str], Reading]) -> Reading:
    """The no, or where all that stands against the question is such a word, its choices: what the question means with each name in its place."""
    if reading.outcome is not Outcome.REFUSE or len(reading.unused) != 1:
        return reading
    said = reading.unused[0]
    word = fold(said)
    if {stem(word), root(word)} & lexicon.words:
        return reading
    meant = [read(question.replace(said, name, 1)) for name in lexicon.spelling.alike(word)]
    choices = {one.restated: Choice(one.restated, one.query) for one in meant if one.query is not None}
    if not choices:
        return reading
    problem = Problem("DM6011", f"“{said}” sounds like several names", hint="choose one")
    return msgspec.structs.replace(
        reading, outcome=Outcome.CLARIFY, unused=(), choices=tuple(choices.values()), nearest=(), problems=(problem,)
    )
