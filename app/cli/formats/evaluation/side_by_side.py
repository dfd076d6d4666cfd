"""Ways of reading the same questions, side by side."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from app.cli.formats.evaluation.as_text import missed_line
from app.cli.tables import show_table
from app.cli.terminal import clean
from app.service.evaluation.judged import Judged
from app.service.evaluation.tally import Tally
from app.service.evaluation.thresholds import Missed

VERSION = 1
_HEADS = ("read by", "right", "wrong", "asked", "refused", "failed", "drafts", "agreed", "away", "tokens", "cost", "median", "slowest")


def side_by_side(tallies: Sequence[Tally], differing: Sequence[Sequence[Judged]], missed: Mapping[str, Sequence[Missed]]) -> None:
    """For people: the questions that came out differently, and a row a way."""
    for several in differing:
        question = several[0].question
        sys.stdout.write(f"{clean(question.id)} ({question.kind}, {clean(question.category)}): {clean(question.question)}\n")
        for way, one in zip(tallies, several, strict=True):
            sys.stdout.write(f"  {'right' if one.right else 'wrong'} {way.name}: {one.answered.outcome}{_said(one)}\n")
        sys.stdout.write("\n")
    show_table(_HEADS, [_row(one) for one in tallies], numeric=range(1, len(_HEADS)))
    for name, several_missed in missed.items():
        sys.stdout.write("".join(f"{clean(name)}: {missed_line(one)}\n" for one in several_missed))


def side_by_side_body(
    tallies: Sequence[Tally], differing: Sequence[Sequence[Judged]], missed: Mapping[str, Sequence[Missed]]
) -> dict[str, Any]:
    """For programs; docs/eval.md says what each key holds."""
    return {
        "version": VERSION,
        "verdict": "failed" if missed else "passed",
        "missed": {name: [asdict(one) for one in several] for name, several in missed.items()},
        "ways": [asdict(one) for one in tallies],
        "differing": [
            {
                "id": several[0].question.id,
                "question": several[0].question.question,
                "kind": str(several[0].question.kind),
                "ways": {way.name: _way(one) for way, one in zip(tallies, several, strict=True)},
            }
            for several in differing
        ],
    }


def _row(one: Tally) -> list[str]:
    counts = (one.wrong, one.asked, one.refused, one.failed, one.drafts, one.verdicts.get("agreed", 0), one.unavailable)
    tokens = f"{one.tokens_in}+{one.tokens_out}"
    return [
        one.name,
        f"{one.right}/{one.questions}",
        *map(str, counts),
        tokens,
        f"${one.cost:.4f}",
        f"{one.median_ms:.0f} ms",
        f"{one.slowest_ms:.0f} ms",
    ]


def _said(one: Judged) -> str:
    words = one.answered.restated if one.is_given else one.answered.said
    return f" {clean(words)}" if words else ""


def _way(one: Judged) -> dict[str, Any]:
    answered = one.answered
    return {
        "right": one.right,
        "why": one.why,
        "outcome": str(answered.outcome),
        "restated": answered.restated,
        "said": answered.said,
        "confidence": answered.confidence,
        "verdict": str(answered.drafted.verdict) if answered.drafted is not None else "",
        "milliseconds": answered.milliseconds,
    }
