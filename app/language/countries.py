"""Countries under their other names: `UK` and `British` for the United Kingdom, `DE` and `German` for Germany."""

from __future__ import annotations

from collections.abc import Collection, Mapping

_TEXT = """
argentina|ar|arg|argentine|argentinian
australia|au|aus|australian
austria|at|aut|austrian|österreich
belgium|be|bel|belgian|belgien
brazil|br|bra|brazilian|brasil
bulgaria|bg|bgr|bulgarian
canada|ca|can|canadian
chile|cl|chl|chilean
china|cn|chn|chinese
colombia|co|col|colombian
croatia|hr|hrv|croatian
czechia|czech republic|cz|cze|czech
denmark|dk|dnk|danish
egypt|eg|egy|egyptian
estonia|ee|est|estonian
finland|fi|fin|finnish
france|fr|fra|french
germany|de|deu|german|deutschland
greece|gr|grc|greek
hungary|hu|hun|hungarian
iceland|is|isl|icelandic
india|in|ind|indian
indonesia|id|idn|indonesian
ireland|ie|irl|irish
israel|il|isr|israeli
italy|it|ita|italian|italia
japan|jp|jpn|japanese
kenya|ke|ken|kenyan
latvia|lv|lva|latvian
lithuania|lt|ltu|lithuanian
luxembourg|lu|lux|luxembourgish
malaysia|my|mys|malaysian
mexico|mx|mex|mexican
morocco|ma|mar|moroccan
netherlands|the netherlands|holland|nl|nld|dutch
new zealand|nz|nzl
nigeria|ng|nga|nigerian
norway|no|nor|norwegian
pakistan|pk|pak|pakistani
peru|pe|per|peruvian
philippines|ph|phl|filipino|philippine
poland|pl|pol|polish
portugal|pt|prt|portuguese
romania|ro|rou|romanian
russia|ru|rus|russian
saudi arabia|sa|sau|ksa|saudi
serbia|rs|srb|serbian
singapore|sg|sgp|singaporean
slovakia|sk|svk|slovak
slovenia|si|svn|slovenian
south africa|za|zaf|south african
south korea|kr|kor|korea|korean
spain|es|esp|spanish|españa
sweden|se|swe|swedish
switzerland|ch|che|swiss|schweiz
taiwan|tw|twn|taiwanese
thailand|th|tha|thai
turkey|türkiye|tr|tur|turkish
ukraine|ua|ukr|ukrainian
united arab emirates|ae|are|uae|emirati
united kingdom|gb|gbr|uk|great britain|britain|british
united states|united states of america|us|usa|america|american
vietnam|vn|vnm|vietnamese
"""


_LONGEST_CODE = 3
_ALSO = frozenset(
    {
        *(
            "czech republic",
            "the netherlands",
            "holland",
            "great britain",
            "britain",
            "united states of america",
            "america",
            "korea",
            "türkiye",
        ),
        *("österreich", "belgien", "brasil", "deutschland", "italia", "españa", "schweiz"),
    }
)
"""Further names of countries: what else is no code says of whom or what comes from there."""


def _names() -> Mapping[str, tuple[str, ...]]:
    """Of each name or code of a country the others, and what is called after it."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _TEXT.strip().split("\n"):
        names = line.split("|")
        own = [name for at, name in enumerate(names) if at == 0 or name in _ALSO or len(name) <= _LONGEST_CODE]
        found |= {name: tuple(other for other in names if other != name) for name in own}
    return found


_NAMES = _names()
WORDS = frozenset(word for line in _TEXT.strip().split("\n") for name in line.split("|") for word in name.split())
"""Every word of a country's names: none of them is a slip for another."""
_SENTENCE = (
    "at in is it be no id my per can are us so ma hr ken est col pol mar fin ind de es se il sa pe ch si esp nor bel aut tur rus tha"
)
_WORDS = frozenset(_SENTENCE.split(" "))
"""Codes that are words of a sentence: nobody means a country by them."""


def are_countries(values: Collection[str]) -> bool:
    """Whether most of the values are names or codes of countries."""
    known = sum(value.strip().lower() in _NAMES for value in values)
    return 2 * known > len(values)


def other_names(value: str) -> tuple[str, ...]:
    """What else a value that is a country is called, () where it is none."""
    return tuple(name for name in _NAMES.get(value.strip().lower(), ()) if name not in _WORDS)
