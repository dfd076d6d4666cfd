"""Lexicon: every word and phrase by which the visible layer can be spoken of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from app.language.countries import are_countries, other_names
from app.language.deeds import counts_by_verb
from app.language.inflect import root
from app.language.labelled import counts_by_label, fractions_by_words, rates_by_unit
from app.language.metric_facts import metric_facts
from app.language.naming import (
    OWNED,
    SYNONYM,
    TAIL,
    Phrase,
    dimension_phrases,
    entity_phrases,
    flag_phrases,
    joined_ways,
    label_of,
    metric_phrases,
)
from app.language.say import Labels
from app.language.senses import DECIDES, DimensionFacts, Kind, MetricFacts, Sense
from app.language.spelling import Spelling
from app.language.text import phrase_words
from app.language.thesaurus import AKIN, ALIKE, OF_VALUES, money_made, other_words, spoken_of
from app.model.expr import And, Binary, Column, In, IsNull, Not, Or
from app.model.ontology import Ontology
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel
from app.model.types import DataType

_NAMED = (Kind.METRIC, Kind.DIMENSION, Kind.ENTITY)
_WELL = 0.85
"""Names of at least this weight can be said with other words."""
_COUNT = 0.87
"""The weight of an entity's name for the one metric that counts each of it: `bookings` for class bookings."""
_NUMBER_OF = frozenset(map(root, ("count", "number", "total", "of", "all")))
_ALIKE = 0.75
_AKIN = 0.5
_LONGEST = 4
_MONEY_OF = frozenset({"cost", "revenue", "sale", "profit", "margin", "spend", "expense", "payout"})
"""What a business has one of: the only metric whose name ends so is meant by the word alone."""
_IN_ANY_ORDER = (Kind.METRIC, Kind.FLAG, Kind.DIMENSION)
_JOINING = frozenset({"of", "to", "for", "in", "the", "a", "an", "with", "on"})
NOT_IN_BAGS = frozenset({"per", "by", "than", "and", "or", "not", "without", "from", "vs", "versus"})
"""Words on whose sides different things stand: `revenue per order` is no `order per revenue`."""
_BOOLEAN_WORDS = frozenset({"true", "false", "t", "f", "yes", "no", "y", "n"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Built once per visible layer; read-only and safe to share between threads. `words` are the stems and roots that any phrase holds.

    `phrases` and `roots` map stems (bolder roots) to senses, best first; `longest` is the length of the longest phrase by its first word; `bags` are the
    senses of names of several words by their roots, in whatever order;
    `display` is what stands for an entity when people group by it: a dimension of it that names it, else the entity itself; `spelling` knows all words, `names`
    those of metrics, dimensions and entities; `labels` are the
    names in words, for what is said in return; `personal` are the dimensions that hold personal data; `deeds` are the metrics by the roots of verbs whose deeds
    they count; `counts`, `rates` and `fractions` are metrics by what their labels say (`counts_by_label`, `rates_by_unit`, `fractions_by_words`).
    """

    phrases: Mapping[Phrase, tuple[Sense, ...]]
    roots: Mapping[Phrase, tuple[Sense, ...]]
    longest: Mapping[str, int]
    bags: Mapping[frozenset[str], tuple[Sense, ...]]
    metrics: Mapping[str, MetricFacts]
    dimensions: Mapping[str, DimensionFacts]
    display: Mapping[str, str]
    words: frozenset[str]
    spelling: Spelling
    names: Spelling
    labels: Labels
    personal: frozenset[str]
    deeds: Mapping[str, str]
    counts: Mapping[frozenset[str], tuple[str, ...]]
    rates: Mapping[frozenset[str], tuple[tuple[frozenset[str], str], ...]]
    fractions: Mapping[frozenset[str], tuple[str, ...]]

    @classmethod
    def of(cls, ontology: Ontology, values: Mapping[str, tuple[str, ...]] | None = None) -> Self:
        """The lexicon of what the caller may see, without the hidden metrics, which have no words but their names in queries.

        `values` maps a dimension's dunder name (`customer__country`) to values that it holds; they are added to those that the project declares.
        What can be joined with what is no matter of words: the interpreter asks the joins, one question at a time.
        """
        held: dict[Phrase, dict[tuple[Kind, str, str], float]] = {}
        dimensions: dict[str, DimensionFacts] = {}

        def add(phrase: Phrase, kind: Kind, name: str, weight: float, value: str = "") -> None:
            if phrase and len(phrase) <= 8:
                senses = held.setdefault(phrase, {})
                senses[kind, name, value] = max(weight, senses.get((kind, name, value), 0.0))

        owners = {words for entity, _ in _entities(ontology) for words in _owner_words(entity)}
        for metric in ontology.listed_metrics:
            for phrase, weight in metric_phrases(metric, owners):
                add(phrase, Kind.METRIC, metric.name, weight)
        for model, dimension in _dimensions(ontology):
            facts = _facts(ontology, model, dimension, values or {})
            if facts.name in dimensions:
                continue
            dimensions[facts.name] = facts
            for phrase, weight in dimension_phrases(dimension, model.primary):
                add(phrase, Kind.DIMENSION, facts.name, weight)
            if facts.is_flag:
                for phrase, weight in flag_phrases(dimension, model.primary):
                    add(phrase, Kind.FLAG, facts.name, weight)
            countries = are_countries(facts.values)
            for value in facts.values:
                if not facts.is_flag and not value.strip().isdigit():
                    add(phrase_words(value), Kind.VALUE, facts.name, 1.0, value)
                    if phrase_words(value)[:1] == ("the",):
                        add(phrase_words(value)[1:], Kind.VALUE, facts.name, 0.95, value)
                    for called in other_names(value) if countries else ():
                        add(phrase_words(called), Kind.VALUE, facts.name, 0.95, value)
                    for other in other_words(phrase_words(value), OF_VALUES):
                        add(other, Kind.VALUE, facts.name, 0.9, value)
        display = {}
        metrics = {metric.name: metric_facts(metric, ontology) for metric in ontology.listed_metrics}
        for entity, home in _entities(ontology):
            display[entity.name] = _display(entity, home, dimensions)
            counts = [facts.name for facts in metrics.values() if facts.rows_of == entity.name and _is_called_as(facts, entity, owners)]
            for phrase, weight in entity_phrases(entity, home):
                add(phrase, Kind.ENTITY, entity.name, weight)
                if len(counts) == 1 and weight >= _WELL:
                    add(phrase, Kind.METRIC, counts[0], _COUNT)
        _leave_shared_tails(held)
        _add_joined(held)
        _add_other_words(held)
        phrases = {phrase: _ranked(senses) for phrase, senses in held.items()}
        return cls(
            phrases,
            _by_root(phrases),
            _longest(phrases),
            _bags(phrases),
            metrics,
            dimensions,
            display,
            frozenset(form for phrase in phrases for word in phrase for form in (word, root(word))),
            Spelling.of(word for phrase in phrases for word in phrase),
            Spelling.of(
                word for phrase, senses in phrases.items() if any(s.kind in _NAMED and s.weight >= _WELL for s in senses) for word in phrase
            ),
            Labels(ontology),
            frozenset(name for name, facts in dimensions.items() if facts.is_personal),
            counts_by_verb(metrics.values()),
            counts_by_label(metrics.values()),
            rates_by_unit(metrics.values()),
            fractions_by_words(metrics.values()),
        )

    def at_the_end_of(self, name: str) -> DimensionFacts | None:
        """The dimension that a name with the whole way to it leads to (`order__customer__country`), None where there is none."""
        parts = name.split("__")
        ends = ("__".join(parts[at:]) for at in range(len(parts)))
        return next((self.dimensions[end] for end in ends if end in self.dimensions), None)

    def roots_of(self, dimension: str) -> frozenset[str]:
        """The roots of the words by which a dimension is called."""
        facts = self.dimensions.get(dimension)
        words = (*phrase_words(facts.label), *phrase_words(dimension.rpartition("__")[2])) if facts is not None else ()
        return frozenset(root(word) for word in words)

    def hints(self, word: str) -> tuple[Sense, ...]:
        """The metric that counts what a word's root says is done, or the metrics of whose names it is a part: those are suggested, and not decided."""
        if word in self.deeds:
            return (Sense(Kind.METRIC, self.deeds[word], DECIDES + 0.1),)
        return tuple(Sense(s.kind, s.name, 0.8 * s.weight, s.value) for s in self.roots.get((word,), ()) if s.kind is Kind.METRIC)

    def senses(self, stems: Phrase, roots: Phrase) -> tuple[Sense, ...]:
        """The senses of a phrase, by stem, else by root with less weight; () where it has none."""
        found = self.phrases.get(stems)
        if found and not all(s.kind is Kind.DIMENSION and self.dimensions[s.name].is_time for s in found):
            return found
        related = (Sense(s.kind, s.name, 0.8 * s.weight, s.value) for s in self.roots.get(roots, ()) if s.weight >= 0.8)
        if found:  # `signed up` is a date of accounts, and what a metric of sign-ups counts
            return (*found, *(s for s in related if s.kind is Kind.METRIC))
        return tuple(related)


def _leave_shared_tails(held: dict[Phrase, dict[tuple[Kind, str, str], float]]) -> None:
    """A word with which the names of several metrics end only suggests them, were it the whole name of one but for its owner: `rate` beside two rates."""
    words = [
        word for key, word in {(key, word) for phrase, senses in held.items() for key in senses if key[0] is Kind.METRIC for word in phrase}
    ]
    counted = {word for word in words if words.count(word) == 1 and word.endswith(("ing", "ion", "out", "in", "up", "ment", "al"))}
    for phrase, senses in held.items():
        metrics = [key for key in senses if key[0] is Kind.METRIC]
        if len(phrase) == 1 and len(metrics) > 1:
            for key in metrics:
                if senses[key] == OWNED:
                    senses[key] = TAIL
        elif len(phrase) == 1 and metrics and senses[metrics[0]] == TAIL and (phrase[0] in _MONEY_OF or phrase[0] in counted):
            senses[metrics[0]] = DECIDES + 0.05


def _is_called_as(facts: MetricFacts, entity: Entity, owners: set[Phrase]) -> bool:
    """Whether a metric's name says the entity and no more than whose it is. `Sign-ups` count customers, and are not all of what `customers` can mean."""
    own = {root(word) for word in phrase_words(entity.name)}
    others = {root(word) for words in owners for word in words} | _NUMBER_OF
    return any(own <= said <= own | others for said in ({root(word) for word in phrase_words(text)} for text in (facts.name, facts.label)))


def _add_joined(held: dict[Phrase, dict[tuple[Kind, str, str], float]]) -> None:
    """Names whose verbs and particles can be written apart or together."""
    for phrase, senses in [*held.items()]:
        kept = {key: weight for key, weight in senses.items() if key[0] in _NAMED and weight >= _WELL}
        for way in joined_ways(phrase) if kept else ():
            into = held.setdefault(way, {})
            for key, weight in kept.items():
                into[key] = max(0.95 * weight, into.get(key, 0.0))


def _add_other_words(held: dict[Phrase, dict[tuple[Kind, str, str], float]]) -> None:
    """Names said with other words of business English, where these are no names themselves."""
    named = {phrase for phrase, senses in held.items() if max(senses.values()) >= DECIDES}
    words = {word for phrase in named for word in phrase if len(phrase) == 1}
    made: dict[Phrase, dict[tuple[Kind, str, str], float]] = {}
    for phrase, senses in held.items():
        kept = {key: weight for key, weight in senses.items() if key[0] in _NAMED and weight >= _WELL and not _is_given(key[0], weight)}
        if not kept or len(phrase) > _LONGEST:
            continue
        ways = [(other, _ALIKE) for other in other_words(phrase, ALIKE)] + [(other, _AKIN) for other in other_words(phrase, AKIN)]
        ways += [(other, _ALIKE) for other in (*money_made(phrase), *spoken_of(phrase)) if any(kind is Kind.METRIC for kind, _, _ in kept)]
        for other, factor in ways:
            if other in named or (len(phrase) > 1 and set(other) - set(phrase) <= words):
                continue
            into = made.setdefault(other, {})
            for key, weight in kept.items():
                into[key] = max(into.get(key, 0.0), factor * weight)
    for phrase, senses in made.items():
        into = held.setdefault(phrase, {})
        for key, weight in senses.items():
            into[key] = max(weight, into.get(key, 0.0))


def _is_given(kind: Kind, weight: float) -> bool:
    """Whether it is a synonym of a group, which the project chose: what is nearly the same as that is something else. A branch of industry is no store."""
    return kind is not Kind.METRIC and any(abs(weight - part * SYNONYM) < 1e-9 for part in (1.0, 0.9, 0.85))


def _ranked(senses: Mapping[tuple[Kind, str, str], float]) -> tuple[Sense, ...]:
    """Best first, equal weights by kind and name, so that every build gives the same order."""
    found = (Sense(kind, name, weight, value) for (kind, name, value), weight in senses.items())
    return tuple(sorted(found, key=lambda s: (-s.weight, s.kind, s.name, s.value)))


def _by_root(phrases: Mapping[Phrase, tuple[Sense, ...]]) -> dict[Phrase, tuple[Sense, ...]]:
    merged: dict[Phrase, dict[tuple[Kind, str, str], float]] = {}
    for phrase, senses in phrases.items():
        into = merged.setdefault(tuple(root(word) for word in phrase), {})
        for s in senses:
            into[s.kind, s.name, s.value] = max(s.weight, into.get((s.kind, s.name, s.value), 0.0))
    return {phrase: _ranked(senses) for phrase, senses in merged.items()}


def _bags(phrases: Mapping[Phrase, tuple[Sense, ...]]) -> dict[frozenset[str], tuple[Sense, ...]]:
    found: dict[frozenset[str], dict[tuple[Kind, str, str], float]] = {}
    for phrase, senses in phrases.items():
        bag = bag_of(phrase)
        if len(bag) > 1 and NOT_IN_BAGS.isdisjoint(phrase):
            into = found.setdefault(bag, {})
            for s in senses:
                if s.kind in _IN_ANY_ORDER and s.weight >= _WELL:
                    into[s.kind, s.name, s.value] = max(s.weight, into.get((s.kind, s.name, s.value), 0.0))
    return {bag: _ranked(senses) for bag, senses in found.items() if senses}


def bag_of(words: Iterable[str]) -> frozenset[str]:
    """The roots of words without those that only join them."""
    said = tuple(words)
    joining = _JOINING - {"on"} if "time" in said else _JOINING  # what is on time is no time
    return frozenset(root(word) for word in said if word not in joining)


def _longest(phrases: Mapping[Phrase, tuple[Sense, ...]]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for phrase in phrases:
        for first in {phrase[0], root(phrase[0])}:
            longest[first] = max(len(phrase), longest.get(first, 0))
    return longest


def _dimensions(ontology: Ontology) -> Iterator[tuple[SemanticModel, Dimension]]:
    for model in ontology.semantic_models:
        if model.primary:
            for dimension in model.dimensions:
                yield model, dimension


def _entities(ontology: Ontology) -> Iterator[tuple[Entity, SemanticModel | None]]:
    """Each entity once, with the semantic model whose primary it is."""
    homes = {model.primary: model for model in ontology.semantic_models if model.primary}
    seen: dict[str, Entity] = {}
    for model in ontology.semantic_models:
        for entity in model.entities:
            if entity.name not in seen or entity.type is EntityType.PRIMARY:
                seen[entity.name] = entity
    for name in sorted(seen):
        yield seen[name], homes.get(name)


def _owner_words(entity: Entity) -> Iterator[Phrase]:
    words = phrase_words(entity.name)
    yield words
    if len(words) > 1:
        yield words[:-1]


def _facts(ontology: Ontology, model: SemanticModel, dimension: Dimension, values: Mapping[str, tuple[str, ...]]) -> DimensionFacts:
    name = model.dunder(dimension.name)
    table = ontology.model(model.model)
    column = table.column(dimension.expr.name) if table and isinstance(dimension.expr, Column) else None
    known = dimension.values or (column.accepted_values if column else ())
    known = tuple(dict.fromkeys((*known, *values.get(name, ()))))
    folded = {value.strip().lower() for value in known}
    is_time = dimension.type is DimensionType.TIME
    is_flag = not is_time and (
        (column is not None and column.type is DataType.BOOLEAN)
        or isinstance(dimension.expr, And | Or | Not | IsNull | In)
        or (isinstance(dimension.expr, Binary) and dimension.expr.op in {"=", "<>", "<", "<=", ">", ">="})
        or (bool(folded) and folded <= _BOOLEAN_WORDS)
        or (not folded and (column is None or column.type is DataType.OTHER) and dimension.name.startswith(("is_", "has_")))
    )
    numeric = column is not None and column.type.is_numeric
    typed = column is not None and column.type is not DataType.OTHER
    label = label_of(dimension.name, dimension.label)
    described = frozenset(root(word) for word in phrase_words(dimension.description)) if is_flag else frozenset()
    return DimensionFacts(
        name, label, model.primary, is_time, dimension.grain, is_flag, numeric, known, typed, bool(dimension.pii), described
    )


def _display(entity: Entity, home: SemanticModel | None, dimensions: Mapping[str, DimensionFacts]) -> str:
    """The dimension that names an entity's members, where one does and is not personal; else the entity."""
    if home is None:
        return entity.name
    open_names = [d.name for d in home.dimensions if not d.pii and d.type is DimensionType.CATEGORICAL]
    for name in (f"{entity.name}_name", "name", entity.name, "title", f"{entity.name}_title"):
        if name in open_names:
            return f"{entity.name}__{name}"
    own = phrase_words(entity.name)
    called = (
        d.name
        for d in home.dimensions
        if d.name in open_names and own in (phrase_words(d.label), *(phrase_words(text) for text in d.synonyms))
    )
    if (found := next(called, None)) is not None:
        return f"{entity.name}__{found}"
    named = [name for name in open_names if name.endswith("_name")]
    found = f"{entity.name}__{named[0]}" if len(named) == 1 else entity.name
    return found if found in dimensions else entity.name
