"""The phrases by which a metric, dimension or entity can be called, from its name, label, synonyms and description."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from app.language.collocations import GOING_WITH
from app.language.inflect import fold, root
from app.language.senses import PART_OF_NAME
from app.language.text import phrase_words
from app.model.metrics import Metric
from app.model.semantics import Dimension, Entity, SemanticModel

Phrase = tuple[str, ...]
BY_NAME = 0.96
"""The weight of a dimension's name that its label says with more words: `country` of what is shown as warehouse country."""
SYNONYM = 0.98
"""The weight of a synonym that the project gives."""
OWNED = 0.86
"""The weight of a metric's name without the entity whose it is."""
TAIL = 0.5
"""The weight of the last words of a metric's name."""
_COUNTING = {"total", "count", "number", "num", "nb", "sum", "cnt", "overall"}
_PARTS_OF_ALL = ("rate", "percentage", "percent", "pct")
_LEFT_OUT = {"pretax", "usd", "eur", "gbp", "net", "gross", "excl", "incl"}
"""Last words of a metric's name that people leave out."""
_MEANS = {"average", "avg", "mean", "median"}
_AMOUNTS = {"amount", "value", "total"}
_FLAG_PREFIXES = {"is", "ha", "has", "was", "did", "flag"}
_TAILS = {"name", "id", "key", "code", "title", "at", "on", "date", "time", "timestamp", "ts", "label", "description", "flag", "dt"}
_MODEL_PREFIXES = {"dim", "fct", "fact", "stg", "int", "mart", "sem", "obt", "rpt"}
_STOP_WORDS = """of for in on at by to from with where when which who whose that than per during after before as is are was were has have
including excluding without the a an and or"""
_STOPS = frozenset(_STOP_WORDS.split())
_ARTICLES = {"the", "a", "an", "each", "every", "total", "sum", "number", "count", "name"}
_SAYS_NOTHING = frozenset(
    {
        "what",
        "how",
        "over",
        "which",
        "whether",
        "when",
        "where",
        "who",
        "why",
        "if",
        "this",
        "that",
        "these",
        "it",
        "all",
        "only",
        "any",
        "some",
        "used",
        "see",
    }
)
_PARTICLES = ("up", "out", "in", "off", "back")
_VERBS = """back break build burn buy call cash check clean clock close cut drive drop fall fill follow give hand hold kick lay line lock log look mail
mark mix move opt pass pay phase pick play pop print pull push read roll round run sell set shut sign sit slow spin stand start stop switch
take time trade try turn walk warm wash work wrap write"""
_WITH_PARTICLES = frozenset(_VERBS.split())
"""Verbs that are written as one word with their particle: no group is a gro up."""
_UNITS = """km kilometer kilometre kms
mi mile
kg kilo kilogram kilogramme kgs
t tonne ton
l liter litre
kwh
mwh
gb gigabyte"""
UNITS_OF_MEASURE = {word: ways for line in _UNITS.split("\n") if (ways := tuple(line.split())) for word in ways}
"""What the unit that ends a name is called, in stems."""
_UNITS_OF_TIME = {"second", "minute", "hour", "day", "week", "month"}
_IN_UNITS = re.compile(r"\s*[(\[][^)\]]{1,12}[)\]]\s*$")
"""What a label says of its unit: `Downtime (h)`."""
_OR_NOT = re.compile(r"(?:an? )?([\w -]{2,30}?),? or not\b", re.IGNORECASE)
_ROW_PER = re.compile(
    r"\bone (?:row|record|line|entry) (?:per|for each|for every) ([\w -]{2,40}?)(?:[.,;:(]|$| that| with| and| in| of| for| by| as| which)",
    re.IGNORECASE,
)


