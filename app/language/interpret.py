"""The grounded interpreter: a question in words becomes a SemanticQuery, a question back, or an honest no.

Every content word is accounted for: what no name, value, period or grammar word explains is never dropped; it leads to a no that names it.
Deterministic: the same question, layer and moment give the same Reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.errors import Problem
from app.language.against import settle
from app.language.alike import asked_by_sound
from app.language.averages import leave_own_rows, name_average, name_per_each, name_sum, settle_average, settle_to_date
from app.language.build import Builder, Built
from app.language.by_name import read_by_name
from app.language.checks import Check, check, leave_aggregates, lists
from app.language.concepts import spoken_of
from app.language.counting import name_what_is_counted
from app.language.draft import Draft
from app.language.follow import by_each, goes_on, gone_on, narrowed, taken_up
from app.language.fractions import name_fraction
from app.language.guard import LONGEST, endless, guard
from app.language.lexicon import Lexicon
from app.language.outcomes import Speaker
from app.language.parse import parse
from app.language.periods import Period, find_periods
from app.language.pieces import Piece, cuts
from app.language.reading import Reading, Role, Used
from app.language.said_anyway import leave_what_is_said
from app.language.senses import Kind, Sense
from app.language.set_apart import read_apart
from app.language.spelling import mend_times
from app.language.text import Token, TokenKind, each_by_each, tokens
from app.language.the_other import beside_the_others, the_others
from app.language.tongues.translate import translated
from app.language.vague import comparisons, kindred
from app.language.where import asked_where, name_where
from app.language.who import name_who
from app.language.words import Cue
from app.model.answer import Outcome
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.model.query import SemanticQuery, TimeRange
from app.sql.joins import JoinGraph

_TIE = 0.05
"""Two readings of which one is less than this much better are asked about."""
_NAMED = 0.9
_TAKEN = 0.85
"""How sure one is of what is left when all else is excluded."""
_TOO_LOW = 0.4
"""Below this confidence a single reading is offered, not answered."""


@dataclass(frozen=True, slots=True)
class _Way:
    """One cut of the question, read: its draft, the queries it can mean, and what stands against it."""

    draft: Draft
    built: tuple[Built, ...]
    check: Check
    rank: tuple[int, float]


def interpret(
    question: str, lexicon: Lexicon, ontology: Ontology, joins: JoinGraph, moment: Moment, previous: SemanticQuery | None = None
) -> Reading:
    """Read a question of any kind, one that goes on from a `previous` query too. Never raises; knows nothing beyond the ontology, so suggestions show only
    what the caller may see."""

    def read(text: str) -> Reading:
        return _read(text, lexicon, ontology, joins, moment, previous)

    if len(question) > LONGEST:
        return read(question)
    named = read_by_name(question, lexicon, ontology, joins, previous, read)
    return named or read_apart(question, lexicon, ontology, joins, moment, read) or read(question)


def _read(question: str, lexicon: Lexicon, ontology: Ontology, joins: JoinGraph, moment: Moment, previous: SemanticQuery | None) -> Reading:
    speaker = Speaker(ontology, lexicon)
    written = tokens(question[: LONGEST + 1])
    problem = guard(question) or endless(written)
    if problem:
        outcome = Outcome.CLARIFY if problem.code == "DM6001" else Outcome.REFUSE
        return Reading(outcome, nearest=speaker.some_metrics(), problems=(problem,))
    words = each_by_each(mend_times(translated(written, lexicon.words, lexicon.phrases), lexicon.words))
    builder = Builder(lexicon, joins, moment.today)
    ways = []
    whole: frozenset[Piece] | None = None
    groups: frozenset[Piece] | None = None
    periods = tuple(one for one in find_periods(words, question, moment) if not _begins_value(one, words, lexicon))
    for cut in cuts(question, words, periods, lexicon):
        if any(_passes_over(period, cut, alone=len(periods) == 1) for period in periods):
            continue
        if any(p.cue is Cue.RANK and p.first and words[p.first - 1].word == "at" for p in cut):
            continue  # `at least` is no least one
        named = frozenset(p for p in cut if p.last - p.first > 1 and _is_one_name(p))
        whole = named if whole is None else whole
        groups = _named_groups(cut) if groups is None else groups
        if any(not _told_apart(piece, cut) for piece in whole - named) or any(_makes_metric(piece, cut) for piece in groups):
            continue  # never taken apart: `product revenue` is not revenue by product, nor `day of the week` the days of a week
        draft = parse(cut, lexicon)
        draft = narrowed(question, draft) if previous is not None else draft
        on = previous if previous is not None and goes_on(question, draft) else None
        draft = taken_up(draft, on) if on is not None else draft
        draft.unused += draft.loose
        if on is None:
            name_what_is_counted(draft, lexicon)
            name_who(draft, lexicon)
            name_where(draft, asked_where(cut), lexicon)
            name_fraction(draft, lexicon)
        leave_what_is_said(draft, lexicon)
        beside_the_others(draft, lexicon)
        settle(draft, moment)
        settle_average(draft, lexicon, moment)
        name_average(draft, lexicon)
        name_sum(draft, lexicon)
        name_per_each(draft, lexicon)
        leave_own_rows(draft, lexicon)
        settle_to_date(draft, lexicon, moment)
        spans: list[TimeRange | None] = [_meant(p.range) for p in draft.periods] or [None]
        built = tuple(builder.build(draft, spans[0]))
        if on is not None:
            built = tuple(way for one in built for way in by_each(draft, gone_on(question, draft, one, on, builder)))
        leave_aggregates(draft, [lexicon.metrics[name] for name in built[0].query.asked_metrics] if built else [])
        checked = check(draft, built, lexicon.personal)
        coverage = sum(p.score for p in cut)
        kind = min(checked.severity, 2) + max(0, checked.severity - 9)
        ways.append(_Way(draft, built, checked, (kind, -coverage)))
    best = min(ways, key=lambda way: way.rank, default=None)
    understood = best is not None and best.check.severity == 0
    others = the_others(question, previous, lexicon, builder) if previous is not None and not understood else []
    if len(others) == 1:
        return Reading(Outcome.ANSWER, others[0].query, _TAKEN, speaker.restate(others[0].query))
    if others:
        return speaker.ask(others, _THE_OTHER, ())
    if best is None:
        return speaker.refuse_all(words)
    reading = _decide(words, best, builder, speaker, moment)
    return asked_by_sound(reading, question, lexicon, lambda text: _read(text, lexicon, ontology, joins, moment, previous))


def _begins_value(period: Period, words: Sequence[Token], lexicon: Lexicon) -> bool:
    """`The Christmas appeal`, where a campaign is called `Christmas Appeal 2025`: whether a word of a period is the first of a value that goes on otherwise."""
    if period.last >= len(words) or any(one.kind is not TokenKind.WORD for one in words[period.first : period.last]):
        return False
    said = (words[period.last - 1].stem, words[period.last].stem)
    if lexicon.longest.get(said[0], 0) <= len(said):
        return False
    return any(
        phrase[:2] == said and len(phrase) > len(said) and any(s.kind is Kind.VALUE for s in senses)
        for phrase, senses in lexicon.phrases.items()
    )


def _passes_over(period: Period, cut: Sequence[Piece], *, alone: bool) -> bool:
    """Whether the words of a period are taken for mere grammar: `may` in `revenue in May`, `this year` for any year. A name may hold them."""
    grammar = {Cue.FILLER, Cue.WHERE, Cue.CHANGE, Cue.RANK, Cue.AGAINST} | ({Cue.GRAIN} if alone else set())
    return all(p.cue in grammar for p in cut if p.first < period.last and period.first < p.last)


def _told_apart(name: Piece, cut: Sequence[Piece]) -> bool:
    """Whether the words of a metric's name say in the cut which rows are meant: `orders from new customers` beside a metric `new customers`."""
    return name.detail != "dow" and any(name.first <= p.first and p.last <= name.last and p.of(Kind.VALUE, Kind.FLAG) for p in cut)


