"""The metric that is asked for without its name: what is most common is counted, and who cancels makes a cancellation."""

from __future__ import annotations

from dataclasses import replace

from app.language.deeds import COUNTED_AS, is_deed
from app.language.draft import Draft, Slot
from app.language.inflect import fold, root
from app.language.labelled import is_count, without_number_of
from app.language.lasting import name_how_long
from app.language.lexicon import Lexicon
from app.language.persons import ANYBODY, PERSONS
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import DECIDES, Kind, MetricFacts, Sense
from app.language.text import phrase_words
from app.language.words import Cue

_COUNTED = 0.8
_PASSIVE = frozenset({"were", "was", "are", "is", "been", "be", "got", "get"})
_PARTICLES = frozenset({"up", "out", "in", "off", "back", "down"})
_STATES = frozenset(map(root, ("status", "state", "stage", "outcome", "result", "phase")))
_SPEND = root("spend")
_PAID_OUT = frozenset(map(root, ("cost", "expense", "spend", "expenditure", "wage", "salary", "payroll", "payout", "grant")))
_SPENDING = frozenset({_SPEND, root("cost")})
_ALL_OF_IT = frozenset(map(root, ("spend", "total", "amount", "sum", "of", "by")))
_REVENUE = 0.7
_OURS = frozenset({"we", "our", "us", "company", "business"})
_HOW_OFTEN = frozenset({"used", "common", "frequent", "often", "frequently", "commonly"})


def name_what_is_counted(draft: Draft, lexicon: Lexicon) -> None:
    """Put in the one metric that counts what the draft speaks of, where it names none: `the most common ticket category` counts tickets, `how many people
    cancelled` cancellations. Where there are several nothing is put in."""
    _leave_hints(draft, lexicon)
    _name_event(draft, lexicon)
    name_how_long(draft, lexicon)
    if draft.metrics or draft.having or draft.listing:
        return
    found = _event_of_kind(draft, lexicon) or _ranked_by_number(draft, lexicon) or _done(draft, lexicon) or _those_that(draft, lexicon)
    found = found or _spent(draft, lexicon) or _by_verb(draft, lexicon) or _in_state(draft, lexicon)
    if found is not None:
        piece, name = found
        slot = Slot(piece, (Sense(Kind.METRIC, name, _COUNTED),))
        draft.metrics.append(slot)
        draft.having += [replace(bound, slot=slot) for bound in draft.bounds]  # `titles borrowed at least 100 times`
        draft.leave_bounds()


def _leave_hints(draft: Draft, lexicon: Lexicon) -> None:
    """A word that only suggests a metric, by a part of its name, where a verb says what is counted: who borrows makes a loan, and people who join are
    joiners."""
    slots = (*draft.metrics, *(bound.slot for bound in draft.having))
    if not slots or any(slot.senses[0].weight >= DECIDES for slot in slots):
        return
    counted = {lexicon.deeds[root(fold(verb.text))] for verb in _verbs(draft, lexicon)}
    for slot in slots:
        if _is_deed(slot.piece, lexicon):
            continue
        if not counted or not {s.name for s in slot.senses} <= counted:
            return
    draft.unused += [slot.piece for slot in draft.metrics if _is_deed(slot.piece, lexicon)]
    draft.roles = [(one, Role.WORDS if any(slot.piece == one for slot in draft.metrics) else role) for one, role in draft.roles]
    draft.metrics.clear()
    draft.bounds += draft.having
    draft.having = []


def _name_event(draft: Draft, lexicon: Lexicon) -> None:
    """`How many policies were cancelled in May`, where cancelled policies are a metric: the event in May, and not what began then and is cancelled now."""
    if len(draft.metrics) != 1 or not (draft.periods or draft.grains or draft.trend) or draft.share is not None or draft.versus:
        return
    slot = draft.metrics[0]
    if not is_count(lexicon.metrics[slot.senses[0].name]):
        return
    for condition in [*draft.conditions]:
        piece = condition.slot.piece
        if condition.negated or condition.either or piece.last - piece.first != 1 or condition.slot.senses[0].kind is not Kind.VALUE:
            continue
        said = {root(word) for word in phrase_words(slot.piece.text)} | {root(fold(piece.text))}
        events = lexicon.counts.get(frozenset(said), ())
        if len(events) == 1 and len(said) > 1:
            draft.metrics = [Slot(slot.piece, (Sense(Kind.METRIC, events[0], _COUNTED + 0.1),))]
            draft.conditions.remove(condition)
            draft.roles = [(one, Role.METRIC if one == piece else role) for one, role in draft.roles]
            return


