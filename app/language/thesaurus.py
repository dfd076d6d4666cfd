"""Words of business English that say nearly the same, whatever the business.

A name that holds one of them can be called by another of its set, where that is no name of something else in the layer: `stores` for
locations, `sales` for revenue. What is `ALIKE` decides; what is only `AKIN` (`earnings` may be revenue or profit) is asked back. Of each
set the first word stands for the others, and each of them for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.language.inflect import stem

_ALIKE = """
revenue sales turnover takings
sold bought purchased
customer client buyer shopper account
product item article sku merchandise
store shop branch outlet location
location shop outlet
shop store outlet location
location venue city town
city town
country nation
staff employee worker personnel colleague
supplier vendor
invoice bill
shipment delivery consignment
delivery shipment dispatch
region area territory zone
district area
amount value sum
cost expense expenditure
quantity units volume
refund reimbursement
return returned
discount rebate reduction
doctor physician clinician
hospital clinic facility
admission hospitalization intake
visit session
visitor guest user
user member subscriber account
student pupil learner
course class module
teacher instructor professor lecturer
school institution
trip journey ride
vehicle car truck van
truck lorry
driver chauffeur
passenger rider traveller traveler
flight departure
warehouse depot
stock inventory
agent representative rep advisor
complaint grievance
policy contract
order purchase
transaction payment
payment transaction
booking reservation
property listing
tenant renter lessee
landlord owner
campaign promotion
promotion promo campaign offer
channel medium source
device hardware
error failure fault defect
defect fault flaw
plant factory
production output
output production
weight mass
distance mileage
average mean
gender sex
sex gender
stage phase step status
priority urgency severity
salary wage pay compensation
profit earnings gain
loss deficit
budget plan
signup registration enrollment
registration signup enrollment
enrollment registration
churn attrition
attrition churn
click tap
ad advertising advert advertisement
impression view
lead prospect
prospect lead
deal opportunity
opportunity deal
question query
answer response reply
response reply answer
film movie
movie film
song track
artist musician
book title
author writer
game match
match game fixture
player athlete
loan credit
loan lending
deposit saving
tax duty vat
tip gratuity
meal dish
dish meal
restaurant eatery diner
beverage drink
drink beverage
food meal
animal pet
house home dwelling
consumption usage use
usage consumption use
"""
_AKIN = """
category type kind class
status state stage
location site
ticket case request
duration length time
machine equipment unit
energy power electricity
score rating mark
view impression
target goal quota
department division team
revenue income earnings
profit income
orders transactions sales
order sale transaction
customer user member guest visitor
store city
region country state city
location country
revenue sold
revenue money
product title good
amount total
segment tier group cohort
category segment group
channel platform
duration delay wait
"""


def _sets(text: str) -> Mapping[str, tuple[str, ...]]:
    """Of each word that heads a set, the others of it; and of those the first."""
    found: dict[str, dict[str, None]] = {}
    for line in text.split("\n"):
        words = [stem(word) for word in line.split()]
        for other in words[1:]:
            found.setdefault(words[0], {})[other] = None
            found.setdefault(other, {})[words[0]] = None
    return {word: tuple(others) for word, others in found.items()}


ALIKE = _sets(_ALIKE)
AKIN = _sets(_AKIN)
OF_VALUES = _sets("""
female woman lady
male man gentleman
online web internet
web online website
phone telephone
desktop computer
mobile smartphone
beverage drink
drink beverage
email mail
cancelled canceled
cancel cancelled
""")
_MONEY = (
    ("did", "we", "make"),
    ("we", "make"),
    ("did", "we", "earn"),
    ("we", "earn"),
    ("turn", "over"),
    ("turned", "over"),
    ("bring", "in"),
    ("brought", "in"),
    ("take", "in"),
    ("took", "in"),
    ("grossing",),
    ("grossed",),
    ("money", "make"),
    ("money", "earn"),
    ("money", "come", "in"),
)
"""How people speak of what came in."""
_BACK: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "refund": (("paid", "back"), ("pay", "back"), ("money", "back"), ("give", "back"), ("gave", "back"), ("given", "back")),
    "return": (("send", "back"), ("sent", "back"), ("bring", "back"), ("brought", "back"), ("came", "back"), ("come", "back")),
}
"""How people speak of what goes back."""
_NO_SHOWS = (stem("no"), stem("shows"))
_NO_SHOW = (("not", "turn", "up"), ("not", "show", "up"), ("didnt", "turn", "up"), ("didnt", "show", "up"), ("stood", "us", "up"))


def other_words(phrase: tuple[str, ...], sets: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The phrase with one of its words said in another way."""
    for at, word in enumerate(phrase):
        for other in sets.get(word, ()):
            yield (*phrase[:at], other, *phrase[at + 1 :])


def spoken_of(phrase: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """How people speak of the events that a metric is called by: what we paid back are refunds, what was sent back returns, who did not turn up no-shows."""
    ways = _NO_SHOW if phrase == _NO_SHOWS else _BACK.get(stem(phrase[0]), ()) if len(phrase) == 1 else ()
    return tuple(tuple(map(stem, way)) for way in ways)


def money_made(phrase: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """`How much did we make` is about revenue, where there is a metric that is called so."""
    return _MONEY if len(phrase) == 1 and phrase[0] in {"revenue", "sale", "turnover"} else ()
