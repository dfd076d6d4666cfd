"""Lexicon: every word and phrase by which the visible layer can be spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from app.language.reach import Reach
from app.model.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Built once per visible layer; read-only and safe to share between threads."""

    @classmethod
    def of(cls, ontology: Ontology, joins: Reach, values: Mapping[str, tuple[str, ...]] | None = None) -> Self:
        """The lexicon of what the caller may see.

        `values` maps a dimension's dunder name (`customer__country`) to values that it holds; they are added to those that the project declares.
        """
        return cls()
