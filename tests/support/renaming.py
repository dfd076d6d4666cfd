"""A layer whose metrics and dimensions are called by words of no language, and questions that call them so."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.language.inflect import stem
from app.language.naming import label_of
from app.language.reading import Reading, Role
from app.language.text import phrase_words
from app.language.words import ALONE
from app.model.ontology import Ontology
from app.model.query import SemanticQuery

_NAMING = (Role.METRIC, Role.GROUP, Role.FILTER, Role.HAVING, Role.ORDER, Role.PERIOD)
_BEGINS, _MIDDLES, _ENDS = (
    ("zor", "vul", "krem", "plax", "wib", "drog", "quim", "tofe"),
    ("ba", "nee", "lo", "thu", "mi"),
    ("rk", "lth", "mb", "xon", "gip"),
)
_KEPT = frozenset({"name", "id", "key", "at", "date", "time", "growth", "rate", "share"})
"""Words that say of what kind a name is, in any business."""


def invented() -> Iterator[str]:
    """Words that nobody knows, none of them near another."""
    return ("".join(parts) for parts in itertools.product(_BEGINS, _MIDDLES, _ENDS))


@dataclass(frozen=True)
class Renaming:
    """New words for those of which names are made, new names by the old ones, and labels by the new ones."""

    words: Mapping[str, str]
    names: Mapping[str, str]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, ontology: Ontology) -> Renaming:
        """Of every metric and dimension, and of the entities and models that are called by the same words."""
        dimensions = [dimension for model in ontology.semantic_models for dimension in model.dimensions]
        entities = [entity for model in ontology.semantic_models for entity in model.entities]
        things = [*ontology.metrics, *dimensions, *entities, *ontology.semantic_models]
        texts = (text for thing in things for text in (thing.name, thing.label))
        words = sorted({stem(word) for text in texts for word in re.findall(r"[a-z]+", text.lower())} - ALONE - _KEPT)
        found = dict(zip(words, invented(), strict=False))
        labels = {_said(thing.name, found): _said(label_of(thing.name, thing.label), found) for thing in (*ontology.metrics, *dimensions)}
        return cls(found, {thing.name: _said(thing.name, found) for thing in things}, labels)

    def renamed(self, ontology: Ontology) -> Ontology:
        """The layer under the new names and labels, without synonyms and descriptions, which speak of the old ones."""
        found = self._walk(msgspec.to_builtins(ontology))
        for thing in (*found["metrics"], *(one for model in found["semantic_models"] for one in model.get("dimensions", ()))):
            thing.update(label=self.labels[thing["name"]], synonyms=[], description="")
        for one in (*found["semantic_models"], *(entity for model in found["semantic_models"] for entity in model.get("entities", ()))):
            one.update(label="", description="")
        return msgspec.convert(found, Ontology)

    def name(self, name: str) -> str:
        """A name, or a way to one, under the new names."""
        return "__".join(self.names.get(part, part) for part in name.split("__"))

    def query(self, query: SemanticQuery) -> SemanticQuery:
        """The query under the new names."""
        return msgspec.convert(self._walk(msgspec.to_builtins(query)), SemanticQuery)

    def question(self, question: str, reading: Reading) -> str:
        """The question with the new label wherever a metric or dimension was called; values stay what they are."""
        for used in sorted(reading.used, key=lambda one: -one.start):
            old = used.target.rpartition("__")[2]
            named = used.role in _NAMING and bool(used.target)
            if (used.role is Role.PERIOD and not named) or (named and used.role is Role.FILTER and not self._speaks_of(used.text, old)):
                continue
            called = self.labels.get(self.names.get(old, ""), "").lower() if named else ""
            question = question[: used.start] + (called or _said(used.text, self.words)) + question[used.end :]
        return question

    @staticmethod
    def _speaks_of(text: str, name: str) -> bool:
        """Whether the words are of the dimension's name, and no value of it."""
        return not set(phrase_words(text)).isdisjoint(phrase_words(name))

    def _walk(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._walk(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._walk(one) for one in value]
        return self.name(value) if isinstance(value, str) else value


def _said(text: str, words: Mapping[str, str]) -> str:
    """The text with its words replaced, plurals by plurals."""

    def new(found: re.Match[str]) -> str:
        word = found.group().lower()
        return words[stem(word)] + ("s" if stem(word) != word else "") if stem(word) in words else found.group()

    return re.sub(r"[A-Za-z]+", new, text)
