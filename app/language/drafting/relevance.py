"""Which names of a large layer go into a prompt: those nearest to the question, as many as fit, and the same ones each time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from app.language.drafting.vocabulary import METRIC_TIME, Named, Vocabulary
from app.language.inflect import root
from app.language.text import tokens

MOST_NAMES = 200
"""Metrics, and as many group-by items: a vendor's strict mode takes no schema with thousands of names."""
_METRICS_PART = 0.6
_CALLED, _DESCRIBED, _RECALLED = 4.0, 1.0, 2.0


def relevant(whole: Vocabulary, question: str, *, must: Collection[str] = (), recalled: Sequence[str] = (), most_bytes: int) -> Vocabulary:
    """The vocabulary, or the part of it for which `most_bytes` of JSON are enough.

    First comes what must be there (names of the query before, and what the grounded interpreter found), then what shares words with the question, then what
    was `recalled`, nearest first; equals by name. What is chosen stands in the order of names, so that the same choice is the same text.
    """
    said = frozenset(form for token in tokens(question) for form in (token.stem, token.root))
    near = {name: 1.0 / (1 + at) for at, name in reversed([*enumerate(recalled)])}
    needed = frozenset(must) | {METRIC_TIME}

    def rank(one: Named) -> tuple[bool, float, str]:
        called = sum(1 for word in one.called if word in said or root(word) in said)
        described = sum(1 for word in one.described if word in said)
        share = called / max(1, len(one.called))
        score = _CALLED * called + share + _DESCRIBED * described + _RECALLED * near.get(one.name, 0.0)
        return (one.name not in needed, -score, one.name)

    metrics = _fitting(sorted(whole.metrics, key=rank), int(most_bytes * _METRICS_PART))
    left = most_bytes - sum(map(_size, metrics))
    items = _fitting(sorted(whole.items, key=rank), left)
    segments = _fitting(sorted(whole.segments, key=rank), left - sum(map(_size, items)))
    return Vocabulary(_by_name(metrics), _by_name(items), _by_name(segments), whole.grains)


def _fitting(ranked: Sequence[Named], most_bytes: int) -> list[Named]:
    """The first of them that fit."""
    taken: list[Named] = []
    for one in ranked[:MOST_NAMES]:
        size = _size(one)
        if size > most_bytes:
            break
        taken.append(one)
        most_bytes -= size
    return taken


def _size(one: Named) -> int:
    return len(json.dumps(one.shown, ensure_ascii=False).encode("utf-8", "replace")) + 2


def _by_name(chosen: Sequence[Named]) -> tuple[Named, ...]:
    return tuple(sorted(chosen, key=lambda one: one.name))
