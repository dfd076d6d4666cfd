"""From a Draft to the queries it can mean: settle each name by what can be joined, and score what remains."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.errors import DataMindError
from app.language.by_time import by_now, is_single, looked_at
from app.language.conditions import Settled, days_of_week, number_literal, where
from app.language.doubts import doubted, unwanted
from app.language.draft import Draft, Having, Slot
from app.language.lexicon import Lexicon
from app.language.naming import BY_NAME
from app.language.pieces import Piece
from app.language.reach import Reach
from app.language.senses import DECIDES, Kind, Sense
from app.language.shaping import averaged, bound_name, calculated, only_moved, ranked_by, time_grain, topped, with_totals
from app.language.text import phrase_words
from app.model.expr import Binary, Expr, Field, IsNull
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.types import DatePart, Grain
from app.sql.expressions.walk import conjunction

_MOST = 64
_WORK, _FEWEST = 640, 4
"""So many names are settled for one draft, in at least so many ways: a question that names more has fewer of them looked at, and takes no longer."""
_TURNING = {"best", "worst"}
"""Words that are said of the good and the bad end, not of much and little."""
_AWAY = 0.96
_VALUE_AWAY = 0.93
"""What a name of another model than the metric's counts for: of two cities by which can be grouped it is asked back, of two that hold a value the nearer is meant."""
_QUALIFIED = 0.93
_PLACES = frozenset({"city", "town", "country", "region", "state", "county", "province", "location", "place", "district", "area"})
"""What several things of one row have: of a sale the buyer and the shop."""
_WELL_NAMED = 0.8


@dataclass(frozen=True, slots=True)
class Built:
    """A query with the mean weight of its names (`score`) and their product (`fit`, which compares ways to read one question).

    `sure` is False where a name was only suggested; `unreached` names what no join leads to. `single` says that the question names no time, and
    the group-by has one of which there is a single period; `parted` that figures of a day are to be put together by a part of the date alone;
    `bare` that a share is asked for of nothing.
    """

    query: SemanticQuery
    score: float
    sure: bool
    fit: float = 1.0
    unreached: tuple[str, ...] = ()
    single: bool = False
    parted: bool = False
    bare: bool = False


