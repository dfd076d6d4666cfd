"""How long something takes and who is fastest: questions about a time that name no metric of it, or only the things that take it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from app.language.draft import Draft, Slot
from app.language.inflect import fold, root
from app.language.labelled import is_count
from app.language.lexicon import Lexicon
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, MetricFacts, Sense
from app.language.text import phrase_words
from app.language.words import LASTING_BOUNDS, Cue

_NAMED = 0.8
_STEM = 4
_MEANS = frozenset({"average", "median"})
_TIMES = frozenset(map(root, ("time", "duration", "day", "hour", "minute", "week", "length")))
_SPEEDS = frozenset(map(root, ("speed", "pace", "velocity")))
_HOW = frozenset({"long", "quickly", "fast", "quick"})
_TAKING = frozenset({"take", "takes", "took", "taken", "last", "lasts", "lasted"})
_LASTING = _TAKING | {"stay", "keep", "kept", "wait", "done"}
_FAST = frozenset({"fastest", "quickest"})
_SLOW = frozenset({"slowest"})
_LONG = frozenset({"longest", "shortest"})


def name_how_long(draft: Draft, lexicon: Lexicon) -> None:
    """`How long does a production order take`, `who settles claims fastest`, `where jobs take longer than 10 days`: the mean of a time that each of the things
    has, and not how many there are. Where several times can be meant each is a sense of it; speed of what has no time stays unexplained."""
    asked = _asked(draft)
    if asked is None or draft.how_many or draft.share is not None:
        return
    slots = (*draft.metrics, *(one.slot for one in draft.having))
    things = [slot for slot in slots if _is_thing(slot, lexicon)]
    named = list(dict.fromkeys(s.name for slot in slots if slot not in things for s in slot.senses if _is_time(lexicon.metrics[s.name])))
    if len(things) + len(named) < len(slots) or (things and named and _listed(draft)):
        _is_no_time(draft, asked)
        return
    times = named or _times(draft, asked, things, lexicon)
    if not times:
        _is_no_time(draft, asked)
        return
    said = {root(word) for name in times for word in _words(lexicon.metrics[name])}
    explained = [one for one in draft.unused if one == asked or one.text.lower() in _LASTING or _is_said(one, said)]
    draft.unused = [one for one in draft.unused if one not in explained]
    draft.scopes += [Slot(one.piece, one.piece.of(Kind.ENTITY)) for one in things]
    if asked.cue is not Cue.RANK and not draft.grouped_by_cue and not draft.having:  # `how long do claims take`: no group of claims
        draft.scopes += draft.groups
        draft.groups = []
    slot = Slot(asked, tuple(Sense(Kind.METRIC, name, _NAMED) for name in times))
    draft.having = [replace(one, slot=slot) for one in (*draft.having, *draft.bounds)]
    draft.metrics = [] if draft.having else [slot]
    draft.leave_bounds()
    draft.aggregates = [piece for piece in draft.aggregates if piece.detail not in _MEANS]
    known = {one for one, _ in draft.roles}
    draft.roles = [(one, Role.METRIC if one == asked else Role.WORDS if role is Role.METRIC else role) for one, role in draft.roles]
    draft.roles += [(one, Role.METRIC if one == asked else Role.WORDS) for one in explained if one not in known]
    _turn(draft, asked, lexicon)


def _is_said(piece: Piece, said: Collection[str]) -> bool:
    """Whether it is a word of a name, or the verb that one of them is made of: `deliver` beside a delivery time."""
    word = root(fold(piece.text))
    return word in said or (len(word) >= _STEM and any(other.startswith(word) for other in said))


def _asked(draft: Draft) -> Piece | None:
    """The word that asks for a time or a speed: `how long`, `fastest`, `takes the longest`, `longer than`."""
    pieces = (*draft.unused, *(one for one, _ in draft.roles))
    hows = {one.last for one in pieces if one.text.lower() == "how"}
    lasting = any(piece.text.lower() in _TAKING for piece in pieces)
    for piece in pieces:
        word = piece.text.lower().split(" ")[-1]
        if piece.first in hows and word in _HOW:
            return piece
        if piece.cue is Cue.RANK and (word in _FAST | _SLOW or (word in _LONG and lasting)):
            return piece
        if piece.cue is Cue.COMPARE and piece.text.lower() in LASTING_BOUNDS:
            return piece
    return None


def _is_thing(slot: Slot, lexicon: Lexicon) -> bool:
    """Whether it is taken for how many things there are of which a time is asked."""
    return bool(slot.piece.of(Kind.ENTITY)) and is_count(lexicon.metrics[slot.senses[0].name])


def _listed(draft: Draft) -> bool:
    return any(piece.cue in (Cue.AND, Cue.AGAINST) for piece, _ in draft.roles)


def _times(draft: Draft, asked: Piece, things: list[Slot], lexicon: Lexicon) -> list[str]:
    """The means of times that can be meant: those of the things that are named, of these those whose names hold a verb of the question."""
    pieces = (*draft.unused, *(one for one, _ in draft.roles))
    verbs = {root(fold(word)) for piece in pieces for word in piece.text.split()}
    if things and asked.cue is Cue.RANK and not any(piece.text.lower() in _LASTING for piece in pieces):
        homes = {s.name for slot in things for s in slot.piece.of(Kind.ENTITY)}
        verbs -= {root(word) for home in homes for word in phrase_words(home)}
        needed = True  # `the slowest month for orders` speaks of no time
    else:
        homes = {
            s.name for slot in (*things, *draft.scopes, *draft.groups) if slot.piece not in draft.ranked for s in slot.piece.of(Kind.ENTITY)
        }
        needed = False
    means = [facts for facts in lexicon.metrics.values() if facts.aggregates & _MEANS and _is_time(facts)]
    of_things = [facts for facts in means if facts.homes <= homes]
    if of_things or asked.cue is None:
        means = of_things
    by_verb = [facts.name for facts in means if not verbs.isdisjoint(set(_words(facts)) - _TIMES)]
    return by_verb if by_verb or needed else [facts.name for facts in means]


def _turn(draft: Draft, asked: Piece, lexicon: Lexicon) -> None:
    """The fastest takes the least time, and has the most speed."""
    word = asked.text.lower().split(" ")[-1]
    if asked.cue is Cue.RANK and word in _FAST | _SLOW and draft.metrics:
        speed = not _SPEEDS.isdisjoint(_words(lexicon.metrics[draft.metrics[-1].senses[0].name]))
        draft.rank, draft.judged = ("asc" if (word in _FAST) is not speed else "desc"), ""


def _is_no_time(draft: Draft, asked: Piece) -> None:
    """Of what takes no time nothing is fastest; a slow month is one in which little comes in."""
    word = asked.text.lower().split(" ")[-1]
    if asked.cue is Cue.RANK and word in _SLOW and draft.metrics:
        draft.rank, draft.judged = "asc", ""
    elif (asked.cue is Cue.RANK and word in _FAST) or (asked.cue is Cue.COMPARE and draft.having):
        draft.unused.append(asked)


def _is_time(facts: MetricFacts) -> bool:
    return not (_TIMES | _SPEEDS).isdisjoint(_words(facts))


def _words(facts: MetricFacts) -> Iterator[str]:
    """The roots of what a metric is called and counted in."""
    return (root(word) for text in (facts.label, facts.name, facts.unit) for word in phrase_words(text))
