"""Asking back and saying no: choices that are complete queries, reasons, and the nearest things that can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import msgspec
from rapidfuzz import fuzz, process

from app.errors import Problem
from app.language.build import Builder, Built
from app.language.by_time import looks_at_time
from app.language.draft import Draft
from app.language.inflect import root
from app.language.lexicon import Lexicon
from app.language.reading import Reading, Used
from app.language.restate import restate_with
from app.language.senses import Kind
from app.language.text import Token, phrase_words
from app.model.answer import Choice, Outcome
from app.model.expr import Binary, Field, Literal
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.model.types import DataType
from app.sql.expressions.walk import conjunction, fields

_MOST_CHOICES = 5
_NO_COUNTS = frozenset({"average", "median", "min", "max"})
_COUNTING = Problem("DM6014", "no metric counts just that", hint="choose one of those that count something of it")
_MOST_WORDS = 3
"""For so many of the words that nothing explains, labels near in spelling are looked for: each is held to all of them."""
_LONGEST_WORD = 40


class Speaker:
    """Words for one question's outcome. Everything it names is in the ontology that it was given."""

    def __init__(self, ontology: Ontology, lexicon: Lexicon) -> None:
        self._ontology = ontology
        self._lexicon = lexicon

    def restate(self, query: SemanticQuery) -> str:
        """The query in words."""
        return restate_with(query, self._lexicon.labels)

    def refuse_all(self, words: Sequence[Token]) -> Reading:
        """A no to what can't be read in any way."""
        problem = Problem("DM6006", "nothing here explains the question", hint="use the names that this project has")
        return Reading(Outcome.REFUSE, unused=tuple(word.text for word in words), nearest=self.some_metrics(), problems=(problem,))

    def some_metrics(self, near: Sequence[str] = ()) -> tuple[str, ...]:
        """Labels of up to three metrics, those nearest in spelling to the words first."""
        words = [word for word in dict.fromkeys(near) if len(word) <= _LONGEST_WORD][:_MOST_WORDS]
        labels = [facts.label for facts in self._lexicon.metrics.values()] if words else []
        found = [label for word in words for label, _, _ in process.extract(word, labels, scorer=fuzz.WRatio, limit=2, score_cutoff=70)]
        simple = (m.name for m in self._ontology.listed_metrics if m.type == "simple")
        found += [self._lexicon.metrics[name].label for name in islice(simple, 3)] or [
            facts.label for facts in islice(self._lexicon.metrics.values(), 3)
        ]
        return tuple(dict.fromkeys(found))[:3]

    def ask(self, built: Sequence[Built], problem: Problem, used: tuple[Used, ...], near: Sequence[str] = ()) -> Reading:
        """A multiple-choice question, or a no where there is nothing to choose."""
        choices: dict[str, Choice] = {}
        for way in built:
            text = self.restate(way.query)
            choices.setdefault(text, Choice(text, way.query))
        if not choices:
            return Reading(Outcome.REFUSE, used=used, nearest=self.some_metrics(), problems=(problem,))
        return Reading(
            Outcome.CLARIFY, used=used, choices=tuple(choices.values())[:_MOST_CHOICES], nearest=tuple(near), problems=(problem,)
        )

    def refuse(self, draft: Draft, built: Sequence[Built], problem: Problem, used: tuple[Used, ...], unused: tuple[str, ...]) -> Reading:
        """A no, with the reason, and what is left of the question where that can be asked."""
        nearest = []
        for way in built[:1]:
            plain = msgspec.structs.replace(way.query, having=None, order_by=(), limit=None) if not way.query.group_by else way.query
            if not (way.unreached or way.parted) and plain.metrics and way.sure and len(draft.periods) <= 1:
                nearest.append(self.restate(plain))
        if draft.compares or draft.running or draft.moving is not None:
            nearest += self.by_time(draft, built)
        nearest += self.some_metrics(unused)
        return Reading(Outcome.REFUSE, used=used, unused=unused, nearest=tuple(dict.fromkeys(nearest))[:4], problems=(problem,))

    def hinted(self, draft: Draft, builder: Builder) -> list[Built]:
        """The draft with each of the metrics whose names hold all words that nothing else explains, where it names no metric itself."""
        words = [word for piece in draft.unused for word in phrase_words(piece.text)]
        words += [word for slot in draft.groups if draft.how_many for word in phrase_words(slot.piece.text)]
        if not words or draft.metrics or draft.having:
            return []
        asked = replace(draft, unused=[], groups=[slot for slot in draft.groups if not draft.how_many], listing=False, how_many=False)
        names = [m.name for m in self._ontology.listed_metrics if set(words) <= {*phrase_words(m.name), *phrase_words(m.label)}]
        return self.with_each(names[:_MOST_CHOICES], asked, builder)

    @staticmethod
    def with_each(names: Sequence[str], draft: Draft, builder: Builder) -> list[Built]:
        """The draft with each of the metrics, without those that it can't be asked of."""
        found = [built for name in names for built in builder.build_for(draft, name)[:1]]
        return [built for built in found if not built.unreached]

    def by_time(self, draft: Draft, built: Sequence[Built]) -> list[str]:
        """Labels of metrics that are what words like `growth` and `running total` ask for, of the metric that was named."""
        kinds = ({False} if draft.compares else set()) | ({True} if draft.running or draft.moving is not None else set())
        asked = [m for way in built[:1] for name in way.query.metrics if (m := self._ontology.metric(name)) is not None]
        facts = [
            self._lexicon.metrics[one.name]
            for metric in asked
            for one in looks_at_time(metric, self._ontology.listed_metrics, self._ontology)
        ]
        return [fact.label for fact in facts if fact.timing is not None and fact.timing.daily in kinds]

    def incomplete(self, draft: Draft, built: Sequence[Built], builder: Builder, used: tuple[Used, ...]) -> Reading:
        """What to say where a part is missing: the metric, the dimension of a value, or a join."""
        if draft.unknown_values:
            return self._unknown_value(draft, built, builder, used)
        if draft.empty:
            problem = Problem("DM6013", "the question names no metric", hint="ask for one of those listed")
            ready = [b for name in self._leading(builder, ()) for b in builder.build_for(draft, name)[:1] if not b.unreached]
            return self.ask(ready, problem, used)
        first = built[0].query
        if not first.metrics:
            return self._without_metric(draft, first, builder, used)
        missing = list(dict.fromkeys(name for way in built[:1] for name in way.unreached))
        metrics = " and ".join(self._lexicon.metrics[name].label for name in first.metrics)
        what = " or ".join(self._name(name) for name in missing)
        problem = Problem(
            "DM6007", f"{metrics} can't be split or filtered by {what}: no join leads there", hint="see the metric's dimensions"
        )
        others = [
            d.label for name, d in self._lexicon.dimensions.items() if not d.is_time and builder.item(name, first.metrics) is not None
        ]
        nearest = [f"{self._lexicon.metrics[name].label} by {self._name(missing[0])}" for name in self._leading(builder, missing)[:2]]
        nearest += [f"{metrics} by {label[:1].lower() + label[1:]}" for label in dict.fromkeys(others)]
        return Reading(Outcome.REFUSE, used=used, nearest=tuple(nearest[:3]) or (metrics,), problems=(problem,))

    def _name(self, name: str) -> str:
        if name == "metric_time":
            return "time"
        facts = self._lexicon.dimensions.get(name)
        return f"{facts.label[:1].lower()}{facts.label[1:]}" if facts else name.replace("__", " ").replace("_", " ")

    def _leading(self, builder: Builder, items: Sequence[str]) -> list[str]:
        """Names of up to five metrics that reach the items: simple ones first, in the layer's order."""
        ordered = sorted(self._ontology.listed_metrics, key=lambda m: m.type != "simple")
        found = []
        for metric in ordered[:200]:
            if all(name == "metric_time" or builder.item(name, (metric.name,)) for name in items):
                found.append(metric.name)
            if len(found) == _MOST_CHOICES:
                break
        return found

    def _without_metric(self, draft: Draft, query: SemanticQuery, builder: Builder, used: tuple[Used, ...]) -> Reading:
        """Dimensions and conditions without a metric: which one is meant?"""
        problem = Problem("DM6013", "the question names no metric", hint="choose one")
        if draft.how_many and not draft.listing:
            problem = Problem("DM6014", "no metric counts that", hint="ask for one of those listed")
        items = [g.name for g in query.group_by] + [field.name for field in fields(query.where)]
        ready = []
        for name in self._leading(builder, items):
            ready += [b for b in builder.build_for(draft, name) if not b.unreached][:1]
        if draft.how_many and not draft.how_much and (counting := self._counting(draft, builder)):
            return self.ask(counting, _COUNTING, used)
        held = bool(draft.conditions) and all(one.slot.senses and one.slot.senses[0].kind is Kind.VALUE for one in draft.conditions)
        if draft.how_many and not (draft.how_much and held and not draft.groups and ready):
            return Reading(Outcome.REFUSE, used=used, nearest=tuple(self.restate(b.query) for b in ready[:3]), problems=(problem,))
        if query.group_by and query.time is None and not draft.rank:
            ready.insert(0, Built(query, 1.0, True))
        return self.ask(ready, problem, used)

    def _counting(self, draft: Draft, builder: Builder) -> list[Built]:
        """What may be meant by how many there are: the metrics whose names speak of what is counted, or, where nothing is named, those that count."""
        counted = draft.groups[0] if draft.groups else None
        ways = [phrase_words(counted.piece.text), *(phrase_words(s.name.rpartition("__")[2]) for s in counted.senses)] if counted else []
        rest = replace(draft, groups=draft.groups[1:])
        found: list[Built] = []
        for metric in self._ontology.listed_metrics:
            facts = self._lexicon.metrics[metric.name]
            if facts.is_fraction or facts.aggregates & _NO_COUNTS:
                continue
            named = {root(word) for word in (*phrase_words(facts.label), *phrase_words(facts.name), *phrase_words(facts.rows_of))}
            if any({root(word) for word in way} <= named for way in ways) if counted else "count" in facts.aggregates and draft.conditions:
                found += [b for b in builder.build_for(rest, metric.name) if not b.unreached][:1]
        return found[:_MOST_CHOICES]

    def _unknown_value(self, draft: Draft, built: Sequence[Built], builder: Builder, used: tuple[Used, ...]) -> Reading:
        """A value that no dimension is known to hold: near ones, or the dimensions whose values are not known."""
        slot, said = draft.unknown_values[0]
        names = [s.name for s in slot.senses]
        known = sorted({v for name in names for v in self._lexicon.dimensions[name].values})
        near = [value for value, score, _ in process.extract(said.text, known, limit=3) if score >= 60]
        where_ = f" of {self._name(names[0])}" if names else ""
        problem = Problem("DM6015", f"“{said.text}” is no value{where_} that I know", hint="values are matched as they are written")
        if names or len(draft.unknown_values) > 1 or not built or not built[0].query.metrics:
            nearest = tuple(f"{self._name(names[0])} is {value}" for value in near) if names else self.some_metrics()
            return Reading(Outcome.REFUSE, used=used, unused=(said.text,), nearest=nearest or tuple(known[:3]), problems=(problem,))
        query = built[0].query
        free = [d for name, d in sorted(self._lexicon.dimensions.items()) if not (d.values or d.is_time or d.is_flag or d.is_numeric)]
        choices = []
        for facts in free:
            item = builder.item(facts.name, query.metrics)
            if item:
                condition = Binary("=", Field(item), Literal(said.text, DataType.TEXT))
                choices.append(Built(msgspec.structs.replace(query, where=conjunction(query.where, condition)), 1.0, True))
        if len(choices) > _MOST_CHOICES:
            return Reading(Outcome.REFUSE, used=used, unused=(said.text,), nearest=self.some_metrics(), problems=(problem,))
        return self.ask(choices, problem, used)