def _named_groups(cut: Sequence[Piece]) -> frozenset[Piece]:
    """The pieces of several words that name a dimension or entity, and no metric."""
    return frozenset(
        p
        for p in cut
        if p.last - p.first > 1 and not p.of(Kind.METRIC) and any(s.weight >= _NAMED for s in p.of(Kind.DIMENSION, Kind.ENTITY))
    )


def _makes_metric(name: Piece, cut: Sequence[Piece]) -> bool:
    """Whether a part of the name is taken for a metric: `sales` of `best sales rep`. The entity that a name may begin with is what it is of: `orders paid by`."""
    return any(p != name and name.first <= p.first and p.last <= name.last and p.of(Kind.METRIC) and not p.of(Kind.ENTITY) for p in cut)


def _is_one_name(piece: Piece) -> bool:
    return piece.detail == "dow" or bool(piece.of(Kind.METRIC) and piece.senses[0].weight >= 0.9)


def _meant(span: TimeRange) -> TimeRange | None:
    return span if span.start or span.end else None


def _decide(words: tuple[Token, ...], way: _Way, builder: Builder, speaker: Speaker, moment: Moment) -> Reading:
    """The outcome of the best way to read the question."""
    draft = way.draft
    used = tuple(
        Used(words[p.first].start, words[p.last - 1].end, p.text, role, _meant_by(p, role), min(1.0, _weight(p.senses)))
        for p, role in sorted(draft.roles, key=lambda r: (r[0].first, r[1]))
    )
    unused = tuple(p.text for p in sorted(draft.unused, key=lambda p: p.first))
    if way.check.problem is not None and way.check.vague:
        choices = comparisons(draft, builder, moment)
        if choices:
            return speaker.ask(choices, way.check.problem, used, near=speaker.by_time(draft, way.built))
    hinted = speaker.hinted(draft, builder)
    if hinted and not draft.unserved:
        return speaker.ask(hinted, _PART_OF_NAME, used)
    likely = spoken_of(draft, builder.lexicon) if way.check.problem is not None and not draft.unserved else []
    if ready := speaker.with_each(likely, replace(draft, unused=[]), builder):
        return speaker.ask(ready, _SPOKEN_OF, used)
    if way.check.problem is not None:
        return speaker.refuse(draft, way.built, way.check.problem, used, unused)
    if len(draft.periods) > 1:
        return speaker.ask(_periods(draft, way.built, builder), _PERIODS, used)
    reached = [b for b in way.built if not b.unreached]
    if draft.unknown_values or not reached or not (reached[0].query.asked_metrics or lists(draft, reached[0].query)):
        return speaker.incomplete(draft, way.built, builder, used)
    top = reached[0]
    rivals = [b for b in reached if b.fit >= top.fit * (1 - _TIE)]
    if draft.wondering:
        return speaker.ask(kindred(draft, top, builder, builder.lexicon), _JUDGEMENT, used)
    if len(rivals) > 1 or not top.sure:
        return speaker.ask(rivals, _SEVERAL if len(rivals) > 1 else _SURE, used)
    confidence = round(max(0.05, min(0.95, top.score - draft.penalty - (0.08 if len(reached) > 1 else 0.0))), 3)
    if confidence < _TOO_LOW:
        return speaker.ask([top], _SURE, used)
    return Reading(Outcome.ANSWER, top.query, confidence, speaker.restate(top.query), used)


