"""Completions: each is a question that is answered, made of what is visible alone."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from app.language.completion_index import CompletionIndex, plural, spoken
from app.language.completions import MOST, Completer
from app.language.lexicon import Lexicon
from app.model.answer import Outcome
from app.model.ontology import Exposure, Ontology
from app.sql.joins import JoinGraph
from tests.unit.language.conftest import MOMENT
from tests.unit.language.layers import hospital, shop

VALUES = {"customer__country": ("Germany", "France", "Côte d'Ivoire", "Georgia"), "customer__city": ("Berlin", "Paris")}


def completer(ontology: Ontology, values: dict[str, tuple[str, ...]] | None = None) -> Completer:
    lexicon = Lexicon.of(ontology, values)
    return Completer(lexicon, ontology, JoinGraph.of(ontology), CompletionIndex.of(lexicon, ontology), MOMENT)


SHOP = completer(shop(), VALUES)
HOSPITAL = completer(hospital())
TYPED = [
    "revenue by country last month",
    "top 5 countries by average order value",
    "how many orders in Germany excluding web",
    "monthly units sold vs last year",
    "share of gross revenue by product category",
    "Côte d'Ivoire",
    "xyzzy plugh",
]


def asked(typed: str, limit: int = 5, at: Completer = SHOP) -> list[str]:
    return [one.question for one in at.complete(typed, limit)]


@pytest.mark.parametrize(
    ("typed", "among"),
    [
        ("rev", "revenue"),
        ("revenue by cou", "revenue by country"),
        ("revenue by", "revenue by segment"),
        ("revenue in Ger", "revenue in Germany"),
        ("revenue last", "revenue last quarter"),
        ("revenue by country ", "revenue by country last month"),
        ("cote", "average order value in Côte d'Ivoire"),
        ("top 5 cou", "top 5 countries by customers"),
        ("sal", "sales"),
        ("gross ", "gross revenue"),
        ("share of", "share of customers by country"),
    ],
)
def test_the_last_words_are_completed(typed: str, among: str) -> None:
    assert among in asked(typed, MOST)


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("at", [SHOP, HOSPITAL], ids=["shop", "hospital"])
def test_every_completion_of_every_beginning_is_answered(text: str, at: Completer) -> None:
    for end in range(len(text) + 1):
        found = at.complete(text[:end], 5)
        assert len(found) <= 5
        assert len({one.restated for one in found}) == len(found)
        for one in found:
            reading = at.read(one.question)
            assert (reading.outcome, reading.restated) == (Outcome.ANSWER, one.restated)


def test_an_empty_text_has_questions_about_what_most_stands_on() -> None:
    used = msgspec.structs.replace(
        shop(), exposures=(Exposure("board", "dashboard", depends_on=("metric.shop.refunds", "model.shop.fct_orders")),)
    )
    starters = asked("", 5, completer(used, VALUES))
    assert len(starters) == 5
    assert starters[0] == "refunds last month"
    assert asked("  ") == asked("")


def test_what_is_hidden_is_as_if_it_were_not_there() -> None:
    """What a caller is given hangs on their own layer and lexicon alone: no beginning of a hidden name, nor its place in the order, tells of it."""
    whole = shop()
    less = msgspec.structs.replace(whole, metrics=tuple(m for m in whole.metrics if m.name != "gross_revenue"))
    seen, never = completer(less, VALUES), completer(msgspec.structs.replace(less, project="other"), VALUES)
    for end in range(len("gross revenue by country") + 1):
        typed = "gross revenue by country"[:end]
        assert seen.complete(typed, MOST) == never.complete(typed, MOST)
        assert not any("gross" in question for question in asked(typed, MOST, seen))


def test_personal_values_and_dimensions_are_not_offered() -> None:
    held = completer(shop(), {**VALUES, "customer__customer_name": ("Zoltan Canary",)})
    assert not any(
        "Canary" in question
        for typed in ("Zol", "revenue for Z", "customers where customer name is ")
        for question in asked(typed, MOST, held)
    )


@pytest.mark.parametrize(
    "text", ["x" * 20_000, "revenue " * 200, "select * from orders", "🎉", "'", '"revenue', "\x00", "\ud800", "revenue by ()"]
)
def test_no_text_raises(text: str) -> None:
    assert all(SHOP.read(one.question).outcome is Outcome.ANSWER for one in SHOP.complete(text, 5))


def test_few_questions_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound on the work, whatever is typed: each reading costs the same."""
    read: list[str] = []
    counting = replace(SHOP)
    monkeypatch.setattr(Completer, "read", lambda self, question: read.append(question) or _read(self, question))
    for text in TYPED:
        for end in range(len(text) + 1):
            read.clear()
            counting.complete(text[:end], MOST)
            assert len(read) <= 12


_read = Completer.read


def test_labels_within_sentences() -> None:
    assert [spoken(one) for one in ("Gross revenue", "AOV", "iPhones", "")] == ["gross revenue", "AOV", "iPhones", ""]
    assert [plural(one) for one in ("country", "status", "sales channel", "day", "orders", "Größe")] == [
        "countries", "statuses", "sales channels", "days", "orders", "Größe",
    ]  # fmt: skip