def label_of(name: str, label: str) -> str:
    """The label, or the name in words: `order_count` → `Order count`."""
    words = label or name.replace("__", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def metric_phrases(metric: Metric, owners: Collection[Phrase] = ()) -> Iterator[tuple[Phrase, float]]:
    """Phrases and weights of a metric. `owners` are names of entities: `order gross profit` is the gross profit."""
    for text in (metric.name, metric.label, _IN_UNITS.sub("", metric.label)):
        words = phrase_words(text)
        if not words:
            continue
        yield words, 0.9 if "%" in text else 1.0
        yield from _in_percent(words, text)
        if "%" in text and len(words) > 2 and words[-1:] in owners:  # the 5-star percentage is that of 5-star deliveries
            yield from ((way, 0.9 * weight) for way, weight in _in_percent(words[:-1], text))
        if words[:2] == ("on", "time") and (len(words) == 2 or words[2] in _PARTS_OF_ALL):  # the on-time rate is punctuality
            yield ("punctuality",), 0.9
            yield ("punctual",), 0.8
        if words in (("conversion", "rate"), ("conversion",)):  # which channel converts best
            yield ("convert",), 0.8
            yield ("converts",), 0.8
        core = tuple(w for w in words if w not in _COUNTING and w != "of")
        if len(core) > 1 and "per" not in core and (said := UNITS_OF_MEASURE.get(core[-1])):  # how many kilometres is the distance in km
            yield from (((way,), 0.7) for way in said)
        if core and core != words:
            yield core, 0.9
        if len(words) > 1 and words[-1] in _AMOUNTS and words[0] not in _MEANS:  # the discount is the discount amount
            yield words[:-1], 0.88
        if len(words) > 1 and words[-1] in _LEFT_OUT:
            yield words[:-1], 0.86
        if words[-2:] == ("pre", "tax") and len(words) > 2:
            yield words[:-2], 0.86
        if len(core) > 2 and core[0] in _MEANS:  # the waiting time is the average waiting time
            yield core[1:], 0.88
        if len(core) > 1 and root(core[-1]) in GOING_WITH.get(root(core[-2]), ()):  # the hours are the hours worked
            yield core[:-1], OWNED
        if len(core) > 2 and core[0] in _MEANS and core[-1] in _UNITS_OF_TIME:  # the average wait is the average wait in days
            yield core[:-1], 0.92
            yield (*core[:-1], "time"), 0.92
            yield (*core[1:-1], "time"), 0.88
        if len(core) == 2 and core[0].endswith("ed") and len(core[0]) > 4:  # what is returned are returns
            yield core[:1], 0.82
        if len(core) > 2 and core[1] in _UNITS_OF_TIME and core[0] in _MEANS:  # average hours to ship, average days open: the time
            rest = tuple(w for w in core[2:] if w not in {"to", "until", "between", "of"})
            yield (*rest, "time"), 0.8
            yield ("time", *core[2:]), 0.88
        for cut in range(1, len(core) if core[-1:] and core[-1] not in _PARTICLES else 1):
            yield core[cut:], OWNED if core[:cut] in owners else TAIL
    head, _, tail = (phrase_words(part) for part in metric.label.partition(","))
    if head and tail:  # `Revenue, month to date` is `month to date revenue` as well; `Revenue growth, year over year` is a revenue growth
        yield tail + head, 0.98
        if len(head) > 1:
            yield head, 0.9
            yield tail + head[-1:], 0.9
    for text in metric.synonyms:
        yield phrase_words(text), SYNONYM
    head = head_phrase(metric.description)
    letters = "".join(word[0] for word in head)
    yield (
        head,
        0.96 if len(head) > 1 and letters in {"".join(phrase_words(text)) for text in (metric.name, metric.label)} else 0.5,
    )  # ADR, average daily rate


def _in_percent(words: Phrase, text: str) -> Iterator[tuple[Phrase, float]]:
    """`Late %`, `% late`, `late percentage`: what is called a rate or a percentage is called so in each of these ways."""
    called = [at for at in (0, len(words) - 1) if words[at] in _PARTS_OF_ALL]
    if "%" not in text and not (called and len(words) > 1):
        return
    rest = words if "%" in text else tuple(word for at, word in enumerate(words) if at != called[-1])
    for way in (*_PARTS_OF_ALL, "%"):
        yield (*rest, way), 0.97
        if way != "rate":
            yield (way, *rest), 0.95


def dimension_phrases(dimension: Dimension, entity: str) -> Iterator[tuple[Phrase, float]]:
    """Phrases and weights of a dimension under the entity that prefixes it."""
    owner = phrase_words(entity)
    label = phrase_words(dimension.label)
    for text, weight in ((dimension.name, 1.0), (dimension.label, 1.0), *((s, SYNONYM) for s in dimension.synonyms)):
        words = phrase_words(text)
        if not words:
            continue
        yield words, BY_NAME if len(label) > len(words) and label[-len(words) :] == words and text == dimension.name else weight
        yield owner + words, weight
        if words[0] in _FLAG_PREFIXES and len(words) > 1:
            words = words[1:]
            yield words, 0.9 * weight
        if len(words) > len(owner) and words[: len(owner)] == owner and not set(words[len(owner) :]) <= _TAILS:
            yield words[len(owner) :], 0.9 * weight
        core = words
        while len(core) > 1 and core[-1] in _TAILS:
            core = core[:-1]
        if core not in (words, owner):
            yield core, 0.85 * weight
            yield owner + core, 0.85 * weight
        if len(core) > 1 and core != owner and core[-1] not in _STOPS and core[-1] not in _PARTICLES:
            yield core[-1:], PART_OF_NAME * weight
    yield head_phrase(dimension.description), 0.56


def flag_phrases(dimension: Dimension, entity: str) -> Iterator[tuple[Phrase, float]]:
    """Phrases that say that a boolean dimension holds: `is_food_order` of an order → `food order`, `food`."""
    owner = phrase_words(entity)
    owner = owner[:-1] if len(owner) > 1 and owner[-1] in _TAILS else owner
    owners = {owner, owner[-1:]}
    if (named := _OR_NOT.match(dimension.description)) is not None:  # `E-bike or not`
        yield phrase_words(named.group(1)), 0.9
    for text, weight in ((dimension.name, 0.95), (dimension.label, 0.95), *((s, 0.95) for s in dimension.synonyms)):
        words = phrase_words(text)
        if len(words) > 1 and words[0] in _FLAG_PREFIXES:
            yield words, weight
            words = words[1:]
        if len(words) > 1 and words[0] in {"a", "an", "the"}:
            words = words[1:]
        if len(words) > 1 and words[-1] == "flag":
            words = words[:-1]
        if not words:
            continue
        yield words, weight
        for own in owners:
            if own and len(words) > len(own) and words[-len(own) :] == own:
                yield words[: -len(own)], 0.9 * weight


def entity_phrases(entity: Entity, home: SemanticModel | None) -> Iterator[tuple[Phrase, float]]:
    """Phrases of an entity, and of the semantic model whose primary it is."""
    for text in (entity.name, entity.label, entity.role):
        words = phrase_words(text)
        yield words, 1.0
        if len(words) > 1 and words[-1] in _TAILS:
            yield words[:-1], 0.95
    if home is None:
        return
    for text in (home.name, home.label):
        words = phrase_words(text)
        if len(words) > 1 and words[0] in _MODEL_PREFIXES:
            words = words[1:]
        yield words, 0.9
    for text in (home.description, entity.description):
        match = _ROW_PER.search(text)
        if match:
            yield phrase_words(match.group(1)), 0.7


def joined_ways(phrase: Phrase) -> Iterator[Phrase]:
    """A verb and its particle, written apart where they are one word, and as one where they are apart: `signup`, `sign-up`."""
    for at, word in enumerate(phrase):
        if at and word in _PARTICLES and len(phrase[at - 1]) >= 3:
            yield (*phrase[: at - 1], phrase[at - 1] + word, *phrase[at + 1 :])
        particle = next((one for one in _PARTICLES if word.endswith(one) and word[: -len(one)] in _WITH_PARTICLES), None)
        if particle is not None:
            yield (*phrase[:at], word[: -len(particle)], particle, *phrase[at + 1 :])


def head_phrase(description: str) -> Phrase:
    """The first noun phrase of a description, () where it says nothing of its own: `The country a customer lives in` → `(country,)`."""
    words: list[str] = []
    for raw in re.findall(r"[^\W_]+|[^\w\s]", fold(description[:200])):
        if raw == "-" and words:
            continue
        if not raw[0].isalnum():
            break
        if not words and (raw in _ARTICLES or raw == "of"):
            continue
        if raw == "per":
            return ()  # `media spend per conversion` is no spend
        if raw in _STOPS or (not words and raw in _SAYS_NOTHING):
            break
        words.append(raw)
    phrase = tuple(word for text in words for word in phrase_words(text))
    return phrase if 1 <= len(phrase) <= 3 and not set(phrase) <= _TAILS else ()
