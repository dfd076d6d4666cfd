"""What a question can be completed with: the names, values and periods of one visible layer, by how they begin."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Self

from app.language.inflect import fold, stem
from app.language.lexicon import Lexicon
from app.language.senses import DimensionFacts
from app.model.ontology import Ontology

_LOOKED_AT = 200
"""So many names that begin as a word does are ranked; the others are reached by another letter."""
_LEADING = 6
_FEW = 2
_PERIODS = (
    "last month|last week|last quarter|last year|last 7 days|last 30 days|last 12 months|this month|this week|this quarter|this year|today|yesterday|"
    "year to date|month to date|by month|by week|by day|by quarter|by year|per month|monthly|weekly|vs last year|vs last month|compared to last year|"
    "since january|january|february|march|april|may|june|july|august|september|october|november|december|first quarter|second half of last year"
)


class Part(IntEnum):
    """What completes a question."""

    METRIC = 0
    DIMENSION = 1
    PERIOD = 2
    VALUE = 3


class Entry(NamedTuple):
    """A word or phrase of the layer: `text` as it is spoken, `name` what it means, `rank` the place among its like, the most used first."""

    part: Part
    text: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class CompletionIndex:
    """Built once per visible layer; read-only. `metrics` are in the order of how much stands on them, `dimensions` those that people group by;
    `some_values` are a few of each dimension."""

    keys: Sequence[str]
    entries: Sequence[Entry]
    value_keys: Sequence[str]
    values: Sequence[Entry]
    metrics: tuple[Entry, ...]
    dimensions: tuple[Entry, ...]
    some_values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, lexicon: Lexicon, ontology: Ontology) -> Self:
        """The index of what the lexicon can name."""
        ranks = _importance(ontology)
        ordered = sorted(lexicon.metrics.values(), key=lambda one: (-ranks.get(one.name, 0), one.name))
        metrics = tuple(Entry(Part.METRIC, spoken(one.label), one.name, rank) for rank, one in enumerate(ordered))
        grouped = sorted(
            (one for one in lexicon.dimensions.values() if _is_for_groups(one)), key=lambda one: (not one.values, len(one.values), one.name)
        )
        dimensions = tuple(Entry(Part.DIMENSION, spoken(one.label), one.name, rank) for rank, one in enumerate(grouped))
        periods = (Entry(Part.PERIOD, text, "", rank) for rank, text in enumerate(_PERIODS.split("|")))
        named = sorted(
            (key, entry) for entry in (*metrics, *dimensions, *periods, *_synonyms(ontology, metrics)) for key in _beginnings(entry.text)
        )
        values = sorted(
            (fold(value), Entry(Part.VALUE, value, one.name, 0))
            for one in lexicon.dimensions.values()
            if not (one.is_personal or one.is_flag)
            for value in one.values
        )
        return cls(
            [key for key, _ in named],
            [entry for _, entry in named],
            [key for key, _ in values],
            [one for _, one in values],
            metrics,
            dimensions,
            {one.name: one.values[:_FEW] for one in grouped},
        )

    def beginning(self, key: str, parts: Sequence[Part]) -> list[Entry]:
        """A few entries of which a word, and all that follows it, begins with the folded text: by the order of the parts, whole names before words in them."""
        found: dict[Entry, tuple[int, bool, int]] = {}
        for keys, entries in ((self.keys, self.entries), (self.value_keys, self.values)):
            at = bisect_left(keys, key)
            for place in range(at, min(at + _LOOKED_AT, len(keys))):
                if not keys[place].startswith(key):
                    break
                entry = entries[place]
                order = (parts.index(entry.part), not fold(entry.text).startswith(key), entry.rank)
                found[entry] = min(order, found.get(entry, order))
        return sorted(found, key=lambda entry: (found[entry], entry.text))[:_LEADING]


def spoken(label: str) -> str:
    """The label within a sentence: `Gross revenue` → `gross revenue`, `AOV` as it is."""
    first = label.partition(" ")[0]
    return label if any(c.isupper() for c in first[1:]) else label[:1].lower() + label[1:]


def plural(text: str) -> str:
    """The plural of a name's last word, as `stem` takes it back: `countries`; a name that is no English one is left as it is."""
    if not (text.isascii() and text[-1:].isalpha()) or stem(text.rpartition(" ")[2]) != text.rpartition(" ")[2]:
        return text
    if text.endswith("y") and text[-2:-1] not in "aeiou":
        return f"{text[:-1]}ies"
    return f"{text}es" if text.endswith(("s", "x", "ch", "sh")) else f"{text}s"


def _beginnings(text: str) -> Iterator[str]:
    """The text from each of its words on, folded."""
    words = fold(text).split()
    return (" ".join(words[at:]) for at in range(len(words)))


def _synonyms(ontology: Ontology, metrics: Iterable[Entry]) -> Iterator[Entry]:
    ranks = {entry.name: entry.rank for entry in metrics}
    for metric in ontology.listed_metrics:
        for text in metric.synonyms:
            yield Entry(Part.METRIC, spoken(text), metric.name, ranks[metric.name])


def _is_for_groups(facts: DimensionFacts) -> bool:
    return not (facts.is_personal or facts.is_time or facts.is_numeric or facts.is_flag)


def _importance(ontology: Ontology) -> Mapping[str, int]:
    """By metric, how many exposures and saved queries stand on it; plain metrics before what is made of them."""
    found = {metric.name: int(metric.type == "simple") for metric in ontology.listed_metrics}
    used = [name.rpartition(".")[2] for exposure in ontology.exposures for name in exposure.depends_on if name.startswith("metric.")]
    for name in (*used, *(name for saved in ontology.saved_queries for name in saved.metrics)):
        if name in found:
            found[name] += 2
    return found
