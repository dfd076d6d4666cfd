"""What people do, and the nouns that count it: who borrows makes a loan, who leaves a cancellation.

A question often names what is counted by the verb alone: `which branch lent the most`. English derives few of these nouns from their verbs, so the pairs are
listed, as a dictionary lists them, whatever the business; forms that share a root (`refunded`, refunds) need no line. What is only done about a thing
(an order is placed) is in `collocations`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.language.inflect import fold, root, stem
from app.language.senses import MetricFacts
from app.language.text import phrase_words

_COUNTED_AS = """
lend: loan lending checkout circulation
borrow: loan borrowing checkout circulation
join: joiner | registration signup enrollment membership admission member customer user subscriber subscription client patient student patron
enroll: enrollment registration signup
register: registration signup enrollment
subscribe: subscription signup
quit: leaver | cancellation churn termination resignation
leave: leaver | cancellation churn resignation termination departure
resign: resignation leaver
unsubscribe: cancellation churn unsubscription
attend: attendance attendee checkin visit
visit: visit session footfall
hire: hire recruitment
recruit: hire recruitment
buy: order purchase
purchase: purchase order
order: order
sell: sale | unit
ship: shipment delivery consignment
deliver: delivery shipment
dispatch: shipment dispatch delivery
refund: refund reimbursement
reimburse: refund reimbursement
return: return
invoice: invoice billing
bill: invoice billing
charge: charge fee fine billing
fine: fine
owe: debt receivable arrears
donate: donation gift
pledge: pledge
raise: donation income revenue | fund
give: donation gift income
spend: spend spending expenditure expense cost
cost: cost spend expense
treat: treatment
admit: admission
discharge: discharge
prescribe: prescription
operate: surgery operation
diagnose: diagnosis
repair: repair fix
fix: repair fix
mend: repair
break: breakdown breakage failure fault outage stop
fail: failure
crash: crash accident
produce: produced production | output built unit
build: built | production output unit
make: made | production output built unit
manufacture: production output unit
assemble: production output unit
scrap: scrap waste
discard: scrap waste
inspect: inspection
test: test
audit: audit
call: call
phone: call
complain: complaint
report: report incident
escalate: escalation
resolve: resolution
click: click
watch: view play
view: view
play: play match game
stream: stream play
listen: play stream listen
download: download
install: install installation
book: booking reservation
reserve: reservation booking
stay: night
rent: rental rent
hail: ride trip
ride: ride trip
travel: trip journey
drive: trip drive
fly: flight
use: usage use session event
consume: consumption
insure: policy
claim: claim
vote: vote
post: post
comment: comment
review: review rating
rate: rating score
teach: lesson class
graduate: graduation graduate
score: goal point
win: win
lose: loss
renew: renewal
upgrade: upgrade
downgrade: downgrade
serve: cover serving guest
eat: meal cover
sign: signup contract signature
start: start starter signup
cancel: cancellation
churn: churn churner
convert: conversion
publish: publication
print: print
plant: planting
harvest: harvest yield
recycle: recycling
move: transfer move
transfer: transfer
deposit: deposit
withdraw: withdrawal
invest: investment
trade: trade
pay: payment
collect: collection
hand: delivery
fall: accident fall
injure: injury accident
"""


def _counted_as() -> Mapping[str, Mapping[str, int]]:
    lines = (line.partition(":") for line in _COUNTED_AS.strip().split("\n"))
    return {root(verb): {root(noun): at for at, part in enumerate(nouns.split("|")) for noun in part.split()} for verb, _, nouns in lines}


COUNTED_AS = _counted_as()
"""Roots of nouns by the root of the verb whose deeds they count, each with how well it does: the best have 0."""
_ONCE_WORDS = """join leave quit resign cancel churn register enroll subscribe unsubscribe sign attend graduate admit discharge hire die retire convert"""
ONCE = frozenset(map(root, _ONCE_WORDS.split()))
"""Roots of verbs for what one person does once, as far as a count is concerned."""
_OF_MONEY = frozenset(map(root, ("bill", "invoice", "charge", "spend", "cost", "earn", "owe", "raise", "give")))
_NUMBER_OF = frozenset(map(root, ("count", "number", "total", "of", "new", "sold", "made")))
_ADDS_UP = frozenset({"sum", "count"})


def is_deed(text: str, deeds: Mapping[str, str]) -> bool:
    """Whether it is a verb of these, which are kept by their roots; `orders` are a noun, and a `rate` is one more often than not."""
    word = fold(text)
    return stem(word) == word and word != "rate" and root(word) in deeds


def counts_by_verb(metrics: Iterable[MetricFacts]) -> dict[str, str]:
    """By the root of each verb the metric that counts its deeds: of several that speak of them the one that says least more, where it is one."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for facts in metrics:
        counts = "count" in facts.aggregates
        if facts.is_fraction or facts.timing is not None or not facts.aggregates & _ADDS_UP:
            continue
        ways = [
            frozenset(root(word) for word in phrase_words(text))
            for text in (facts.label, facts.name, facts.rows_of, *facts.synonyms)
            if text
        ]
        for verb, nouns in COUNTED_AS.items():
            if counts and verb in _OF_MONEY:
                continue  # what was billed is a sum, and not how many bills there are
            ranked = [
                (len(said - nouns.keys() - _NUMBER_OF), min(nouns[noun] for noun in said & nouns.keys()))
                for said in ways
                if said & nouns.keys()
            ]
            if ranked:
                found.setdefault(verb, []).append((*min(ranked), facts.name))
    return {
        verb: ways[0][2]
        for verb, ways in ((verb, sorted(ways)) for verb, ways in found.items())
        if len(ways) == 1 or ways[0][:2] < ways[1][:2]
    }