def _periods(draft: Draft, built: Sequence[Built], builder: Builder) -> list[Built]:
    """The same query for each of the periods that were named, and for all that they span where they follow one another."""
    if not built:
        return []
    spans = [_meant(p.range) for p in draft.periods]
    dated = [s for s in spans if s and s.start and s.end]
    if len(dated) == len(spans):
        ordered = sorted(dated, key=lambda s: (s.start, s.end))
        start, end = ordered[0].start, max(s.end for s in ordered if s.end)
        spans.insert(0, TimeRange(start, end, " … ".join(s.phrase for s in ordered)))
    return [way for span in spans for way in builder.build(draft, span)[:1] if not way.unreached]


def _meant_by(piece: Piece, role: Role) -> str:
    """The name that a piece stands for in its role, "" where it stands for none."""
    fitting = piece.of(*_KINDS[role]) if role in _KINDS else ()
    return next((sense.name for sense in (*fitting, *piece.senses)), "")


def _weight(senses: Sequence[Sense]) -> float:
    return senses[0].weight if senses else 1.0


_KINDS = {
    Role.METRIC: (Kind.METRIC,),
    Role.HAVING: (Kind.METRIC,),
    Role.GROUP: (Kind.DIMENSION, Kind.ENTITY),
    Role.FILTER: (Kind.VALUE, Kind.FLAG),
}
_PERIODS = Problem("DM6010", "the question names more than one period", hint="choose one")
_THE_OTHER = Problem("DM6011", "there are several others", hint="choose one")
_SEVERAL = Problem("DM6011", "the question can mean several things", hint="choose one")
_PART_OF_NAME = Problem("DM6013", "the question names a metric by a part of its name", hint="choose one")
_SPOKEN_OF = Problem("DM6011", "several figures tell of that", hint="choose one")
_JUDGEMENT = Problem("DM6011", "whether that is much is for you to say: several figures tell of it", hint="choose one")
_SURE = Problem("DM6012", "I am not sure that this is what you mean", hint="choose it, or say it in other words")
