"""Names for what the project did not name: identifiers that dbt accepts, and the thing that a model or a key is about."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.model.types import Grain

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_LAYER = re.compile(r"^(?:dim|fct|fact|stg|staging|int|intermediate|mart|base|src|raw|rpt|report|agg|obt|seed|snap|snapshot)s?_+(?=[a-z])")
_LAYERS = {"dim": 0, "fct": 0, "fact": 0, "mart": 0, "obt": 0, "agg": 1, "rpt": 1, "report": 1}
_INNER = {"int": 3, "intermediate": 3, "snap": 4, "snapshot": 4, "stg": 5, "staging": 5, "base": 6, "src": 6, "raw": 6}
_KEY_ENDS = ("_id", "_key", "_sk", "_pk", "_fk", "_uuid", "_guid", "_hk", "_code", "_number", "_no")
_KEY_STARTS = ("sk_", "pk_", "fk_", "hk_", "id_")
_BARE_KEYS = frozenset({"id", "key", "sk", "pk", "uuid", "guid", "code", "hk", "unique_key", "surrogate_key"})
_UNCHANGED = ("ss", "us", "is", "news", "series", "species", "status")

_KEYWORDS = (
    "and as create distinct for from full having in inner into is join left like natural not null on or right select union using where with"
)
RESERVED = frozenset(
    {"metric_time", *Grain, *_KEYWORDS.split(), *(f"extract_{part}" for part in ("year", "quarter", "month", "day", "dow", "doy"))}
)
"""Names that a query reads as something else, and those that dbt refuses."""


def identifier(text: str) -> str:
    """A name that dbt takes for an element: lower case, letters, digits and single underscores, a letter first, two at least; "" where nothing is left."""
    name = _NOT_A_NAME.sub("_", text.lower()).strip("_")
    if name and not name[0].isalpha():
        name = f"n_{name}"
    return f"{name}_value" if name in RESERVED or len(name) == 1 else name


def free(name: str, taken: Collection[str]) -> str:
    """The name, or with the first number from 2 on that makes it one of its own."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def singular(name: str) -> str:
    """The last word of a name in the singular: `order_lines` → `order_line`."""
    head, _, word = name.rpartition("_")
    if len(word) < 4 or not word.endswith("s") or word.endswith(_UNCHANGED):
        return name
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        word = word[:-2]
    else:
        word = word[:-1]
    return f"{head}_{word}" if head else word


def subject_of_model(model: str) -> str:
    """What a model is about: `dim_customers` → `customer`, `stg_shop__orders` → `shop_order`."""
    return singular(without_layer(model))


def without_layer(model: str) -> str:
    """A model's name as an identifier without the prefix of its layer: `fct_orders` → `orders`."""
    return _LAYER.sub("", identifier(model))


def subject_of_key(column: str) -> str:
    """What a key stands for: `customer_id` → `customer`; "" where the name does not tell (`id`)."""
    name = identifier(column)
    if name in _BARE_KEYS:
        return ""
    for start in _KEY_STARTS:
        name = name.removeprefix(start)
    for end in _KEY_ENDS:
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end)
    return name


def depth(model: str) -> int:
    """How far a model is from what people look at, by its prefix: marts 0, others 2, staging 5, copies of sources 6."""
    prefix = identifier(model).partition("_")[0]
    return _LAYERS.get(prefix, _INNER.get(prefix, 2))


def in_words(name: str) -> str:
    """A name for people: `order_lines` → `Order lines`."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
