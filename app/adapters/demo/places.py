"""Where customers live: countries with their weight, towns, and the tongue their names come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country: its share of the customers, towns in their own spelling, key of the names, and a telephone range kept for fiction.

    `phone` is a prefix in a range that the country's regulator sets aside for drama or documentation, to be filled up with `digits` digits;
    countries without one get the North American 555-01xx numbers.
    """

    code: str
    share: float
    tongue: str
    cities: tuple[str, ...]
    phone: str = "+1 202 555 01"
    digits: int = 2


COUNTRIES = (
    Country("SE", 0.13, "nordic", ("Stockholm", "Göteborg", "Malmö", "Umeå", "Örebro"), "+46 70 174 06 ", 2),
    Country("DK", 0.07, "nordic", ("København", "Aarhus", "Odense", "Sønderborg")),
    Country("FI", 0.05, "nordic", ("Helsinki", "Tampere", "Jyväskylä", "Åbo")),
    Country("DE", 0.23, "german", ("Berlin", "München", "Köln", "Hamburg", "Düsseldorf", "Leipzig"), "+49 171 39200", 2),
    Country("AT", 0.05, "german", ("Wien", "Graz", "Linz", "Sankt Pölten")),
    Country("CH", 0.06, "german", ("Zürich", "Bern", "Genève", "Neuchâtel")),
    Country("NL", 0.09, "dutch", ("Amsterdam", "Utrecht", "Rotterdam", "Groningen")),
    Country("BE", 0.05, "dutch", ("Bruxelles", "Gent", "Liège", "Antwerpen")),
    Country("ES", 0.10, "iberian", ("Barcelona", "Madrid", "A Coruña", "Málaga", "València")),
    Country("PT", 0.03, "iberian", ("Lisboa", "Porto", "Évora", "Setúbal")),
    Country("GB", 0.11, "british", ("London", "Edinburgh", "Cardiff", "Leeds", "Bristol"), "+44 7700 900", 3),
    Country("IE", 0.03, "british", ("Dublin", "Cork", "Dún Laoghaire", "Galway")),
)

STORES: dict[str, tuple[tuple[int, str], ...]] = {
    "SE": ((1, "2018-03-12"),),
    "DK": ((2, "2019-09-02"),),
    "FI": ((3, "2021-05-17"),),
    "DE": ((4, "2017-10-20"), (5, "2020-02-03")),
    "AT": ((6, "2019-06-14"),),
    "CH": ((7, "2022-04-01"),),
    "NL": ((8, "2018-11-23"),),
    "BE": ((9, "2021-09-10"),),
    "ES": ((10, "2020-08-28"), (11, "2023-03-31")),
    "PT": ((12, "2022-10-07"),),
    "GB": ((13, "2016-05-06"), (14, "2021-02-19")),
    "IE": ((15, "2023-11-24"),),
}
"""The stores of each country with their opening days, as `dbt_project/seeds/stores.csv` lists them (a test compares the two)."""
