"""Names written as they sound are found; words of their own, and what sounds like two names, are not taken for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.language.lexicon import Lexicon
from app.model.answer import Outcome
from app.model.expr import Column
from app.model.ontology import Ontology
from app.model.semantics import EntityType, Measure, SemanticModel
from app.model.types import Aggregation
from tests.unit.language.conftest import Desk, desk
from tests.unit.language.layers import category, key, metric, time


def layer(*names: str) -> Ontology:
    """Metrics of these names over one model, by city."""
    model = SemanticModel(
        "sales",
        "fct_sales",
        entities=(key("sale", EntityType.PRIMARY),),
        dimensions=(time("sold_at"), category("city", values=("Philadelphia", "Cincinnati"))),
        measures=tuple(Measure(name, Aggregation.SUM, Column(name)) for name in names),
        agg_time_dimension="sold_at",
    )
    return Ontology("sounds", semantic_models=(model,), metrics=tuple(metric(name, "sales") for name in sorted(names)))


ASK = desk(layer("quantity", "revenue", "profit", "consumption", "capital", "patients"))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("kwantity by city", "Quantity by city"),
        ("revenew last month", "Revenue, 1 Jun 2026 to 30 Jun 2026"),
        ("revenue in filadelfia", "Revenue, where city is Philadelphia"),
        ("revenue in sinsinnati", "Revenue, where city is Cincinnati"),
        ("konsumption per month", "Consumption by month"),
        ("revenue by kwarter", "Revenue by quarter"),
    ],
)
def test_a_name_written_as_it_sounds(said: str, meant: str) -> None:
    reading = ASK(said)
    assert (reading.restated, reading.outcome) == (meant, Outcome.ANSWER)


@pytest.mark.parametrize("said", ["prophet by city", "capitol by city", "patience by city", "revenue by astronaut", "revenue in sinsi"])
def test_words_of_their_own_and_short_ones_are_not_taken_for_names(said: str) -> None:
    assert ASK(said).outcome is Outcome.REFUSE


def test_what_sounds_like_two_names_is_asked_back() -> None:
    two = desk(layer("kategory", "cattegory", "revenue"))
    reading = two("qategory by city")
    assert reading.outcome is Outcome.CLARIFY
    assert [choice.text for choice in reading.choices] == ["Cattegory by city", "Kategory by city"]
    assert two("qategory by astronaut").outcome is Outcome.REFUSE


def test_a_name_nearer_in_letters_is_meant(make_desk: Callable[..., Desk]) -> None:
    near = make_desk(layer("katagory", "category"))
    assert near("categori by city").restated == "Category by city"


def test_the_sounds_are_those_of_names_that_are_seen() -> None:
    seen = Lexicon.of(layer("revenue"))
    assert seen.spelling.correct("kwantity") is None
    assert seen.spelling.alike("kwantity") == ()
