"""Where a metric that has the name is yet not surely what is asked for: of how many people, how much money, the strongest of what is unwanted."""

from __future__ import annotations

from itertools import pairwise

from app.language.deeds import ONCE, is_deed
from app.language.draft import Draft
from app.language.inflect import fold, root
from app.language.lexicon import Lexicon
from app.language.naming import OWNED
from app.language.persons import FOLKS, PERSONS
from app.language.pieces import Piece
from app.language.senses import Kind, MetricFacts, is_money
from app.language.text import phrase_words
from app.language.words import Cue

_BETTER_WITHOUT = (
    "arrears refund return cancellation cancelled churn churned complaint cost delay time duration wait waiting "
    "error defect loss lost bounce failure failed expense overdue unpaid late absence show "
    "readmission claim denial hours days outstanding escalation escalated incident accident fraud debt attrition downtime backlog age rejection"
)
_UNWANTED = frozenset(map(root, _BETTER_WITHOUT.split(" ")))
"""Roots of words for what is better where it is less."""
_PAY = frozenset(map(root, ("pay", "wage", "salary", "commission", "bonus", "fee", "payroll", "compensation", "earning")))
_SUMS = frozenset(map(root, ("bill", "invoice", "charge", "pay", "spend")))
_TAKING = frozenset(
    {"take", "took", "make", "made", "raise", "raised", "earn", "earned", "get", "got", "bring", "brought", "receive", "received"}
)
_WHO = frozenset({"who", "that"})


def doubted(draft: Draft, metrics: tuple[str, ...], shown: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Whether the `metrics` of a draft, of which `shown` are the columns, may not be what its words ask for."""
    facts = [lexicon.metrics[name] for name in shown]
    return (
        (bool(draft.judged) and unwanted(shown, lexicon))  # which end the strongest is: of refunds it may be either
        or _is_of_another_kind(draft, facts, lexicon)
        or _counts_no_people(draft, facts, lexicon)
        or _is_paid_to_others(draft, facts)
        or _may_be_of_another(draft, lexicon)
        or (
            any(p.at_end for p in draft.periods) and not all(lexicon.metrics[name].is_stock for name in metrics)
        )  # `revenue at the end of June`
    )


def unwanted(metrics: tuple[str, ...], lexicon: Lexicon) -> bool:
    """Whether less of it is better."""
    labels = [" ".join(phrase_words(text)) for name in metrics for text in (name, lexicon.metrics[name].label)]
    words = (word for label in labels for word in label.replace("on time", "").split())  # what is on time is wanted
    return not _UNWANTED.isdisjoint(map(root, words))


def _is_of_another_kind(draft: Draft, facts: list[MetricFacts], lexicon: Lexicon) -> bool:
    """`How much did we invoice` does not ask for the number of invoices, nor `how many did we sell` for the money."""
    names = {one.name for one in facts}
    if any(is_money(lexicon.metrics[s.name]) for piece in draft.numbered for s in piece.of(Kind.METRIC) if s.name in names):
        return True
    if draft.asks and any(root(fold(slot.piece.text)) in _SUMS and not slot.piece.plural and not draft.how_many for slot in draft.metrics):
        return any("count" in one.aggregates for one in facts)  # `what did we bill` asks for a sum
    if draft.asks and any(_is_sum_in(slot.piece, draft) for slot in draft.metrics):
        return any("count" in one.aggregates for one in facts)
    if draft.how_much:
        return bool(facts) and all("count" in one.aggregates for one in facts)
    return draft.how_many and bool(facts) and all(is_money(one) for one in facts)


def _is_sum_in(piece: Piece, draft: Draft) -> bool:
    """`What did we take in donations`: a verb of taking money in, and the metric as what it came in as."""
    words = " ".join(one.text.lower() for one, _ in sorted(draft.roles, key=lambda role: role[0].first) if one.first < piece.first).split()
    return words[-1:] == ["in"] and len(words) > 1 and words[-2] in _TAKING


def _counts_no_people(draft: Draft, facts: list[MetricFacts], lexicon: Lexicon) -> bool:
    """`How many people came to our events` does not ask for the number of events, nor `how many members borrowed` for that of loans; of what one does once
    there are as many as people."""
    pieces = sorted((piece for piece, _ in draft.roles), key=lambda piece: piece.first)
    more = {piece.last for piece in pieces if piece.cue is Cue.VAGUE and piece.detail == "than"}
    if any(piece.first in more and piece.plural and root(fold(piece.text)) in PERSONS for piece in pieces) and not any(
        _is_of_people(one) for one in facts
    ):
        return True  # `did more customers order last week`
    asked = {piece.last for piece in pieces if piece.cue is Cue.HOW_MANY}
    groups = {slot.piece.first for slot in draft.groups}
    asked |= {one.first for one, following in pairwise(pieces) if following.text.lower() in _WHO and one.first not in groups}
    by_deed = any(is_deed(slot.piece.text, lexicon.deeds) for slot in draft.metrics)
    if not any(piece.first in asked and (piece.text.lower() in FOLKS or (by_deed and _are_persons(piece))) for piece in pieces):
        return False
    once = any(root(fold(slot.piece.text)) in ONCE for slot in draft.metrics)
    return not once and not any(_is_of_people(one) for one in facts)


def _is_paid_to_others(draft: Draft, facts: list[MetricFacts]) -> bool:
    """`What do we pay our adjusters` does not ask for what is paid out to others: the metric speaks of their pay, or names them."""
    paid = [slot.piece for slot in draft.metrics if root(fold(slot.piece.text)) == root("pay")]
    to = [slot for slot in draft.scopes if paid and slot.piece.first > paid[-1].first and _are_persons(slot.piece)]
    if not draft.asks or not to:
        return False
    said = {root(word) for one in facts for word in phrase_words(one.label)}
    return not said & (_PAY | {root(word) for slot in to for s in slot.senses for word in phrase_words(s.name)})


def _may_be_of_another(draft: Draft, lexicon: Lexicon) -> bool:
    """`Cancellations`, of memberships by the metric's name, where bookings can be cancelled too."""
    for slot in draft.metrics:
        sense = slot.senses[0]
        if sense.weight != OWNED or not slot.piece.plural or slot.piece.last - slot.piece.first != 1 or sense.kind is not Kind.METRIC:
            continue
        homes = lexicon.metrics[sense.name].homes
        others = (s for s in lexicon.roots.get((root(fold(slot.piece.text)),), ()) if s.kind is Kind.VALUE)
        if any(lexicon.dimensions[s.name].entity not in homes for s in others):
            return True
    return False


def _are_persons(piece: Piece) -> bool:
    return piece.plural and bool(piece.of(Kind.ENTITY)) and not PERSONS.isdisjoint(root(word) for word in phrase_words(piece.text))


def _is_of_people(facts: MetricFacts) -> bool:
    words = {root(word) for text in (facts.label, facts.name, facts.rows_of) for word in phrase_words(text)}
    return "distinct" in facts.aggregates or facts.is_fraction or not PERSONS.isdisjoint(words)
