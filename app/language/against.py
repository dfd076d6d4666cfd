"""Which period is compared with which: how far the earlier one lies back.

Of two periods the later one is shown, beside what it was in the earlier one. Where the earlier one is longer (`June against last year`) its own unit is
how far back; a running period is compared with the same part of the earlier one. Where only an earlier period is named, it is compared with the running
one of its kind, as far as that has come.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from app.language.draft import Comparison, Draft
from app.language.periods import Period
from app.language.pieces import Piece
from app.language.words import Cue
from app.model.metrics import Window
from app.model.moment import Moment
from app.model.periods import first_day
from app.model.query import TimeRange
from app.model.types import Grain

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def settle(draft: Draft, moment: Moment) -> None:
    """Find out what the draft compares, where it does: its periods become the one that is shown."""
    bounded = [one for one in draft.periods if one.range.start or one.range.end]
    if len(draft.periods) == 2 and len(bounded) == 1:  # `August revenue so far`
        draft.periods = bounded
    if draft.compares:
        _by_period(draft)
        draft.compared = comparison(draft, moment)
    elif not draft.versus and draft.comparing is None:
        _side_by_side(draft)
    if draft.compared is not None:
        span = draft.compared.span
        draft.periods = [Period(0, 0, span)] if span is not None else []


def _by_period(draft: Draft) -> None:
    """`How has it changed over the last 6 months`: each of several periods with the one before."""
    alone = not (draft.against or draft.back or draft.grains or draft.groups or draft.rank or draft.comparing is not None)
    each = next((piece for piece, _ in draft.roles if piece.cue is Cue.EACH_BEFORE), None)
    if (
        each is not None
        and len(draft.periods) == 1
        and not (draft.grains or draft.rank)
        and _is_longer(draft.periods[0].range, Grain(each.detail))
    ):
        draft.grains.append((each, Grain(each.detail)))  # `month over month growth in the first half of 2026`
    if alone and len(draft.periods) == 1 and draft.periods[0].ends is None and _unit(draft.periods[0]) is None:
        main = draft.periods[0]
        if main.grain is not None and main.grain.order > Grain.DAY.order and main.range.start is not None and main.range.end is not None:
            draft.grains.append((Piece(0, 0, "", 0.0), main.grain))


def _is_longer(span: TimeRange, grain: Grain) -> bool:
    """Whether a range touches more than one period of the grain."""
    return span.start is not None and span.end is not None and first_day(span.start, grain) != first_day(span.end, grain)


def _side_by_side(draft: Draft) -> None:
    """`In 2024 and 2025`: periods of one kind that follow each other are shown one by one."""
    spans = sorted((one for one in draft.periods if one.range.start and one.range.end), key=lambda one: one.range.start or dt.date.min)
    if (
        len(spans) < 2
        or len(spans) != len(draft.periods)
        or draft.grains
        or len({one.grain for one in spans}) != 1
        or spans[0].grain is None
    ):
        return
    if any(before.range.end + dt.timedelta(days=1) != after.range.start for before, after in pairwise(spans) if before.range.end):
        return
    if any(_unit(one) is None for one in spans):
        return
    whole = TimeRange(spans[0].range.start, spans[-1].range.end, " and ".join(one.range.phrase for one in spans))
    draft.periods = [Period(0, 0, whole, spans[0].grain)]
    draft.grains.append((Piece(0, 0, "", 0.0), spans[0].grain))


def comparison(draft: Draft, moment: Moment) -> Comparison | None:
    """What the draft compares, None where it does not say it, or says what can't be compared."""
    periods, against = list(draft.periods), list(draft.against)
    if not against and len(periods) == 2 and (draft.comparing is not None or draft.change):
        against = [periods.pop()]
    if (
        not against
        and len(periods) == 1
        and periods[0].ends is not None
        and draft.back is None
        and (draft.change or draft.comparing is not None)
    ):
        first, second = periods[0].ends
        periods, against = [second], [first]
    if len(against) > 1 or len(periods) > 1:
        return None
    main = periods[0] if periods else None
    if not against:
        return _with_before(draft, main)
    other = against[0]
    if main is None:
        main = _running(other, draft, moment)
        if main is None:
            return Comparison(None, other.back or draft.back) if other.earlier and draft.grains else None
    if other.earlier:
        return Comparison(main.range, other.back or draft.back or _own(main, moment))
    if main.range.start is None or other.range.start is None:
        return None
    if _said_before(other) and other.range.start >= main.range.start and other.grain is main.grain and other.grain is not None:
        return Comparison(main.range, _unit(main))  # of the one that is named, not of today
    if main.range.start < other.range.start:
        main, other = other, main
    back = _apart(main, other)
    return Comparison(main.range, back) if back is not None else None


def _with_before(draft: Draft, main: Period | None) -> Comparison | None:
    """Growth, change or `YoY` of what is asked for: with the period before."""
    if main is not None and main.range.start is not None:
        return Comparison(main.range, draft.back or (None if draft.grains else _unit(main)))
    if draft.grains or draft.trend or draft.back:
        return Comparison(main.range if main is not None else None, draft.back)
    return None


def _said_before(period: Period) -> bool:
    return period.range.phrase.lower().removeprefix("the ").split(" ")[0] in {"previous", "prior", "preceding", "last"}


def _running(other: Period, draft: Draft, moment: Moment) -> Period | None:
    """The running period of the kind that an earlier one is of, as far as it has come."""
    if other.earlier or other.grain is None or draft.grains or other.range.start is None or other.range.start > moment.today:
        return None
    start = first_day(moment.today, other.grain, week_start=moment.week_start)
    span = TimeRange(start, moment.today, f"this {other.grain.value}")
    return Period(0, 0, span, other.grain) if start > other.range.start else None


def _own(main: Period, moment: Moment) -> Window | None:
    """`The previous period` of a running one is the same part of the one before; of any other, one of its own length."""
    running = main.range.end == moment.today and main.grain is not None and main.grain is not Grain.DAY
    return Window(1, main.grain.value) if running and main.grain is not None else None


def _unit(main: Period) -> Window | None:
    """One period back, where the range is one period of its unit or the first part of one."""
    span = main.range
    if main.grain is None or span.start is None or span.end is None:
        return None
    return Window(1, main.grain.value) if first_day(span.start, main.grain) == first_day(span.end, main.grain) else None


def _apart(main: Period, other: Period) -> Window | None:
    """How far the other lies before it, in the longest unit that says it exactly; None where the two don't fit."""
    start, earlier = main.range.start, other.range.start
    if start is None or earlier is None or main.grain is None or other.grain is None:
        return None
    if other.grain.order > main.grain.order:
        start, earlier = first_day(start, other.grain), first_day(earlier, other.grain)
    elif other.grain is not main.grain:
        return None
    months = 12 * (start.year - earlier.year) + start.month - earlier.month
    if other.grain in _MONTHS:
        count, unit = divmod(months, 12)[0] if months % 12 == 0 else months, Grain.YEAR if months % 12 == 0 else Grain.MONTH
        return Window(count, unit.value) if months > 0 else None
    days = (start - earlier).days
    if days <= 0:
        return None
    return Window(days // 7, Grain.WEEK.value) if days % 7 == 0 else Window(days, Grain.DAY.value)
