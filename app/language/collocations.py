"""Verbs that say no more of a noun than that there is one: an order is placed, a discount given.

English has one or two of them for most nouns; linguists speak of collocations and light verbs. What changes the meaning is none of them: an order that is
cancelled or an invoice that is paid is another than one that is placed.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.language.inflect import fold, root

_GOING_WITH = """
order purchase: book place make take receive get submit
invoice bill: issue send write raise
payment: make receive collect take
tip donation rent: collect receive earn
passenger: carry drive transport move
refund reimbursement: give grant issue make
discount rebate coupon voucher: give grant offer apply hand
contract policy lease: sign conclude make write sell issue
subscription membership: sell take buy
new: win gain acquire attract add sign join register start begin land open create
signup registration enrolment enrollment: make
booking reservation: make take receive place
ticket case issue complaint claim grievance: raise file open log submit make receive lodge create report
incident accident: report log happen record
visit trip journey ride tour: make pay take go
session meeting event lesson class course: hold run have make
call: make take receive place
shipment delivery parcel consignment load: ship send dispatch make book carry move handle
loan credit mortgage grant: give grant take issue make
donation gift contribution: give make receive
review rating comment feedback: write leave give post
fee charge fine premium: charge levy pay collect owe
salary wage bonus commission pay labor payroll: pay give spend cost
revenue sale turnover income earnings takings profit billing: give earn make generate take bring achieve
cost expense spend expenditure: incur spend have
hour time day downtime: work log spend take book lose
unit quantity item volume: sell
cover meal dish drink guest: serve sell
night room bed table: sell book let occupy
part component material: use buy order receive
bike bicycle car machine product good: build make produce assemble sell ship
inspection check: carry run do
ticket seat: sell buy purchase book
energy power electricity gas water: use consume
distance mileage kilometer kilometre km mile: drive cover travel do
leg route stop: drive cover
payout compensation settlement: pay make
application submission: receive get submit make file send
scholarship bursary award: give grant award pay
admission discharge: make
test exam inspection audit survey: run do conduct perform take carry
appointment viewing: make book schedule have
treatment procedure operation surgery: perform do give carry
message email letter notification: send write
impression view click: get make generate
point credit: award give earn
hire recruit: make
"""
_OTHERWISE = """not no excluding exclude excludes excluded except without minus less net before after including include includes or but unless only
regardless"""
_DEFINED_OTHERWISE = frozenset(_OTHERWISE.split())


def _going_with() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _GOING_WITH.strip().split("\n"):
        nouns, _, verbs = line.partition(":")
        for noun in nouns.split():
            found.setdefault(root(noun), set()).update(root(verb) for verb in verbs.split())
    return {noun: frozenset(verbs) for noun, verbs in found.items()}


GOING_WITH = _going_with()
"""Roots of verbs by the roots of nouns of which they say nothing."""


def verbs_of(definition: str) -> frozenset[str]:
    """The roots of the participles in a definition's first sentence, none where it says what is left out or is one of several: there a participle may be of
    just that."""
    first = definition.partition(". ")[0]
    words = [fold(word) for word in first.replace(",", " ").replace(".", " ").split()]
    if not _DEFINED_OTHERWISE.isdisjoint(words) or "and" in words:
        return frozenset()
    return frozenset(root(word) for word in words if word.endswith("ed") and len(word) > 4)