class Builder:
    """Builds the queries of the drafts of one question by the names of `lexicon`; asks the joins once per set of metrics."""

    def __init__(self, lexicon: Lexicon, joins: Reach, today: dt.date) -> None:
        self.lexicon, self._joins, self._today = lexicon, joins, today
        self._reach: dict[tuple[str, ...], frozenset[str]] = {}
        self._items: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def reach(self, metrics: tuple[str, ...]) -> frozenset[str]:
        """Names of the group-by items that all of the metrics have; none where the metrics can't be resolved."""
        if metrics not in self._reach:
            try:
                self._reach[metrics] = frozenset(self._joins.compatible_dimensions(metrics))
            except DataMindError:
                self._reach[metrics] = frozenset()
        return self._reach[metrics]

    def item(self, name: str, metrics: tuple[str, ...]) -> str | None:
        """The name that says the whole way from the metrics to a dimension or entity: what its own name means, else the one longer name that ends with it."""
        key = (name, metrics)
        if key not in self._items:
            reach = self.reach(metrics)
            longer = [name] if name in reach else [item for item in reach if item.endswith("__" + name)]
            self._items[key] = self._joins.whole_name(metrics, longer[0]) if len(longer) == 1 else None
        return self._items[key]

    def _leads_to(self, entity: str, metrics: tuple[str, ...]) -> bool:
        """Whether any way leads from the metrics to an entity, were there several."""
        return any(entity in name.split("__") for name in self.reach(metrics))

    def again(self, name: str, metrics: tuple[str, ...]) -> str | None:
        """The whole name, for these metrics, of what a whole name meant for others: the longest end of it that they have."""
        parts = name.split("__")
        ends = ("__".join(parts[at:]) for at in range(max(1, len(parts) - 1)))
        return next((found for end in ends if (found := self.item(end, metrics)) is not None), None)

    def build(self, draft: Draft, span: TimeRange | None) -> list[Built]:
        """Every way to settle the draft's names (at most 64), best first."""
        slots = [
            *draft.metrics,
            *(h.slot for h in draft.having),
            *draft.groups,
            *(slot for slot, _ in draft.dated_groups),
            *(c.slot for c in draft.conditions),
            *(d.slot for d in draft.dated),
            *([draft.order] if draft.order else []),
        ]
        subjects: Sequence[int | None] = _subjects(draft) if draft.share is not None and draft.conditions else (None,)
        ways = ((senses, subject) for senses in itertools.product(*(self._options(slot) for slot in slots)) for subject in subjects)
        most = min(_MOST * len(subjects), max(_FEWEST, _WORK // max(1, len(slots))))
        built = [self._one(draft, slots, senses, span, subject) for senses, subject in itertools.islice(ways, most)]
        unique: dict[bytes, Built] = {}
        for way in sorted(built, key=lambda b: (bool(b.unreached), -b.fit)):
            unique.setdefault(way.query.canonical(), way)
        return list(unique.values())

    def build_for(self, draft: Draft, metric: str) -> list[Built]:
        """The draft's queries with a metric in the place where none was named."""
        sense = Sense(Kind.METRIC, metric, 1.0)
        piece = Piece(0, 0, "", 0.0)
        span = draft.periods[0].range if draft.periods and (draft.periods[0].range.start or draft.periods[0].range.end) else None
        return self.build(replace(draft, metrics=[Slot(piece, (sense,))]), span)

    @staticmethod
    def _options(slot: Slot) -> Sequence[Sense]:
        return slot.senses[:8]

    def _one(self, draft: Draft, slots: Sequence[Slot], senses: tuple[Sense, ...], span: TimeRange | None, subject: int | None) -> Built:
        given = iter(senses)
        said = [next(given) for _ in draft.metrics]
        bounded = [next(given) for _ in draft.having]
        groups = [next(given) for _ in draft.groups]
        by_time = [next(given) for _ in draft.dated_groups]
        held = [next(given) for _ in draft.conditions]
        dated = [next(given) for _ in draft.dated]
        order = next(given) if draft.order else None
        ranked = [order] if order and order.kind is Kind.METRIC else []
        metrics = tuple(dict.fromkeys(s.name for s in (*said, *bounded, *ranked)))
        if draft.judged in _TURNING and len(metrics) == 1 and unwanted(metrics, self.lexicon):  # the worst cancellation rate is the highest
            draft = replace(draft, rank="asc" if draft.rank == "desc" else "desc", judged="")
        missing: list[str] = []

        def item(name: str) -> str:
            found = self.item(name, metrics)
            if found is None:
                missing.append(name)
            return found or name

        def shown(sense: Sense) -> str:
            return item(self.lexicon.display.get(sense.name, sense.name)) if sense.kind is Kind.ENTITY else item(sense.name)

        by = [GroupBy(name) for name in dict.fromkeys(shown(s) for s in groups)]
        by += [GroupBy(item(s.name), grain.value) for s, (_, grain) in zip(by_time, draft.dated_groups, strict=True)]
        by += [
            GroupBy("metric_time", date_part=g) if isinstance(g, DatePart) else GroupBy("metric_time", g.value)
            for g in self._grains(draft, span)
        ]
        subjects: frozenset[int] = frozenset()
        dropped: frozenset[int] = frozenset()
        if draft.share is not None and not by and subject is not None:
            subjects = frozenset(n for n, s in enumerate(held) if s.name == held[subject].name)
            by.append(GroupBy(item(held[subject].name)))
        elif draft.versus:
            sides = [s.name for s in held]
            by += [GroupBy(item(name)) for name in dict.fromkeys(sides) if sides.count(name) > 1]
            flags = {s.name for s, c in zip(held, draft.conditions, strict=True) if s.kind is Kind.FLAG and c.negated}
            dropped = frozenset(
                n for n, s in enumerate(held) if s.name in flags and sides.count(s.name) > 1
            )  # `decaf against non-decaf` is all
        by = list(dict.fromkeys(by))
        single = parted = False
        timings = [t for m in metrics if (t := self.lexicon.metrics[m].timing) is not None]
        if timings and any(g.name == "metric_time" or all(g.name in t.times for t in timings) for g in by):
            span = by_now(span, self._today)
            parted = any(t.daily for t in timings) and all(g.date_part for g in by if g.name == "metric_time" or g.grain or g.date_part)
        elif needed := [t for t in timings if t.needed]:
            grain, span = looked_at(needed, len(needed) < len(metrics), span, self._today)
            by.append(GroupBy("metric_time", grain.value))
            single = is_single(grain, span)
        if (draft.grains or draft.trend or span or draft.week or draft.averaged) and metrics and "metric_time" not in self.reach(metrics):
            missing.append("metric_time")
        homes = {home for name in metrics for home in self.lexicon.metrics[name].homes}
        for scope in draft.scopes:  # `ticket revenue` is none where tickets have to do with no revenue
            owners = [s.name for s in scope.senses if s.kind is Kind.ENTITY]
            if metrics and owners and not any(name in homes or self._leads_to(name, metrics) for name in owners):
                missing.append(owners[0])
        settled = [
            Settled(item(s.name), c.literal if c.literal is not None else s.kind is Kind.FLAG or s.value, c.op, c.negated, c.either)
            for s, c in zip(held, draft.conditions, strict=True)
        ]
        kept = [one for n, one in enumerate(settled) if n not in subjects | dropped]
        chosen = where([one for n, one in enumerate(settled) if n in subjects], ())
        times = [(item(s.name), d.period.range) for s, d in zip(dated, draft.dated, strict=True)]
        shown_metrics = tuple(dict.fromkeys(s.name for s in said)) or metrics
        ranking = [s.name for s, slot in zip(said, draft.metrics, strict=True) if slot.piece is draft.ranked_by]
        inner = [shown(sense) for sense, slot in zip(groups, draft.groups, strict=True) if slot.piece in draft.within]
        columns = calculated(draft, shown_metrics, by, inner)
        bounds = tuple(
            Binary(h.op, Field(bound_name(h.of, h.percent, s.name, columns), "metric"), number_literal(self._bound(h, s.name)))
            for s, h in zip(bounded, draft.having, strict=True)
        )
        order_name = shown(order) if order and order.kind is not Kind.METRIC else order.name if order else ""
        query = SemanticQuery(
            metrics=metrics,
            group_by=tuple(by),
            where=conjunction(where(kept, times), days_of_week(draft.week), *self._known(draft, by, columns)),
            time=span,
            having=conjunction(
                *(part for part in (chosen, only_moved(draft, shown_metrics[-1], columns) if shown_metrics and by else None) if part),
                *bounds,
            ),
            order_by=self._order(draft, metrics, (*shown_metrics, *ranking), by, order_name),
            limit=self._limit(draft, by[:-1] if single else by),
            calculations=columns,
        )
        choices = [shown(sense) for sense, slot in zip(groups, draft.groups, strict=True) if slot.piece in draft.ranked]
        if draft.ranked_grain and not choices:
            choices = [g.column for g in by if g.name == "metric_time"]
        query = averaged(query, draft)
        query = self._ranked(with_totals(query, draft), draft, (*shown_metrics, *ranking), choices, single)
        scopes = {s.name for slot in draft.scopes for s in slot.senses}
        doubled = len({s.name for s in said}) < len(said)  # two words for one metric: one of them says something else
        weights = [self._weight(slot, sense, metrics, scopes) for slot, sense in zip(slots, senses, strict=True)]
        score = sum(weights) / len(weights) if weights else 0.0
        return Built(
            query,
            score,
            all(s.weight >= DECIDES for s in senses)
            and not (doubled or doubted(draft, metrics, shown_metrics, self.lexicon))
            and not any(self._is_what_is_left(c.slot, s, metrics) for s, c in zip(held, draft.conditions, strict=True)),
            math.prod(weights) * (0.5 if doubled else 1.0),
            tuple(dict.fromkeys(missing)),
            single,
            parted,
            draft.share is not None and {item.name for item in by} <= set(inner),
        )

    def _is_what_is_left(self, slot: Slot, sense: Sense, metrics: tuple[str, ...]) -> bool:
        """Whether a value that several dimensions hold is read as one of another thing than what is measured, for no better reason than that no join leads to the
        others of that kind: `sessions on the website` are not those of who signed up there."""
        names = {s.name for s in slot.senses if s.kind is Kind.VALUE}
        homes = {home for metric in metrics for home in self.lexicon.metrics[metric].homes}
        if sense.kind is not Kind.VALUE or len(names) < 2 or not metrics or self.lexicon.dimensions[sense.name].entity in homes:
            return False
        labels = {name: phrase_words(self.lexicon.dimensions[name].label)[-1:] for name in names}
        alike = {name for name in names - {sense.name} if labels[name] == labels[sense.name]}
        return bool(alike) and all(self.item(name, metrics) is None for name in names - {sense.name})

    def _weight(self, slot: Slot, sense: Sense, metrics: tuple[str, ...], scopes: set[str]) -> float:
        """A name that several dimensions bear is first that of the metric's own model, or of the entity that was named; of others the nearer is more likely."""
        facts = self.lexicon.dimensions.get(sense.name)
        if facts is None or len({s.name for s in slot.senses}) == 1:
            return sense.weight
        steps = self._steps(sense.name, metrics, scopes)
        best = max(slot.senses, key=lambda s: s.weight)
        if (
            sense.weight < best.weight * _WELL_NAMED
        ):  # a longer name that ends with the words is meant where it is nearer than what they name
            to_best = self._steps(best.name, metrics, scopes)
            loose = best.weight <= BY_NAME or not _PLACES.isdisjoint(phrase_words(facts.label)[-1:])
            nearer = steps < to_best or (steps == to_best > 0 and loose)
            return best.weight * _AWAY**2 if nearer else sense.weight
        words = phrase_words(facts.label)
        others = {phrase_words(other.label) for s in slot.senses if s.name != sense.name and (other := self.lexicon.dimensions.get(s.name))}
        qualified = any(len(other) < len(words) and words[-len(other) :] == other for other in others)  # `store country` beside `country`
        kinds = {other[-1:] for other in (*others, words)}
        unlike = len(kinds) > 1 or not _PLACES.isdisjoint(words[-1:])  # a private ward is another thing than private insurance
        if sense.kind is Kind.DIMENSION:
            near = any(self._steps(s.name, metrics, scopes) == 0 for s in slot.senses if s.kind is Kind.DIMENSION)
            away = _VALUE_AWAY if near else _AWAY
        else:
            away = _AWAY if unlike else _VALUE_AWAY**steps
        return sense.weight * (away if steps else 1.0) * (_QUALIFIED if qualified else 1.0)

    def _steps(self, name: str, metrics: tuple[str, ...], scopes: set[str]) -> int:
        """How many joins lead to a dimension: 0 from the metrics' own models, and to an entity that was named."""
        near = scopes or {home for metric in metrics for home in self.lexicon.metrics[metric].homes}
        return 0 if self.lexicon.dimensions[name].entity in near else (self.item(name, metrics) or name).count("__")

    def _known(self, draft: Draft, by: Sequence[GroupBy], columns: Sequence[object]) -> list[Expr]:
        """That groups among which some are chosen are known: orders of no store are no store. A share is one of all rows, those without among them."""
        if not (draft.rank or draft.having) or (columns and draft.share is not None):
            return []
        plain = (item for item in by if item.name != "metric_time" and not item.grain and item.name.rpartition("__")[0])
        return [IsNull(Field(item.name), negated=True) for item in plain]

    @staticmethod
    def _ranked(query: SemanticQuery, draft: Draft, metrics: tuple[str, ...], ranked: Sequence[str], single: bool) -> SemanticQuery:
        """The first of each group, and the first by a change: what an order and a limit can't say."""
        if not draft.rank or not metrics or draft.order is not None:
            return query
        by = ranked_by(draft, metrics[-1], query.calculations)
        columns = [item.column for item in query.group_by]
        chosen = [name for name in ranked if name in columns] or columns[:1]
        several = len(columns) - single > len(chosen) and (draft.limit is not None or draft.which)
        return topped(query, draft, by, chosen) if columns and (several or by not in query.metrics) else query

    def _bound(self, having: Having, metric: str) -> Decimal:
        """The number as the column holds it: a part of one where it is a fraction."""
        fraction = having.of == "share" or (having.of == "change" and having.percent)
        if having.percent and not having.of:
            fraction = self.lexicon.metrics[metric].is_fraction
        whole = having.of == "share" and not having.percent and having.number <= 1
        return having.number / 100 if fraction and not whole else having.number

    @staticmethod
    def _grains(draft: Draft, span: TimeRange | None) -> Iterable[Grain | DatePart]:
        if draft.grains:
            return [grain for _, grain in draft.grains]
        short = span is not None and span.start is not None and span.end is not None and (span.end - span.start).days <= 31
        grain = time_grain(draft, short)
        return [grain] if grain is not None else []

    @staticmethod
    def _order(draft: Draft, metrics: tuple[str, ...], said: tuple[str, ...], by: Sequence[GroupBy], named: str) -> tuple[OrderBy, ...]:
        """By what is named for it, else by what is asked for: `said` are the metrics without those that only bound the rows."""
        if named:
            descending = draft.direction == "desc" or (not draft.direction and named in metrics)
            return (OrderBy(next((g.column for g in by if g.name == named), named), descending),)
        if (draft.rank or draft.direction) and metrics:
            return (OrderBy(said[-1] if draft.rank else metrics[0], (draft.rank or draft.direction) == "desc"),)
        dated = [g for g in by if g.name == "metric_time" and not g.date_part]
        return (OrderBy(dated[0].column),) if dated and metrics else ()

    @staticmethod
    def _limit(draft: Draft, by: Sequence[GroupBy]) -> int | None:
        if draft.limit is not None:
            return draft.limit
        return 1 if draft.rank and (draft.which or draft.grains) and len(by) == 1 and not draft.grouped_by_cue else None


def _subjects(draft: Draft) -> Sequence[int]:
    """The conditions of which one may be the part that a share is of: of `what percentage of gas inspections passed` the one behind the metric."""
    named = draft.metrics[-1].piece.first if draft.metrics else -1
    behind = [at for at, one in enumerate(draft.conditions) if one.slot.piece.first > named]
    before = [at for at, one in enumerate(draft.conditions) if one.slot.piece.last == named]
    return behind if len(behind) == 1 and len(before) == len(draft.conditions) - 1 else range(len(draft.conditions))
