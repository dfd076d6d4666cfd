"""What becomes of a question that was read twice: by the grounded interpreter, and by a model. The grounded reading is never overruled, and numbers that only a
model read are offered, not given, unless the project decides otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from app.errors import Problem, Severity
from app.language.drafting.decode import Decoded
from app.language.reading import Reading
from app.model.answer import Choice, Outcome, Verdict
from app.model.query import SemanticQuery

_AGREED = 0.5
"""The part of the doubt that is left where two read the same, each in their own way."""
_SUREST = 0.98
_DOUBTED = 0.75
"""What a reading counts for that the model found none for."""
_ALONE = 0.6
"""How sure a reading is that only a model made."""
_TOO_LOW = 0.4
_MOST_CHOICES = 5
FINAL = frozenset({"DM6001", "DM6002", "DM6003", "DM6004", "DM6005", "DM6008", "DM6016", "DM6017", "DM6030", "DM6031"})
"""Problems of a question that no other reading mends: it is none, is understood and not served, or asks for what is not given."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How queries are told apart and said, for one caller."""

    same: Callable[[SemanticQuery, SemanticQuery], bool]
    restate: Callable[[SemanticQuery], str]


def is_open(reading: Reading) -> bool:
    """Whether a second reading can be of use: the question is one of numbers and not for a reason, and no problem of it is final."""
    return reading.why is None and all(problem.code not in FINAL for problem in reading.problems)


def weigh(grounded: Reading, drafted: Decoded, speech: Speech, *, may_answer: bool) -> tuple[Reading, Verdict]:
    """The reading that stands, and how the two compare. `drafted` was checked: its query, if it holds one, is one that the caller may ask."""
    if drafted.query is None:
        if drafted.problems:
            return grounded, Verdict.INVALID
        verdict = Verdict.ASKED if drafted.asks else Verdict.DECLINED
        return (_doubted(grounded), verdict) if grounded.outcome is Outcome.ANSWER else (grounded, verdict)
    query = drafted.query
    if grounded.outcome is Outcome.ANSWER and grounded.query is not None:
        if speech.same(grounded.query, query):
            sure = min(_SUREST, 1 - (1 - grounded.confidence) * _AGREED)
            return msgspec.structs.replace(grounded, confidence=max(grounded.confidence, round(sure, 3))), Verdict.AGREED
        ours, theirs = _choice(grounded.query, speech), _choice(query, speech)
        choices = (ours,) if ours.text == theirs.text else (ours, theirs)  # two that read alike are no choice
        return _asked(grounded, choices, _DIFFER), Verdict.DIFFERED
    if grounded.outcome is Outcome.CLARIFY and grounded.choices:
        return _among(grounded, query, speech, may_answer=may_answer)
    told = _alone(grounded)
    if may_answer:
        note = msgspec.structs.replace(grounded, problems=(told.as_warning(),), choices=(), nearest=())
        return _answered(note, query, speech), Verdict.ALONE
    return _asked(grounded, (_choice(query, speech),), told), Verdict.ALONE


def _doubted(grounded: Reading) -> Reading:
    """The grounded answer, less sure: every word of the question is explained, and a model that need not know the project's words found no reading."""
    confidence = round(grounded.confidence * _DOUBTED, 3)
    if confidence < _TOO_LOW and grounded.query is not None:
        choice = Choice(grounded.restated, grounded.query)
        return _asked(
            grounded, (choice,), Problem("DM6012", "I am not sure that this is what you mean", hint="choose it, or say it in other words")
        )
    return msgspec.structs.replace(grounded, confidence=confidence, problems=(*grounded.problems, _DOUBT))


def _among(grounded: Reading, query: SemanticQuery, speech: Speech, *, may_answer: bool) -> tuple[Reading, Verdict]:
    """A question back, with what the model reads first among its choices, or last where it is none of them."""
    found = next((choice for choice in grounded.choices if speech.same(choice.query, query)), None)
    if found is not None:
        if may_answer:
            return _answered(
                msgspec.structs.replace(grounded, choices=(), nearest=(), problems=(_CHOSEN,)), found.query, speech
            ), Verdict.AGREED
        others = tuple(choice for choice in grounded.choices if choice is not found)
        return msgspec.structs.replace(grounded, choices=(found, *others)), Verdict.AGREED
    choices = (*grounded.choices[: _MOST_CHOICES - 1], _choice(query, speech))
    texts = {choice.text: choice for choice in reversed(choices)}
    return msgspec.structs.replace(grounded, choices=tuple(c for c in choices if texts[c.text] is c)), Verdict.DIFFERED


def _choice(query: SemanticQuery, speech: Speech) -> Choice:
    return Choice(speech.restate(query), query)


def _asked(grounded: Reading, choices: tuple[Choice, ...], problem: Problem) -> Reading:
    return msgspec.structs.replace(
        grounded, outcome=Outcome.CLARIFY, query=None, confidence=0.0, restated="", choices=choices, problems=(problem,)
    )


def _answered(grounded: Reading, query: SemanticQuery, speech: Speech) -> Reading:
    return msgspec.structs.replace(
        grounded, outcome=Outcome.ANSWER, query=query, confidence=_ALONE, restated=speech.restate(query), unused=()
    )


def _alone(grounded: Reading) -> Problem:
    """That only a model read the question, and which words of it nothing in the project explains."""
    words = ", ".join(f"“{word}”" for word in grounded.unused[:5])
    said = f"nothing here explains {words}; " if words else "the project's own words do not explain the question; "
    return Problem("DM6091", f"{said}a language model reads it so", hint="choose it if it is what you mean, or use the project's names")


_DIFFER = Problem("DM6092", "the question was read in two ways, by the project's words and by a language model", hint="choose one")
_DOUBT = Problem(
    "DM6093",
    "a language model found no reading of the question; this is what the project's words say",
    Severity.NOTE,
    hint="see how it was understood",
)
_CHOSEN = Problem(
    "DM6094", "the question can mean several things; a language model chose among them", Severity.WARNING, hint="see how it was understood"
)
