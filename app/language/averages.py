"""`Average revenue per day last month`: the average, over the periods of a grain that lie in a range, of what the metric came to in each that has any."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from app.language.draft import Averaged, Draft, Slot
from app.language.inflect import root
from app.language.lexicon import Lexicon
from app.language.periods import Period
from app.language.reading import Role
from app.language.senses import Kind, MetricFacts, Sense, is_money
from app.language.text import phrase_words
from app.model.moment import Moment
from app.model.periods import first_day, moved
from app.model.query import TimeRange
from app.model.types import DatePart, Grain

_MEANS = frozenset({"average", "avg", "mean", "of", "the", "total", "number"})
_PER_EACH = 0.85
_OF_COUNTED = 0.8
_TO_DATE = {"ytd": Grain.YEAR, "qtd": Grain.QUARTER, "mtd": Grain.MONTH, "wtd": Grain.WEEK}


def settle_average(draft: Draft, lexicon: Lexicon, moment: Moment) -> None:
    """Take an `average` together with the one grain that is named, where the metric is none of averages and the range has whole periods of that grain."""
    said = [piece for piece in draft.aggregates if piece.detail == "average"]
    if len(said) != 1 or len(draft.grains) != 1 or len(draft.periods) != 1 or draft.compares or draft.share is not None or draft.rank:
        return
    metrics = [lexicon.metrics[sense.name] for slot in draft.metrics for sense in slot.senses if sense.kind is Kind.METRIC]
    named, grain = draft.grains[0]
    if named.text.lower().endswith("s") and said[0].last == named.first:
        draft.unused.append(named)  # `average days from report to settlement` are no average of each day's
        return
    if not metrics or isinstance(grain, DatePart) or any("sum" not in facts.aggregates for facts in metrics):
        return
    span = _whole(draft.periods[0].range, grain, moment)
    if span is not None:
        draft.averaged = Averaged(grain, span, _count(span, grain))
        draft.aggregates.remove(said[0])
        draft.grains.clear()


def name_average(draft: Draft, lexicon: Lexicon) -> None:
    """`Averaging more than 15 attendees`: of a sum whose average is a metric, that one."""
    rated = bool(draft.rank) and any(
        slot.piece.text.lower() == "rated" for slot in draft.metrics
    )  # the worst rated title is not that of fewest ratings
    if not (rated or any(piece.detail == "average" for piece in draft.aggregates)):
        return
    draft.metrics = [_averaged(slot, lexicon) for slot in draft.metrics]
    draft.having = [replace(one, slot=_averaged(one.slot, lexicon)) for one in draft.having]


def name_sum(draft: Draft, lexicon: Lexicon) -> None:
    """`How much did donations bring in`, where they are counted and their income is a metric: that."""
    if len(draft.metrics) != 1 or not draft.how_much or draft.having:
        return
    slot = draft.metrics[0]
    facts = lexicon.metrics[slot.senses[0].name]
    if "count" not in facts.aggregates or facts.is_fraction:
        return
    said = _of_what(facts)
    sums = [
        one
        for one in lexicon.metrics.values()
        if one.aggregates == {"sum"} and is_money(one) and one.homes == facts.homes and said < _of_what(one)
    ]
    if len(sums) == 1:
        draft.metrics = [Slot(slot.piece, (Sense(Kind.METRIC, sums[0].name, _OF_COUNTED),))]


def _averaged(slot: Slot, lexicon: Lexicon) -> Slot:
    sense = slot.senses[0]
    facts = lexicon.metrics.get(sense.name) if sense.kind is Kind.METRIC else None
    if facts is None or "sum" not in facts.aggregates:
        return slot
    twins = [
        one
        for one in lexicon.metrics.values()
        if "average" in one.aggregates and one.homes == facts.homes and _of_what(one) == _of_what(facts)
    ]
    return Slot(slot.piece, (Sense(Kind.METRIC, twins[0].name, sense.weight),)) if len(twins) == 1 else slot


def _of_what(facts: MetricFacts) -> frozenset[str]:
    return frozenset(root(word) for word in phrase_words(facts.label) if word not in _MEANS)


def name_per_each(draft: Draft, lexicon: Lexicon) -> None:
    """`Trades that cost more than 200 per job`, where a cost per job is a metric: that, and no groups of jobs."""
    if not (draft.metrics or draft.having):
        return
    if not draft.having and not any(piece.detail == "average" for piece in draft.aggregates):
        return
    for slot in [*draft.groups]:
        names = {root(word) for s in slot.senses if s.kind is Kind.ENTITY for word in phrase_words(s.name)}
        slots = (*draft.metrics, *(one.slot for one in draft.having))
        if slot.piece.plural or not names or len({one.senses[0].name for one in slots}) > 1:
            continue
        named = draft.having[0].slot if draft.having else draft.metrics[0]
        said = {root(word) for word in phrase_words(named.piece.text)}
        said |= {root(word) for s in named.senses[:1] for word in phrase_words(lexicon.metrics[s.name].label)}
        found = [name for of, name in lexicon.rates.get(frozenset(names), ()) if said & of]
        if len(found) == 1:
            draft.groups.remove(slot)
            draft.roles = [(piece, Role.WORDS if piece == slot.piece else role) for piece, role in draft.roles]
            draft.metrics = [] if draft.having else [Slot(named.piece, (Sense(Kind.METRIC, found[0], _PER_EACH),))]
            draft.having = [replace(one, slot=Slot(one.slot.piece, (Sense(Kind.METRIC, found[0], _PER_EACH),))) for one in draft.having]
            draft.aggregates = [piece for piece in draft.aggregates if piece.detail != "average"]


def leave_own_rows(draft: Draft, lexicon: Lexicon) -> None:
    """`Average attendance per event`, where the average is one over events: per event says what it is an average of, and no groups."""
    metrics = [lexicon.metrics[slot.senses[0].name] for slot in draft.metrics]
    if not metrics or not all("average" in facts.aggregates and len(facts.homes) == 1 for facts in metrics):
        return
    homes = {home for facts in metrics for home in facts.homes}
    own = [slot for slot in draft.groups if {s.name for s in slot.senses if s.kind is Kind.ENTITY} == homes and not slot.piece.plural]
    if len(own) == 1 and lexicon.display.get(*homes) in homes and not (draft.rank or draft.having or draft.limit):
        draft.groups.remove(own[0])
        draft.roles = [(piece, Role.WORDS if piece == own[0].piece else role) for piece, role in draft.roles]


def settle_to_date(draft: Draft, lexicon: Lexicon, moment: Moment) -> None:
    """`Loans YTD by month`: the months of the year that runs, where nothing else is said of time and the metric starts anew with each."""
    metrics = [lexicon.metrics[sense.name] for slot in draft.metrics for sense in slot.senses[:1] if sense.kind is Kind.METRIC]
    named = [word for slot in draft.metrics for word in slot.piece.text.lower().replace("-", " ").split() if word in _TO_DATE]
    if not metrics or not named or draft.periods or draft.compares or len(draft.grains) != 1 or isinstance(draft.grains[0][1], DatePart):
        return
    grain = _TO_DATE[named[0]]
    if all(facts.timing is not None and facts.timing.daily for facts in metrics) and draft.grains[0][1].order < grain.order:
        start = first_day(moment.today, grain, week_start=moment.week_start)
        draft.periods = [Period(0, 0, TimeRange(start, moment.today, f"this {grain.value}"), grain)]


def _whole(span: TimeRange, grain: Grain, moment: Moment) -> TimeRange | None:
    """The range, without a period that is still running; None where it is no whole number of periods."""
    if span.start is None or span.end is None or first_day(span.start, grain) != span.start:
        return None
    after = span.end + dt.timedelta(days=1)
    if span.end >= moment.today:
        after = first_day(moment.today, grain)
    if first_day(after, grain) != after or after <= span.start:
        return None
    return TimeRange(span.start, after - dt.timedelta(days=1), span.phrase)


def _count(span: TimeRange, grain: Grain) -> int:
    """How many periods of the grain a range of whole ones holds."""
    count, at = 0, span.start
    while at is not None and span.end is not None and at <= span.end:
        count, at = count + 1, moved(at, grain, 1)
    return count
