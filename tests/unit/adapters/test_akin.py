"""Names near in meaning are suggested, and nothing else of a reading hangs on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.embedders.akin import AkinNames
from app.adapters.embedders.wordllama import WordllamaEmbedder
from app.model.ids import new_id
from app.model.moment import Moment
from app.model.ontology import Layer
from app.model.principal import Principal, Role
from app.pipeline.interpret import interpret
from app.pipeline.turn import StageDeps, Turn
from app.service.serving import serving_of
from tests.unit.language.layers import shop

NAMES = ["Revenue", "Gross profit", "Customers", "Orders", "Refund rate", "Shipping costs"]
MOMENT = Moment(dt.datetime(2026, 7, 15, 9, tzinfo=dt.UTC), dt.date(2026, 7, 15))
ASKER = Principal("usr_a", "a@example.com", Role.ANALYST, "default")
SERVED = serving_of(Layer(shop())).view(ASKER)
WORDS = "revenue orders by country earnings buyers profitability astronaut top 5 last month in web and excluding xyz".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def akin() -> AkinNames:
    found = AkinNames(WordllamaEmbedder())
    assert found("earnings", NAMES) == ()
    found.warm()
    return found


def test_names_near_in_meaning_come_first(akin: AkinNames) -> None:
    assert set(akin("earnings", NAMES)) == {"Gross profit", "Revenue"}
    assert akin("buyers", NAMES)[0] == "Customers"
    assert list(akin("astronauts", NAMES)) == []
    assert akin("earnings", []) == ()


class Everything:
    """Finds every name near."""

    def warm(self) -> None:
        """It is."""

    def __call__(self, words: str, names: Sequence[str]) -> Sequence[str]:
        """All of them, whatever the words."""
        assert words
        return list(reversed(names))


def read(question: str, found: Everything | AkinNames | None) -> Turn:
    return interpret(Turn(new_id("qry"), ASKER, MOMENT, SERVED, question=question), StageDeps({}, lambda: (), akin=found))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join))
def test_the_outcome_and_the_query_never_hang_on_it(question: str) -> None:
    plain, near = read(question, None), read(question, Everything())
    assert plain.reading is not None
    assert near.reading is not None
    for name in plain.reading.__struct_fields__:
        if name != "nearest":
            assert getattr(near.reading, name) == getattr(plain.reading, name)
    assert near.query == plain.query


def test_a_no_names_what_is_near(akin: AkinNames) -> None:
    plain, found = read("delay by country", None).reading, read("delay by country", akin).reading
    assert plain is not None
    assert found is not None
    assert plain.nearest[0] != "Delivery time"
    assert found.nearest[0] == "Delivery time"
    everything = read("xyz by country", Everything()).reading
    assert everything is not None
    assert set(everything.nearest) <= {facts.label for facts in SERVED.lexicon.metrics.values()}
