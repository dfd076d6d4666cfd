"""Words go into a project as people say them."""

from __future__ import annotations

import pytest

from app.language.text import tokens
from app.service.correction_words import as_said


def said(words: str, question: str) -> tuple[str, ...]:
    return as_said(" ".join(one.stem for one in tokens(words) if one.text != "-"), question)


@pytest.mark.parametrize(
    ("words", "question", "written"),
    [
        ("takings", "takings by country", ("takings",)),
        ("takings", "Takings by country", ("takings",)),
        ("GMV", "GMV by country", ("GMV",)),
        ("VIP", "orders of VIP customers", ("VIP",)),
        ("Big-Ticket takings", "Big-Ticket takings by month", ("big-ticket takings",)),
        ("Neukunden Umsatz", "wie hoch ist der Neukunden-Umsatz", ("Neukunden-Umsatz",)),
        ("walk", "walk-in orders", ("walk-in", "walk")),
        ("in", "walk-in orders", ("walk-in", "in")),
        ("money back", "money-back ratio", ("money-back",)),
        ("bottom line", "the bottom  line", ("bottom  line",)),
        ("ghost", "orders by country", ()),
        ("country orders", "orders by country", ()),
    ],
)
def test_they_are_written_as_they_stand(words: str, question: str, written: tuple[str, ...]) -> None:
    assert said(words, question) == tuple(" ".join(one.split()) for one in written)