def _event_of_kind(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    """`Savings accounts closed last month`, where closed accounts are a metric and savings accounts are of a kind: the event, of that kind."""
    for deed in draft.conditions:
        piece = deed.slot.piece
        if deed.negated or piece.last - piece.first != 1 or len(draft.conditions) < 2:
            continue
        done = root(fold(piece.text))
        others = (c.slot.piece for c in draft.conditions if c is not deed)
        found = {
            name
            for other in others
            if other.last - other.first > 1
            for word in phrase_words(other.text)
            for name in lexicon.counts.get(frozenset({done, root(word)}), ())
        }
        if len(found) == 1:
            draft.conditions.remove(deed)
            draft.roles = [(one, Role.METRIC if one == piece else role) for one, role in draft.roles]
            return piece, found.pop()
    return None


def _ranked_by_number(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    words = next((p for p, _ in draft.roles if p.cue is Cue.RANK), None)
    if words is None or not draft.groups:
        return None
    homes = {lexicon.dimensions[s.name].entity for s in draft.groups[0].senses if s.name in lexicon.dimensions}
    named = {root(word) for word in phrase_words(draft.groups[0].piece.text)}
    owners = {root(word) for home in homes for word in phrase_words(home)}
    if _HOW_OFTEN.isdisjoint(words.text.lower().split()) and not (owners < named and draft.rank == "desc"):  # `the biggest ticket category`
        return None
    counts = [facts for facts in lexicon.metrics.values() if is_count(facts) and len(facts.homes) == 1 and facts.homes <= homes]
    plain = [facts for facts in counts if _calls(facts, homes)]
    return (words, plain[0].name) if len(plain) == 1 else None


def _calls(facts: MetricFacts, homes: set[str]) -> bool:
    """Whether the metric is called as the things that it counts, and no more: `tickets`, and not `escalated tickets`."""
    own = {root(word) for home in homes for word in phrase_words(home)}
    return any(without_number_of(text) <= own for text in (facts.name, facts.label))


def _done(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    """The deed that a condition would name as a state: of people who cancelled the cancellations."""
    if not draft.how_many or len(draft.conditions) != 1 or draft.groups:
        return None
    condition = draft.conditions[0]
    piece = condition.slot.piece
    passive = any(p.last <= piece.first <= p.last + 1 and p.text.lower() in _PASSIVE for p, _ in draft.roles)  # `are still active`
    if condition.negated or piece.last - piece.first != 1 or passive:  # what was cancelled is no deed of who is counted
        return None
    deed = root(fold(piece.text))
    named = [
        f.name
        for f in lexicon.metrics.values()
        if is_count(f) and deed in {root(word) for word in (*phrase_words(f.label), *phrase_words(f.name))}
    ]
    if len(named) != 1:
        return None
    draft.conditions.clear()
    draft.roles = [(one, Role.METRIC if one == piece else role) for one, role in draft.roles]
    return piece, named[0]


def _those_that(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    """`Late check-outs`: how many there are of which a flag holds."""
    flags = [c for c in draft.conditions if c.slot.piece.plural and c.slot.senses[0].kind is Kind.FLAG and not c.negated]
    if len(flags) != 1 or draft.groups or draft.share is not None:
        return None
    homes = {lexicon.dimensions[s.name].entity for s in flags[0].slot.senses}
    plain = [f for f in lexicon.metrics.values() if is_count(f) and len(f.homes) == 1 and f.homes <= homes and _calls(f, homes)]
    return (flags[0].slot.piece, plain[0].name) if len(plain) == 1 else None


def _in_state(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    """`How many no-shows`, `number of frozen memberships`: how many of the things of which each is in a state there are in it."""
    named = len(draft.conditions) == 1 and not (draft.scopes or draft.groups) and draft.conditions[0].slot.piece.plural
    if not (draft.how_many or named) or draft.how_much or draft.share is not None or draft.unused or draft.counted:
        return None
    slots = [c.slot for c in draft.conditions] + [d.slot for d in draft.dated]
    if not slots:
        return None
    homes = [{lexicon.dimensions[s.name].entity for s in slot.senses} for slot in slots]
    said = [s.name for slot in (*draft.groups, *draft.scopes) for s in slot.senses if s.kind is Kind.ENTITY]
    if len(homes[0]) != 1 or any(home != homes[0] for home in homes) or any(name not in homes[0] for name in said):
        return None
    if any(s.kind is not Kind.ENTITY for slot in draft.groups for s in slot.senses) or not (said or _are_states(draft, lexicon)):
        return None
    counts = [facts.name for facts in lexicon.metrics.values() if facts.rows_of in homes[0] and facts.rows_of]
    timeless = not (draft.periods or draft.grains or draft.trend)  # without a time all that count each of them come to the same
    if not counts or (len(counts) > 1 and not timeless):
        return None
    draft.scopes += draft.groups
    draft.groups = []
    return slots[-1].piece, counts[0]


def _are_states(draft: Draft, lexicon: Lexicon) -> bool:
    """`No-shows` are bookings in a state; `bicycles` are no workshops, though bicycles be their topic."""
    if not draft.conditions or not draft.conditions[-1].slot.piece.plural:
        return False
    labels = (lexicon.dimensions[s.name].label for c in draft.conditions for s in c.slot.senses)
    return all(not _STATES.isdisjoint(root(word) for word in phrase_words(label)) for label in labels)


def _spent(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    """What customers spend is what is taken in, and not what it cost."""
    verbs = [piece for piece in draft.unused if root(fold(piece.text)) == _SPEND and not is_ours(draft, piece)]
    if not verbs or _is_called_spend(lexicon) or not _of_clients(draft, lexicon):
        return None
    sold = [s.name for s in lexicon.phrases.get(("revenue",), ()) if s.kind is Kind.METRIC and s.weight >= _REVENUE]
    if len(verbs) != 1 or len(sold) != 1:
        return None
    _take(verbs[0], draft, lexicon)
    return verbs[0], sold[0]


def _is_called_spend(lexicon: Lexicon) -> bool:
    """Whether a metric is what clients spend, by its name: `customer spend`, and not `ad spend` or `lifetime spend`."""
    return any(
        _SPEND in (said := {root(word) for word in phrase_words(text)}) and said <= PERSONS | _ALL_OF_IT
        for facts in lexicon.metrics.values()
        for text in (facts.label, facts.name)
    )


def _of_clients(draft: Draft, lexicon: Lexicon) -> bool:
    """Whether somebody who buys is spoken of, or one of them by name."""
    if any(
        root(word) in PERSONS for c in draft.conditions for s in c.slot.senses for word in phrase_words(lexicon.dimensions[s.name].entity)
    ):
        return True
    said = [slot.piece.text for slot in (*draft.scopes, *draft.groups)] + [piece.text for piece, role in draft.roles if role is Role.WORDS]
    return draft.who is not None or any(root(fold(word)) in PERSONS or word.lower() in ANYBODY for text in said for word in text.split())


def _by_verb(draft: Draft, lexicon: Lexicon) -> tuple[Piece, str] | None:
    """The metric that counts what a verb says is done: `which branch lent the most`."""
    named = {piece: lexicon.deeds[root(fold(piece.text))] for piece in _verbs(draft, lexicon)}
    spent = any(root(fold(piece.text)) == _SPEND and not is_ours(draft, piece) for piece in named)
    if spent and _of_clients(draft, lexicon) and not _is_called_spend(lexicon):
        return None
    if len(named) != 1:
        return None
    piece, metric = named.popitem()
    if _is_one_of_several(piece, metric, draft, lexicon):
        return None
    _take(piece, draft, lexicon)
    return piece, metric


def _is_one_of_several(verb: Piece, metric: str, draft: Draft, lexicon: Lexicon) -> bool:
    """`What did we spend` is more than the costs of events, where a metric of money tells of these alone."""
    if root(fold(verb.text)) not in _SPENDING:
        return False
    said = {root(word) for one in (*draft.unused, *(one for one, _ in draft.roles)) for word in phrase_words(one.text)}
    more = without_number_of(lexicon.metrics[metric].label) - COUNTED_AS[root(fold(verb.text))].keys() - said - _ALL_OF_IT
    others = [
        facts
        for facts in lexicon.metrics.values()
        if "sum" in facts.aggregates and not _PAID_OUT.isdisjoint(root(word) for word in phrase_words(facts.label))
    ]
    return bool(more) and len(others) > 1


def is_ours(draft: Draft, verb: Piece) -> bool:
    """Whether it is the business that does what a verb says."""
    before = [word for one, _ in draft.roles if one.first < verb.first for word in one.text.lower().split()]
    return not _OURS.isdisjoint(before)


def _verbs(draft: Draft, lexicon: Lexicon) -> list[Piece]:
    """The words that say what is done, as far as a metric counts it: nothing else explains them, or only a date."""
    dates = [slot.piece for slot in draft.groups if _is_dated(slot, lexicon)]
    dates += [one.slot.piece for one in draft.dated] + [slot.piece for slot, _ in draft.dated_groups]
    return [piece for piece in (*draft.unused, *dates) if _is_deed(piece, lexicon)]


def _is_deed(piece: Piece, lexicon: Lexicon) -> bool:
    """Whether it is a verb whose deeds a metric counts."""
    return piece.last - piece.first == 1 and is_deed(piece.text, lexicon.deeds)


def _take(verb: Piece, draft: Draft, lexicon: Lexicon) -> None:
    """Take a verb, with its particle, out of the unknown words and the times that it was taken for; whose deeds are counted is no group."""
    said = {verb.last: verb}
    numbers = {one.last for one in (*draft.unused, *(one for one, _ in draft.roles)) if one.number is not None}
    for one in sorted(draft.unused, key=lambda other: other.first):
        if (one.first in said and one.text.lower() in _PARTICLES) or (one.first in numbers and one.text.lower() == "times"):
            said[one.last] = one
    draft.unused = [one for one in draft.unused if one not in said.values()]
    draft.groups = [slot for slot in draft.groups if slot.piece != verb]
    draft.dated_groups = [(slot, grain) for slot, grain in draft.dated_groups if slot.piece != verb]
    draft.periods += [one.period for one in draft.dated if one.slot.piece == verb]
    draft.dated = [one for one in draft.dated if one.slot.piece != verb]
    behind = {*said, *(one.last for one, _ in draft.roles if one.cue is Cue.FILLER and one.first in said)}
    ranks = {one.last for one, _ in draft.roles if one.cue is Cue.RANK and one.first in behind}
    ranks |= {
        one.last for one, role in draft.roles if role is Role.HAVING and one.number is not None
    }  # `that borrowed fewer than 10 tools`
    things = [slot for slot in draft.groups if slot.piece.first in ranks and slot.piece.plural and _is_thing(slot, lexicon)]
    draft.scopes += things  # `which street borrowed the most tools`: these are what is borrowed
    draft.groups = [slot for slot in draft.groups if slot not in things]
    if (draft.how_many or (draft.asks and not draft.rank)) and not draft.grouped_by_cue:
        draft.scopes += [slot for slot in draft.groups if _is_thing(slot, lexicon)]
        draft.groups = [slot for slot in draft.groups if not _is_thing(slot, lexicon)]
    draft.roles = [(one, Role.METRIC if one == verb else role) for one, role in draft.roles]
    known = {one for one, _ in draft.roles}
    draft.roles += [(one, Role.METRIC if one == verb else Role.WORDS) for one in said.values() if one not in known]


def _is_thing(slot: Slot, lexicon: Lexicon) -> bool:
    shown = set(lexicon.display.values())
    return any(s.kind is Kind.ENTITY or s.name in shown for s in slot.senses)


def _is_dated(slot: Slot, lexicon: Lexicon) -> bool:
    return all(s.kind is Kind.DIMENSION and lexicon.dimensions[s.name].is_time for s in slot.senses)
