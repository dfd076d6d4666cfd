"""`Average revenue per day last month`: the average, over the periods of a grain that lie in a range, of what the metric came to in each that has any."""

from __future__ import annotations

import datetime as dt

from app.language.draft import Averaged, Draft
from app.language.lexicon import Lexicon
from app.language.senses import Kind
from app.model.moment import Moment
from app.model.periods import first_day, moved
from app.model.query import TimeRange
from app.model.types import DatePart, Grain


def settle_average(draft: Draft, lexicon: Lexicon, moment: Moment) -> None:
    """Take an `average` together with the one grain that is named, where the metric is none of averages and the range has whole periods of that grain."""
    said = [piece for piece in draft.aggregates if piece.detail == "average"]
    if len(said) != 1 or len(draft.grains) != 1 or len(draft.periods) != 1 or draft.compares or draft.share is not None or draft.rank:
        return
    metrics = [lexicon.metrics[sense.name] for slot in draft.metrics for sense in slot.senses if sense.kind is Kind.METRIC]
    grain = draft.grains[0][1]
    if not metrics or isinstance(grain, DatePart) or any("sum" not in facts.aggregates for facts in metrics):
        return
    span = _whole(draft.periods[0].range, grain, moment)
    if span is not None:
        draft.averaged = Averaged(grain, span, _count(span, grain))
        draft.aggregates.remove(said[0])
        draft.grains.clear()


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
