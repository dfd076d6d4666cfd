"""Words that speak of several figures at once (`costs`, `quality`, `problems`): which metrics of the layer they may mean, so that it can be asked back."""

from __future__ import annotations

from app.language.counting import is_ours
from app.language.draft import Draft
from app.language.inflect import fold, root
from app.language.lexicon import Lexicon
from app.language.senses import is_money
from app.language.text import phrase_words

_SPEAK_OF = """
spend spending: spend spending expenditure cost expense revenue sale turnover purchase
cost expense expenditure: cost expense spend pay wage salary labor payroll fee payout refund discount charge
quality: quality defect scrap rating satisfaction score nps complaint error return yield pass readmission accuracy fault failure rework late
problem trouble issue difficulty: defect failure breakdown complaint ticket refund return cancellation error stop downtime incident delay late claim fault
success successful: conversion rate revenue rating attendance completion win retention order sale profit
lose lost loss: refund churn cancellation scrap loss writeoff leaver lost discount return cost damage churned
usage: usage use session event active visit minute login hour
satisfaction happiness happy satisfied: rating satisfaction score nps csat complaint review
efficiency productivity efficient productive: utilization utilisation productivity yield output time per efficiency throughput
loyalty retention loyal: repeat churn renewal retention returning
traffic footfall: session visit view click visitor
popularity: visit view session order booking attendance enrollment
demand: order booking reservation request enrollment
waste: scrap waste loss
reliability reliable punctuality: downtime failure breakdown late overdue delay uptime punctual
profitability profitable: margin profit
speed: time duration delay speed
"""
_MONEY = frozenset({"money"})
_SPEND = root("spend")


def _speak_of() -> dict[str, frozenset[str]]:
    lines = (line.partition(":") for line in _SPEAK_OF.strip().split("\n"))
    return {root(word): frozenset(map(root, figures.split())) for words, _, figures in lines for word in words.split()}


_FIGURES = _speak_of()


def spoken_of(draft: Draft, lexicon: Lexicon) -> list[str]:
    """The metrics that may be meant where a draft names none and all that nothing explains in it are such words, () where there are none."""
    if draft.metrics or draft.having or not draft.unused:
        return []
    words = [fold(piece.text) for piece in draft.unused]
    if any(root(word) not in _FIGURES and word not in _MONEY for word in words):
        return []
    if any(root(word) == _SPEND for word in words) and is_ours(draft, draft.unused[0]):
        words = ["cost"]
    figures = frozenset().union(*(_FIGURES.get(root(word), frozenset()) for word in words))
    return [
        facts.name
        for facts in lexicon.metrics.values()
        if not figures.isdisjoint(root(word) for text in (facts.name, facts.label) for word in phrase_words(text))
        or (is_money(facts) and not figures)
    ]
