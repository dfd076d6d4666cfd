"""A question for the reason of a number: `why?`, `why did it drop?`, `what drove this?`, `warum?`. It goes on from the query before it.

What is explained is the change of one metric against the period before; which parts of it changed is then told by further queries.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from app.errors import Problem
from app.language.edits import bare, before, moved_back
from app.language.inflect import fold
from app.language.reading import Reading, Why
from app.language.restate import range_words, restate_with
from app.language.say import Labels
from app.model.answer import Choice, Outcome
from app.model.metrics import Window
from app.model.moment import Moment
from app.model.periods import first_day, last_day
from app.model.query import SemanticQuery, TimeRange
from app.model.shapes import Compared, metric_of
from app.model.types import Grain
from app.sql.expressions.walk import conjunction

_LONGEST = 300
_CONFIDENCE = 0.9
_FALLS = (
    "drop|dropped|dropping|fall|fell|fallen|falling|decline|declined|declining|decrease|decreased|decreasing|go down|went down|gone down|going down|down|"
    "lower|less|low|so low|shrink|shrank|shrunk|sink|sank|worse|plummet|plummeted|gesunken|gefallen|eingebrochen|zuruckgegangen|zurückgegangen"
)
_RISES = (
    "rise|rose|risen|rising|increase|increased|increasing|grow|grew|grown|growing|go up|went up|gone up|going up|up|higher|more|high|so high|jump|jumped|"
    "climb|climbed|improve|improved|spike|spiked|gestiegen|gewachsen"
)
_MOVES = f"{_FALLS}|{_RISES}|change|changed|changing|move|moved|differ|different|happen|happened"
_NOUNS = "drop|fall|decline|decrease|dip|rise|increase|growth|jump|spike|change|difference|move|movement"
_LEAD = r"^\W*(?:(?:and|but|so|then|ok|okay)\b\W*)?"
_WORD = r"(?:why|how come|warum|wieso|weshalb|pourquoi|por ?que|لماذا|ليش)"
_IT = r"(?:it|this|that|they|these|those|es|das)"
_HELP = r"(?:did|do|does|has|have|had|is|are|was|were|ist|sind|hat)"

_BARE = re.compile(rf"{_LEAD}{_WORD}(?: (?:so|that|this|not|is (?:that|this|it)(?: so)?|was (?:that|this|it)))?\W*$")
_OF_IT = re.compile(rf"{_LEAD}{_WORD} {_HELP} {_IT} (?:so )?(?P<verb>{_MOVES})(?: so much| that much)?\W*$")
_DROVE = re.compile(
    rf"{_LEAD}what(?:'s|s)?(?: is| was| has| have)? ?(?:drove|drives|driving|driven|caused|causes|causing|explains|explained|led to|behind)"
    rf" (?:{_IT}|the (?P<verb>{_NOUNS})|this (?P<same>{_NOUNS})|that (?P<other>{_NOUNS}))\W*$"
)
_OF_METRIC = re.compile(rf"{_LEAD}{_WORD} {_HELP} (?:the |der |die |das )?(?P<subject>.+?) (?:so )?(?P<verb>{_MOVES})\b(?P<rest>.*?)\W*$")

_NOTHING_BEFORE = Problem("DM6030", "there is no question before this one to explain", hint="ask for a metric and a period first, then why")
_NO_PERIOD = Problem(
    "DM6030", "a change is explained between two periods, and the question before names none", hint="say of which period, then ask why"
)
_SEVERAL = Problem("DM6031", "the question before asks for several metrics", hint="choose the one to explain, then ask why")


@dataclass(frozen=True, slots=True)
class Asked:
    """That a reason is asked for: of `subject`, or of what was asked before where that is ""; `falls` is what the question takes for granted."""

    subject: str = ""
    falls: bool | None = None
    is_bare: bool = False


def asks_why(question: str) -> Asked | None:
    """Whether the question asks for the reason of a change, None where it does not."""
    if len(question) > _LONGEST:
        return None
    text = " ".join(fold(question).replace("’", "'").split())
    if _BARE.match(text):
        return Asked(is_bare=True)
    found = _OF_IT.match(text) or _DROVE.match(text)
    if found is not None:
        said = found.groupdict()
        return Asked(falls=_falls(said.get("verb") or said.get("same") or said.get("other") or ""))
    found = _OF_METRIC.match(text)
    if found is not None:
        return Asked(f"{found['subject']} {found['rest'].strip()}".strip(), _falls(found["verb"]))
    return None


def _falls(verb: str) -> bool | None:
    if verb in {*_FALLS.split("|"), "dip"}:
        return True
    return False if verb in {*_RISES.split("|"), "growth"} else None


def read_why(
    question: str, previous: SemanticQuery | None, moment: Moment, labels: Labels, read: Callable[[str, SemanticQuery], Reading]
) -> Reading | None:
    """The reading of a question for a reason; None for any other one, and for one that stands alone and is not bare: no query tells reasons of itself.

    `read` reads what the question says of its subject as one that goes on from the query before.
    """
    asked = asks_why(question)
    if asked is None or (previous is None and not asked.is_bare):
        return None
    if previous is None:
        return Reading(Outcome.REFUSE, problems=(_NOTHING_BEFORE,))
    if asked.subject:
        reading = read(asked.subject, previous)
        if reading.outcome is not Outcome.ANSWER or reading.query is None:
            return reading
        previous = _with_before(reading.query, previous)
    return _reading(previous, asked, moment, labels)


def _with_before(query: SemanticQuery, previous: SemanticQuery) -> SemanticQuery:
    """What the question says of its subject, of the period and under the filter of the query before where it says no period of its own."""
    if query.time is not None or not set(query.asked_metrics) <= set(previous.asked_metrics):
        return query
    times = tuple(item for item in previous.group_by if item.name == "metric_time")
    return msgspec.structs.replace(
        query,
        group_by=query.group_by or times,
        where=conjunction(previous.where, query.where),
        time=previous.time,
        calculations=query.calculations or tuple(one for one in previous.calculations if metric_of(one.shape) in query.metrics),
        segments=previous.segments,
    )


def _reading(previous: SemanticQuery, asked: Asked, moment: Moment, labels: Labels) -> Reading:
    if not previous.asked_metrics:
        return Reading(Outcome.REFUSE, problems=(_NOTHING_BEFORE,))
    if len(previous.asked_metrics) > 1:
        alone = [msgspec.structs.replace(bare(previous), metrics=(name,)) for name in previous.asked_metrics]
        return Reading(Outcome.CLARIFY, choices=tuple(Choice(restate_with(one, labels), one) for one in alone), problems=(_SEVERAL,))
    periods = _periods(previous, moment.today)
    if periods is None:
        return Reading(Outcome.REFUSE, nearest=(restate_with(_of_last_month(previous, moment.today), labels),), problems=(_NO_PERIOD,))
    span, earlier, back = periods
    query = msgspec.structs.replace(bare(previous), time=span)
    words = f"Why {_lower(restate_with(query, labels))}, differs from {range_words(earlier)}"
    return Reading(Outcome.ANSWER, query, _CONFIDENCE, words, why=Why(earlier, back, asked.falls))


def _periods(query: SemanticQuery, today: dt.date) -> tuple[TimeRange, TimeRange, Window] | None:
    """The period to explain, the one to compare with, and how far back that lies: those that the query compares, else its range and the one before.

    Of a query by months (weeks, …) it is the last whole one that it shows.
    """
    span = query.time
    grain = next(
        (item.grain for item in query.group_by if item.name == "metric_time" and item.grain in set(Grain) and not item.date_part), ""
    )
    if grain:
        span = _last_whole(Grain(grain), span, today)
    elif span is not None and span.start is not None and span.end is None:
        span = TimeRange(span.start, max(span.start, today - dt.timedelta(days=1)))
    if span is None or span.start is None or span.end is None or span.start_clock or span.end_clock:
        return None
    back = next((one.shape.back for one in query.calculations if isinstance(one.shape, Compared) and one.shape.back is not None), None)
    if back is not None:
        moved = moved_back(span, back)
        return (span, moved, back) if moved is not None else None
    found = before(span, running=span.end == today)
    return (span, *found) if found is not None else None


def _last_whole(grain: Grain, span: TimeRange | None, today: dt.date) -> TimeRange | None:
    """The last period of the grain that has ended and lies in the range; None where none does."""
    if grain.order < Grain.DAY.order:
        return None
    yesterday = today - dt.timedelta(days=1)
    end = min(span.end, yesterday) if span is not None and span.end is not None else yesterday
    start = first_day(end, grain)
    if last_day(end, grain) > end:
        if start == dt.date.min:  # no date lies in the one before
            return None
        start = first_day(end, grain, periods_later=-1)
    if span is not None and span.start is not None and start < span.start:
        return None
    return TimeRange(start, last_day(start, grain))


def _of_last_month(query: SemanticQuery, today: dt.date) -> SemanticQuery:
    start = first_day(today, Grain.MONTH, periods_later=-1)
    return msgspec.structs.replace(bare(query), time=TimeRange(start, last_day(start, Grain.MONTH)))


def _lower(words: str) -> str:
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
