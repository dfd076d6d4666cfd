"""Customers: fictional people with personal data that is well formed and belongs to nobody."""

from __future__ import annotations

import unicodedata
from datetime import date

import numpy as np

from app.adapters.demo.draws import Draws, Flags, Ints, Texts, texts
from app.adapters.demo.names import FAMILY, GIVEN
from app.adapters.demo.period import DAY, START, arrivals, epoch_day, moments
from app.adapters.demo.places import COUNTRIES
from app.adapters.demo.tables import Column, Kind, Table

FIRST_ID = 10_001
_DOMAINS = ("example.com", "example.org", "example.net", "post.example", "mail.example")
_UNFOLDED = str.maketrans({"ø": "o", "ß": "ss", "æ": "ae", "ł": "l"})


def customers(count: int) -> Table:
    """The table `customers`, in the order of signing up: a quarter of them before the period begins."""
    draws = Draws("customers")
    before = count // 4
    early = np.sort(epoch_day(date(2021, 1, 4)) * DAY + draws.integers(before, 0, START - epoch_day(date(2021, 1, 4)) * DAY - 1))
    signed_up = np.concatenate([early, moments(draws, count - before, growth=1.7)])
    country = draws.pick(count, [place.share for place in COUNTRIES])
    segment = draws.choice(count, {"household": 0.86, "office": 0.09, "hospitality": 0.05})
    city = np.asarray([len(place.cities) for place in COUNTRIES], dtype=np.int64)[country]
    towns = draws.below(city)
    full_name, email = _names_and_addresses(draws, country)
    return Table(
        "customers",
        "customer_id",
        (
            Column("customer_id", Kind.ID, FIRST_ID + np.arange(count, dtype=np.int64)),
            Column("full_name", Kind.TEXT, full_name),
            Column("email", Kind.TEXT, email),
            Column("phone", Kind.TEXT, _phones(draws, country), draws.chance(count, 0.12)),
            Column(
                "date_of_birth",
                Kind.BIRTHDAY,
                draws.integers(count, epoch_day(date(1944, 3, 1)), epoch_day(date(2007, 12, 31))),
                draws.chance(count, 0.2),
            ),
            Column("national_id", Kind.TEXT, _national_ids(draws, country), _is_household(segment)),
            Column("country_code", Kind.TEXT, texts([place.code for place in COUNTRIES])[country]),
            Column(
                "city",
                Kind.TEXT,
                texts([COUNTRIES[place].cities[town] for place, town in zip(country.tolist(), towns.tolist(), strict=True)]),
                draws.chance(count, 0.06),
            ),
            Column("segment", Kind.TEXT, segment),
            Column("signup_channel", Kind.TEXT, draws.choice(count, {"web": 0.56, "app": 0.26, "store": 0.18})),
            Column("marketing_opt_in", Kind.FLAG, draws.chance(count, 0.55)),
            Column("signed_up_at", Kind.TIME, signed_up),
            Column("loaded_at", Kind.TIME, arrivals(draws, signed_up)),
        ),
    )


def _names_and_addresses(draws: Draws, country: Ints) -> tuple[Texts, Texts]:
    """Full names, and the e-mail addresses made from them; a few with stray blanks or capital letters, as people type them."""
    count = len(country)
    given, family = draws.uniform(count).tolist(), draws.uniform(count).tolist()
    domain, untidy = draws.integers(count, 0, len(_DOMAINS) - 1).tolist(), draws.chance(count, 0.02).tolist()
    names, addresses = [], []
    for number, place in enumerate(country.tolist()):
        tongue = COUNTRIES[place].tongue
        first = GIVEN[tongue][int(given[number] * len(GIVEN[tongue]))]
        last = FAMILY[tongue][int(family[number] * len(FAMILY[tongue]))]
        address = f"{_plain(first)}.{_plain(last)}{number + 1}@{_DOMAINS[domain[number]]}"
        names.append(f" {first} {last}  " if untidy[number] else f"{first} {last}")
        addresses.append(address.title() if untidy[number] else address)
    return texts(names), texts(addresses)


def _plain(name: str) -> str:
    """The name in the letters a-z."""
    folded = unicodedata.normalize("NFKD", name.lower().translate(_UNFOLDED))
    return "".join(letter for letter in folded if "a" <= letter <= "z")


def _phones(draws: Draws, country: Ints) -> Texts:
    """Telephone numbers of ranges that are kept for fiction."""
    spread = draws.uniform(len(country)).tolist()
    numbers = []
    for place, share in zip(country.tolist(), spread, strict=True):
        home = COUNTRIES[place]
        numbers.append(f"{home.phone}{int(share * 10**home.digits):0{home.digits}d}")
    return texts(numbers)


def _national_ids(draws: Draws, country: Ints) -> Texts:
    """Identity numbers of a form that no country uses: the country, `X`, eight digits and a Luhn check digit."""
    digits = draws.integers(len(country), 0, 99_999_999).tolist()
    return texts(
        [f"{COUNTRIES[place].code}-X{number:08d}-{luhn(f'{number:08d}')}" for place, number in zip(country.tolist(), digits, strict=True)]
    )


def luhn(digits: str) -> int:
    """The check digit of ISO/IEC 7812-1 for a number written without it."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def _is_household(segment: Texts) -> Flags:
    return np.asarray(segment == "household", dtype=np.bool_)
