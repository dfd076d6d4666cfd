"""Metrics by what their labels say of them, for questions that say it in pieces: `how many policies were cancelled`, `cost per job`."""

from __future__ import annotations

from collections.abc import Iterable

from app.language.inflect import root
from app.language.senses import MetricFacts
from app.language.text import phrase_words

Roots = frozenset[str]

_NUMBER_OF = frozenset(map(root, ("count", "number", "total", "of")))

_SAYS_NO_MORE_WORDS = "percentage percent pct rate share ratio proportion of for with the a an in to by among all pc number count total"
_SAYS_NO_MORE = frozenset(map(root, _SAYS_NO_MORE_WORDS.split()))
_LEAST_SAID = 3


def is_count(facts: MetricFacts) -> bool:
    """Whether a metric counts, and is no part of a count."""
    return "count" in facts.aggregates and not facts.is_fraction


def without_number_of(text: str) -> Roots:
    """The roots of a name's words, without those that only say that something is counted."""
    return frozenset(root(word) for word in phrase_words(text)) - _NUMBER_OF


def counts_by_label(metrics: Iterable[MetricFacts]) -> dict[Roots, tuple[str, ...]]:
    """The metrics that count, by the roots of their labels in whatever order: `cancelled policies`."""
    found: dict[Roots, tuple[str, ...]] = {}
    for facts in metrics:
        if is_count(facts):
            said = without_number_of(facts.label)
            found[said] = (*found.get(said, ()), facts.name)
    return found


def rates_by_unit(metrics: Iterable[MetricFacts]) -> dict[Roots, tuple[tuple[Roots, str], ...]]:
    """By the roots of what stands behind the `per` of a label: the roots of what stands before it, with the metric."""
    found: dict[Roots, tuple[tuple[Roots, str], ...]] = {}
    for facts in metrics:
        left, _, right = facts.label.lower().partition(" per ")
        if right:
            of = frozenset(root(word) for word in phrase_words(right))
            found[of] = (*found.get(of, ()), (frozenset(root(word) for word in phrase_words(left)), facts.name))
    return found


def without_part_of(text: str) -> Roots:
    """The roots of a name's words, without those that only say that it is a part of something."""
    return frozenset(root(word) for word in phrase_words(text)) - _SAYS_NO_MORE


def fractions_by_words(metrics: Iterable[MetricFacts]) -> dict[Roots, tuple[str, ...]]:
    """The metrics that are parts of a whole, by the roots of what their labels say of the part and the whole."""
    found: dict[Roots, tuple[str, ...]] = {}
    for facts in metrics:
        said = without_part_of(facts.label)
        if facts.is_fraction and len(said) >= _LEAST_SAID:
            found[said] = (*found.get(said, ()), facts.name)
    return found
