"""Word forms: fold spelling, take off plurals, and find the root that related forms share.

`stem` is cautious (singular and plural only) and decides; `root` is bolder (`refunded`, `refunding` → `refund`) and counts for less.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "feet": "foot",
    "indices": "index",
    "criteria": "criterion",
    "analyses": "analysis",
    "bases": "basis",
    "crises": "crisis",
    "lives": "life",
    "halves": "half",
    "shelves": "shelf",
    "taxes": "tax",
    "movies": "movie",
    "cookies": "cookie",
    "series": "series",
    "species": "species",
    "news": "news",
    "gas": "gas",
    "bus": "bus",
    "ups": "up",
    "ads": "ad",
    "ins": "in",
    "outs": "out",
    "offs": "off",
}
_ROOT_FORMS = """
sell sold sale
fare fares
rating ratings rated
buy bought
pay paid
spend spent
send sent
lose lost loss
win won
keep kept
grow grew grown growth
give gave given
take took taken
birth born
die died death
show shown
drive driven drove
fly flown flew flight
steal stolen theft
write wrote written
break broke broken breakage
rise rose risen
age aged
weigh weight
choose chose chosen choice
lend lent
build built
teach taught
eat eaten ate
ride rode ridden
catch caught
bring brought
resolve resolution
solve solution
admit admission admittance
subscribe subscription
satisfy satisfied satisfaction
convert conversion
decide decision
recover recovery
discover discovery
inquire inquiry enquiry enquire
arrive arrival
renew renewal
approve approval
refuse refusal
rent rental
remove removal
refer referral
withdraw withdrawal withdrawn
dispose disposal
propose proposal
depart departure
fail failure
close closure
expose exposure
respond response
use used usage
opt opted
rating rated
ship shipping
occupy occupancy
vacate vacancy
attend attendance attendee
absent absence
produce production
consume consumption
reduce reduction
retain retention
receive receipt
complain complaint
begin begun began
see seen saw
hold held
leave left
meet met
injure injury
expire expiry
transmit transmission
emit emission
permit permission
suspend suspension
extend extension
expand expansion
describe description
prescribe prescription
acquire acquisition
"""
_ROOTS = {form: line.split()[0] for line in _ROOT_FORMS.split("\n") for form in line.split()[1:]}
"""Forms that no ending tells: each line begins with what stands for the others."""
_BRITISH = """
labour colour favour behaviour harbour neighbour honour humour rumour vapour odour flavour endeavour armour tumour
"""
_AMERICAN = {word: word.replace("our", "or") for word in _BRITISH.split()} | {
    "centre": "center", "metre": "meter", "litre": "liter", "theatre": "theater", "fibre": "fiber", "kilometre": "kilometer",
    "catalogue": "catalog", "programme": "program", "cheque": "check", "grey": "gray", "tyre": "tire", "licence": "license", "defence": "defense",
    "offence": "offense", "jewellery": "jewelry", "aluminium": "aluminum", "organisation": "organization", "utilisation": "utilization",
    "avg": "average", "qty": "quantity", "amt": "amount",
    "cancelation": "cancellation", "enrolment": "enrollment", "fulfilment": "fulfillment", "instalment": "installment",
}  # fmt: skip
"""Words that two Englishes spell in two ways."""
_DERIVATIONS = ("ation", "ment", "ing", "ion", "ed")


def fold(text: str) -> str:
    """Case and accents taken off: `Ürün` and `urun`, `CAFÉ` and `cafe` are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The singular of a folded English word; any other word comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    singular = _singular(word)
    return _AMERICAN.get(singular, singular)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes", "oes")):
        return word[:-2]
    if word.endswith("uses") and not word.endswith(("ouses", "auses")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """What the forms of a folded English word share; not always a word itself."""
    base = stem(word)
    base = _ROOTS.get(word) or _ROOTS.get(base, base)
    if base.endswith("ied") and len(base) > 4:
        base = base[:-3] + "y"
    for suffix in _DERIVATIONS:
        if base.endswith(suffix) and len(base) - len(suffix) >= (3 if suffix == "ment" else 4):
            base = base[: -len(suffix)]
            break
    if len(base) > 3 and base[-1] == base[-2] and base[-1] in "bdglmnprt":
        base = base[:-1]
    return base[:-1] if len(base) > 3 and base.endswith("e") else base
