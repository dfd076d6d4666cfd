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
}
_ROOTS = {
    "sold": "sell",
    "sale": "sell",
    "bought": "buy",
    "paid": "pay",
    "spent": "spend",
    "sent": "send",
    "lost": "lose",
    "kept": "keep",
    "grew": "grow",
    "grown": "grow",
    "born": "birth",
    "died": "die",
    "death": "die",
    "shown": "show",
    "driven": "drive",
    "drove": "drive",
    "flown": "fly",
    "flew": "fly",
    "stolen": "steal",
    "written": "write",
    "wrote": "write",
}
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
    base = _ROOTS.get(base, base)
    for suffix in _DERIVATIONS:
        if base.endswith(suffix) and len(base) - len(suffix) >= (3 if suffix == "ment" else 4):
            base = base[: -len(suffix)]
            break
    if len(base) > 3 and base[-1] == base[-2] and base[-1] in "bdglmnprt":
        base = base[:-1]
    return base[:-1] if len(base) > 3 and base.endswith("e") else base
