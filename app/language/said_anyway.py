"""Words that say what a metric says already: the verb that goes with its noun (`orders placed`, `discounts given`), and the participle of its definition."""

from __future__ import annotations

from collections.abc import Collection

from app.language.collocations import GOING_WITH
from app.language.draft import Draft
from app.language.inflect import fold, root
from app.language.lexicon import Lexicon
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, is_money
from app.language.text import phrase_words

_DOERS = frozenset({"we", "have", "has", "had", "did", "they", "us", "you"})
_ASKING = frozenset({"did", "do", "does", "have", "has", "had"})
_NOUNS = frozenset({"sale", "sales", "loss", "losses", "flight", "flights", "growth", "theft", "thefts", "weight", "weights"})
"""Nouns that share a root with a verb: the sales team is no team that sells what is counted."""
_ARTICLES = frozenset({"a", "an"})
_STEM = 5
_COST = root("cost")
_MONIES = frozenset({"dollars", "euros", "pounds", "money", "cash"})
_PARTICLES = frozenset({"away", "up", "out", "in"})


def leave_what_is_said(draft: Draft, lexicon: Lexicon) -> None:
    """Take from the words that nothing explains those that the metrics say already."""
    slots = (*draft.metrics, *(one.slot for one in draft.having))
    metrics = [lexicon.metrics[slot.senses[0].name] for slot in slots if slot.senses and slot.senses[0].kind is Kind.METRIC]
    if not metrics:
        return
    texts = [text for facts in metrics for text in (facts.label, facts.name)] + [slot.piece.text for slot in slots]
    nouns = (word for text in texts for word in phrase_words(text))
    light = {verb for noun in nouns for verb in GOING_WITH.get(root(noun), ())}
    said = light | {verb for facts in metrics for verb in facts.participles}
    _leave_deeds(draft, said)
    _leave_participles(draft, light, {home for facts in metrics for home in facts.homes}, lexicon)
    names = [slot.senses[0].name for slot in draft.metrics if slot.senses]
    for slot in [*draft.metrics]:
        if root(fold(slot.piece.text)) in light and names.count(slot.senses[0].name) > 1:  # `did we book more shipments`
            draft.metrics.remove(slot)
            names.remove(slot.senses[0].name)
    explained = [piece for piece in draft.unused if _is_verb(piece) and root(fold(piece.text)) in said]
    of_names = {root(word) for text in texts for word in phrase_words(text)}  # `who watched the most minutes`, of minutes watched
    explained += [piece for piece in draft.unused if piece not in explained and piece.unknown and root(fold(piece.text)) in of_names]
    chosen = {facts.name for facts in metrics}
    explained += [piece for piece in draft.unused if piece not in explained and piece.of(Kind.METRIC) and piece.senses[0].name in chosen]
    homes = {root(word) for facts in metrics for home in facts.homes for word in phrase_words(home)}
    named = min(slot.piece.first for slot in slots)
    explained += [
        piece
        for piece in draft.unused
        if piece not in explained
        and named < piece.first == piece.last - 1
        and root(fold(piece.text)) in homes  # `how long to resolve a case`
    ]
    articles = {piece.last for piece, _ in draft.roles if piece.text.lower() in _ARTICLES}
    own = {home for facts in metrics for home in facts.homes}
    explained += [  # `how long does it take to fix a machine`
        piece
        for piece in draft.unused
        if piece not in explained
        and piece.first in articles
        and not piece.plural
        and any(lexicon.dimensions[s.name].entity in own for s in piece.of(Kind.DIMENSION))
    ]
    explained += [piece for piece in draft.unused if piece not in explained and _of_a_flag(piece, draft, lexicon)]
    if all(is_money(facts) for facts in metrics):  # `what did discounts cost us`, `in pounds`
        explained += [piece for piece in draft.unused if piece not in explained and piece.text.lower() in _MONIES]
        explained += [piece for piece in draft.unused if piece not in explained and piece.unknown and root(fold(piece.text)) == _COST]
    dates = {facts.dated_by for facts in metrics}
    explained += [  # `how many loans have we paid out`, which count by the day on which they are
        piece for piece in draft.unused if piece not in explained and any(s.name in dates for s in piece.of(Kind.DIMENSION))
    ]
    if draft.periods or draft.grains or draft.compares:  # `new customers last month` are those of that month
        new = {slot.piece.first for slot in slots if lexicon.metrics[slot.senses[0].name].rows_of}
        explained += [piece for piece in draft.unused if piece not in explained and piece.last in new and piece.text.lower() == "new"]
    if any("count" in facts.aggregates for facts in metrics) and draft.conditions:  # `how often was the code used`
        explained += [piece for piece in draft.unused if piece not in explained and piece.text.lower() == "used"]
    if any("count" in facts.aggregates for facts in metrics):  # `who ordered more than 10 times`
        numbers = {piece.last for piece, _ in draft.roles if piece.number is not None}
        explained += [piece for piece in draft.unused if piece.first in numbers and piece.text.lower() == "times"]
    words = {word for text in texts for word in phrase_words(text) if len(word) >= _STEM}
    explained += [  # `the most profitable products by gross profit`
        piece
        for piece in draft.unused
        if piece not in explained and draft.rank and piece.unknown and any(fold(piece.text).startswith(word) for word in words)
    ]
    ends = {piece.last for piece in explained}
    explained += [piece for piece in draft.unused if piece.first in ends and piece.text.lower() in _PARTICLES]
    for piece in explained:
        draft.unused.remove(piece)
        draft.roles.append((piece, Role.WORDS))


