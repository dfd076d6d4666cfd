"""Two layers of different trades, and the moment at which their questions are asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.language.interpret import interpret
from app.language.lexicon import Lexicon
from app.language.reading import Reading
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.sql.joins import JoinGraph
from tests.unit.language.layers import hospital, shop

MOMENT = Moment(dt.datetime(2026, 7, 15, 9, tzinfo=dt.UTC), dt.date(2026, 7, 15))


@dataclass(frozen=True)
class Desk:
    """A layer with what is needed to ask it."""

    ontology: Ontology
    joins: JoinGraph
    lexicon: Lexicon

    def __call__(self, question: str, moment: Moment = MOMENT) -> Reading:
        """Ask."""
        return interpret(question, self.lexicon, self.ontology, self.joins, moment)


def desk(ontology: Ontology, values: dict[str, tuple[str, ...]] | None = None) -> Desk:
    joins = JoinGraph.of(ontology)
    return Desk(ontology, joins, Lexicon.of(ontology, values))


@pytest.fixture(scope="session")
def ask_shop() -> Desk:
    return desk(shop(), {"customer__country": ("Germany", "France", "Côte d'Ivoire")})


@pytest.fixture(scope="session")
def ask_hospital() -> Desk:
    return desk(hospital())


@pytest.fixture(scope="session")
def make_desk() -> Callable[..., Desk]:
    return desk
