"""Questions that are as a whole one thing of the layer: a saved query by its name, the ends of a dimension, a level up or down of the query before."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from app.errors import Problem, UserError
from app.language.lexicon import Lexicon
from app.language.naming import Phrase
from app.language.reading import Reading, Role, Used
from app.language.restate import restate_with
from app.language.senses import Kind
from app.language.text import phrase_words
from app.model.answer import Choice, Outcome
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery
from app.plan.drills import drilled
from app.sql.joins import JoinGraph

_ASKING = "show run me the please saved query report get give open again for our us what is are was were"
_ASKS = frozenset(_ASKING.split())
_AS_SAVED = frozenset({"saved", "query", "report", "run", "open"})
_ENDS = re.compile(
    r"^\W*(?:(?:what|when)(?: is| are| was| were|'s)?|show(?: me)?|give me|find)?\s*(?:the\s+)?"
    r"(?:(?:earliest|first|oldest|lowest|least|smallest|minimum|min)\s+and\s+(?:the\s+)?(?:latest|last|newest|most recent|highest|greatest|largest|maximum|max)"
    r"|range\s+of(?:\s+the)?)\s+(?P<what>[\w -]{2,60}?)s?\W*$",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"^\W*(?:(?:and|ok|now|then)\W+)?(?:drill(?: it| that)? down|drill deeper|one level (?:down|deeper|finer)|zoom in)(?:\s+(?:(?:on|into|by|to)\s+)?(?:the\s+)?"
    r"(?P<what>[\w -]{2,60}?))?\W*$",
    re.IGNORECASE,
)
_UP = re.compile(
    r"^\W*(?:(?:and|ok|now|then)\W+)?(?:roll(?: it| that)? up|drill(?: it| that)? up|one level (?:up|higher|coarser)|zoom out)(?:\s+(?:(?:on|from|by|of)\s+)?(?:the\s+)?"
    r"(?P<what>[\w -]{2,60}?))?\W*$",
    re.IGNORECASE,
)
_SURE = 0.95
_NAMED = 0.85
_LONGEST = 200
_SEVERAL = Problem("DM6011", "there are several of that name", hint="choose one")


def read_by_name(
    question: str,
    lexicon: Lexicon,
    ontology: Ontology,
    joins: JoinGraph,
    previous: SemanticQuery | None,
    read: Callable[[str], Reading],
) -> Reading | None:
    """The reading of such a question, None where it is none. What `read` answers is no saved query unless it is asked for as one: that may filter what the
    words don't say."""
    question = question.strip()
    if len(question) > _LONGEST:  # what backtracks over many marks takes long, and no such question is long
        return None
    query = _saved(question, lexicon, ontology)
    if query is not None and _AS_SAVED.isdisjoint(phrase_words(question)) and read(question).outcome is Outcome.ANSWER:
        return None
    query = query or _level(question, lexicon, ontology, joins, previous)
    queries = [query] if query is not None else _ends(question, lexicon)
    if not queries:
        return None
    used = (Used(0, len(question), question, Role.WORDS, queries[0].saved_query),)
    said = [restate_with(one, lexicon.labels) for one in queries]
    if len(queries) > 1:
        return Reading(Outcome.CLARIFY, used=used, choices=tuple(map(Choice, said, queries)), problems=(_SEVERAL,))
    return Reading(Outcome.ANSWER, queries[0], _SURE, said[0], used)


def _saved(question: str, lexicon: Lexicon, ontology: Ontology) -> SemanticQuery | None:
    """The saved query that is named, unless the same words are a metric's or a dimension's name."""
    said = tuple(word for word in phrase_words(question) if word not in _ASKS)
    if not said or said in lexicon.phrases:
        return None
    named = [
        one.name
        for one in ontology.saved_queries
        if said in {tuple(word for word in phrase_words(text) if word not in _ASKS) for text in (one.name, one.label) if text}
    ]
    return SemanticQuery(saved_query=named[0]) if len(named) == 1 else None


def _ends(question: str, lexicon: Lexicon) -> list[SemanticQuery]:
    """`The earliest and latest order date`: of each dimension of times or numbers that is called so, for the ends of names say nothing."""
    found = _ENDS.match(question)
    senses = lexicon.phrases.get(phrase_words(found.group("what")), ()) if found else ()
    names = [s.name for s in senses if s.weight >= _NAMED and s.kind is Kind.DIMENSION]
    facts = [lexicon.dimensions[name] for name in names]
    if any(s.weight >= _NAMED and s.kind is Kind.METRIC for s in senses):
        return []
    told = [one.name for one in facts if not one.is_personal and (one.is_time or one.is_numeric)]
    return [SemanticQuery(group_by=(GroupBy(name),), min_max_only=True) for name in told]


def _level(question: str, lexicon: Lexicon, ontology: Ontology, joins: JoinGraph, previous: SemanticQuery | None) -> SemanticQuery | None:
    """The query before, a level finer or coarser, by the hierarchies of the layer and of time."""
    down, up = _DOWN.match(question), _UP.match(question)
    found = down or up
    if previous is None or found is None or not previous.group_by:
        return None
    items = [item for item in previous.group_by if not found.group("what") or _is_called(item, phrase_words(found.group("what")), lexicon)]
    if len(items) != 1 and found.group("what"):
        return None
    asked = (items[-1].column,)
    asking = msgspec.structs.replace(previous, drill_down=asked) if down else msgspec.structs.replace(previous, roll_up=asked)
    try:
        query = drilled(asking, ontology.hierarchies, joins)
    except UserError:
        return None
    columns = {*query.metrics, *(item.column for item in query.group_by), *(one.name for one in query.calculations)}
    kept = tuple(one for one in query.order_by if one.name in columns)
    return msgspec.structs.replace(query, order_by=kept) if query.top is None else None


def _is_called(item: GroupBy, words: Phrase, lexicon: Lexicon) -> bool:
    facts = lexicon.at_the_end_of(item.name)
    own = {phrase_words(item.name.rpartition("__")[2]), phrase_words(item.grain or "")}
    return words in (own | ({phrase_words(facts.label)} if facts is not None else set()))