def _leave_deeds(draft: Draft, said: Collection[str]) -> None:
    """`How many shipments have we booked`: what somebody does is no state in which they are, though a state be called so."""
    doers = {piece.last for piece, role in draft.roles if role is Role.WORDS and piece.text.lower().split(" ")[-1] in _DOERS}
    asked = min((piece.first for piece, _ in draft.roles if piece.text.lower().split(" ")[0] in _ASKING), default=None)
    if asked is not None:  # `how many tickets did Heron Systems open`
        doers |= {piece.last for piece, _ in draft.roles if piece.first > asked and piece.of(Kind.VALUE, Kind.ENTITY)}
    deeds = [c for c in draft.conditions if c.slot.piece.first in doers and root(fold(c.slot.piece.text)) in said and not c.negated]
    for deed in deeds:
        names = {s.name for s in deed.slot.senses}
        if any(c is not deed and not names.isdisjoint(s.name for s in c.slot.senses) for c in draft.conditions):
            continue  # `tickets we opened and solved` are in both states
        draft.conditions.remove(deed)
        draft.roles = [(piece, Role.WORDS if piece == deed.slot.piece else role) for piece, role in draft.roles]


def _leave_participles(draft: Draft, light: Collection[str], homes: Collection[str], lexicon: Lexicon) -> None:
    """`Commission paid to agents`: the verb that goes with a metric is no state of another thing, though a state be called so."""
    for condition in [*draft.conditions]:
        piece = condition.slot.piece
        away = all(s.kind is Kind.VALUE and lexicon.dimensions[s.name].entity not in homes for s in condition.slot.senses)
        if away and not condition.negated and piece.last - piece.first == 1 and root(fold(piece.text)) in light and not piece.plural:
            draft.conditions.remove(condition)
            draft.roles = [(one, Role.WORDS if one == piece else role) for one, role in draft.roles]


def _of_a_flag(piece: Piece, draft: Draft, lexicon: Lexicon) -> bool:
    """`Wheelchair accessible`, where the description of what is accessible says so."""
    flags = [c.slot for c in draft.conditions if c.slot.senses[0].kind is Kind.FLAG and piece.last == c.slot.piece.first]
    return piece.unknown and any(root(fold(piece.text)) in lexicon.dimensions[s.name].described for slot in flags for s in slot.senses)


def _is_verb(piece: Piece) -> bool:
    return (piece.unknown or bool(piece.of(Kind.DIMENSION))) and piece.last - piece.first == 1 and fold(piece.text) not in _NOUNS
